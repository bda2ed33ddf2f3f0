"""A restored log is completed past changes of witnesses, but only by what the quorum before cosigned."""

import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from hub.keeping.completing import Completed, complete
from hub.keeping.errors import CompletionError
from hub.keeping.export import CHECKPOINT, export
from hub.keeping.objectstore import open_target
from hub.keeping.policyproofs import policy_proof_index, policy_proof_name
from hub.keeping.reposts import Reposts
from hub.log.fsck import fsck
from hub.log.service import policy_chain
from hub.log.signedheads import BEHIND, Contradiction
from hub.storage.copying import copy_database
from hub.storage.directory import Directory
from hub.storage.engine import Database, sqlite_url
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from signing.encoding import canonical
from signing.entryform import parse_entry
from signing.merkle import leaf_hash
from signing.notes import Checkpoint, Note, parse_checkpoint, parse_note
from signing.signnotes import NoteSigner, cosign, format_note, log_signer, with_lines
from signing.statement import Statement, parse_statement
from signing.tiles import ENTRIES, entry_bundle, tile_path
from tests.fakes.databases import open_database
from tests.fakes.loghouse import MemoryWitnesses, Sample, found, register, running, sample
from tests.fakes.memorylog import MemoryTree
from tests.fakes.world import World

OLD = 5
"""Entries in the backup."""
FIRST, SECOND = OLD + 2, OLD + 5
"""Where the policies stand: before them two of three witnesses count, from the first on witness-3 alone."""


@dataclass
class House:
    """A backup from before both changes; by name, exports of the log as it was at several times."""

    given: Sample
    lost: list[Statement]
    old: Database
    folder: Path

    @property
    def size(self) -> int:
        return OLD + len(self.lost)

    @property
    def signer(self) -> NoteSigner:
        return log_signer(self.given.world.origin, self.given.world.log_key)

    async def complete(self, source: str | None, lost: Sequence[Statement] | None = None) -> Completed:
        offered = self.folder / "offered"
        shutil.rmtree(offered, ignore_errors=True)
        offered.mkdir()
        for one in self.lost if lost is None else lost:
            (offered / f"{one.digest}.json").write_bytes(one.document)
        where = None if source is None else str(self.folder / source)
        return await complete(self.folder, self.old, self.signer, where, offered=[offered])

    async def settled(self) -> int:
        """Where the newest policy stands whose witnesses count; nothing that is stored contradicts itself."""
        report = await fsck(self.old, self.signer.verifier)
        assert report.sound, report.findings
        head = await SqlLogStore(self.old).head()
        assert head is not None
        return (await policy_chain(Directory(self.old), LogReads(self.old), head.size)).settled.index

    async def proof(self, index: int) -> bytes:
        return await LogReads(self.old).policy_proof(index) or b""

    async def refused(self, source: str | None) -> CompletionError:
        with pytest.raises(CompletionError) as caught:
            await self.complete(source)
        return caught.value

    def without_proofs(self, name: str) -> None:
        """As a mirror has it, and an export by a version before this."""
        shutil.rmtree(self.folder / name / "policy-proof")

    def publish(self, entries: Sequence[bytes], name: str, end: int, lines: Sequence[str]) -> None:
        """Write a checkpoint over the first ``end`` entries, which these witnesses cosigned, into the newest export."""
        world, tree = self.given.world, MemoryTree(map(leaf_hash, entries[:end]))
        note = parse_note(world.checkpoint(tree.size, [], root=tree.root()))
        signers = map(MemoryWitnesses(world, set()).signer, lines)
        note = with_lines(note, [cosign(note.text, world.now, one) for one in signers])
        (self.folder / "newest" / name).write_bytes(format_note(note))


def policy(world: World, quorum: str, previous: Statement) -> Statement:
    """A policy by which witness-3 alone counts."""
    lines = world.witness_policy.splitlines()
    kept = [one for one in lines if not one.startswith(("witness ", "group ", "quorum "))]
    kept += [one for one in lines if one.startswith("witness witness-3 ")]
    text = "\n".join([*kept, "group others any witness-3", f"quorum {quorum}", ""])
    body = world.policy_body(witness_policy=text)
    signers = world.officer_signers(2)
    return parse_statement(world.compose("policy", world.coordinator.id, body, signers, previous=previous.digest))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    given = sample(6, quorum=2, seed="policy proofs")
    world, lost = given.world, given.statements[OLD:]
    lost.insert(FIRST - OLD, policy(world, "witness-3", world.genesis))
    lost.insert(SECOND - OLD, policy(world, "others", lost[FIRST - OLD]))
    (tmp_path / "whole").mkdir()
    old = Database(sqlite_url(tmp_path / "hub.sqlite3"))
    made = House(given, lost, old, tmp_path)
    async with open_database(tmp_path / "whole") as whole:
        await found(whole, given)
        witnesses = MemoryWitnesses(world, set(world.witness_keys))
        async with running(whole, given, witnesses=witnesses, clock=count(world.now).__next__) as log:

            async def put(name: str, statements: Sequence[Statement]) -> None:
                last = (await register(log, statements))[-1]
                assert await log.publication.wait_witnessed(last, 10)
                head = await SqlLogStore(whole).head()
                assert head is not None
                with open_target(str(tmp_path / name)) as store:
                    await export(whole, head, made.signer.verifier, store)

            await put("backup", given.statements[1:OLD])
            await copy_database(whole, tmp_path / "hub.sqlite3")
            await put("before", lost[: FIRST - OLD])
            await put("first", lost[FIRST - OLD : FIRST - OLD + 1])
            witnesses.present = {"witness-3"}
            await put("between", lost[FIRST - OLD + 1 : SECOND - OLD])
            await put("second", lost[SECOND - OLD : SECOND - OLD + 1])
            await put("newest", lost[SECOND - OLD + 1 :])
    try:
        yield made
    finally:
        await old.close()


def test_a_proof_is_named_by_the_place_of_its_policy() -> None:
    assert (policy_proof_name(7), policy_proof_index("policy-proof/7")) == ("policy-proof/7", 7)


async def test_an_export_has_the_proofs_of_later_policies(house: House) -> None:
    assert not (house.folder / "before" / "policy-proof").exists()
    kept = {one.name: one.read_bytes() for one in (house.folder / "newest" / "policy-proof").iterdir()}
    checkpoints = {str(FIRST): "first", str(SECOND): "second"}
    assert kept == {index: (house.folder / name / CHECKPOINT).read_bytes() for index, name in checkpoints.items()}


async def test_the_newest_export_alone_leads_over_every_change(house: House) -> None:
    done = await house.complete("newest")
    assert done == Completed(house.given.world.origin, house.size, house.size, house.size - OLD, (), ())
    assert await house.settled() == SECOND
    assert not (house.folder / "completing").exists()
    newest = (house.folder / "newest" / CHECKPOINT).read_bytes()
    witnesses = MemoryWitnesses(house.given.world, {"witness-3"}, notes={"witness-3": newest})
    async with running(house.old, house.given, witnesses=witnesses) as log:
        assert (log.read_only, log.publisher.chain.pending) == (None, ())
        assert log.publication.witnessed is not None
        assert log.publication.witnessed.size == house.size


async def test_a_change_is_settled_where_it_was_even_if_the_newest_meets_the_old_quorum(house: House) -> None:
    """The witnesses of a policy that was replaced later would be asked in vain."""
    async with open_database(house.folder / "whole") as whole:
        entries = await LogReads(whole).entries(0, house.size)
    house.publish(entries, CHECKPOINT, house.size, ["witness-1", "witness-2", "witness-3"])
    await house.complete("newest")
    assert await house.settled() == SECOND
    proofs = [parse_note(await house.proof(index)) for index in (FIRST, SECOND)]
    assert [parse_checkpoint(one.text).size for one in proofs] == [FIRST + 1, SECOND + 1]


async def test_exports_that_both_quorums_cosigned_lead_over_a_change_one_by_one(house: House) -> None:
    for name in ("first", "between", "second", "newest"):
        house.without_proofs(name)
    assert (await house.refused("newest")).code == "not_witnessed"
    await house.complete("before")
    assert (await house.refused("newest")).code == "not_witnessed"
    reached = [((await house.complete(name)).size, await house.settled()) for name in ("first", "second", "newest")]
    assert reached == [(FIRST + 1, FIRST), (SECOND + 1, SECOND), (house.size, SECOND)]


async def test_statements_may_come_later(house: House) -> None:
    """What is awaited is told, and kept, beyond the change; the policy itself comes last."""
    missing = house.lost[FIRST - OLD]
    done = await house.complete("newest", [one for one in house.lost if one is not missing])
    assert (done.size, done.target, [one.index for one in done.awaited]) == (FIRST, house.size, [FIRST])
    done = await house.complete(None, [missing])
    assert (done.size, done.appended, done.awaited) == (house.size, house.size - FIRST, ())
    assert await house.settled() == SECOND


async def test_own_witnesses_of_whoever_serves_it_do_not_count(house: House) -> None:
    """Even with the log's key: a policy, its proof and all that follows, cosigned by new witnesses alone."""
    async with open_database(house.folder / "whole") as whole:
        entries = await LogReads(whole).entries(0, house.size)
    entries[-1] = canonical(parse_entry(entries[-1]) | {"sigs": "0" * 64})
    forged = house.folder / "newest" / tile_path(ENTRIES, 0, house.size)
    forged.write_bytes(entry_bundle(entries))
    house.publish(entries, CHECKPOINT, house.size, ["witness-3"])
    house.publish(entries, policy_proof_name(FIRST), house.size, ["witness-3"])
    house.publish(entries, policy_proof_name(SECOND), house.size, ["witness-3"])
    error = await house.refused("newest")
    assert (error.code, error.where) == ("not_witnessed", CHECKPOINT)
    head = await SqlLogStore(house.old).head()
    assert head is not None
    assert (head.size, await house.settled()) == (OLD, 0)
    assert not (house.folder / "completing" / CHECKPOINT).exists()


async def test_a_proof_without_the_new_quorum_settles_nothing(house: House) -> None:
    """The old quorum vouches for the entries up to it; what the new witnesses alone cosigned is not taken."""
    path = house.folder / "newest" / policy_proof_name(FIRST)
    note = parse_note(path.read_bytes())
    kept = tuple(one for one in note.signatures if one.name != "witness-3.example")
    path.write_bytes(format_note(Note(note.text, kept)))
    assert (await house.refused("newest")).code == "not_witnessed"
    head = await SqlLogStore(house.old).head()
    assert head is not None
    assert (head.size, await house.settled()) == (FIRST + 1, 0)
    stored = await LogReads(house.old).newest_witnessed()
    assert stored is not None
    assert stored.size == OLD
    assert (await house.refused("newest")).code == "not_witnessed"
    path.write_bytes((house.folder / "first" / CHECKPOINT).read_bytes())
    assert (await house.complete("newest")).size == house.size
    assert await house.settled() == SECOND


SPOILT: dict[str, Callable[[House], bytes]] = {
    "no note": lambda _: b"hello",
    "of another time": lambda house: (house.folder / "before" / CHECKPOINT).read_bytes(),
    "of what is stored": lambda house: (house.folder / "backup" / CHECKPOINT).read_bytes(),
}


@pytest.mark.parametrize("what", SPOILT)
async def test_a_proof_that_does_not_fit_counts_for_nothing(house: House, what: str) -> None:
    (house.folder / "newest" / policy_proof_name(FIRST)).write_bytes(SPOILT[what](house))
    assert (await house.refused("newest")).code == "not_witnessed"
    assert await house.settled() == 0


async def test_a_proof_of_another_history_counts_for_nothing(house: House) -> None:
    """The old quorum cosigned it, but the entries there do not give its root."""
    entries = [b"another entry %d" % n for n in range(FIRST + 1)]
    house.publish(entries, policy_proof_name(FIRST), FIRST + 1, ["witness-1", "witness-2", "witness-3"])
    assert (await house.refused("newest")).code == "not_witnessed"
    assert await house.settled() == 0


async def test_statements_for_later_entries_are_kept_until_their_turn(house: House) -> None:
    """Offered once, with a source that ends at the first change; nobody has shown an entry for them yet."""
    for name in ("first", "second"):
        house.without_proofs(name)
    done = await house.complete("first")
    assert (done.size, done.target, done.awaited) == (FIRST + 1, FIRST + 1, ())
    kept = {one.name for one in (house.folder / "completing").iterdir()}
    assert kept == {"statements"}
    done = await house.complete("second", [])
    assert (done.size, done.target) == (SECOND + 1, SECOND + 1)
    done = await house.complete("newest", [])
    assert (done.size, done.awaited) == (house.size, ())
    assert not (house.folder / "completing").exists()


async def test_a_shorter_source_takes_nothing_of_a_longer_one_away(house: House) -> None:
    """What members posted again lies there; the operator tries an older copy, too."""
    first, *others = house.lost
    await house.complete("newest", others)
    before = sorted((house.folder / "completing").rglob("*"))
    done = await house.complete("before", [])
    assert (done.size, done.target, [one.index for one in done.awaited]) == (OLD, FIRST, [OLD])
    assert set(before) <= set((house.folder / "completing").rglob("*"))
    done = await house.complete("before", [first])
    assert (done.size, done.target, done.awaited) == (house.size, house.size, ())
    assert await house.settled() == SECOND


@pytest.mark.parametrize("kept", ["whole", "damaged"])
async def test_a_source_of_the_same_length_takes_no_proof_away(house: House, kept: str) -> None:
    """It has another checkpoint in the place of the second proof; a kept one that is damaged gives way."""
    first, *others = house.lost
    await house.complete("newest", others)
    path = house.folder / "completing" / policy_proof_name(SECOND)
    proof = path.read_bytes()
    if kept == "damaged":
        path.write_bytes(proof[:-9])
    else:
        (house.folder / "newest" / policy_proof_name(SECOND)).write_bytes(SPOILT["of another time"](house))
    done = await house.complete("newest", [])
    assert [one.index for one in done.awaited] == [OLD]
    assert path.read_bytes() == proof
    assert (await house.complete(None, [first])).size == house.size
    assert await house.settled() == SECOND


async def test_what_was_damaged_where_it_was_kept_is_replaced(house: House) -> None:
    await house.complete("newest", [])
    path = house.folder / "completing" / tile_path(ENTRIES, 0, house.size)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert (await house.refused(None)).code == "does_not_continue"
    assert (await house.complete("newest")).size == house.size


async def test_what_no_entry_awaits_goes_when_the_hub_knows_no_longer_head(house: House) -> None:
    await house.complete("first")
    behind = Contradiction(BEHIND, "", b"", Checkpoint(house.given.world.origin, house.size, bytes(32)))
    await Reposts.opened(house.folder, FIRST + 1, behind, house.signer.verifier)
    assert (house.folder / "completing").exists()
    await Reposts.opened(house.folder, FIRST + 1, None, house.signer.verifier)
    assert not (house.folder / "completing").exists()
