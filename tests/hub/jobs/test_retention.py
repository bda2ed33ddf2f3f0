"""What is deleted when: packages with their transfer, texts some time after, nothing that is held; records stay."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub import maintenance
from hub.errors import NotFoundError
from hub.log.fsck import fsck
from hub.web.appkeys import DATABASE, FILES, FOLLOWER, JOBS, PACKAGES
from signing.signnotes import log_signer
from signing.statement import parse_jws
from tests.hub.exchange.providers import ACME, BRIO, COURT, DAY, Exchange, problem, sha256, urn
from tests.hub.running import Hub, Running


@pytest.fixture
async def exchange(hub: Hub) -> Exchange:
    found = Exchange(hub)
    await found.admit()
    return found


async def sweep(exchange: Exchange) -> None:
    await exchange.hub.client.app[FOLLOWER].catch_up()
    await exchange.hub.client.app[JOBS].run("retention")


async def status(exchange: Exchange, data: bytes, actor: Any = BRIO) -> int:
    response = await exchange.read(f"/v1/packages/{sha256(data)}", actor)
    return int(response.status)


async def reason(exchange: Exchange, data: bytes) -> str:
    response = await exchange.read(f"/v1/packages/{sha256(data)}/deletion", ACME)
    return str(parse_jws(await response.read(), "odr-deletion+jws").payload["reason"])


async def test_a_package_lives_as_long_as_its_transfer(exchange: Exchange) -> None:
    await exchange.come_to("dispatched")
    await sweep(exchange)
    assert (await status(exchange, exchange.package), await status(exchange, exchange.brief)) == (200, 200)
    await exchange.hub.registered(exchange.evidence())
    await exchange.hub.registered(exchange.completion())
    await sweep(exchange)
    for data in (exchange.package, exchange.brief):
        assert await status(exchange, data) == 410
        assert await reason(exchange, data) == "completed"
    assert list((exchange.hub.data / "packages").glob("??/*")) == []


@pytest.mark.parametrize("ending", ["declined", "withdrawn", "expired", "failed"])
async def test_every_other_end_deletes_too(exchange: Exchange, ending: str) -> None:
    if ending == "failed":
        await exchange.come_to("dispatched")
        await exchange.hub.registered(exchange.evidence("non_retrieval", reason="wrong_key"))
    else:
        await exchange.come_to("offered")
    if ending == "declined":
        await exchange.hub.registered(exchange.decline())
    if ending == "withdrawn":
        body = {"transfer_id": exchange.transfer, "offer": exchange.said["transfer-offer"], "reason": "settled"}
        await exchange.hub.registered(exchange.statement("transfer-withdrawal", ACME, body))
    if ending == "expired":
        exchange.hub.clock.now += 5 * DAY
        await exchange.hub.client.app[FOLLOWER].catch_up()
        await exchange.hub.client.app[JOBS].run("evidence")
    await sweep(exchange)
    assert (await status(exchange, exchange.brief), await reason(exchange, exchange.brief)) == (410, ending)


async def test_what_no_statement_names_goes_after_a_while(exchange: Exchange) -> None:
    """A package that was uploaded for an open transfer but never dispatched is not kept for its sake."""
    await exchange.upload(exchange.brief, "brief")
    await exchange.upload(exchange.package)
    await exchange.hub.registered(exchange.offer(expires_at="2026-12-18T00:00:00Z"))
    exchange.hub.clock.now += 30 * DAY
    await sweep(exchange)
    assert await status(exchange, exchange.package) == 200
    exchange.hub.clock.now += 1
    await sweep(exchange)
    assert (await status(exchange, exchange.package), await reason(exchange, exchange.package)) == (410, "unclaimed")


async def test_nothing_is_older_than_its_limit(start: Callable[..., Running]) -> None:
    async with start(settings="[retention]\npackages_days = 2\n") as hub:
        exchange = Exchange(hub)
        await exchange.admit()
        await exchange.come_to("offered")
        hub.clock.now += 2 * DAY
        await sweep(exchange)
        assert await status(exchange, exchange.brief) == 200
        hub.clock.now += 1
        await sweep(exchange)
        assert (await status(exchange, exchange.brief), await reason(exchange, exchange.brief)) == (410, "age")
        await hub.registered(exchange.accept())


async def test_a_hold_goes_before_everything(exchange: Exchange) -> None:
    hub = exchange.hub
    await exchange.come_to("completed")
    held = sha256(exchange.package)
    assert await maintenance.hold(hub.data, held, "file 12/2026 of a court", hub.clock()) == 1
    hub.clock.now += 400 * DAY
    await sweep(exchange)
    assert (await status(exchange, exchange.package), await status(exchange, exchange.brief)) == (200, 410)
    assert await maintenance.release(hub.data, held, hub.clock()) == 1
    assert await maintenance.release(hub.data, held, hub.clock() + DAY) == 1, "nobody holds it now"
    await sweep(exchange)
    assert (await status(exchange, exchange.package), await reason(exchange, exchange.package)) == (410, "completed")
    gone = await hub.client.app[PACKAGES].of_reader(held, ACME.id)
    assert (gone.held_at, gone.hold_reason, gone.released_at, gone.deleted_at) == (None, None, *[hub.clock()] * 2)
    for change in (maintenance.hold(hub.data, held, "late", 0), maintenance.release(hub.data, held, 0)):
        with pytest.raises(NotFoundError, match="No package of this hash is stored here"):
            await change


async def test_the_same_octets_of_two_transfers_are_deleted_with_the_last(exchange: Exchange) -> None:
    await exchange.come_to("offered")
    await exchange.upload(exchange.brief, "brief", transfer=urn(ACME, 9))
    await exchange.hub.registered(exchange.decline())
    await sweep(exchange)
    assert exchange.hub.client.app[FILES].path(sha256(exchange.brief)).exists()
    assert await status(exchange, exchange.brief) == 200, "the other one is still there"
    exchange.hub.clock.now += 31 * DAY
    await sweep(exchange)
    assert not exchange.hub.client.app[FILES].path(sha256(exchange.brief)).exists()


async def test_texts_go_some_time_after_the_end(exchange: Exchange) -> None:
    hub = exchange.hub
    await exchange.admit(COURT)
    await exchange.come_to("completed")
    await exchange.fetch(ACME, BRIO)
    hub.clock.now += 30 * DAY
    await sweep(exchange)
    for digest in exchange.said.values():
        assert (await exchange.read(f"/v1/statements/{digest}", ACME)).status == 200
    hub.clock.now += 1
    await sweep(exchange)
    for digest in exchange.said.values():
        for actor in (ACME, BRIO):
            assert await problem(await exchange.read(f"/v1/statements/{digest}", actor)) == (410, "body_deleted")
        foreign = await problem(await exchange.read(f"/v1/statements/{digest}", COURT))
        assert foreign == (404, "unknown_statement")
        assert (await exchange.read(f"/v1/statements/{digest}/receipt", ACME)).status == 200, "the proof stays"
    assert (await exchange.view(ACME))["transfer"]["state"] == "completed"
    assert len((await exchange.inbox(BRIO))["entries"]) == 5
    origin = log_signer("hub.example:8600/log/1", hub.speaker.hub.log).verifier
    assert (await fsck(hub.client.app[DATABASE], origin)).sound


async def texts(exchange: Exchange) -> set[int]:
    answers = [await exchange.read(f"/v1/statements/{digest}", ACME) for digest in exchange.said.values()]
    return {answer.status for answer in answers}


async def test_texts_stay_for_a_member_that_was_away(exchange: Exchange) -> None:
    """Its gateway would otherwise never learn how the transfer ended; half a year after the end they go anyway."""
    hub = exchange.hub
    await exchange.come_to("completed")
    hub.clock.now += 100 * DAY
    await exchange.fetch(BRIO)
    await sweep(exchange)
    assert await texts(exchange) == {200}, "the sender has not been here"
    first = await exchange.inbox(ACME)
    assert [one["kind"] for one in first["entries"]][-1] == "transfer-completion"
    await sweep(exchange)
    assert await texts(exchange) == {200}, "it has asked, but may not hold the answer"
    await exchange.inbox(ACME, f"?after={first['next']}")
    await sweep(exchange)
    assert await texts(exchange) == {410}


async def test_texts_stay_for_a_member_that_has_not_applied_them(exchange: Exchange) -> None:
    """It has heard of the end, and waits for witnesses or cannot act on it yet."""
    await exchange.come_to("completed")
    exchange.hub.clock.now += 31 * DAY
    await exchange.fetch(BRIO)
    last = (await exchange.inbox(ACME))["next"]
    await exchange.inbox(ACME, f"?after={last}&applied={last - 1}")
    await sweep(exchange)
    assert await texts(exchange) == {200}
    await exchange.inbox(ACME, f"?after={last}&applied={last}")
    await sweep(exchange)
    assert await texts(exchange) == {410}


async def test_texts_go_half_a_year_after_the_end_whoever_has_fetched_them(exchange: Exchange) -> None:
    await exchange.come_to("completed")
    exchange.hub.clock.now += 180 * DAY
    await sweep(exchange)
    assert await texts(exchange) == {200}
    exchange.hub.clock.now += 1
    await sweep(exchange)
    assert await texts(exchange) == {410}


async def test_nobody_has_fetched_what_is_not_there_yet(exchange: Exchange) -> None:
    """Asking for what comes after an index beyond the log says nothing of entries that come later."""
    for actor in (ACME, BRIO):
        await exchange.inbox(actor, f"?after={2**53 - 1}")
    await exchange.come_to("completed")
    exchange.hub.clock.now += 31 * DAY
    await sweep(exchange)
    assert await texts(exchange) == {200}


async def test_a_statement_registered_before_needs_no_file_any_more(exchange: Exchange) -> None:
    await exchange.upload(exchange.brief, "brief")
    offer = exchange.offer()
    first = await exchange.hub.registered(offer)
    await exchange.hub.registered(exchange.decline())
    await sweep(exchange)
    code, again = await exchange.hub.post(offer)
    assert (code, again["index"]) == (200, first["index"])


async def test_deleted_texts_are_gone_from_the_database_file(start: Callable[..., Running]) -> None:
    """A salt that stays in a free page of the file would still tell whether a guess is right."""
    running = start()
    async with running as hub:
        exchange = Exchange(hub)
        await exchange.admit()
        await exchange.come_to("completed")
        await hub.client.app[FOLLOWER].catch_up()
        query = "SELECT document FROM bodies JOIN statements USING ([index]) WHERE kind LIKE 'transfer-%'"
        kept = await hub.client.app[DATABASE].read(
            lambda connection: [bytes(row[0]) for row in connection.exec_driver_sql(query)]
        )
        assert len(kept) == 4
        await exchange.fetch(ACME, BRIO)
        hub.clock.now += 31 * DAY
        await sweep(exchange)
        await running.client.close()
        path = hub.data / "hub.sqlite3"
        with sqlite3.connect(path) as connection_:
            connection_.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection_.close()
        octets = b"".join(one.read_bytes() for one in Path(hub.data).glob("hub.sqlite3*"))
        for text in kept:
            for begin in range(0, len(text) - 200, 100):
                assert text[begin : begin + 200] not in octets
