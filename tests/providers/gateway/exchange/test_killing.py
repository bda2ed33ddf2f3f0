"""A gateway that is killed after any change of its store goes on, and comes to the same end.

The kill is simulated: after the Nth transaction that changed something, the store answers nobody any more and
the process's other tasks are dropped. ``tests/e2e`` kills real processes.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from providers.gateway.exchange.serving import Gateway
from providers.gateway.exchange.store import Book
from providers.gateway.exchange.values import Problem
from tests.providers.fakehub import problem
from tests.providers.gateway.exchange.house import ACCEPT, A, B, House, briefed, offered, state, until

MOST_CHANGES = 36


class Killed(BaseException):
    """The process is gone."""


def kill_after(gateway: Gateway, changes: int) -> asyncio.Event:
    """Let the store survive ``changes`` changes; the event is set when it is gone."""
    store, gone, loop = gateway.service.context.store, asyncio.Event(), asyncio.get_running_loop()
    whole, left = store.run_all, [changes]

    def run_all(works: Sequence[Callable[[Any], Any]]) -> Any:
        if left[0] <= 0:
            raise Killed
        before = _changes(store)
        found = whole(works)
        if _changes(store) != before:
            left[0] -= 1
            if left[0] <= 0:
                loop.call_soon_threadsafe(gone.set)
                raise Killed  # on the disk, but nobody hears of it
        return found

    store.run_all = run_all  # type: ignore[method-assign]
    return gone


def _changes(store: Any) -> int:
    connection = store._engine.raw_connection()
    try:
        return int(connection.driver_connection.total_changes)
    finally:
        connection.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("whose", [A, B])
@pytest.mark.parametrize("changes", range(1, MOST_CHANGES))
async def test_a_gateway_goes_on_after_a_kill(house: House, whose: str, changes: int) -> None:
    other = B if whose == A else A
    async with house.gateway(other) as survivor:
        transfer, killed = "", False
        async with house.gateway(whose) as victim:
            ours, theirs = (victim, survivor) if whose == A else (survivor, victim)
            transfer = await offered(ours, house.world)
            gone = kill_after(victim, changes)
            story = asyncio.create_task(_story(ours, theirs, transfer))
            waiting = asyncio.create_task(gone.wait())
            await asyncio.wait({story, waiting}, return_when=asyncio.FIRST_COMPLETED)
            killed = gone.is_set()
            for task in (story, waiting):
                task.cancel()
            await asyncio.gather(story, waiting, return_exceptions=True)
            await _vanish(victim)
        if not killed:
            return  # the transfer needs no more changes than that
        async with house.gateway(whose) as again:
            ours, theirs = (again, survivor) if whose == A else (survivor, again)
            await _story(ours, theirs, transfer)
            case_id = (await ours.service.dossier(transfer)).case_id
            assert house.hub.cases[case_id].custodian == B
            assert house.hub.cases[case_id].moves == 1
            assert (await theirs.service.case(case_id)).state == "held"
            for one in (ours, theirs):
                assert list(one.service.context.transfers.iterdir()) == []
                sendings = await one.service.context.store.do(lambda book: book.sendings(transfer))
                assert {each.state for each in sendings} == {"done"}
    kinds = [one.kind for one in house.world.statements if one.kind.startswith("transfer-")]
    assert kinds == ["transfer-offer", "transfer-answer", "transfer-dispatch", "transfer-completion"]


async def _story(ours: Gateway, theirs: Gateway, transfer: str) -> None:
    """What people do, as often as they must: accept once the brief is there."""
    seen = await until(theirs, transfer, lambda one: briefed(one) or one.final)
    if seen.decision is None and not seen.final:
        await theirs.service.accept(transfer, ACCEPT)
    await until(theirs, transfer, state("completed"))
    await until(ours, transfer, state("completed"))


async def _vanish(gateway: Gateway) -> None:
    """Drop everything the process was doing."""
    tasks = list(gateway.engine._tasks.values())
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def kill_at_a_refusal(gateway: Gateway) -> asyncio.Event:
    """Let the store survive until something is stored as refused; the event is set when it is gone."""
    store, gone, loop = gateway.service.context.store, asyncio.Event(), asyncio.get_running_loop()
    whole = store.run_all

    def run_all(works: Sequence[Callable[[Any], Any]]) -> Any:
        if gone.is_set():
            raise Killed
        found = whole(works)
        (sent,) = whole([lambda book: book.sendings()])
        if any(one.state == "refused" for one in sent.result):
            loop.call_soon_threadsafe(gone.set)
            raise Killed
        return found

    store.run_all = run_all  # type: ignore[method-assign]
    return gone


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("path", "code"), [("/v1/statements", "consent_missing"), ("/v1/uploads", "recipient_unknown")]
)
async def test_a_kill_at_a_refusal_leaves_no_case_locked(house: House, path: str, code: str) -> None:
    house.hub.overrides[path] = lambda _: problem(422, code, "Refused for good.")
    async with house.gateway(A) as ours:
        gone = kill_at_a_refusal(ours)
        transfer = await offered(ours, house.world)
        await asyncio.wait_for(gone.wait(), 20)
        await _vanish(ours)
    del house.hub.overrides[path]
    async with house.gateway(A) as ours:
        await _assert_refused(ours, transfer, code)


@pytest.mark.parametrize("purpose", ["brief", "offer"])
async def test_a_case_that_an_earlier_version_left_locked_is_free_again(house: House, purpose: str) -> None:
    """It stored a refusal, and what follows from it a moment later."""
    path = "/v1/statements" if purpose == "offer" else "/v1/uploads"
    house.hub.overrides[path] = lambda _: problem(503, "overloaded", "Not now.", retryable=True)
    async with house.gateway(A) as ours:
        transfer = await offered(ours, house.world)
        await until(ours, transfer, lambda one: one.problem is not None)
        why = Problem("consent_missing", "Refused for good.")

        def refuse(book: Book) -> None:
            (one,) = book.sendings(transfer, waiting=True)
            assert one.purpose == purpose
            book.change_sending(one.id, state="refused", problem=why)

        await ours.service.context.store.do(refuse)
        ours.engine.wake(transfer)
        await _assert_refused(ours, transfer, "consent_missing")


async def _assert_refused(gateway: Gateway, transfer: str, code: str) -> None:
    ended = await until(gateway, transfer, state("refused"), 20)
    assert ended.problem is not None
    assert ended.problem.code == code
    case = await gateway.service.case(ended.case_id)
    assert (case.state, case.transfer) == ("held", None)
