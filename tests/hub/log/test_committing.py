"""Whatever a commit does and says, nothing acknowledged is lost and nothing signed is contradicted."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from hub.log.committing import recomputed_root
from hub.log.edge import RightEdge
from hub.log.errors import CorruptionError, SequencerStopped
from hub.log.fsck import fsck
from hub.log.sequencer import Registered
from hub.storage.log_store import SqlLogSession
from hub.storage.models import EntryRow, TileRow
from hub.storage.values import Tile
from signing.merkle import leaf_hash
from signing.signnotes import log_signer
from tests.fakes.databases import BACKENDS, open_database
from tests.fakes.faulty_store import Fault, FaultyDatabase
from tests.fakes.loghouse import Sample, audit, found, running, sample

COMMITS = {"A": 0, "B": 1}


@pytest.fixture(params=BACKENDS)
async def faulty(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[FaultyDatabase]:
    async with open_database(tmp_path, request.param, kind=FaultyDatabase) as opened:
        assert isinstance(opened, FaultyDatabase)
        yield opened


@pytest.fixture
def given() -> Sample:
    return sample()


@pytest.mark.parametrize("fault", [Fault.LOST_SILENTLY, Fault.APPLIED_WITH_ERROR, Fault.FAILED])
@pytest.mark.parametrize("commit", COMMITS)
async def test_a_faulty_commit_stops_for_good_and_loses_nothing(
    faulty: FaultyDatabase, given: Sample, commit: str, fault: Fault
) -> None:
    await found(faulty, given)
    errors: list[BaseException] = []
    acknowledged: list[Registered] = []
    async with running(faulty, given, on_stop=errors.append) as log:
        acknowledged += [await log.sequencer.submit(one) for one in given.founding[1:]]
        size = await audit(faulty, given.world.log_key)
        faulty.inject(COMMITS[commit], fault)
        hit, *queued = await asyncio.gather(
            *(log.sequencer.submit(one) for one in given.awards[:3]), return_exceptions=True
        )
        await audit(faulty, given.world.log_key)
        if (commit, fault) == ("B", Fault.LOST_SILENTLY):  # noticed by the next compare-and-swap, not before
            assert isinstance(hit, Registered)
            acknowledged.append(hit)
            hit = (await asyncio.gather(log.sequencer.submit(given.awards[4]), return_exceptions=True))[0]
        else:
            assert all(isinstance(one, SequencerStopped) for one in queued)
        assert isinstance(hit, SequencerStopped)
        assert "whether this is registered will show" in hit.message
        assert len(errors) == 1
        with pytest.raises(SequencerStopped):
            await log.sequencer.submit(given.awards[5])
        assert log.publication.signed.size <= size + 3
    await audit(faulty, given.world.log_key)
    await _goes_on(faulty, given, acknowledged)


async def _goes_on(faulty: FaultyDatabase, given: Sample, acknowledged: list[Registered]) -> None:
    """After a fresh start everything acknowledged is there, and everything can be registered."""
    faulty.plan = {}
    async with running(faulty, given) as log:
        assert await audit(faulty, given.world.log_key) == log.publication.signed.size
        for one in acknowledged:
            assert (await log.receipts.receipt(one.digest)).index == one.index
        await asyncio.gather(*(log.sequencer.submit(one) for one in given.awards))
    assert await audit(faulty, given.world.log_key) == len(given.statements)
    report = await fsck(faulty, log_signer(given.world.origin, given.world.log_key).verifier)
    assert report.sound, report.findings


@pytest.mark.parametrize("fault", [Fault.LOST_SILENTLY, Fault.APPLIED_WITH_ERROR, Fault.FAILED])
async def test_what_a_faulty_commit_left_of_the_genesis_is_finished(
    faulty: FaultyDatabase, given: Sample, fault: Fault
) -> None:
    for number in range(3):  # head row, transaction A, transaction B
        faulty.inject(number, fault)
        await asyncio.gather(found(faulty, given), return_exceptions=True)
    faulty.plan = {}
    await asyncio.gather(found(faulty, given), return_exceptions=True)  # is refused where the log exists by now
    async with running(faulty, given) as log:
        assert (await log.sequencer.submit(given.founding[0])).index == 0
    await audit(faulty, given.world.log_key)


@pytest.mark.parametrize("table", [EntryRow, TileRow])
async def test_bytes_changed_between_write_and_signature_are_never_signed(
    faulty: FaultyDatabase, given: Sample, table: type[EntryRow] | type[TileRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    await found(faulty, given)
    errors: list[BaseException] = []
    async with running(faulty, given, on_stop=errors.append) as log:
        real = SqlLogSession.append

        def append(self: SqlLogSession, *args: Any) -> None:
            real(self, *args)
            change = (
                update(EntryRow).where(EntryRow.index == 1).values(octets=b"{}")
                if table is EntryRow
                else update(TileRow).where(TileRow.level == 0).values(hashes=bytes(64))
            )
            self._session.write(lambda connection: connection.execute(change))

        monkeypatch.setattr(SqlLogSession, "append", append)
        with pytest.raises(SequencerStopped):
            await log.sequencer.submit(given.founding[1])
        assert log.publication.signed.size == 1
    assert isinstance(errors[0], CorruptionError)
    assert errors[0].code in ("leaf_differs", "root_differs")


def test_the_recomputed_root_covers_every_tile_that_was_filled() -> None:
    entries = [b"entry %d" % n for n in range(600)]
    edge, tiles = RightEdge().extended([leaf_hash(one) for one in entries])
    assert recomputed_root(0, 600, entries, tiles) == edge.root()
    for number, tile in enumerate(tiles):
        flipped = Tile(tile.level, tile.n, bytes([tile.hashes[0] ^ 1]) + tile.hashes[1:])
        with pytest.raises(CorruptionError, match=r"(not the leaf|not the one its parent names)"):
            recomputed_root(0, 600, entries, [*tiles[:number], flipped, *tiles[number + 1 :]])
    with pytest.raises(CorruptionError, match=r"599 of the entries \[0, 600\) are stored"):
        recomputed_root(0, 600, entries[:-1], tiles)
