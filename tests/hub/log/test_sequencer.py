"""Order, idempotency, refusals and back-pressure of the sequencer."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from hub.log.deciding import BatchLimits
from hub.log.errors import Overloaded, SequencerStopped
from hub.log.service import Log
from hub.storage.audit import Audit, StoredEntry
from hub.storage.engine import Database
from registry.awards import decide_award, needs
from registry.errors import Refused
from registry.rulebook import Rule
from registry.rules import REGISTRY, At, Decision
from registry.state import StateView
from signing.entryform import parse_entry
from signing.statement import Statement, parse_statement
from tests.fakes.loghouse import Sample, audit, found, register, running


async def entries(database: Database) -> list[StoredEntry]:
    return [entry async for piece in Audit(database).entries() for entry in piece]


async def test_statements_get_consecutive_indexes_in_the_order_they_came(log: Log, given: Sample) -> None:
    done = await asyncio.gather(*(log.sequencer.submit(one) for one in given.awards))
    first = len(given.founding)
    assert [one.index for one in done] == list(range(first, first + len(given.awards)))
    assert not any(one.already for one in done)
    assert log.publication.signed.size == first + len(given.awards)


async def test_concurrent_statements_share_checkpoints(log: Log, given: Sample, database: Database) -> None:
    before = [one async for one in Audit(database).checkpoints()]
    await asyncio.gather(*(log.sequencer.submit(one) for one in given.awards))
    after = [one async for one in Audit(database).checkpoints()]
    assert len(after) - len(before) <= 2
    await audit(database, given.world.log_key)


async def test_an_idle_statement_does_not_wait_for_company(log: Log, given: Sample) -> None:
    async with asyncio.timeout(2):
        await log.sequencer.submit(given.awards[0])
    assert log.sequencer.waiting == 0


async def test_the_same_statement_again_has_its_first_index(log: Log, given: Sample, database: Database) -> None:
    first = await log.sequencer.submit(given.awards[0])
    again = await log.sequencer.submit(given.awards[0])
    assert (again.index, again.already, first.already) == (first.index, True, False)
    assert len(await entries(database)) == first.index + 1


async def test_a_repost_while_queued_is_the_same_registration(log: Log, given: Sample, database: Database) -> None:
    done = await asyncio.gather(*(log.sequencer.submit(given.awards[0]) for _ in range(5)))
    assert [one.already for one in done] == [False, True, True, True, True]
    assert len({one.index for one in done}) == 1
    assert len(await entries(database)) == done[0].index + 1


async def test_who_gives_up_waiting_takes_nothing_back(log: Log, given: Sample) -> None:
    task = asyncio.create_task(log.sequencer.submit(given.awards[0]))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await log.sequencer.submit(given.awards[0])).already


async def test_a_refusal_leaves_the_rest_of_its_batch_alone(log: Log, given: Sample, database: Database) -> None:
    stranger = parse_statement(given.world.compose("award", "nobody", given.awards[0].body, [
        (given.world.signing_key("nobody"), "provider")
    ], salt="A" * 43))  # fmt: skip
    asked = [given.awards[0], stranger, given.awards[1]]
    done = await asyncio.gather(*(log.sequencer.submit(one) for one in asked), return_exceptions=True)
    refusal = done[1]
    assert isinstance(refusal, Refused)
    assert refusal.code == "unknown_issuer"
    assert "nobody" in refusal.message
    first = len(given.founding)
    assert [one.index for one in (done[0], done[2]) if not isinstance(one, BaseException)] == [first, first + 1]
    await audit(database, given.world.log_key)


async def test_a_fault_in_a_rule_fails_its_statement_alone(database: Database, given: Sample) -> None:
    def faulty(statement: Statement, state: StateView, at: At) -> Decision:
        if statement.digest == given.awards[1].digest:
            raise ZeroDivisionError("a rule has a fault")
        return decide_award(statement, state, at)

    await found(database, given)
    book = replace(REGISTRY, rules={**REGISTRY.rules, "award": Rule(needs, faulty)})
    async with running(database, given, book=book) as log:
        await register(log, given.founding[1:])
        done = await asyncio.gather(*(log.sequencer.submit(one) for one in given.awards[:3]), return_exceptions=True)
        assert isinstance(done[1], ZeroDivisionError)
        assert not isinstance(done[0], BaseException)
        assert not isinstance(done[2], BaseException)
        assert log.sequencer.stopped is None


async def test_a_full_queue_turns_statements_away(database: Database, given: Sample) -> None:
    await found(database, given)
    async with running(database, given, queue=2) as log:
        tasks = [asyncio.create_task(log.sequencer.submit(one)) for one in given.founding[1:3]]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded, match="2 statements are waiting; try again in 1 s") as caught:
            await log.sequencer.submit(given.founding[3])
        assert caught.value.retry_after == 1
        assert [one.index for one in await asyncio.gather(*tasks)] == [1, 2]


async def test_one_issuer_does_not_fill_the_queue(database: Database, given: Sample) -> None:
    await found(database, given)
    async with running(database, given, queue=9, share=2) as log:
        await register(log, given.founding[1:])
        tasks = [asyncio.create_task(log.sequencer.submit(one)) for one in given.awards[:2]]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded, match="2 statements of provider-a are waiting; try again in 1 s") as caught:
            await log.sequencer.submit(given.awards[2])
        assert (caught.value.code, caught.value.retry_after) == ("member_share", 1)
        assert given.founding[2].issuer == "coordinator"
        assert (await log.sequencer.submit(given.founding[2])).already, "others find room"
        await asyncio.gather(*tasks)
        assert not (await log.sequencer.submit(given.awards[2])).already


async def test_the_share_is_of_who_signed(database: Database, given: Sample) -> None:
    await found(database, given)
    async with running(database, given, queue=9, share=2) as log:
        await register(log, given.founding[1:])
        tasks = [asyncio.create_task(log.sequencer.submit(one, owner="brio")) for one in given.awards[:2]]
        await asyncio.sleep(0)
        assert (log.sequencer.crowded("brio"), log.sequencer.crowded("provider-a")) == (True, False)
        with pytest.raises(Overloaded, match="2 statements of brio are waiting"):
            await log.sequencer.submit(given.awards[2], owner="brio")
        assert not (await log.sequencer.submit(given.awards[2])).already, "the issuer has its own share"
        await asyncio.gather(*tasks)
        assert not log.sequencer.crowded("brio")


async def test_entry_time_never_falls(database: Database, given: Sample) -> None:
    await found(database, given)
    times = iter([given.world.now + 60, given.world.now - 300, given.world.now + 61])
    async with running(database, given, clock=lambda: next(times, given.world.now)) as log:
        started = given.world.now
        for one in given.founding[1:4]:
            await log.sequencer.submit(one)
    stored = [entry.time for entry in await entries(database)]
    assert stored == sorted(stored)
    assert stored[2] >= started
    assert [parse_entry(entry.octets)["time"] for entry in await entries(database)] == stored


@pytest.mark.parametrize(
    "limits", [BatchLimits(entries=2), BatchLimits(octets=5000), BatchLimits(rows=20), BatchLimits(seconds=0)]
)
async def test_every_limit_ends_a_batch(database: Database, given: Sample, limits: BatchLimits) -> None:
    await found(database, given)
    async with running(database, given, limits=limits) as log:
        for one in given.founding[1:]:
            await log.sequencer.submit(one)
        await asyncio.gather(*(log.sequencer.submit(one) for one in given.awards))
        sizes = [one.size async for one in Audit(database).checkpoints()]
    steps = [after - before for before, after in pairwise(sizes)]
    assert max(steps) <= 3
    assert sum(steps) == len(given.statements) - 1


async def test_a_dry_run_says_what_would_be_and_writes_nothing(log: Log, given: Sample, database: Database) -> None:
    before = len(await entries(database))
    await log.sequencer.dry_run(given.awards[0])
    await log.sequencer.dry_run(given.founding[1])
    stranger = parse_statement(given.world.compose("award", "nobody", given.awards[0].body, [
        (given.world.signing_key("nobody"), "provider")
    ], salt="A" * 43))  # fmt: skip
    with pytest.raises(Refused, match="No active actor has the id nobody"):
        await log.sequencer.dry_run(stranger)
    assert len(await entries(database)) == before


async def test_closing_finishes_what_waits_and_takes_no_more(database: Database, given: Sample) -> None:
    await found(database, given)
    async with running(database, given) as log:
        tasks = [asyncio.create_task(log.sequencer.submit(one)) for one in given.founding[1:]]
        await asyncio.sleep(0)
    assert [one.index for one in await asyncio.gather(*tasks)] == list(range(1, len(given.founding)))
    with pytest.raises(SequencerStopped, match="registers nothing any more"):
        await log.sequencer.submit(given.awards[0])
    assert await audit(database, given.world.log_key) == len(given.founding)
