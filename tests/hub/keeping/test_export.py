"""Static files of the log: complete, incremental, verified, never back and never another history."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import update

from hub.keeping.errors import ExportError
from hub.keeping.export import CHECKPOINT, Exported, export, object_count
from hub.keeping.objectstore import ObjectStore, Stored, open_target
from hub.log.errors import CorruptionError
from hub.storage.engine import Database
from hub.storage.log_store import SqlLogStore
from hub.storage.models import CheckpointRow, EntryRow, TileRow
from signing.merkle import leaf_hash
from signing.notes import cosigned_by, open_checkpoint, parse_note
from signing.signnotes import log_signer
from signing.tiles import ENTRIES, parse_entry_bundle, tile_path, tiles_for
from signing.tree import CompactRange
from signing.trust import parse_witness_policy
from tests.fakes.databases import open_database
from tests.fakes.loghouse import MemoryWitnesses, Sample, found, register, running, sample
from tests.fakes.longlog import lengthen


@pytest.fixture
async def filled(database: Database, given: Sample) -> Database:
    """A closed log of 300 entries."""
    await found(database, given)
    await lengthen(database, given.world.log_key, 300)
    return database


async def exported(database: Database, given: Sample, store: ObjectStore | str) -> Exported:
    head = await SqlLogStore(database).head()
    assert head is not None
    key = log_signer(given.world.origin, given.world.log_key).verifier
    if not isinstance(store, str):
        return await export(database, head, key, store)
    with open_target(store) as opened:
        return await export(database, head, key, opened)


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def check(root: Path, given: Sample) -> int:
    """The checkpoint is signed and the entries give its root; every tile the size implies is there. Its size."""
    key = log_signer(given.world.origin, given.world.log_key).verifier
    head = open_checkpoint(parse_note((root / CHECKPOINT).read_bytes()), key)
    tree = CompactRange()
    for tile in tiles_for(head.size):
        octets = (root / tile_path(*tile)).read_bytes()
        if tile.level == ENTRIES:
            for entry in parse_entry_bundle(octets, tile.width):
                tree.append(leaf_hash(entry))
        else:
            assert len(octets) == 32 * tile.width
    assert tree.root() == head.root
    return head.size


async def test_the_files_of_a_log(filled: Database, given: Sample, tmp_path: Path) -> None:
    target = tmp_path / "public" / "log"
    done = await exported(filled, given, str(target))
    assert done == Exported("hub.example/log/1", 0, 300, 5, 0)
    assert check(target, given) == 300
    names = {CHECKPOINT, "tile/entries/000", "tile/entries/001.p/44", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"}
    assert set(files(target)) == names
    assert {(target / name).stat().st_mode & 0o777 for name in names} == {0o644}


@pytest.mark.parametrize("sizes", [(300, 301), (300, 512), (300, 511, 513, 1024), (300, 70_000)])
async def test_a_further_run_writes_only_what_is_new(
    filled: Database, given: Sample, tmp_path: Path, sizes: tuple[int, ...]
) -> None:
    before: dict[str, bytes] = {}
    target = tmp_path / "log"
    for old, size in zip((0, *sizes), sizes, strict=False):
        await lengthen(filled, given.world.log_key, size)
        done = await exported(filled, given, str(target))
        new = files(target)
        assert (done.before, done.size, done.present) == (old, size, 0)
        assert done.written == len(list(tiles_for(size, old))) == len(new.keys() - before.keys() - {CHECKPOINT})
        assert {name: new[name] for name in before if name != CHECKPOINT} == {
            name: octets for name, octets in before.items() if name != CHECKPOINT
        }
        assert check(target, given) == size
        before = new
    again = await exported(filled, given, str(target))
    assert (again.before, again.size, again.written, again.present) == (sizes[-1], sizes[-1], 0, 0)
    assert files(target) == before


@dataclass
class MemoryStore:
    """``ObjectStore`` in memory, which fails, forgets or lies as it is told."""

    objects: dict[str, bytes] = field(default_factory=dict)
    fail_after: int = 1 << 30
    lies: Mapping[str, bytes] = field(default_factory=dict)
    rival: bytes | None = None
    log: list[str] = field(default_factory=list)

    async def get(self, name: str) -> Stored | None:
        data = self.lies.get(name, self.objects.get(name))
        return None if data is None else Stored(data, data.hex())

    async def create(self, name: str, data: bytes) -> bool:
        await asyncio.sleep(0)
        if len(self.log) >= self.fail_after:
            raise ExportError("target_unreachable", "The cable was pulled.", name)
        self.log.append(name)
        return self.objects.setdefault(name, data) is data

    async def replace(self, name: str, data: bytes, before: Stored | None) -> bool:
        self.log.append(name)
        if self.rival is not None:
            self.objects[name] = self.rival
        if self.objects.get(name) != (before and before.data):
            return False
        self.objects[name] = data
        return True

    async def flush(self) -> None:
        self.log.append("flush")


@pytest.mark.parametrize("done", range(6))
async def test_a_run_that_was_cut_off_is_finished_by_the_next(filled: Database, given: Sample, done: int) -> None:
    store = MemoryStore(fail_after=done)
    if done < 5:
        with pytest.raises(ExportError, match="cable"):
            await exported(filled, given, store)
        assert CHECKPOINT not in store.objects
    store.fail_after = 1 << 30
    result = await exported(filled, given, store)
    assert (result.written, result.present) == (5 - done, done) if done < 5 else (5, 0)
    assert len(store.objects) == 6


async def test_the_checkpoint_comes_last_and_after_everything_is_durable(filled: Database, given: Sample) -> None:
    store = MemoryStore()
    await exported(filled, given, store)
    assert store.log[-2:] == ["flush", CHECKPOINT]


@pytest.mark.parametrize(
    "name", ["tile/entries/000", "tile/entries/001.p/44", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"]
)
async def test_what_does_not_come_back_as_written_gets_no_checkpoint(
    filled: Database, given: Sample, name: str
) -> None:
    good = MemoryStore()
    await exported(filled, given, good)
    spoilt = bytearray(good.objects[name])
    spoilt[5] ^= 1
    store = MemoryStore(lies={name: bytes(spoilt)})
    with pytest.raises(ExportError, match="What lies there is not what was written") as caught:
        await exported(filled, given, store)
    assert caught.value.code == "readback_differs"
    assert CHECKPOINT not in store.objects


async def test_another_object_is_never_overwritten(filled: Database, given: Sample) -> None:
    store = MemoryStore(objects={"tile/0/000": b"of somebody else"})
    with pytest.raises(ExportError, match="There is another object under this name; it is not overwritten") as caught:
        await exported(filled, given, store)
    assert (caught.value.code, caught.value.where) == ("object_differs", "tile/0/000")
    assert store.objects["tile/0/000"] == b"of somebody else"
    assert CHECKPOINT not in store.objects


async def test_it_never_goes_back(filled: Database, given: Sample, tmp_path: Path) -> None:
    store = MemoryStore()
    (tmp_path / "longer").mkdir()
    async with open_database(tmp_path / "longer") as longer:
        await found(longer, given)
        await lengthen(longer, given.world.log_key, 301)
        await exported(longer, given, store)
    before = dict(store.objects)
    with pytest.raises(ExportError, match=r"of 301 entries, the newest published here of 300: an export never goes"):
        await exported(filled, given, store)
    assert store.objects == before


async def test_it_writes_nothing_over_another_history(filled: Database, given: Sample, tmp_path: Path) -> None:
    store = MemoryStore()
    (tmp_path / "fork").mkdir()
    async with open_database(tmp_path / "fork") as fork:
        await found(fork, given)
        async with running(fork, given) as log:
            await register(log, given.founding[1:3])
        await exported(fork, given, store)
    before = dict(store.objects)
    with pytest.raises(ExportError, match=r"of 3 entries, is of another history .* evidence that the log was forked"):
        await exported(filled, given, store)
    assert store.objects == before


@pytest.mark.parametrize(
    "octets", [b"", b"hello\n", b"x/log/1\n3\n" + b"A" * 44 + b"\n\n\xe2\x80\x94 x/log/1 AAAAAAA=\n"]
)
async def test_a_place_of_something_else_is_left_alone(filled: Database, given: Sample, octets: bytes) -> None:
    store = MemoryStore(objects={CHECKPOINT: octets})
    with pytest.raises(ExportError, match="no checkpoint of this log, so nothing is written") as caught:
        await exported(filled, given, store)
    assert caught.value.code == "target_foreign"
    assert store.objects == {CHECKPOINT: octets}


async def test_a_rival_export_is_noticed(filled: Database, given: Sample) -> None:
    with pytest.raises(ExportError, match="Another export wrote its checkpoint there meanwhile") as caught:
        await exported(filled, given, MemoryStore(rival=b"newer"))
    assert caught.value.code == "target_moved"


async def test_a_damaged_database_is_not_exported(filled: Database, given: Sample) -> None:
    store = MemoryStore()
    await filled.write(lambda one: one.execute(update(EntryRow).where(EntryRow.index == 299).values(octets=b"other")))
    with pytest.raises(ExportError, match="not what was written"):
        await exported(filled, given, store)
    await filled.write(lambda one: one.execute(update(TileRow).where(TileRow.level == 0).values(hashes=b"1" * 32)))
    with pytest.raises(CorruptionError, match=r"Tile \d of level 0 is not stored in full|has not all of this tile"):
        await exported(filled, given, MemoryStore())
    await filled.write(lambda one: one.execute(update(CheckpointRow).values(note=b"x\n\n\xe2\x80\x94 x AAAAAAA=\n")))
    with pytest.raises(CorruptionError, match="not by this log's key"):
        await exported(filled, given, MemoryStore())


async def test_only_what_the_quorum_cosigned_is_exported(database: Database, tmp_path: Path) -> None:
    given = sample(4, quorum=2)
    await found(database, given)
    witnesses = MemoryWitnesses(given.world, {"witness-1"})
    async with running(database, given, witnesses=witnesses) as log:
        indexes = await register(log, given.founding[1:])
        with pytest.raises(ExportError, match="No checkpoint has been cosigned by a quorum of witnesses yet"):
            await exported(database, given, str(tmp_path / "log"))
        witnesses.present.add("witness-2")
        assert await log.publication.wait_witnessed(indexes[-1], 10)
    witnessed = indexes[-1] + 1
    async with running(database, given, witnesses=MemoryWitnesses(given.world, set())) as log:
        await register(log, given.awards)
    assert (await exported(database, given, str(tmp_path / "log"))).size == witnessed
    note = parse_note((tmp_path / "log" / CHECKPOINT).read_bytes())
    policy = parse_witness_policy(given.founding[0].body["witness_policy"])
    assert policy.satisfied_by(cosigned_by(note, policy.witness_keys))


async def test_fresher_cosignatures_of_the_same_size_are_shown(database: Database, tmp_path: Path) -> None:
    given = sample(4, quorum=2)
    await found(database, given)
    target = tmp_path / "log"
    for present in ({"witness-1", "witness-2"}, {"witness-1", "witness-2", "witness-3"}):
        async with running(database, given, witnesses=MemoryWitnesses(given.world, present)) as log:
            assert await log.publication.wait_witnessed(0, 10)
            await log.publisher.publish()
        await exported(database, given, str(target))
        cosigned = parse_note((target / CHECKPOINT).read_bytes()).signatures[1:]
        assert {line.name.partition(".")[0] for line in cosigned} == present


async def test_progress_reaches_what_was_announced(filled: Database, given: Sample) -> None:
    seen: list[int] = []
    head = await SqlLogStore(filled).head()
    assert head is not None
    key = log_signer(given.world.origin, given.world.log_key).verifier
    await export(filled, head, key, MemoryStore(), seen.append)
    assert (seen == sorted(seen), seen[-1]) == (True, object_count(300))
