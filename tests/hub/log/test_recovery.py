"""Starting up on what was left behind."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from hub.log.errors import CorruptionError, RecoveryError, SequencerStopped
from hub.log.recovery import DataLock
from hub.storage.engine import Database
from hub.storage.errors import SchemaError
from hub.storage.models import CheckpointRow, EntryRow, HeadRow, TileRow
from signing.notes import Checkpoint
from signing.secretkeys import SigningKey
from signing.signnotes import log_signer, sign_checkpoint
from tests.fakes.loghouse import MemoryWitnesses, Sample, audit, found, register, running, sample
from tests.fakes.world import World


@pytest.fixture
async def filled(database: Database, given: Sample) -> Database:
    """A closed log of the founding statements and two awards."""
    await found(database, given)
    async with running(database, given) as log:
        await register(log, [*given.founding[1:], *given.awards[:2]])
    return database


async def forget_signature(database: Database) -> None:
    """As if the process had died between transactions A and B of the last batch."""

    def forget(connection):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        sizes = [row[0] for row in connection.execute(CheckpointRow.__table__.select().order_by(CheckpointRow.size))]
        connection.execute(delete(CheckpointRow).where(CheckpointRow.size == sizes[-1]))
        before = connection.execute(CheckpointRow.__table__.select().filter_by(size=sizes[-2])).one()
        connection.execute(update(HeadRow).values(signed_size=before.size, note=before.note))

    await database.write(forget)


async def test_a_directory_is_used_by_one_process(tmp_path: Path) -> None:
    with DataLock(tmp_path / "lock"):
        with pytest.raises(RecoveryError, match="Another process uses this data directory"):
            DataLock(tmp_path / "lock")
        code = (
            "import sys; from hub.log.recovery import DataLock; from pathlib import Path; DataLock(Path(sys.argv[1]))"
        )
        other = subprocess.run(
            [sys.executable, "-c", code, tmp_path / "lock"], capture_output=True, text=True, check=False
        )
        assert "Another process uses this data directory. (lock)" in other.stderr
    with DataLock(tmp_path / "lock"):
        assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600


async def test_no_log_is_ever_created_by_serving(database: Database, given: Sample) -> None:
    with pytest.raises(SchemaError, match="no log in this data directory; `odr-hub init` makes one"):
        async with running(database, given):
            pytest.fail("it opened")


async def test_an_unsigned_tail_is_signed(filled: Database, given: Sample) -> None:
    await forget_signature(filled)
    size = len(given.founding) + 2
    async with running(filled, given) as log:
        assert log.read_only is None
        assert log.publication.signed.size == size
        assert (await log.receipts.receipt(given.awards[1].digest)).index == size - 1
    assert await audit(filled, given.world.log_key) == size


async def test_a_corrupt_tail_is_not_signed(filled: Database, given: Sample) -> None:
    await forget_signature(filled)
    last = len(given.founding) + 1
    await filled.write(lambda one: one.execute(update(EntryRow).where(EntryRow.index == last).values(octets=b"{}")))
    with pytest.raises(CorruptionError, match=f"Entry {last} is not the leaf that its tile holds"):
        async with running(filled, given):
            pytest.fail("it opened")


async def test_a_flipped_bit_at_the_right_edge_is_found(filled: Database, given: Sample) -> None:
    await filled.write(lambda one: one.execute(update(TileRow).where(TileRow.level == 0).values(hashes=bytes(32 * 9))))
    with pytest.raises(CorruptionError):
        async with running(filled, given):
            pytest.fail("it opened")


async def test_another_log_key_is_refused(filled: Database, given: Sample) -> None:
    other = sample()
    world = World(seed="other keys", quorum=None)
    stranger = Sample(world, other.founding, other.awards)
    with pytest.raises(RecoveryError, match="newest checkpoint is not by this log's key"):
        async with running(filled, stranger):
            pytest.fail("it opened")
    assert isinstance(world.log_key, SigningKey)


async def reported(database: Database, given: Sample, note: bytes) -> str | None:
    """Why the log is read-only when a witness reports ``note``; it must then refuse to register."""
    witnesses = MemoryWitnesses(given.world, set(), notes={"witness-1": note})
    async with running(database, given, witnesses=witnesses) as log:
        assert log.reader.signed_checkpoint().startswith(b"hub.example/log/1\n")
        if log.read_only is not None:
            with pytest.raises(SequencerStopped) as caught:
                await log.sequencer.submit(given.awards[3])
            assert (caught.value.code, caught.value.message) == ("read_only", log.read_only)
        return log.read_only


def checkpoint(given: Sample, size: int, root: bytes) -> bytes:
    return given.world.checkpoint(size, [], root=root)


async def test_a_witness_that_knows_more_makes_the_log_read_only(filled: Database, given: Sample) -> None:
    size = len(given.founding) + 2
    reason = await reported(filled, given, checkpoint(given, size + 1, bytes(32)))
    assert reason == f"The witness witness-1 has seen {size + 1} entries of this log; only {size} are stored here."
    assert await audit(filled, given.world.log_key) == size


async def test_a_witness_of_another_history_makes_the_log_read_only(filled: Database, given: Sample) -> None:
    for size in (2, len(given.founding) + 2):
        reason = await reported(filled, given, checkpoint(given, size, bytes(32)))
        assert reason == f"The witness witness-1 has seen another log of {size} entries under this name."


async def test_an_unsigned_tail_that_a_witness_contradicts_stays_unsigned(filled: Database, given: Sample) -> None:
    await forget_signature(filled)
    size = len(given.founding) + 2
    assert await reported(filled, given, checkpoint(given, size, bytes(32))) is not None
    async with running(filled, given) as log:  # without that witness it is finished
        assert log.publication.signed.size == size


def foreign_notes(given: Sample) -> dict[str, bytes]:
    """Everything that a witness may report and that this log has not signed."""
    forger = World(seed="forger", quorum=None)
    ours = given.world.checkpoint(99, [], root=bytes(32))
    other = log_signer("other.example/log/1", given.world.log_key)
    return {
        "by another key": forger.checkpoint(99, [], root=bytes(32)),
        "of another origin, by our key": sign_checkpoint(Checkpoint("other.example/log/1", 99, bytes(32)), other),
        "no note": b"no note at all",
        "nothing": b"",
        "no text": b"\xff\xfe",
        "no signature": ours[: ours.index(b"\n\n") + 2],
        "a failing signature": ours.replace(b"\n99\n", b"\n98\n"),
        "a size that is no number": ours.replace(b"\n99\n", b"\n099\n"),
        "an extension line": ours.replace(b"=\n\n", b"=\nextension\n\n", 1),
        "two lines of one key": ours + ours[ours.index(b"\n\n") + 2 :],
    }


FOREIGN = list(foreign_notes(sample()))


@pytest.mark.parametrize("what", FOREIGN)
async def test_a_note_that_the_log_did_not_sign_says_nothing(
    filled: Database, given: Sample, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert await reported(filled, given, foreign_notes(given)[what]) is None
    (told,) = [one.getMessage() for one in caplog.records if one.name == "hub.log"]
    assert told.startswith("The witness witness-1 has seen no checkpoint of this log: ")


async def test_a_witness_that_agrees_changes_nothing(filled: Database, given: Sample) -> None:
    async with running(filled, given) as log:
        note = log.publication.signed.note
    assert await reported(filled, given, note) is None
