"""Heads that witnesses show when they are asked: what a log must become although no source has a quorum over it."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hub.keeping.completing import Completed, Seen, complete
from hub.keeping.errors import CompletionError
from hub.keeping.export import CHECKPOINT
from hub.keeping.fetched import FOLDER, fetched_heads
from hub.keeping.shownheads import shown_heads, without_lines
from hub.log.policies import PolicyChain
from hub.log.service import policy_chain
from hub.storage.copying import copy_database
from hub.storage.directory import Directory
from hub.storage.engine import Database, sqlite_url
from hub.storage.log_reads import LogReads
from signing.merkle import leaf_hash
from signing.notes import parse_note
from signing.secretkeys import SigningKey
from signing.signnotes import cosign, format_note, log_signer, with_lines, witness_signer
from signing.tiles import ENTRIES, entry_bundle, tile_path
from signing.trust import WitnessPolicy
from tests.fakes.loghouse import MemoryWitnesses, register, running
from tests.fakes.memorylog import MemoryTree
from tests.hub.keeping.test_completing import OLD, House, house_in


@dataclass
class Mirrored:
    """A log that was lost right after its last entry: a mirror has stored that, and published what was before.

    ``answers`` is what each witness shows, ``known`` the heads that the hub's alarms keep or that are published.
    """

    house: House
    folder: Path
    entries: list[bytes]
    answers: dict[str, bytes | None]
    known: tuple[bytes, ...] = ()

    @property
    def size(self) -> int:
        return len(self.entries)

    def head(self, size: int, *names: str, entries: Sequence[bytes] | None = None) -> bytes:
        """The head over the first entries, with the lines of these witnesses."""
        world = self.house.given.world
        tree = MemoryTree(map(leaf_hash, (entries or self.entries)[:size]))
        note = parse_note(world.checkpoint(tree.size, [], root=tree.root()))
        signers = map(MemoryWitnesses(world, set()).signer, names)
        return format_note(with_lines(note, [cosign(note.text, world.now, one) for one in signers]))

    async def ask(self, origin: str, policies: Sequence[WitnessPolicy]) -> Mapping[str, bytes | None]:
        assert origin == self.house.given.world.origin
        assert policies
        return self.answers

    async def complete(self, source: str | None = "") -> Completed:
        world, house = self.house.given.world, self.house
        offered = house.folder / "offered"
        shutil.rmtree(offered, ignore_errors=True)
        where = str(self.folder) if source == "" else source
        signer = log_signer(world.origin, world.log_key)
        return await complete(
            house.folder, house.old, signer, where, offered=house.files(house.lost), ask=self.ask, known=self.known
        )

    async def witnessed(self) -> int:
        stored = await LogReads(self.house.old).newest_witnessed()
        assert stored is not None
        return stored.size

    async def chain(self) -> PolicyChain:
        return await policy_chain(Directory(self.house.old), LogReads(self.house.old), OLD)


@pytest.fixture
async def mirrored(tmp_path: Path) -> AsyncIterator[Mirrored]:
    async with house_in(tmp_path) as house:
        entries = await LogReads(house.whole).entries(0, house.size)
        made = Mirrored(house, house.public, entries, {})
        (house.public / "stored").write_bytes(made.head(made.size))
        (house.public / CHECKPOINT).write_bytes(made.head(made.size - 1, "witness-1", "witness-2"))
        yield made


async def test_what_witnesses_show_together_is_the_quorum(mirrored: Mirrored) -> None:
    for name in ("witness-1", "witness-3"):
        mirrored.answers[name] = mirrored.head(mirrored.size, name)
    done = await mirrored.complete()
    assert (done.size, done.target, done.awaited, done.seen) == (mirrored.size, mirrored.size, (), ())
    assert await mirrored.witnessed() == mirrored.size
    await mirrored.house.is_whole()


async def test_one_witness_alone_shows_what_the_log_must_become(mirrored: Mirrored) -> None:
    """Its quorum comes when the hub publishes; what the quorum saw before is recorded first."""
    shown = mirrored.answers["witness-2"] = mirrored.head(mirrored.size, "witness-2")
    done = await mirrored.complete()
    assert (done.size, done.target, done.seen) == (mirrored.size, mirrored.size, ())
    assert await mirrored.witnessed() == mirrored.size - 1
    await mirrored.house.is_whole()
    witnesses = MemoryWitnesses(mirrored.house.given.world, {"witness-1", "witness-2"}, notes={"witness-2": shown})
    async with running(mirrored.house.old, mirrored.house.given, witnesses=witnesses) as log:
        assert log.read_only is None
        assert await log.publication.wait_witnessed(mirrored.size - 1, 10)


async def test_a_mirror_that_has_published_nothing_yet(mirrored: Mirrored) -> None:
    (mirrored.folder / CHECKPOINT).unlink()
    with pytest.raises(CompletionError, match="It can't be read"):
        await mirrored.complete()
    mirrored.answers["witness-1"] = mirrored.head(mirrored.size, "witness-1")
    assert (await mirrored.complete()).size == mirrored.size


async def test_a_mirror_that_was_stopped_before_it_cosigned_has_wider_parts_only(mirrored: Mirrored) -> None:
    mirrored.answers["witness-1"] = mirrored.head(mirrored.size - 1, "witness-1")
    assert not (mirrored.folder / tile_path(ENTRIES, 0, mirrored.size - 1)).exists()
    done = await mirrored.complete()
    assert (done.size, done.seen) == (mirrored.size - 1, (Seen(mirrored.size, ()),))


async def test_nothing_is_whole_below_a_head_that_is_known(mirrored: Mirrored) -> None:
    """The source has not got it; when the witness is silent afterwards, it is known still."""
    longer = [*mirrored.entries, b"one more"]
    mirrored.answers = {"witness-1": mirrored.head(len(longer), "witness-1", entries=longer)}
    seen = (Seen(len(longer), ("witness-1.example",)), Seen(mirrored.size, ()))
    for answers in (mirrored.answers, {}):
        mirrored.answers = answers
        done = await mirrored.complete(None if not answers else "")
        assert (done.size, done.target, done.seen) == (mirrored.size - 1, mirrored.size - 1, seen)
    async with running(mirrored.house.old, mirrored.house.given, known=fetched_heads(mirrored.house.folder)) as log:
        assert log.read_only is not None
        assert log.read_only.startswith("The head that odr-hub complete was shown (completing/heads/")


async def test_what_a_witness_showed_counts_when_it_is_silent_later(mirrored: Mirrored) -> None:
    """Statements come days later; the head was verified when it was shown."""
    lost, mirrored.house.lost = mirrored.house.lost, []
    mirrored.answers["witness-2"] = mirrored.head(mirrored.size, "witness-2")
    done = await mirrored.complete()
    assert (done.size, done.target) == (OLD, mirrored.size)
    mirrored.house.lost, mirrored.answers = lost, {}
    assert (await mirrored.complete(None)).size == mirrored.size
    await mirrored.house.is_whole()


@pytest.mark.parametrize("first", ["the quorum's", "a bare one"])
async def test_sources_of_the_same_length_add_to_one_another(mirrored: Mirrored, first: str) -> None:
    """An export with the quorum's lines and a mirror whose note has one less; statements come later."""
    (lost, mirrored.house.lost), kept = (mirrored.house.lost, []), mirrored.house.folder / FOLDER / CHECKPOINT
    quorum, bare = mirrored.head(mirrored.size, "witness-1", "witness-3"), mirrored.head(mirrored.size)
    mirrored.answers = {"witness-2": mirrored.head(mirrored.size, "witness-2")}
    for note in (quorum, bare) if first == "the quorum's" else (bare, quorum):
        (mirrored.folder / CHECKPOINT).write_bytes(note)
        await mirrored.complete()
    assert len(parse_note(kept.read_bytes()).signatures) == 4
    mirrored.house.lost, mirrored.answers = lost, {}
    await mirrored.complete(None)
    assert await mirrored.witnessed() == mirrored.size


async def test_a_line_that_holds_gives_way_to_none_that_does_not(mirrored: Mirrored) -> None:
    mirrored.house.lost, kept = [], mirrored.house.folder / FOLDER / CHECKPOINT
    true = parse_note(mirrored.head(mirrored.size, "witness-1", "witness-3"))
    other = parse_note(mirrored.head(mirrored.size - 1, "witness-1"))  # its line stands for another head
    false = with_lines(parse_note(mirrored.head(mirrored.size, "witness-2", "witness-3")), other.signatures[1:])
    for note in (true, false):
        (mirrored.folder / CHECKPOINT).write_bytes(format_note(note))
        await mirrored.complete()
    lines = parse_note(kept.read_bytes()).signatures
    assert len(lines) == 4
    assert set(lines) > set(true.signatures)


async def test_a_head_that_another_witness_contradicts_is_not_followed(mirrored: Mirrored) -> None:
    """With the log's key and one witness somebody could fork the log; whoever else is honest is heard."""
    other = [*mirrored.entries[:-2], b"another", b"history"]
    mirrored.answers = {
        "witness-1": mirrored.head(mirrored.size, "witness-1"),
        "witness-2": mirrored.head(mirrored.size - 1, "witness-2", entries=other),
    }
    for _ in range(2):
        with pytest.raises(CompletionError, match=r"The witness witness-2\.example has seen another log") as caught:
            await mirrored.complete()
        assert (caught.value.code, caught.value.where) == ("heads_differ", f"size {mirrored.size - 1}")
        assert await mirrored.witnessed() == mirrored.size - 1


async def forked(mirrored: Mirrored) -> list[bytes]:
    """What a second hub registered with the same key after the same backup: the third lost statement is left out."""
    house = mirrored.house
    await copy_database(house.old, house.folder / "fork.sqlite3")
    other = Database(sqlite_url(house.folder / "fork.sqlite3"))
    lost = house.lost
    async with running(other, house.given, witnesses=MemoryWitnesses(house.given.world, set())) as log:
        await register(log, [lost[0], lost[1], lost[3]])
    entries = await LogReads(other).entries(0, OLD + 3)
    await other.close()
    return entries


LYING = {
    "to the fork's end": (0, "not_witnessed", r"those there reach to 8 only, which no quorum cosigned\. Whether they"),
    "beyond it": (1, "heads_differ", "They are damaged, which another mirror will show, or this is a fork"),
}


@pytest.mark.parametrize("serves", LYING)
async def test_a_fork_is_not_followed_while_another_witness_shows_more(mirrored: Mirrored, serves: str) -> None:
    """One witness shows the fork, its mirror serves it; the others show a longer head, whose entries are elsewhere."""
    longer, code, message = LYING[serves]
    fork, source = await forked(mirrored), mirrored.house.folder / "lying"
    served = [*fork, *(mirrored.entries[len(fork) :] if longer else [])]
    for end in {len(fork), len(served)}:
        path = source / tile_path(ENTRIES, 0, end)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(entry_bundle(served[:end]))
    mirrored.answers = {name: mirrored.head(mirrored.size, name) for name in ("witness-2", "witness-3")}
    mirrored.answers["witness-1"] = mirrored.head(len(fork), "witness-1", entries=fork)
    with pytest.raises(CompletionError, match=message) as caught:
        await mirrored.complete(str(source))
    assert (caught.value.code, caught.value.where) == (code, f"size {mirrored.size}")
    done = await mirrored.complete()
    assert (done.size, done.seen) == (mirrored.size, (Seen(len(fork), ("witness-1.example",), differs=True),))
    assert await LogReads(mirrored.house.old).entries(0, done.size) == mirrored.entries


@pytest.mark.parametrize("names", [(), ("witness-2", "witness-3")])
async def test_the_checkpoint_there_may_contradict_its_own_entries(mirrored: Mirrored, names: Sequence[str]) -> None:
    other = [*mirrored.entries[:-2], b"another", b"history"]
    (mirrored.folder / CHECKPOINT).write_bytes(mirrored.head(mirrored.size - 1, *names, entries=other))
    mirrored.answers = {"witness-1": mirrored.head(mirrored.size, "witness-1")}
    with pytest.raises(CompletionError, match="The checkpoint there is of another log of 9 entries") as caught:
        await mirrored.complete()
    assert caught.value.code == "heads_differ"


async def test_a_witness_that_shows_what_is_stored_leads_no_further(mirrored: Mirrored) -> None:
    """The entries beyond have the log's signature alone."""
    (mirrored.folder / CHECKPOINT).write_bytes(mirrored.head(mirrored.size))
    mirrored.answers = {"witness-1": mirrored.head(OLD, "witness-1")}
    with pytest.raises(CompletionError) as caught:
        await asyncio.wait_for(mirrored.complete(), 20)
    assert caught.value.code == "not_witnessed"


async def test_what_a_quorum_cosigned_is_completed_whatever_another_witness_shows(mirrored: Mirrored) -> None:
    other = [*mirrored.entries[:-2], b"another", b"history"]
    (mirrored.folder / CHECKPOINT).write_bytes(mirrored.head(mirrored.size, "witness-1", "witness-3"))
    mirrored.answers = {"witness-2": mirrored.head(mirrored.size - 1, "witness-2", entries=other)}
    done = await mirrored.complete()
    assert (done.size, done.target) == (mirrored.size, mirrored.size)
    assert done.seen == (Seen(mirrored.size - 1, ("witness-2.example",), differs=True),)


async def test_only_the_stored_policies_witnesses_show_anything(mirrored: Mirrored) -> None:
    """Neither one with a key of its own, nor one whose line the source has, nor a head that the log never signed."""
    world = mirrored.house.given.world
    bare, own = mirrored.head(mirrored.size), witness_signer("witness-1.example", SigningKey.generate())
    forged = format_note(with_lines(parse_note(bare), [cosign(parse_note(bare).text, world.now, own)]))
    mirrored.answers = {"witness-1": forged, "witness-2": b"hello", "witness-3": None}
    (mirrored.folder / "stored").write_bytes(mirrored.head(mirrored.size, "witness-1"))
    done = await mirrored.complete()
    assert (done.size, done.seen) == (mirrored.size - 1, (Seen(mirrored.size, ()),))


async def test_heads_are_put_together_by_what_they_say(mirrored: Mirrored) -> None:
    world, chain = mirrored.house.given.world, await mirrored.chain()
    key = log_signer(world.origin, world.log_key).verifier
    notes = [
        mirrored.head(size, name) for size, name in ((OLD, "witness-1"), (OLD + 1, "witness-2"), (OLD, "witness-3"))
    ]
    longest, shorter = shown_heads([*notes, mirrored.head(OLD), b"no note"], key, chain)
    assert (longest.checkpoint.size, longest.by) == (OLD + 1, ("witness-2.example",))
    assert (shorter.checkpoint.size, shorter.by) == (OLD, ("witness-1.example", "witness-3.example"))
    assert len(parse_note(shorter.note).signatures) == 3
    assert shown_heads([without_lines(notes[0])], key, chain)[0].by == ()
    lines = parse_note(notes[0])
    for nothing in (b"no note", b"", format_note(replace(lines, signatures=lines.signatures[1:]))):
        assert without_lines(nothing) == nothing
    assert shown_heads(notes, log_signer(world.origin, SigningKey.generate()).verifier, chain) == ()
