"""A log restored from an old backup is completed to exactly what it was, or not at all."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from hub.keeping.completing import Awaited, Completed, complete
from hub.keeping.errors import CompletionError
from hub.keeping.export import CHECKPOINT, export
from hub.keeping.objectstore import open_target
from hub.keeping.offered import read_offered
from hub.keeping.policyproofs import policy_proof_name
from hub.log.fsck import fsck
from hub.storage.audit import Audit, StoredEntry
from hub.storage.copying import copy_database
from hub.storage.engine import Database, sqlite_url
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from hub.storage.models import CheckpointRow, HeadRow
from hub.storage.topics import POLICY_PROOF
from signing.encoding import canonical, sha256_hex
from signing.entryform import parse_entry
from signing.errors import SigningError
from signing.merkle import leaf_hash
from signing.notes import parse_note
from signing.secretkeys import SigningKey
from signing.signnotes import NoteSigner, cosign, format_note, log_signer, with_lines, witness_signer
from signing.statement import Statement, parse_statement
from signing.tiles import ENTRIES, TILE_WIDTH, entry_bundle, tile_path
from tests.fakes.databases import open_database
from tests.fakes.loghouse import MemoryWitnesses, Sample, audit, found, register, running, sample
from tests.fakes.memorylog import MemoryTree

OLD = 5
"""Entries in the backup: genesis, provider, accreditation, neutral and its accreditation, but not the second key."""


@dataclass
class House:
    """A whole log, its export, and a copy of its database from when it had ``OLD`` entries."""

    given: Sample
    lost: list[Statement]
    whole: Database
    old: Database
    folder: Path
    public: Path

    @property
    def size(self) -> int:
        return OLD + len(self.lost)

    def files(self, statements: Sequence[Statement], name: str = "offered") -> list[Path]:
        folder = self.folder / name
        folder.mkdir()
        for one in statements:
            (folder / f"{one.digest}.json").write_bytes(one.document)
        return [folder]

    async def complete(self, offered: Sequence[Path] = (), source: str | None = "", **more: Any) -> Completed:
        world = self.given.world
        signer = log_signer(world.origin, world.log_key)
        where = str(self.public) if source == "" else source
        return await complete(self.folder, self.old, signer, where, offered=offered, **more)

    async def is_whole(self) -> None:
        """Everything that is stored equals what the whole log has stored, and nothing contradicts itself."""
        assert await everything(self.old) == await everything(self.whole)
        assert await Audit(self.old).rule_state() == await Audit(self.whole).rule_state()
        world = self.given.world
        assert await audit(self.old, world.log_key) == self.size
        report = await fsck(self.old, log_signer(world.origin, world.log_key).verifier)
        assert report.sound, report.findings
        assert not (self.folder / "completing").exists()


async def everything(database: Database) -> list[StoredEntry]:
    """Everything but what the log still has to do, or has done, outside."""
    return [replace(entry, outbox=(), proof=None) async for piece in Audit(database).entries() for entry in piece]


@asynccontextmanager
async def house_in(
    folder: Path, quorum: int | None = 2, between: Callable[[Sample], Statement] | None = None
) -> AsyncIterator[House]:
    given = sample(4, quorum=quorum, seed="completing" if between is None else "between")
    lost = given.statements[OLD:]
    if between is not None:
        lost.insert(2, between(given))
    (folder / "whole").mkdir()
    async with open_database(folder / "whole") as whole:
        await found(whole, given)
        witnesses = MemoryWitnesses(given.world, set(given.world.witness_keys) if quorum else set())
        clock = count(given.world.now).__next__  # each batch has another time
        async with running(whole, given, witnesses=witnesses, clock=clock) as log:
            await register(log, given.statements[1:OLD])
            if quorum:
                assert await log.publication.wait_witnessed(OLD - 1, 10)
            await copy_database(whole, folder / "hub.sqlite3")
            last = (await register(log, lost))[-1]
            if quorum:
                assert await log.publication.wait_witnessed(last, 10)
        head = await SqlLogStore(whole).head()
        assert head is not None
        with open_target(str(folder / "public")) as store:
            await export(whole, head, log_signer(head.origin, given.world.log_key).verifier, store)
        old = Database(sqlite_url(folder / "hub.sqlite3"))
        try:
            yield House(given, lost, whole, old, folder, folder / "public")
        finally:
            await old.close()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with house_in(tmp_path) as made:
        yield made


@pytest.mark.parametrize("quorum", [2, None])
async def test_it_becomes_exactly_what_it_was(tmp_path: Path, quorum: int | None) -> None:
    async with house_in(tmp_path, quorum) as house:
        seen: list[int] = []
        done = await house.complete(house.files(house.lost), progress=seen.append)
        assert done == Completed("hub.example/log/1", house.size, house.size, house.size - OLD, (), ())
        assert seen[-1] == house.size
        await house.is_whole()
        stored = await LogReads(house.old).newest_witnessed()
        assert (stored.size if stored else None) == (house.size if quorum else None)


async def test_a_policy_in_the_gap_binds_from_its_place_on(tmp_path: Path) -> None:
    """It ends its batch, its statement decides what follows; without its own quorum it waits until the log goes on."""

    def other_witnesses(given: Sample) -> Statement:
        world = given.world
        text = world.witness_policy.replace("all-witnesses 2", "all-witnesses 3")
        body, signers = world.policy_body(witness_policy=text), world.officer_signers(2)
        return parse_statement(
            world.compose("policy", world.coordinator.id, body, signers, previous=world.genesis.digest)
        )

    async with house_in(tmp_path, between=other_witnesses) as house:
        cosigned_by_the_old_quorum_alone(house)
        await house.complete(house.files(house.lost))
        await house.is_whole()
        stored = await LogReads(house.old).newest_witnessed()
        assert stored is not None
        assert stored.size == OLD
        assert await LogReads(house.old).outbox(POLICY_PROOF) == [OLD + 2]
        witnesses = MemoryWitnesses(house.given.world, set(house.given.world.witness_keys))
        async with running(house.old, house.given, witnesses=witnesses) as log:
            assert await log.publication.wait_witnessed(house.size - 1, 10)
            await log.publisher.publish()
            assert (log.publisher.chain.settled.index, log.publisher.chain.pending) == (OLD + 2, ())
        await house.is_whole()


async def test_the_log_goes_on_and_its_witnesses_cosign(house: House) -> None:
    """Before completion the witnesses contradict; after it they cosign what comes next, by consistency proofs."""
    note = await LogReads(house.whole).newest_witnessed()
    assert note is not None
    witnesses = MemoryWitnesses(house.given.world, {"witness-1", "witness-2"}, notes={"witness-1": note.note})
    async with running(house.old, house.given, witnesses=witnesses) as log:
        reason = f"The witness witness-1 has seen {house.size} entries of this log; only {OLD} are stored here."
        assert log.read_only == reason
    await house.complete(house.files(house.lost))
    async with running(house.old, house.given, witnesses=witnesses) as log:
        assert log.read_only is None
        assert await log.publication.wait_witnessed(house.size - 1, 10)


async def test_statements_come_back_one_by_one(house: House) -> None:
    missing = house.lost[2]
    done = await house.complete(house.files([one for one in house.lost if one is not missing]))
    entry = (await LogReads(house.whole).entries(OLD + 2, OLD + 3))[0]
    awaited = Awaited(OLD + 2, "sealed", None, parse_entry(entry)["commitment"])
    assert (done.size, done.appended, done.awaited) == (OLD + 2, 2, (awaited,))
    assert await audit(house.old, house.given.world.log_key) == OLD + 2
    assert (house.folder / "completing" / "statements").stat().st_mode & 0o777 == 0o700
    done = await house.complete(house.files([missing], "later"), source=None)
    assert (done.size, done.appended, done.awaited) == (house.size, house.size - OLD - 2, ())
    await house.is_whole()


async def test_nothing_comes_back_without_statements(house: House) -> None:
    done = await house.complete()
    assert (done.size, done.appended, len(done.awaited)) == (OLD, 0, house.size - OLD)
    assert done.awaited[0] == Awaited(OLD, "key", house.lost[0].issuer, house.lost[0].digest)
    assert await everything(house.old) == (await everything(house.whole))[:OLD]


@pytest.mark.parametrize("at", [OLD + 1, OLD + 3, OLD + 5])
async def test_a_completion_that_was_cut_off_goes_on(house: House, at: int) -> None:
    def cut(size: int) -> None:
        if size == at:
            raise RuntimeError(f"the power failed at {size}")

    files = house.files(house.lost)
    with pytest.raises(RuntimeError, match="the power failed"):
        await house.complete(files, progress=cut)
    done = await house.complete(files, source=None)
    assert (done.appended, done.size) == (house.size - at, house.size)
    await house.is_whole()


async def test_a_tail_that_the_backup_caught_unsigned_is_signed(house: House) -> None:
    """As if the copy had been made between transactions A and B of its last batch."""

    def forget(connection: Any) -> None:
        before = connection.execute(CheckpointRow.__table__.select().filter_by(size=OLD - 1)).one()
        connection.execute(delete(CheckpointRow).where(CheckpointRow.size == OLD))
        connection.execute(update(HeadRow).values(signed_size=before.size, note=before.note))

    await house.old.write(lambda one: one.exec_driver_sql(f"DELETE FROM cosignatures WHERE size = {OLD}"))  # noqa: S608
    await house.old.write(forget)
    await house.complete(house.files(house.lost))
    await house.is_whole()


async def test_entries_come_from_an_address_too(house: House, serve: Any) -> None:
    await house.complete(house.files(house.lost), source=serve(house.public))
    await house.is_whole()


async def test_an_address_that_does_not_answer_is_told(house: House, serve: Any) -> None:
    (house.folder / "empty").mkdir()
    with pytest.raises(SigningError, match=r"The log could not be read: http://.* answered with HTTP status 404"):
        await house.complete(source=serve(house.folder / "empty"))


def flipped(path: Path, at: int) -> None:
    octets = bytearray(path.read_bytes())
    octets[at] ^= 1
    path.write_bytes(octets)


def bundle(house: House) -> Path:
    return house.public / tile_path(ENTRIES, 0, house.size)


def unwitnessed(house: House) -> None:
    note = parse_note((house.public / CHECKPOINT).read_bytes())
    (house.public / CHECKPOINT).write_bytes(format_note(type(note)(note.text, note.signatures[:1])))


def one_more_witness(given: Sample, newcomer: NoteSigner) -> Statement:
    """A policy that adds this witness, under the name ``newcomer``, and leaves the quorum as it is."""
    world = given.world
    text = f"{world.witness_policy}witness newcomer {newcomer.verifier.format()} https://newcomer.example\n"
    body, signers = world.policy_body(witness_policy=text), world.officer_signers(2)
    return parse_statement(world.compose("policy", world.coordinator.id, body, signers, previous=world.genesis.digest))


@pytest.mark.parametrize("proof", ["no policy proof", "a policy proof"])
async def test_a_line_of_a_new_witness_that_does_not_hold_counts_for_nothing(tmp_path: Path, proof: str) -> None:
    """Whoever serves the checkpoint may add one; it can't be checked before the policy is here."""
    newcomer = witness_signer("newcomer.example", SigningKey.generate())
    async with house_in(tmp_path, between=partial(one_more_witness, newcomer=newcomer)) as house:
        if proof == "no policy proof":
            (house.public / policy_proof_name(OLD + 2)).unlink()
        note = parse_note((house.public / CHECKPOINT).read_bytes())
        false = cosign(note.text.replace("/log/1", "/log/2"), house.given.world.now, newcomer)
        (house.public / CHECKPOINT).write_bytes(format_note(with_lines(note, [false])))
        await house.complete(house.files(house.lost))
        await house.is_whole()
        stored = await LogReads(house.old).newest_witnessed()
        assert stored is not None
        assert (stored.size, len(stored.lines)) == (house.size, 3)


def cosigned_by_the_old_quorum_alone(house: House) -> None:
    note = parse_note((house.public / CHECKPOINT).read_bytes())
    kept = tuple(one for one in note.signatures if one.name != "witness-3.example")
    (house.public / CHECKPOINT).write_bytes(format_note(type(note)(note.text, kept)))
    (house.public / policy_proof_name(OLD + 2)).unlink()


REFUSED: dict[str, tuple[Any, str, str]] = {
    "an entry was changed": (lambda house: flipped(bundle(house), -20), "does_not_continue", "do not continue the log"),
    "an old entry's length": (lambda house: flipped(bundle(house), 0), "does_not_continue", "The bundle"),
    "no bundle": (lambda house: bundle(house).unlink(), "object_missing", "It can't be read: No such file"),
    "no checkpoint": (lambda house: (house.public / CHECKPOINT).unlink(), "object_missing", "It can't be read"),
    "another text": (
        lambda house: (house.public / CHECKPOINT).write_bytes(b"hello"), "not_this_log", "not one of this log",
    ),
    "the signature": (lambda house: flipped(house.public / CHECKPOINT, 60), "not_this_log", "not one of this log"),
    "no cosignatures": (
        unwitnessed, "not_witnessed", "does not meet the quorum that the newest policy",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
async def test_what_does_not_fit_is_refused(house: House, what: str) -> None:
    spoil, code, message = REFUSED[what]
    spoil(house)
    with pytest.raises(CompletionError, match=message) as caught:
        await house.complete(house.files(house.lost))
    assert caught.value.code == code
    assert await everything(house.old) == (await everything(house.whole))[:OLD]
    assert not (house.folder / "completing" / CHECKPOINT).exists()


async def test_a_source_that_knows_no_more_is_refused(house: House) -> None:
    await house.complete(house.files(house.lost))
    assert await house.complete() == Completed("hub.example/log/1", house.size, house.size, 0, (), ())
    await house.is_whole()
    await publish(house, await LogReads(house.whole).entries(0, house.size - 1))
    with pytest.raises(CompletionError, match=f"It has {house.size - 1} entries; {house.size} are stored") as caught:
        await house.complete()
    assert caught.value.code == "nothing_missing"
    await publish(house, [b"another entry %d" % n for n in range(house.size)])
    with pytest.raises(CompletionError, match="do not continue the log"):
        await house.complete()
    with pytest.raises(CompletionError, match="Nothing was fetched yet: say with --from"):
        await house.complete(source=None)


async def test_another_history_is_not_taken(house: House) -> None:
    """Our key and the quorum signed it, but it does not begin with what is stored here."""
    other = [b"another entry %d" % n for n in range(OLD)]
    await publish(house, [*other, *(await LogReads(house.whole).entries(OLD, house.size))])
    with pytest.raises(CompletionError, match="do not continue the log that is stored here"):
        await house.complete(house.files(house.lost))


async def publish(house: House, entries: Sequence[bytes]) -> None:
    """Sign and cosign a log of these entries, in place of the export."""
    world, tree = house.given.world, MemoryTree(map(leaf_hash, entries))
    note = parse_note(world.checkpoint(tree.size, [], root=tree.root()))
    witnesses = MemoryWitnesses(world, set())
    lines = [cosign(note.text, world.now, witnesses.signer(name)) for name in ("witness-1", "witness-2")]
    (house.public / CHECKPOINT).write_bytes(format_note(with_lines(note, lines)))
    for n in range(-(-len(entries) // TILE_WIDTH)):
        some = entries[n * TILE_WIDTH : (n + 1) * TILE_WIDTH]
        path = house.public / tile_path(ENTRIES, n, len(some))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(entry_bundle(some))


async def changed(house: House, index: int, **members: Any) -> None:
    """The log as it would be if the entry at ``index`` had been signed with other members."""
    entries = await LogReads(house.whole).entries(0, house.size)
    entries[index] = canonical(parse_entry(entries[index]) | members)
    await publish(house, entries)


async def test_a_statement_that_gives_another_entry_is_refused(house: House) -> None:
    await changed(house, OLD + 1, tag="A" * 64)
    with pytest.raises(CompletionError, match="gives another entry than the log signed") as caught:
        await house.complete(house.files(house.lost))
    assert (caught.value.code, caught.value.where) == ("entry_not_reproduced", f"entry {OLD + 1}")


async def test_a_statement_that_the_rules_refuse_at_its_place_is_refused(house: House) -> None:
    late = parse_entry((await LogReads(house.whole).entries(OLD, OLD + 1))[0])["time"] + 90 * 86_400
    await changed(house, OLD, time=late)
    with pytest.raises(CompletionError, match="The rules do not accept the statement at its place") as caught:
        await house.complete(house.files(house.lost))
    assert caught.value.where == f"entry {OLD}"
    assert await everything(house.old) == (await everything(house.whole))[:OLD]


async def test_a_signature_that_does_not_hold_is_refused_whatever_was_signed(house: House) -> None:
    """Even where the log itself had signed an entry for it."""
    members = json.loads(house.lost[0].document)
    members["signatures"][0]["signature"] = "A" * 85 + "A"
    forged = parse_statement(canonical(members))
    await changed(house, OLD, sigs=sha256_hex(forged.document))
    with pytest.raises(CompletionError, match="A signature of the statement does not hold") as caught:
        await house.complete(house.files([forged]))
    assert (caught.value.code, caught.value.where) == ("entry_not_reproduced", forged.digest)
    assert await everything(house.old) == (await everything(house.whole))[:OLD]


async def test_other_signatures_are_not_those_that_were_registered(house: House) -> None:
    """The same payload signed again at another time is another document: its entry is still awaited."""
    one = house.lost[0]
    members = json.loads(one.document)
    members["signatures"] = [
        entry | {"protected": entry["protected"][:-1] + "x"} if n == 0 else entry
        for n, entry in enumerate(members["signatures"])
    ]
    (house.folder / "false.json").write_bytes(canonical(members))
    done = await house.complete([house.folder / "false.json"])
    assert (done.size, done.awaited[0].index) == (OLD, OLD)


async def test_a_mirror_that_has_grown_may_have_the_full_bundle_alone(house: House) -> None:
    entries = await LogReads(house.whole).entries(0, house.size)
    more = [b"{}"] * (TILE_WIDTH - house.size)
    bundle(house).unlink()
    bundle(house).parent.rmdir()
    (house.public / tile_path(ENTRIES, 0)).write_bytes(entry_bundle([*entries, *more]))
    await house.complete(house.files(house.lost))
    await house.is_whole()


async def test_statements_are_found_in_what_people_have(house: House, tmp_path: Path) -> None:
    """A bundle, an inbox with texts, a receipt of a gateway; and what is none of these is passed over."""
    world, (key, award, second, *others) = house.given.world, house.lost
    index = next(n for n, one in enumerate(world.statements) if one.kind == "member")
    assert index
    inbox = {"entries": [{"index": 1, "statement": json.loads(second.document)}, {"statement": None}]}
    folder = tmp_path / "people" / "deep"
    folder.mkdir(parents=True)
    (folder / "inbox.json").write_text(json.dumps(inbox))
    (folder / "receipt.json").write_text(json.dumps({"statement": json.loads(award.document), "receipt": {}}))
    (folder / "key.jws").write_bytes(key.document)
    (folder / "photo.png").write_bytes(b"\x89PNG")
    (folder / "broken.zip").write_bytes(b"PK\x03\x04 no archive")
    (folder / "status.json").write_bytes(canonical({"payload": "e30", "signatures": []}))
    for one in others:
        (folder / f"{one.digest}.json").write_bytes(one.document)
    await house.complete([tmp_path / "people"])
    await house.is_whole()


async def test_a_bundle_offers_its_award_and_evidence(tmp_path: Path) -> None:
    from tests.fakes.world import World

    world = World()
    provider = world.add_provider()
    award = world.admit(world.award(provider, world.add_neutral(provider)))
    (tmp_path / "bundle.zip").write_bytes(world.bundle(award))
    offered = read_offered([tmp_path])
    digests = {one.digest for one in offered.statements.values()}
    assert {one.digest for one in world.statements} == digests


async def test_a_file_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(CompletionError, match="No such file") as caught:
        read_offered([tmp_path / "missing.json"])
    assert (caught.value.code, caught.value.where) == ("unreadable_file", "missing.json")


def test_an_annex_is_known_by_its_hash(tmp_path: Path) -> None:
    given = sample()
    (tmp_path / "annex.json").write_bytes(b'{"salt":"x"}')
    offered = read_offered([tmp_path])
    statement = given.founding[1]
    assert offered.annex_of(statement) is None
    named = {"sha256": sha256_hex(b'{"salt":"x"}'), "size": 12}
    with_annex = replace(statement, payload=statement.payload | {"annex": named})
    assert offered.annex_of(with_annex) == b'{"salt":"x"}'
    wrong = replace(statement, payload=statement.payload | {"annex": named | {"size": 11}})
    assert offered.annex_of(wrong) is None
