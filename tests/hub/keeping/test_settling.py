"""Policies that are settled late: two under one checkpoint, and one whose proof is shorter than what is stored."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from hub.keeping.completing import Completed, complete
from hub.keeping.errors import CompletionError
from hub.keeping.export import export
from hub.keeping.objectstore import open_target
from hub.keeping.policyproofs import policy_proof_name
from hub.log.fsck import fsck
from hub.log.service import Log, policy_chain
from hub.storage.copying import copy_database
from hub.storage.directory import Directory
from hub.storage.engine import Database, sqlite_url
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from signing.notes import parse_checkpoint, parse_note
from signing.secretkeys import SigningKey
from signing.signnotes import NoteSigner, cosign, format_note, log_signer, with_lines, witness_signer
from signing.statement import Statement, parse_statement
from tests.fakes.databases import open_database
from tests.fakes.loghouse import MemoryWitnesses, Sample, found, register, running, sample
from tests.fakes.world import World
from tests.hub.keeping.test_policyproofs import policy

THREE = {"witness-1", "witness-2", "witness-3"}


@dataclass
class Slow(MemoryWitnesses):
    """They answer once ``gate`` is open."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def cosign(self, *asked: Any, **named: Any) -> Any:
        lines = await super().cosign(*asked, **named)
        self.begun.set()
        await self.gate.wait()
        return lines


@dataclass
class Restored:
    """A backup in ``old``, and an export of the log as it became."""

    given: Sample
    folder: Path
    old: Database
    size: int = 0

    @property
    def signer(self) -> NoteSigner:
        return log_signer(self.given.world.origin, self.given.world.log_key)

    async def complete(self, statements: Sequence[Statement]) -> Completed:
        offered = self.folder / f"offered-{len([*self.folder.iterdir()])}"
        offered.mkdir()
        for one in statements:
            (offered / f"{one.digest}.json").write_bytes(one.document)
        return await complete(self.folder, self.old, self.signer, str(self.folder / "export"), offered=[offered])

    async def settled(self) -> int:
        report = await fsck(self.old, self.signer.verifier)
        assert report.sound, report.findings
        return (await policy_chain(Directory(self.old), LogReads(self.old), self.size)).settled.index

    def proof(self, index: int) -> Path:
        return self.folder / "export" / policy_proof_name(index)


def by_a_fourth(world: World, previous: Statement) -> Statement:
    """A policy by which a fourth witness alone counts."""
    world.witness_keys["witness-4"] = SigningKey.generate()
    lines = [one for one in world.witness_policy.splitlines() if not one.startswith(("witness ", "group ", "quorum "))]
    vkey = witness_signer("witness-4.example", world.witness_keys["witness-4"]).verifier.format()
    text = "\n".join([*lines, f"witness witness-4 {vkey} https://w4.example", "quorum witness-4", ""])
    body, signers = world.policy_body(witness_policy=text), world.officer_signers(2)
    return parse_statement(world.compose("policy", world.coordinator.id, body, signers, previous=previous.digest))


@asynccontextmanager
async def house(folder: Path, seed: str) -> AsyncIterator[tuple[Restored, Slow, Log, Database]]:
    """A log of five entries whose three witnesses answer; it is exported to ``folder/export`` by ``exported``."""
    given = sample(8, quorum=2, seed=seed)
    (folder / "whole").mkdir()
    old = Database(sqlite_url(folder / "hub.sqlite3"))
    async with open_database(folder / "whole") as whole:
        await found(whole, given)
        witnesses = Slow(given.world, set(THREE))
        witnesses.gate.set()
        async with running(whole, given, witnesses=witnesses, clock=count(given.world.now).__next__) as log:
            last = (await register(log, given.statements[1:5]))[-1]
            assert await log.publication.wait_witnessed(last, 10)
            try:
                yield Restored(given, folder, old), witnesses, log, whole
            finally:
                await old.close()


async def exported(made: Restored, whole: Database) -> None:
    head = await SqlLogStore(whole).head()
    assert head is not None
    made.size = head.size
    with open_target(str(made.folder / "export")) as store:
        await export(whole, head, made.signer.verifier, store)


async def proven(whole: Database, index: int) -> None:
    async with asyncio.timeout(10):
        while await LogReads(whole).policy_proof(index) is None:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("when", ["before both", "between entries", "both pending"])
async def test_two_policies_that_one_checkpoint_covers(tmp_path: Path, when: str) -> None:
    """It settles the first; the second waits for its witness and has a later proof."""
    async with house(tmp_path, f"settling {when}") as (made, witnesses, log, whole):
        statements = made.given.statements
        first = policy(made.given.world, "witness-3", made.given.world.genesis)
        second = by_a_fourth(made.given.world, first)
        if when != "both pending":
            await copy_database(whole, tmp_path / "hub.sqlite3")
        witnesses.present = set()
        one, other, *_ = await register(log, [first, second, statements[5], statements[6]])
        if when == "both pending":
            await copy_database(whole, tmp_path / "hub.sqlite3")
        witnesses.present = set(THREE)
        await proven(whole, one)
        witnesses.present = {"witness-3", "witness-4"}
        await register(log, [statements[7]])
        await proven(whole, other)
        witnesses.present = {"witness-4"}
        last = (await register(log, statements[8:]))[-1]
        assert await log.publication.wait_witnessed(last, 10)
        await exported(made, whole)
        everything = [*statements[5:], first, second]
        if when == "between entries":
            done = await made.complete([each for each in everything if each is not statements[6]])
            assert (done.size, done.target, [each.index for each in done.awaited]) == (
                other + 2,
                made.size,
                [other + 2],
            )
        done = await made.complete(everything)
        assert (done.size, done.target, done.awaited) == (made.size, made.size, ())
        assert await made.settled() == other


@asynccontextmanager
async def beyond(folder: Path) -> AsyncIterator[tuple[Restored, int, list[Statement]]]:
    """A backup that holds more entries than the proof of its pending policy, which is not in it."""
    async with house(folder, "beyond the proof") as (made, witnesses, log, whole):
        statements = made.given.statements
        witnesses.gate.clear()
        witnesses.begun.clear()
        (at,) = await register(log, [policy(made.given.world, "witness-3", made.given.world.genesis)])
        async with asyncio.timeout(10):
            await witnesses.begun.wait()
        await register(log, statements[5:8])  # while the witnesses are being asked
        await copy_database(whole, folder / "hub.sqlite3")
        witnesses.gate.set()
        assert await log.publication.wait_witnessed(at, 10)
        witnesses.present = {"witness-3"}
        last = (await register(log, statements[8:]))[-1]
        assert await log.publication.wait_witnessed(last, 10)
        await exported(made, whole)
        assert parse_checkpoint(parse_note(made.proof(at).read_bytes()).text).size < at + 4
        yield made, at, statements[8:]


async def test_a_backup_of_the_moment_in_which_witnesses_are_asked(tmp_path: Path) -> None:
    async with beyond(tmp_path) as (made, at, lost):
        done = await made.complete(lost)
        assert (done.size, done.appended, done.awaited) == (made.size, len(lost), ())
        assert await made.settled() == at
        kept = parse_note(await LogReads(made.old).policy_proof(at) or b"")
        assert kept.text == parse_note(made.proof(at).read_bytes()).text


@pytest.mark.parametrize("what", ["another history", "too few", "a false line"])
async def test_a_shorter_proof_that_does_not_fit_settles_nothing(tmp_path: Path, what: str) -> None:
    async with beyond(tmp_path) as (made, at, lost):
        world, whole = made.given.world, made.proof(at).read_bytes()
        text = parse_note(world.checkpoint(at + 1, [], root=bytes(32))) if what == "another history" else None
        note = text or type(parse_note(whole))(parse_note(whole).text, parse_note(whole).signatures[:1])
        names = ["witness-3"] if what == "too few" else sorted(THREE)
        lines = [cosign(note.text, world.now, MemoryWitnesses(world, set()).signer(name)) for name in names]
        if what == "a false line":
            lines = [type(one)(one.name, one.key_id, bytes(72)) for one in lines]
        made.proof(at).write_bytes(format_note(with_lines(note, lines)))
        with pytest.raises(CompletionError) as caught:
            await made.complete(lost)
        assert caught.value.code == "not_witnessed"
        made.proof(at).write_bytes(whole)
        assert (await made.complete(lost)).size == made.size
        assert await made.settled() == at
