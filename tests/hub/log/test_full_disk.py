"""The log on a disk that is full at every place where it can be: before A, in A, in B, when witnesses have signed."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import takewhile
from pathlib import Path

import pytest

from hub.log.errors import SequencerStopped
from hub.log.service import Log
from hub.storage.engine import Database
from hub.storage.errors import FullError
from hub.storage.log_store import SqlLogStore
from signing.statement import Statement
from tests.fakes.databases import open_database
from tests.fakes.loghouse import MemoryWitnesses, Sample, audit, found, register, running, sample
from tests.fakes.smalldisk import PAGE, SmallDisk, small_disk

PAGES = 36
"""More than the transactions of one statement write, so that the last rounds meet no full disk."""
BEFORE, BETWEEN, LATE, WELL = "before A was durable", "between A and B", "only the cosignatures waited", "it fitted"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", 16) as mounted:
        yield mounted


async def test_whatever_the_disk_still_takes_nothing_is_lost(disk: SmallDisk, caplog: pytest.LogCaptureFixture) -> None:
    given = sample(PAGES, quorum=1, seed="full disk")
    witnesses = MemoryWitnesses(given.world, {"witness-1"})
    async with open_database(disk.path) as database:
        await found(database, given)
        async with running(database, given, witnesses=witnesses) as log:
            await register(log, given.founding[1:])
    seen = []
    for pages, award in enumerate(given.awards):
        first = len(given.founding) + pages
        async with opened(disk, given, witnesses) as (log, database, stopped):
            await log.receipts.wait_witnessed(first - 1, 10)
            caplog.clear()
            seen.append(await what_happens(disk, log, pages, award, caplog))
            assert [type(one) for one in stopped] == ([FullError] if seen[-1] in (BEFORE, BETWEEN) else [])
            if stopped:
                head = await SqlLogStore(database).head()
                assert head is not None
                assert (head.size, head.signed_size) == (first + (seen[-1] == BETWEEN), first)
        async with opened(disk, given, witnesses) as (log, database, _):
            again = await log.sequencer.submit(award)
            assert (again.index, again.already) == (first, seen[-1] != BEFORE)
            assert await log.receipts.wait_witnessed(first, 10)
            await audit(database, given.world.log_key)
    assert [one for n, one in enumerate(seen) if one not in seen[:n]] == [BEFORE, BETWEEN, LATE, WELL]
    assert len(list(takewhile(lambda one: one == WELL, reversed(seen)))) >= 3


@asynccontextmanager
async def opened(
    disk: SmallDisk, given: Sample, witnesses: MemoryWitnesses
) -> AsyncIterator[tuple[Log, Database, list[BaseException]]]:
    stopped: list[BaseException] = []
    async with (
        open_database(disk.path) as database,
        running(database, given, witnesses=witnesses, on_stop=stopped.append) as log,
    ):
        yield log, database, stopped


async def what_happens(
    disk: SmallDisk, log: Log, pages: int, award: Statement, caplog: pytest.LogCaptureFixture
) -> str:
    """Register ``award`` with so many pages left, then have room again."""
    before = log.publication.signed.size
    disk.fill(leave=pages * PAGE)
    try:
        index = (await log.sequencer.submit(award)).index
        assert index == before
        while not (witnessed := await log.receipts.wait_witnessed(index, 0.02)):
            if "is not published" in caplog.text:
                break
    except SequencerStopped:
        disk.clear()
        async with open_database(disk.path) as database:
            head = await SqlLogStore(database).head()
        assert head is not None
        return BETWEEN if head.size > before else BEFORE
    disk.clear()
    assert await log.receipts.wait_witnessed(index, 30), "cosigned once there was room, without a restart"
    return WELL if witnessed else LATE
