"""Reading ahead: what is passed by, that it ends with the log, and that it changes no answer."""

import asyncio
from collections.abc import Sequence

import pytest

from hub.log.proofs import ProofMaker
from hub.log.service import Log
from hub.log.warming import warmed
from hub.storage.engine import Database
from hub.storage.log_reads import LogReads
from tests.fakes.loghouse import Sample, register
from tests.hub.log.test_proofs import Shelf


class Passing(LogReads):
    """Notes what is passed by; waits at each step until it is let."""

    def __init__(self) -> None:
        self.passed: list[int] = []
        self.let = asyncio.Event()
        self.reached = asyncio.Event()

    async def pass_by(self, indexes: Sequence[int], size: int) -> None:
        assert size > indexes[-1]
        self.passed += indexes
        self.reached.set()
        await self.let.wait()


async def test_one_entry_in_4096_of_a_long_log_is_passed_by() -> None:
    reads, shelf = Passing(), Shelf([])
    reads.let.set()
    async with warmed(reads, ProofMaker(shelf), 300_000):
        while len(reads.passed) < 73:
            await asyncio.sleep(0)
    assert reads.passed == list(range(4096, 300_000, 4096))
    assert set(shelf.asked) == {(1, n) for n in range(4)}, "the full tiles above the lowest level"


async def test_it_ends_with_the_log() -> None:
    reads = Passing()
    async with warmed(reads, ProofMaker(Shelf([])), 10_000_000):
        await reads.reached.wait()
    before = len(reads.passed)
    reads.let.set()
    await asyncio.sleep(0)
    assert len(reads.passed) == before < 2000
    assert [task for task in asyncio.all_tasks() if task.get_name() == "warming"] == []


async def test_of_a_short_log_nothing_is_read() -> None:
    reads, shelf = Passing(), Shelf([])
    async with warmed(reads, ProofMaker(shelf), 4096):
        await asyncio.sleep(0)
    assert (reads.passed, shelf.reads) == ([], 0)


@pytest.mark.parametrize("size", [1, 7, 2**40])
async def test_passing_by_can_be_asked_of_every_database(
    log: Log, database: Database, given: Sample, size: int
) -> None:
    """Also where there is no such entry, tile or digest."""
    await register(log, given.awards)
    before = await log.receipts.receipt(given.awards[0].digest)
    await LogReads(database).pass_by(range(0, size, max(size // 5, 1)), size)
    assert await log.receipts.receipt(given.awards[0].digest) == before


async def test_what_can_not_be_read_ahead_is_told_and_keeps_nothing_from_going_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(Passing):
        async def pass_by(self, indexes: Sequence[int], size: int) -> None:
            assert size > indexes[-1]
            self.reached.set()
            raise OSError(5, "Input/output error")

    reads = Broken()
    async with warmed(reads, ProofMaker(Shelf([])), 10_000_000):
        await reads.reached.wait()
        await asyncio.sleep(0)
    assert "could not be read in advance" in caplog.text
    assert "Input/output error" in caplog.text
