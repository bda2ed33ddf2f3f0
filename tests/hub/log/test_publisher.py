"""Witnessing: provisional and witnessed receipts, policies that follow one another, freshness."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, update

from hub.errors import NotFoundError
from hub.log import publisher
from hub.log.fsck import fsck
from hub.log.policies import PolicyChain, WitnessedPolicy
from hub.log.receipts import PROVISIONAL, UNWITNESSED, WITNESSED
from hub.log.service import Log
from hub.storage.cosignatures import label_of, witness_of
from hub.storage.engine import Database
from hub.storage.errors import FullError
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from hub.storage.models import CheckpointRow, CosignatureRow
from hub.storage.values import StoredCheckpoint
from signing.merkle import check_inclusion, leaf_hash
from signing.notes import Note, NoteSignature, cosigned_by, open_checkpoint, parse_note, parse_proof
from signing.secretkeys import SigningKey
from signing.signnotes import cosign, log_signer, witness_signer
from signing.statement import Statement, parse_statement
from signing.trust import parse_witness_policy
from tests.fakes.loghouse import MemoryWitnesses, Sample, found, register, running, sample

WITNESSES = ("witness-1", "witness-2", "witness-3")


@pytest.fixture
def given() -> Sample:
    return sample(4, quorum=2)


@asynccontextmanager
async def witnessed_log(database: Database, given: Sample, *present: str) -> AsyncIterator[tuple[Log, MemoryWitnesses]]:
    await found(database, given)
    witnesses = MemoryWitnesses(given.world, set(present))
    async with running(database, given, witnesses=witnesses) as log:
        yield log, witnesses


def hold(proof: str, given: Sample) -> tuple[int, set[str]]:
    """Check a receipt as a stranger would; returns the checkpoint's size and the witnesses that cosigned it."""
    read = parse_proof(proof.encode())
    note = parse_note(read.checkpoint)
    head = open_checkpoint(note, log_signer(given.world.origin, given.world.log_key).verifier)
    assert read.extra is not None
    check_inclusion(leaf_hash(read.extra), read.index, head.size, read.hashes, head.root)
    keys = parse_witness_policy(given.world.witness_policy).witness_keys
    return head.size, set(cosigned_by(note, keys))


async def test_a_receipt_is_provisional_until_the_quorum_cosigned(database: Database, given: Sample) -> None:
    async with witnessed_log(database, given, "witness-1") as (log, witnesses):
        indexes = await register(log, given.statements[1:])
        digest = given.awards[0].digest
        receipt = await log.receipts.receipt(digest)
        assert receipt.state == PROVISIONAL
        assert not await log.receipts.wait_witnessed(indexes[-1], 0.05)
        with pytest.raises(NotFoundError, match="No checkpoint has been cosigned by a quorum"):
            log.reader.checkpoint()
        assert hold(receipt.proof, given)[0] == log.publication.signed.size
        witnesses.present.add("witness-2")
        assert await log.receipts.wait_witnessed(indexes[-1], 10)
        upgraded = await log.receipts.receipt(digest)
        assert (upgraded.state, upgraded.index) == (WITNESSED, receipt.index)
        size, names = hold(upgraded.proof, given)
        assert (size, names) == (len(given.statements), {"witness-1", "witness-2"})
        assert log.reader.checkpoint() == parse_proof(upgraded.proof.encode()).checkpoint
        assert log.publisher.without_quorum == 0


async def test_witnessed_receipts_outlive_a_restart(database: Database, given: Sample) -> None:
    async with witnessed_log(database, given, "witness-1", "witness-3") as (log, _):
        indexes = await register(log, given.founding[1:])
        assert await log.receipts.wait_witnessed(indexes[-1], 10)
    async with running(database, given) as log:
        receipt = await log.receipts.receipt(given.founding[1].digest)
        assert receipt.state == WITNESSED
        assert hold(receipt.proof, given)[1] == {"witness-1", "witness-3"}


async def test_without_a_quorum_receipts_are_unwitnessed(database: Database) -> None:
    given = sample()
    await found(database, given)
    async with running(database, given) as log:
        await register(log, given.founding[1:])
        receipt = await log.receipts.receipt(given.founding[1].digest)
        assert receipt.state == UNWITNESSED
        assert not await log.receipts.wait_witnessed(1, 5)
        assert log.reader.checkpoint() == log.publication.signed.note


async def test_how_long_the_quorum_has_been_missing(database: Database, given: Sample) -> None:
    async with witnessed_log(database, given) as (log, _):
        await log.publication.wait_signed(0)
        given.world.now += 400
        assert log.publisher.without_quorum == 400


async def test_after_a_quiet_spell_a_new_head_has_waited_for_nothing(database: Database, given: Sample) -> None:
    async with witnessed_log(database, given, "witness-1", "witness-2") as (log, witnesses):
        assert await log.receipts.wait_witnessed(0, 10)
        witnesses.present.clear()
        given.world.now += 1800
        assert log.publisher.without_quorum == 0
        await register(log, given.founding[1:2])
        assert log.publisher.without_quorum == 0, "it was signed just now"
        given.world.now += 40
        await register(log, given.founding[2:3])
        assert log.publisher.without_quorum == 40, "of the older one"
        witnesses.present |= {"witness-1", "witness-2"}
        assert await log.receipts.wait_witnessed(2, 10)
        assert log.publisher.without_quorum == 0


async def test_a_head_signed_while_witnesses_are_asked_waits_from_then_on(
    database: Database, given: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with witnessed_log(database, given, "witness-1", "witness-2") as (log, witnesses):
        assert await log.receipts.wait_witnessed(0, 10)
        asking, answer = asyncio.Event(), asyncio.Event()
        ask = witnesses.cosign

        async def slowly(*args: Any) -> Any:
            asking.set()
            await answer.wait()
            return await ask(*args)

        monkeypatch.setattr(witnesses, "cosign", slowly)
        await register(log, given.founding[1:2])
        await asking.wait()
        given.world.now += 200
        await register(log, given.founding[2:3])
        given.world.now += 150
        assert log.publisher.without_quorum == 350
        asking.clear()
        answer.set()
        assert await log.receipts.wait_witnessed(1, 10)
        answer.clear()
        await asking.wait()
        assert log.publisher.without_quorum in (0, 150), "the newer one, unless it is witnessed by now too"
        answer.set()


async def test_at_a_start_time_without_the_process_does_not_count(database: Database, given: Sample) -> None:
    async with witnessed_log(database, given, "witness-1", "witness-2") as (log, witnesses):
        assert await log.receipts.wait_witnessed(0, 10)
        witnesses.present.clear()
        await register(log, given.founding[1:2])
    given.world.now += 5000
    async with running(database, given) as log:
        assert log.publisher.without_quorum == 0, "nobody was asked while nobody ran"
        given.world.now += 301
        assert log.publisher.without_quorum == 301
    witnesses = MemoryWitnesses(given.world, {"witness-1", "witness-2"})
    async with running(database, given, witnesses=witnesses) as log:
        assert await log.receipts.wait_witnessed(1, 10)
    async with running(database, given) as log:
        given.world.now += 5000
        assert log.publisher.without_quorum == 0, "everything signed is witnessed"


async def test_whoever_waits_for_witnesses_is_let_go(database: Database, given: Sample) -> None:
    async with witnessed_log(database, given) as (log, _):
        waiting = asyncio.create_task(log.receipts.wait_witnessed(0, 60))
        await asyncio.sleep(0)
        await log.publication.release()
        async with asyncio.timeout(5):
            assert not await waiting
            assert not await log.receipts.wait_witnessed(0, 60), "nor does anybody begin to wait"


async def test_a_head_is_cosigned_again_when_it_grows_old(database: Database, given: Sample) -> None:
    await found(database, given)
    witnesses = MemoryWitnesses(given.world, {"witness-1", "witness-2"})
    async with running(database, given, witnesses=witnesses, refresh=0) as log:
        assert await log.receipts.wait_witnessed(0, 10)
        before = witnesses.asked
        while witnesses.asked < before + 3:
            await log.publication.wait_signed(99, 0.01)
        stored = await LogReads(database).checkpoint(1)
        assert stored is not None
        assert {*map(witness_of, stored.lines)} == {"witness-1.example", "witness-2.example"}


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.01)


async def test_a_line_that_comes_after_the_quorum_is_stored_and_shown(database: Database, given: Sample) -> None:
    await found(database, given)
    everyone = {"witness-1", "witness-2", "witness-3"}
    witnesses = MemoryWitnesses(given.world, everyone, slow={"witness-3": 0.05})
    async with running(database, given, witnesses=witnesses) as log:
        assert await log.receipts.wait_witnessed(0, 10)
        digest = given.founding[0].digest
        assert hold((await log.receipts.receipt(digest)).proof, given)[1] == {"witness-1", "witness-2"}
        await until(lambda: b"witness-3.example" in log.reader.checkpoint())
        assert witnesses.asked == 1, "nobody was asked again for it"
        receipt = await log.receipts.receipt(digest)
        assert (receipt.state, hold(receipt.proof, given)) == (WITNESSED, (1, everyone))
        assert hold((await log.receipts.receipt_at(digest, 1)).proof, given) == (1, everyone)
        stored = await LogReads(database).checkpoint(1)
        assert stored is not None
        assert {*map(witness_of, stored.lines)} == {f"{name}.example" for name in everyone}
        assert stored.witnessed
    async with running(database, given) as log:
        assert hold((await log.receipts.receipt(digest)).proof, given) == (1, everyone)


async def test_a_late_line_of_an_older_head_is_stored_but_not_shown(database: Database, given: Sample) -> None:
    await found(database, given)
    witnesses = MemoryWitnesses(given.world, {"witness-1", "witness-2", "witness-3"}, slow={"witness-3": 0.1})
    async with running(database, given, witnesses=witnesses) as log:
        assert await log.receipts.wait_witnessed(0, 10)
        witnesses.present.remove("witness-3")
        (index,) = await register(log, given.founding[1:2])
        assert await log.receipts.wait_witnessed(index, 10)
        reads = LogReads(database)
        async with asyncio.timeout(5):
            while "witness-3.example" not in (await shown_lines(reads, 1)):
                await asyncio.sleep(0.01)
        assert await shown_lines(reads, 2) == {"witness-1.example", "witness-2.example"}
        assert hold((await log.receipts.receipt(given.founding[0].digest)).proof, given) == (
            2,
            {"witness-1", "witness-2"},
        )


async def test_what_could_not_be_stored_is_cosigned_and_stored_again(
    database: Database, given: Sample, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(publisher, "_RETRY_SECONDS", 0.01)
    failing(monkeypatch, "record_cosignatures")
    failing(monkeypatch, "record_lines")
    await found(database, given)
    everyone = {"witness-1", "witness-2", "witness-3"}
    witnesses = MemoryWitnesses(given.world, everyone, slow={"witness-3": 0.05})
    async with running(database, given, witnesses=witnesses) as log:
        assert await log.receipts.wait_witnessed(0, 10)
        await until(lambda: b"witness-3.example" in log.reader.checkpoint())
        (index,) = await register(log, given.founding[1:2])
        assert await log.receipts.wait_witnessed(index, 10)
        assert await shown_lines(LogReads(database), 1) == {f"{name}.example" for name in everyone}
    said = [one.message for one in caplog.records if one.name == "hub.log"]
    assert (
        said.count("the checkpoint of 1 entries is not published: The hub's disk is full: it can't write anything now.")
        == 2
    )
    assert sum("late cosignatures are not stored" in one for one in said) == 2


def failing(monkeypatch: pytest.MonkeyPatch, name: str, times: int = 2) -> None:
    """Let so many calls of a method of the log's store meet a full disk."""
    real, left = getattr(SqlLogStore, name), [times]

    async def called(*args: Any) -> Any:
        if left[0] > 0:
            left[0] -= 1
            raise FullError
        return await real(*args)

    monkeypatch.setattr(SqlLogStore, name, called)


async def shown_lines(reads: LogReads, size: int) -> set[str]:
    stored = await reads.checkpoint(size)
    return {*map(witness_of, stored.lines)} if stored else set()


async def test_late_lines_of_a_checkpoint_that_is_gone_are_dropped(
    database: Database, given: Sample, caplog: pytest.LogCaptureFixture
) -> None:
    await found(database, given)
    witnesses = MemoryWitnesses(given.world, {"witness-1", "witness-2", "witness-3"}, slow={"witness-3": 0.3})
    async with running(database, given, witnesses=witnesses) as log:
        assert await log.receipts.wait_witnessed(0, 10)
        await database.write(forget_checkpoints)  # as a log does that succeeds this one
        await until(lambda: "are dropped: [1]" in caplog.text)
        await asyncio.sleep(0.3)
    assert "late cosignatures are not stored" not in caplog.text


async def test_a_step_is_finished_also_where_closing_is_cancelled(
    database: Database, given: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it writes on behind whoever uses the database next."""
    await found(database, given)
    entered, gate, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()
    record = SqlLogStore.record_cosignatures

    async def slow(self: SqlLogStore, checkpoint: StoredCheckpoint) -> None:
        entered.set()
        await gate.wait()
        await record(self, checkpoint)
        ended.set()

    monkeypatch.setattr(SqlLogStore, "record_cosignatures", slow)

    async def hub() -> None:
        async with running(database, given, witnesses=MemoryWitnesses(given.world, set(WITNESSES))):
            await entered.wait()

    task = asyncio.create_task(hub())
    await entered.wait()
    for _ in range(3):
        await asyncio.sleep(0.05)
        task.cancel()
    await asyncio.sleep(0.05)
    assert not task.done(), "the step is running still"
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


def forget_checkpoints(connection: Connection) -> None:
    connection.execute(delete(CosignatureRow))
    connection.execute(delete(CheckpointRow))


async def test_without_a_quorum_cosignatures_are_shown_all_the_same(database: Database) -> None:
    given = sample(seed="nobody must")
    assert given.world.witness_policy.endswith("quorum none\n")
    await found(database, given)
    witnesses = MemoryWitnesses(given.world, set(given.world.witness_keys), slow=dict.fromkeys(WITNESSES, 0.02))
    async with running(database, given, witnesses=witnesses) as log:
        await until(lambda: b"witness-3.example" in log.reader.checkpoint())
        receipt = await log.receipts.receipt(given.founding[0].digest)
        assert (receipt.state, hold(receipt.proof, given)[1]) == (UNWITNESSED, set(WITNESSES))


async def test_after_a_restart_stored_lines_count_once(database: Database, given: Sample) -> None:
    async with witnessed_log(database, given, "witness-1", "witness-2") as (log, _):
        assert await log.receipts.wait_witnessed(0, 10)
    witnesses = MemoryWitnesses(given.world, {"witness-3"})
    async with running(database, given, witnesses=witnesses, refresh=0) as log:
        await until(lambda: witnesses.asked >= 2)
        assert b"witness-3.example" in log.reader.checkpoint()
        assert hold((await log.receipts.receipt(given.founding[0].digest)).proof, given)[1] == set(WITNESSES)


async def test_closing_lets_a_query_finish(database: Database, given: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled inside a query, the driver's thread would answer to nobody."""
    await found(database, given)
    began, ended = asyncio.Event(), asyncio.Event()
    read = LogReads.checkpoint

    async def slow(self: LogReads, size: int) -> StoredCheckpoint | None:
        told = await read(self, size)
        if asyncio.current_task() not in opening:
            began.set()
            await asyncio.sleep(0.1)
            ended.set()
        return told

    opening = {asyncio.current_task()}
    monkeypatch.setattr(LogReads, "checkpoint", slow)
    async with running(database, given, witnesses=MemoryWitnesses(given.world, set())):
        await began.wait()
    assert ended.is_set()
    assert not [one for one in asyncio.all_tasks() if one.get_name() in ("publisher", "late cosignatures")]


def policy(given: Sample, number: int, witnesses: list[str], quorum: int) -> Statement:
    """The next policy, of other witnesses."""
    world = given.world
    lines = [one for one in world.witness_policy.splitlines() if one.startswith("log ") or one.split()[1] in witnesses]
    text = "\n".join([*lines, f"group g {quorum} {' '.join(witnesses)}", "quorum g", ""])
    body = world.policy_body(witness_policy=text)
    world.now += number
    return parse_statement(
        world.compose("policy", world.coordinator.id, body, world.officer_signers(2), previous=world.genesis.digest)
    )


async def test_a_policy_binds_when_the_quorum_before_it_agrees(database: Database, given: Sample) -> None:
    async with witnessed_log(database, given, "witness-3") as (log, witnesses):
        change = policy(given, 1, ["witness-3"], 1)
        done = await log.sequencer.submit(change)
        after = await register(log, given.founding[1:])
        assert not await log.receipts.wait_witnessed(after[-1], 1.5)  # the new quorum alone is not enough
        assert await log.receipts.policy_proof(change.digest) is None
        assert [one.index for one in log.publisher.chain.pending] == [done.index]
        witnesses.present.add("witness-1")
        assert await log.receipts.wait_witnessed(after[-1], 10)
        proof = await log.receipts.policy_proof(change.digest)
        assert proof is not None
        assert hold(proof, given)[1] >= {"witness-1", "witness-3"}
        assert log.publisher.chain.pending == ()
        witnesses.present = {"witness-3"}
        assert await log.receipts.wait_witnessed((await log.sequencer.submit(given.awards[0])).index, 10)
        assert await log.receipts.policy_proof(given.founding[0].digest) is None
    async with running(database, given) as log:
        assert log.publisher.chain.settled.index == done.index


class Gated(MemoryWitnesses):
    """Witnesses that answer only while the gate is open."""

    def __init__(self, given: Sample, present: set[str]) -> None:
        super().__init__(given.world, present)
        self.gate = asyncio.Event()

    async def cosign(self, *asked: Any) -> list[NoteSignature]:
        found = await super().cosign(*asked)
        await self.gate.wait()
        return found


async def test_a_first_quorum_counts_from_its_policy_on(database: Database) -> None:
    """Not from the end of the round of asking that was under way: nobody is told `unwitnessed` meanwhile."""
    given = sample(4)
    witnesses = Gated(given, {"witness-2"})
    await found(database, given)
    async with running(database, given, witnesses=witnesses) as log:
        await register(log, given.founding[1:])
        before = await log.receipts.receipt(given.founding[-1].digest)
        assert before.state == UNWITNESSED
        while not witnesses.asked:
            await asyncio.sleep(0)
        change = policy(given, 1, ["witness-2"], 1)
        await log.sequencer.submit(change)
        assert (await log.receipts.receipt(change.digest)).state == PROVISIONAL
        await register(log, given.awards[:1])
        assert (await log.receipts.receipt(given.awards[0].digest)).state == PROVISIONAL
        witnesses.gate.set()  # the round over a head of before needed nobody, and makes nothing witnessed
        while witnesses.asked < 2:
            assert log.publication.witnessed is None
            await asyncio.sleep(0)
        index = log.publication.signed.size - 1
        assert await log.receipts.wait_witnessed(index, 10)
        receipt = await log.receipts.receipt(given.awards[0].digest)
        assert (receipt.state, hold(receipt.proof, given)[1]) == (WITNESSED, {"witness-2"})


class TwoKeys(MemoryWitnesses):
    """witness-1 has a new key under its old name, and answers with both."""

    new = witness_signer("witness-1.example", SigningKey(b"N" * 32))

    async def cosign(self, note: Note, size: int, policies: Any, *more: Any) -> list[NoteSignature]:
        keys = {key for policy in policies for key in policy.witness_keys.values()}
        lines = [cosign(note.text, self.world.now, self.new)] if self.new.verifier in keys else []
        return [*lines, *(await super().cosign(note, size, policies, *more))]  # the line of the old key comes last


async def test_a_witness_with_a_new_key_under_its_old_name_counts_with_both(database: Database) -> None:
    given = sample(4, quorum=3)
    world = given.world
    text = re.sub("witness witness-1 .*", f"witness witness-1 {TwoKeys.new.verifier.format()}", world.witness_policy)
    body = world.policy_body(witness_policy=text)
    change = parse_statement(
        world.compose("policy", world.coordinator.id, body, world.officer_signers(2), previous=world.genesis.digest)
    )
    await found(database, given)
    async with running(database, given, witnesses=TwoKeys(world, set(world.witness_keys))) as log:
        await register(log, given.founding[1:])
        done = await log.sequencer.submit(change)
        assert await log.receipts.wait_witnessed(done.index, 10)
    async with running(database, given) as log:
        receipt = await log.receipts.receipt(change.digest)
    note = parse_note(parse_proof(receipt.proof.encode()).checkpoint)
    for policy_text in (text, world.witness_policy):
        quorum = parse_witness_policy(policy_text)
        assert quorum.satisfied_by(cosigned_by(note, quorum.witness_keys))
    report = await fsck(database, log_signer(world.origin, world.log_key).verifier)
    assert (receipt.state, report.findings) == (WITNESSED, ())


async def test_lines_that_were_stored_under_the_witness_s_name_are_read_and_replaced(
    database: Database, given: Sample
) -> None:
    await found(database, given)
    everybody = MemoryWitnesses(given.world, set(given.world.witness_keys))
    async with running(database, given, witnesses=everybody) as log:
        assert await log.receipts.wait_witnessed(0, 10)
    bare = update(CosignatureRow).values(witness=func.substr(CosignatureRow.witness, 1, len("witness-1.example")))
    await database.write(lambda connection: connection.execute(bare))
    key = log_signer(given.world.origin, given.world.log_key).verifier
    assert (await fsck(database, key)).sound
    assert await LogReads(database).newest_cosignature(everybody.signer("witness-1").verifier) is not None
    assert await LogReads(database).newest_cosignature(TwoKeys.new.verifier) is None
    given.world.now += 1
    async with running(database, given, witnesses=everybody) as log:
        await until(lambda: everybody.asked > 1)
        assert hold((await log.receipts.receipt(given.founding[0].digest)).proof, given)[0] == 1
    stored = await LogReads(database).checkpoint(1)
    assert stored is not None
    assert sorted(stored.lines) == sorted(label_of(everybody.signer(name).verifier) for name in WITNESSES)
    assert (await fsck(database, key)).sound


async def test_a_pending_policy_is_remembered_over_a_restart(database: Database, given: Sample) -> None:
    async with witnessed_log(database, given) as (log, _):
        done = await log.sequencer.submit(policy(given, 2, ["witness-1"], 1))
    async with running(database, given) as log:
        assert [one.index for one in log.publisher.chain.all] == [0, done.index]


def test_policies_settle_one_after_another(given: Sample) -> None:
    texts = {
        name: f"{given.world.witness_policy.split('group')[0]}quorum {name}\n" for name in given.world.witness_keys
    }
    chain = PolicyChain(*(WitnessedPolicy(0, parse_witness_policy(texts["witness-1"])),)).adopted(
        [
            WitnessedPolicy(4, parse_witness_policy(texts["witness-2"])),
            WitnessedPolicy(6, parse_witness_policy(texts["witness-3"])),
        ]
    )

    def verdict(size: int, *names: str) -> tuple[tuple[int, ...], bool]:
        found = chain.judge(parse_note(given.world.checkpoint(size, list(names), root=bytes(32))), size)
        return found.settled, found.witnessed

    assert verdict(4, "witness-1") == ((), True)
    assert verdict(5, "witness-1") == ((), False)
    assert verdict(5, "witness-2") == ((), False)
    assert verdict(5, "witness-1", "witness-2") == ((4,), True)
    assert verdict(7, "witness-1", "witness-2") == ((4,), False)
    assert verdict(7, "witness-2", "witness-3") == ((), False)
    assert verdict(7, "witness-1", "witness-2", "witness-3") == ((4, 6), True)
    settled = chain.after(
        chain.judge(parse_note(given.world.checkpoint(5, ["witness-1", "witness-2"], root=bytes(32))), 5)
    )
    assert (settled.settled.index, [one.index for one in settled.pending]) == (4, [6])


def test_a_policy_below_the_newest_settled_one_is_not_waited_for(given: Sample) -> None:
    """After a log was forced: heads are judged by the policy that began it, never by one that it left behind."""
    world = given.world
    older, newer = (
        WitnessedPolicy(index, parse_witness_policy(f"{world.witness_policy.split('group')[0]}quorum {name}\n"))
        for index, name in ((4, "witness-2"), (6, "witness-3"))
    )
    chain = PolicyChain.of([older, newer], {4})
    assert chain.all == (newer,)
    both = parse_note(world.checkpoint(7, ["witness-2", "witness-3"], root=bytes(32)))
    for one in (chain, PolicyChain(newer, (older,))):
        verdict = one.judge(both, 7)
        assert (verdict.settled, verdict.witnessed) == ((), True)
    assert PolicyChain.of([older, newer], {6}) == PolicyChain(older, (newer,))


async def test_a_receipt_of_an_entry_that_was_read_is_the_same(database: Database, given: Sample) -> None:
    async with witnessed_log(database, given) as (log, _):
        await register(log, given.statements[1:])
        digest = given.awards[0].digest
        entry = await LogReads(database).entry_and_tile(digest)
        assert entry is not None
        assert await log.receipts.receipt_of(digest, *entry[:2]) == await log.receipts.receipt(digest)
        with pytest.raises(NotFoundError, match="No statement with this digest is registered") as caught:
            await log.receipts.receipt_of(digest, log.publication.signed.size, entry[1])
        assert (caught.value.code, caught.value.where) == ("unknown_statement", digest)
