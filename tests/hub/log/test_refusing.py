"""Once it is shown that going on would fork the log, nothing is signed any more, whatever is under way."""

import asyncio
import threading
from typing import Any

import pytest

from hub.errors import NotFoundError
from hub.log.committing import Committer
from hub.log.deciding import BatchLimits
from hub.log.errors import SequencerStopped
from hub.log.sequencer import Registered, Sequencer
from hub.log.service import Log
from hub.storage.audit import Audit
from hub.storage.engine import Database
from hub.storage.log_store import SqlLogSession, SqlLogStore
from hub.storage.values import Head, StagedBatch
from tests.fakes.loghouse import MemoryWitnesses, Sample, audit, found, register, running

REASON = "The witness w has seen another log under this name."


async def signed_sizes(database: Database) -> list[int]:
    return [one.size async for one in Audit(database).checkpoints()]


async def stored(database: Database) -> Head:
    head = await SqlLogStore(database).head()
    assert head is not None
    return head


async def offered(log: Log, given: Sample, count: int) -> list[Registered | BaseException]:
    """What each of so many awards, submitted at once, is answered."""
    async with asyncio.timeout(30):
        return await asyncio.gather(
            *(log.sequencer.submit(one) for one in given.awards[:count]), return_exceptions=True
        )


def is_refused(answer: Registered | BaseException) -> bool:
    return isinstance(answer, SequencerStopped) and (answer.code, answer.message) == ("read_only", REASON)


def refuse_at(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, sequencer: Sequencer, *, after: bool) -> None:
    """Refuse on the event loop while the thread that writes the log is in this method: before or after its work."""
    loop, real = asyncio.get_running_loop(), getattr(owner, name)

    done = threading.Event()

    def on_the_loop() -> None:
        sequencer.refuse(REASON)
        done.set()

    def refuse() -> None:
        loop.call_soon_threadsafe(on_the_loop)
        assert done.wait(10)

    def called(*args: Any) -> Any:
        monkeypatch.setattr(owner, name, real)
        if not after:
            refuse()
        answer = real(*args)
        if after:
            refuse()
        return answer

    monkeypatch.setattr(owner, name, called)


async def test_who_waits_is_told_and_no_later_batch_begins(database: Database, given: Sample) -> None:
    await found(database, given)
    async with running(database, given, limits=BatchLimits(entries=1)) as log:
        await register(log, given.founding[1:])
        tasks = [asyncio.create_task(log.sequencer.submit(one)) for one in given.awards]
        await tasks[0]
        log.sequencer.refuse(REASON)
        size = log.publication.signed.size
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        told = [one for one in answers if isinstance(one, Registered)]
        assert log.publication.signed.size == max(one.index for one in told) + 1 <= size + 1
        assert all(is_refused(one) for one in answers if not isinstance(one, Registered))
        assert len(told) <= 2, "the first, and the one that may have had its signature by then"
        assert log.sequencer.waiting == 0
        with pytest.raises(SequencerStopped, match="has seen another log under this name"):
            await log.sequencer.submit(given.awards[0])
        before = await signed_sizes(database)
        await asyncio.sleep(0.1)
        assert await signed_sizes(database) == before


@pytest.mark.parametrize(
    ("owner", "name"),
    [(Committer, "prepare"), (SqlLogSession, "append"), (SqlLogSession, "read_back")],
    ids=["decided", "between A and B", "read again"],
)
async def test_a_batch_under_way_is_not_signed(
    database: Database, given: Sample, monkeypatch: pytest.MonkeyPatch, owner: type, name: str
) -> None:
    """What is stored of it is as after a crash: shown to nobody, and decided about by the next start."""
    is_stored = owner is SqlLogSession
    await found(database, given)
    async with running(database, given) as log:  # which fails the test, should sequencing end with an error
        await register(log, given.founding[1:])
        before, size = await signed_sizes(database), len(given.founding)
        refuse_at(monkeypatch, owner, name, log.sequencer, after=is_stored)
        assert all(is_refused(one) for one in await offered(log, given, 3))
        assert (log.publication.signed.size, await signed_sizes(database)) == (size, before)
        head = await stored(database)
        assert (head.signed_size, head.size > size) == (size, is_stored)
        with pytest.raises(NotFoundError, match="No statement with this digest is registered"):
            await log.receipts.receipt(given.awards[0].digest)
    contrary = MemoryWitnesses(given.world, set(), notes={"w": given.world.checkpoint(size, [], root=bytes(32))})
    async with running(database, given, witnesses=contrary) as log:
        assert log.read_only == f"The witness w has seen another log of {size} entries under this name."
    assert (await stored(database), await signed_sizes(database)) == (head, before), "left as it is"
    async with running(database, given) as log:
        assert log.publication.signed.size == head.size, "signed once nobody opposes"
        answers = await offered(log, given, 3)
        assert [one.already for one in answers if isinstance(one, Registered)] == [is_stored] * 3
    await audit(database, given.world.log_key)


async def test_what_was_signed_before_is_finished_and_said(
    database: Database, given: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    await found(database, given)
    async with running(database, given, limits=BatchLimits(entries=2)) as log:
        await register(log, given.founding[1:])
        size = len(given.founding)
        refuse_at(monkeypatch, SqlLogSession, "record_signature", log.sequencer, after=False)
        first, second, *later = await offered(log, given, 5)
        assert isinstance(first, Registered)
        assert isinstance(second, Registered)
        assert all(is_refused(one) for one in later)
        assert log.publication.signed.size == size + 2 == (await stored(database)).signed_size
        assert (await log.receipts.receipt(given.awards[1].digest)).index == size + 1
    await audit(database, given.world.log_key)


async def test_refusing_while_a_head_is_being_shown_answers_everybody_once(
    database: Database, given: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    await found(database, given)
    async with running(database, given, limits=BatchLimits(entries=1)) as log:
        await register(log, given.founding[1:])
        shown = log.publication.on_signed

        def refuse(batch: StagedBatch) -> None:
            shown(batch)
            log.sequencer.refuse(REASON)

        monkeypatch.setattr(log.publication, "on_signed", refuse)
        first, *later = await offered(log, given, 3)
        assert isinstance(first, Registered)
        assert all(is_refused(one) for one in later)


async def test_an_idle_log_that_is_refused_closes(log: Log, given: Sample) -> None:
    log.sequencer.refuse(REASON)
    assert all(is_refused(one) for one in await offered(log, given, 2))
    async with asyncio.timeout(5):
        await log.sequencer.close()
