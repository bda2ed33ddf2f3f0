"""The follower: what it leaves is a fold of the log, however often it is killed and wherever."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, select

from hub.following import follower as module
from hub.following.arrivals import Arrivals
from hub.following.follower import Follower
from hub.log.genesis import initialise
from hub.log.publication import Publication, SignedHead
from hub.log.service import Log, NoWitnesses, open_log
from hub.storage.engine import Database, sqlite_url
from hub.storage.factmodels import CaseFactRow
from hub.storage.models import CaseEventRow, CursorRow, InboxRow, TransferRow, TransferStatementRow
from hub.storage.transfers import Transfers
from tests.hub.exchange.network import PATHS, ExchangeNetwork, pseudonym
from tests.hub.tables import prepare_tables
from tests.registry.network import DAY, urn
from tests.registry.network import signing_key as key_of

TABLES = (CursorRow, TransferRow, TransferStatementRow, InboxRow, CaseEventRow, CaseFactRow)


class Killed(Exception):  # noqa: N818  # the process is gone
    """The process is killed."""


class Mortal(Database):
    """A database whose process is killed at one of the next commits, before it or after it."""

    lives: int | None = None
    after = False

    def commit(self, connection: Connection) -> None:
        if self.lives is not None:
            self.lives -= 1
            if self.lives < 0 and not self.after:
                raise Killed
        super().commit(connection)
        if self.lives is not None and self.lives < 0:
            raise Killed


@asynccontextmanager
async def opened(path: Path, net: ExchangeNetwork) -> AsyncIterator[tuple[Mortal, Log]]:
    """A log with eight transfers, one in each state, and case events."""
    database = Mortal(sqlite_url(path / "hub.sqlite3"))
    try:
        genesis = net.genesis()
        net.submit(genesis)
        await prepare_tables(database)
        await initialise(database, key_of("log"), genesis, lambda: net.now)
        log = open_log(
            database, key_of("log"), clock=lambda: net.now, on_stop=raising, witnesses=lambda _: NoWitnesses()
        )
        async with log as running:
            await _fill(running, net)
            yield database, running
    finally:
        await database.close()


def raising(error: BaseException) -> None:
    raise error


async def _fill(log: Log, net: ExchangeNetwork) -> None:
    async def say(statement: Any) -> None:
        await log.sequencer.submit(statement)
        net.submit(statement)

    for name in ("acme", "brio"):
        await say(net.step(name))
    for number, path in enumerate(PATHS.values()):
        net.transfer, net.case = urn("acme", 100 + number), urn("acme", 200 + number)
        for step in path:
            net.now += 5 * DAY * (step == "offer_expired")
            await say(net.step(step))
        await say(net.events([("one", number), (f"case {number}", 0)]))


async def rows(database: Database) -> dict[str, list[Any]]:
    return await database.read(
        lambda connection: {
            table.__tablename__: sorted(map(tuple, connection.execute(select(table.__table__)).all()))
            for table in TABLES
        }
    )


def publication_of(log: Log, size: int | None = None) -> Publication:
    head = log.publication.signed
    return Publication(SignedHead(head.size if size is None else size, head.root, head.note), quorum_none=True)


async def caught_up(database: Database, shown: Publication, piece: int = 7) -> Follower:
    """A follower of a new process, once it has taken in everything."""
    follower = Follower(shown, Transfers(database), Arrivals(), piece)
    follower.size = follower._written = await Transfers(database).followed()
    await follower.catch_up()
    return follower


async def test_rows_are_a_fold_of_the_log(tmp_path: Path) -> None:
    net = ExchangeNetwork()
    async with opened(tmp_path, net) as (database, log):
        follower = await caught_up(database, publication_of(log))
        assert follower.lag == 0
        found = await rows(database)
    transfers = {row[0]: row for row in found["transfers"]}
    for number, state in enumerate(PATHS):
        record = net.record(urn("acme", 100 + number))
        row = transfers[urn("acme", 100 + number)]
        assert row[1:6] == (record["index"], "acme", "brio", state, record["deadline"])
        assert (row[6] is None) == (record["deadline"] is not None)
    steps = sum(len(path) for path in PATHS.values())
    assert len(found["transfer_statements"]) == steps
    assert len(found["inbox"]) == 2 * steps, "both members see every statement"
    events = [row for row in found["case_events"] if row[1] == pseudonym("one")]
    assert [(row[0], row[2], row[3], row[6]) for row in events] == [
        ("acme", number, "commenced", "{}") for number in range(len(PATHS))
    ]
    assert found["cursors"] == [("exchange", log.publication.signed.size)]


@pytest.mark.parametrize("after", [False, True])
async def test_killed_anywhere_it_comes_to_the_same(tmp_path: Path, after: bool) -> None:  # noqa: FBT001
    net = ExchangeNetwork()
    async with opened(tmp_path, net) as (database, log):
        shown = publication_of(log)
        kills = 0
        while True:
            database.lives, database.after = kills % 3, after
            try:
                await caught_up(database, shown, piece=3)
            except Killed:
                kills += 1
                continue
            break
        database.lives = None
        killed = await rows(database)
        assert kills > 3
        await Transfers(database).rewind()
        await caught_up(database, shown, piece=1000)
        assert await rows(database) == killed
        await database.write(lambda connection: [connection.execute(delete(one)) for one in TABLES])
        await caught_up(database, shown, piece=1000)
        assert await rows(database) == killed


async def test_nothing_beyond_the_signed_size_is_taken_in(tmp_path: Path) -> None:
    net = ExchangeNetwork()
    async with opened(tmp_path, net) as (database, log):
        size = log.publication.signed.size
        for signed in (4, 5, size):
            await caught_up(database, publication_of(log, signed))
            found = await rows(database)
            indexes = [row[1] for name in ("transfer_statements", "inbox") for row in found[name]]
            assert all(index < signed for index in indexes)
        assert max(indexes) > 5


async def test_an_older_piece_never_undoes_a_newer_one(tmp_path: Path) -> None:
    net = ExchangeNetwork()
    async with opened(tmp_path, net) as (database, log):
        await caught_up(database, publication_of(log))
        before = await rows(database)
        await Transfers(database).clear(net.now + 1, 99, 100, unfetched_before=net.now + 1)
        await Transfers(database).rewind()
        await caught_up(database, publication_of(log, 6))
        again = await rows(database)
        assert [row[:7] for row in again["transfers"]] == [row[:7] for row in before["transfers"]]
        assert {row[7] for row in again["transfers"] if row[6]} == {99}, "what was cleared stays so"


async def test_batches_without_anything_to_follow_cost_no_query(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = ExchangeNetwork()
    async with opened(tmp_path, net) as (database, log):
        follower = await caught_up(database, log.publication)
        asked: list[int] = []
        real = Transfers.piece

        async def piece(self: Transfers, first: int, *more: Any) -> Any:
            asked.append(first)
            return await real(self, first, *more)

        monkeypatch.setattr(Transfers, "piece", piece)
        await log.sequencer.submit(net.accreditation("acme", "listed"))
        await follower.catch_up()
        assert (follower.lag, asked) == (0, [])
        await log.sequencer.submit(net.events([("one", 99)]))
        await follower.catch_up()
        assert (follower.lag, len(asked)) == (0, 1)
        monkeypatch.setattr(module, "_WRITE_EVERY", 1)
        await log.sequencer.submit(net.accreditation("brio", "listed"))
        await follower.catch_up()
        assert await Transfers(database).followed() == log.publication.signed.size, "now and then the cursor is written"


async def test_it_goes_on_after_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_RETRY_SECONDS", 0.01)
    net = ExchangeNetwork()
    async with opened(tmp_path, net) as (database, log):
        database.lives = 0
        follower = Follower(publication_of(log), Transfers(database), Arrivals())
        await follower.start()
        await _until(lambda: "what follows the log is" in caplog.text)
        database.lives = None
        await _until(lambda: follower.lag == 0)
        await follower.close()


async def test_it_follows_what_is_signed_while_it_runs(tmp_path: Path) -> None:
    net = ExchangeNetwork()
    async with opened(tmp_path, net) as (database, log):
        arrivals = Arrivals()
        follower = Follower(log.publication, Transfers(database), arrivals)
        await follower.start()
        with arrivals.listening("brio") as something:
            await _until(lambda: follower.lag == 0)
            something.clear()
            net.transfer, net.case = urn("acme", 500), urn("acme", 501)
            await log.sequencer.submit(net.offer())
            await asyncio.wait_for(something.wait(), 5)
        found = await Transfers(database).transfer(net.transfer)
        assert found is not None
        assert (found.state, found.kind) == ("offered", "transfer-offer")
        await follower.close()


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)
