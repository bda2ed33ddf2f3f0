"""A policy among the missing entries names a witness: it is asked as well before a log is said to be whole."""

import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from hub.keeping.completing import Completed, Seen
from hub.keeping.export import CHECKPOINT
from hub.keeping.fetched import FOLDER
from hub.storage.log_reads import LogReads
from signing.merkle import leaf_hash
from signing.notes import parse_note
from signing.secretkeys import SigningKey
from signing.signnotes import NoteSigner, cosign, format_note, with_lines, witness_signer
from signing.tiles import ENTRIES, entry_bundle, tile_path
from signing.trust import WitnessPolicy
from tests.fakes.loghouse import MemoryWitnesses
from tests.fakes.memorylog import MemoryTree
from tests.hub.keeping.test_completing import House, house_in, one_more_witness


@dataclass
class Changed:
    """A backup from before a policy that adds the witness ``newcomer``, which shows ``shown`` to whoever asks it."""

    house: House
    newcomer: NoteSigner
    entries: list[bytes]
    shown: bytes = b""
    asked: list[bool] = field(default_factory=list)

    def head(self, entries: Sequence[bytes], *signers: NoteSigner) -> bytes:
        world, tree = self.house.given.world, MemoryTree(map(leaf_hash, entries))
        note = parse_note(world.checkpoint(tree.size, [], root=tree.root()))
        return format_note(with_lines(note, [cosign(note.text, world.now, one) for one in signers]))

    async def ask(self, origin: str, policies: Sequence[WitnessPolicy]) -> Mapping[str, bytes | None]:
        assert origin
        self.asked.append(any("newcomer" in one.witness_keys for one in policies))
        return {self.newcomer.name: self.shown} if self.asked[-1] else {}

    async def complete(self, offered: Sequence[Path] = (), source: str | None = "") -> Completed:
        return await self.house.complete(offered, source, ask=self.ask)


@pytest.fixture
async def changed(tmp_path: Path) -> AsyncIterator[Changed]:
    newcomer = witness_signer("newcomer.example", SigningKey.generate())
    async with house_in(tmp_path, between=partial(one_more_witness, newcomer=newcomer)) as house:
        shutil.rmtree(house.public / "policy-proof")  # a mirror has none
        yield Changed(house, newcomer, await LogReads(house.whole).entries(0, house.size))


async def test_nothing_is_missing_is_not_said_below_what_a_new_witness_shows(changed: Changed) -> None:
    house, longer = changed.house, [*changed.entries, b"one more"]
    changed.shown = changed.head(longer, changed.newcomer)
    done = await changed.complete(house.files(house.lost))
    assert (done.size, done.target, done.awaited) == (house.size, house.size, ())
    assert done.seen == (Seen(len(longer), (changed.newcomer.name,)),)
    assert changed.asked == [False, True]
    assert (house.folder / FOLDER / CHECKPOINT).exists()


@pytest.mark.parametrize("later", [0, 1])
async def test_what_a_new_witness_shows_is_looked_for_in_the_source_that_was_named(
    changed: Changed, later: int
) -> None:
    """A mirror that has stored more than it has published; statements may come later, and the witness be silent."""
    house, end = changed.house, changed.house.size - 1
    two = [MemoryWitnesses(house.given.world, set()).signer(name) for name in ("witness-1", "witness-2")]
    (house.public / CHECKPOINT).write_bytes(changed.head(changed.entries[:end], *two))
    (house.public / tile_path(ENTRIES, 0, end)).write_bytes(entry_bundle(changed.entries[:end]))
    changed.shown = changed.head(changed.entries, changed.newcomer)
    done = await changed.complete(house.files(house.lost[:-1] if later else house.lost))
    assert (done.size, done.target, done.seen) == (house.size - later, house.size, ())
    if later:
        changed.shown = b""
        done = await changed.complete(house.files(house.lost[-1:], "later"), None)
    assert (done.size, done.seen) == (house.size, ())
    await house.is_whole()
