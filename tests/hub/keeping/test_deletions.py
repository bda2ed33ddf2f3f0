"""Only texts of transfers are ever deleted: those that were are listed, and any other that is gone is damage."""

from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select

from hub import maintenance
from hub.keeping.deletions import format_deletions
from hub.keeping.operating import complete_from, export_to
from hub.storage.deleted import Deleted, DeletionTables
from hub.storage.engine import Database, sqlite_url
from hub.storage.models import BodyRow, OutboxRow, StatementRow
from hub.storage.topics import TEXT_DELETED
from hub.web.appkeys import DATABASE, FOLLOWER, JOBS
from tests.hub.exchange.providers import ACME, BRIO, DAY, Exchange
from tests.hub.running import Hub
from tests.hub.world import Actor


@pytest.fixture
async def exchange(hub: Hub) -> Exchange:
    """A hub with a dispatched transfer and a registered award."""
    found = Exchange(hub)
    await found.admit()
    await found.come_to("dispatched")
    await hub.registered(hub.speaker.neutral(Actor("noor", "neutral"), ACME))
    await hub.registered(hub.speaker.award(ACME, Actor("noor", "neutral")))
    await hub.client.app[FOLLOWER].catch_up()
    return found


def database(exchange: Exchange) -> Database:
    found: Database = exchange.hub.client.app[DATABASE]
    return found


async def of_kind(exchange: Exchange, kind: str) -> int:
    """The index of the first statement of a kind."""
    query = select(StatementRow.index).where(StatementRow.kind == kind).order_by(StatementRow.index).limit(1)
    return await database(exchange).read(lambda connection: int(connection.scalar(query) or 0))


async def lose(exchange: Exchange, index: int) -> None:
    await database(exchange).write(lambda connection: connection.execute(delete(BodyRow).where(BodyRow.index == index)))


async def has_text(exchange: Exchange, index: int) -> bool:
    query = select(BodyRow.index).where(BodyRow.index == index)
    return await database(exchange).read(lambda connection: connection.scalar(query) is not None)


async def found(exchange: Exchange) -> list[tuple[str, str]]:
    report = await maintenance.check(exchange.hub.data, quiet=True)
    return [(one.code, one.where) for one in report.findings]


@pytest.mark.parametrize("kind", ["award", "transfer-offer"])
async def test_a_text_that_nobody_deleted_is_missed_and_not_listed(exchange: Exchange, kind: str) -> None:
    index = await of_kind(exchange, kind)
    await lose(exchange, index)
    assert await found(exchange) == [("body_missing", f"entry {index}")]
    assert (await DeletionTables(database(exchange)).read()).texts == ()


async def test_texts_that_went_with_their_transfer_are_listed_and_no_fault(exchange: Exchange) -> None:
    hub = exchange.hub
    await hub.registered(exchange.evidence())
    await hub.registered(exchange.completion())
    await hub.client.app[FOLLOWER].catch_up()
    await exchange.fetch(ACME, BRIO)
    hub.clock.now += 31 * DAY
    await hub.client.app[JOBS].run("retention")
    listed = (await DeletionTables(database(exchange)).read()).texts
    assert await of_kind(exchange, "transfer-offer") in listed
    assert not [index for index in listed if await has_text(exchange, index)]
    assert await found(exchange) == []
    award = await of_kind(exchange, "award")
    await lose(exchange, award)
    assert (await DeletionTables(database(exchange)).read()).texts == listed
    assert await found(exchange) == [("body_missing", f"entry {award}")]


async def test_a_list_deletes_texts_of_transfers_alone_and_that_it_did_is_remembered(exchange: Exchange) -> None:
    """The transfer has not ended in the copy that the list is applied to."""
    offer, award = await of_kind(exchange, "transfer-offer"), await of_kind(exchange, "award")
    tables = DeletionTables(database(exchange))
    for gone in (1, 0):  # once more changes nothing
        assert await tables.apply(Deleted((), (offer, award, 10_000))) == gone
        assert (await tables.read()).texts == (offer,)
        assert (await has_text(exchange, offer), await has_text(exchange, award)) == (False, True)
        assert await found(exchange) == []


async def test_a_list_explains_what_an_earlier_one_has_deleted(exchange: Exchange) -> None:
    offer = await of_kind(exchange, "transfer-offer")
    await lose(exchange, offer)
    await DeletionTables(database(exchange)).apply(Deleted((), (offer,)))
    assert await found(exchange) == []


@pytest.mark.parametrize(("kind", "code"), [("transfer-offer", "texts_differ"), ("award", "outbox_differs")])
async def test_a_text_that_is_said_to_be_deleted_and_is_there_is_found(
    exchange: Exchange, kind: str, code: str
) -> None:
    index = await of_kind(exchange, kind)
    mark = insert(OutboxRow).values(index=index, topic=TEXT_DELETED)
    await database(exchange).write(lambda connection: connection.execute(mark))
    assert (code, f"entry {index}") in await found(exchange)


async def test_completing_a_log_deletes_what_is_listed(exchange: Exchange, tmp_path: Path) -> None:
    hub, offer = exchange.hub, await of_kind(exchange, "transfer-offer")
    listed = tmp_path / "deletions.json"
    listed.write_bytes(format_deletions(Deleted((), (offer,)), hub.speaker.network, 99, hub.clock()))
    await hub.client.close()
    await export_to(hub.data, str(tmp_path / "public"), quiet=True)
    await complete_from(hub.data, str(tmp_path / "public"), (), listed, quiet=True)
    report = await maintenance.check(hub.data, quiet=True)
    assert report.sound
    assert offer in (await _listed(hub.data)).texts


async def _listed(data: Path) -> Deleted:
    opened = Database.open(sqlite_url(data / "hub.sqlite3"))
    try:
        return await DeletionTables(opened).read()
    finally:
        await opened.close()
