"""What was signed by a clock that was ahead, on a hub that refuses what is dated over five minutes ahead of its log.

The hub's clock is the world's; a gateway's own leaps.
"""

import asyncio

import pytest

from providers.errors import TransferRefused
from providers.gateway.exchange.reports import REPORTS
from providers.gateway.exchange.retry import Backoff
from providers.gateway.exchange.serving import Gateway
from providers.gateway.exchange.values import Sending
from registry.errors import REFUSALS
from signing.statement import Statement
from tests.providers.gateway.exchange.house import ACCEPT, A, House, briefed, offered, state, until
from tests.providers.gateway.exchange.test_reports import event, settled

DAY = 86_400


@pytest.fixture
def strict(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """The house with a hub that looks at when a statement was issued, as the real one does."""
    sentence, actor, again = REFUSALS["issued_in_future"]
    enter = house.hub.enter

    def judged(one: Statement) -> int:
        if one.issued_at > house.world.now + 300:
            raise TransferRefused("issued_in_future", sentence, "/issued_at", actor=actor, retryable=again)
        return enter(one)

    monkeypatch.setattr(house.hub, "enter", judged)
    return house


def leap(gateway: Gateway, house: House, ahead: int) -> None:
    """Set the gateway's clock that far ahead of the hub's."""
    object.__setattr__(gateway.service.context, "clock", lambda: house.world.now + ahead)


async def refused(gateway: Gateway, of: str, times: int = 2) -> Sending:
    """What waits there, as soon as the hub has refused it so often."""
    async with asyncio.timeout(10):
        while True:
            waiting = await gateway.service.context.store.do(lambda book: book.sendings(of, waiting=True))
            if waiting and waiting[0].attempts >= times:
                return waiting[0]
            await asyncio.sleep(0.02)


def registered(house: House, kind: str) -> list[str]:
    return [one.digest for one in house.world.statements if one.kind == kind]


async def test_a_report_dated_ahead_is_signed_anew_and_holds_up_no_other_case(strict: House) -> None:
    async with strict.gateway(A) as gateway:
        now = strict.world.now
        leap(gateway, strict, DAY)
        await gateway.service.report([event("A", now)])
        first = await refused(gateway, REPORTS)
        for case in "BCD":
            await gateway.service.report([event(case, now)])
        leap(gateway, strict, 0)
        found = await settled(gateway, ["done"] * 4)
        assert first.problem is not None
        assert first.problem.code == "issued_in_future"
        assert first.digest not in [one.digest for one in found]
        assert sorted(registered(strict, "case-events")) == sorted(one.digest for one in found), "each is there once"


async def test_reports_pass_one_that_was_signed_anew(strict: House) -> None:
    async with strict.gateway(A) as gateway:
        gateway.engine._backoff = Backoff(60, 60, lambda: 1.0)
        leap(gateway, strict, DAY)
        await gateway.service.report([event("A", strict.world.now)])
        before = await refused(gateway, REPORTS, 1)
        while REPORTS in gateway.engine._tasks:
            await asyncio.sleep(0.02)
        leap(gateway, strict, 0)
        await gateway.service.report([event("B", strict.world.now)])
        first, second = await settled(gateway, ["waiting", "done"])
        assert first.digest != before.digest
        gateway.engine.wake(REPORTS)
        await settled(gateway, ["done", "done"])
        assert registered(strict, "case-events") == [second.digest, first.digest]


async def test_while_the_clock_is_ahead_the_same_statement_waits(strict: House) -> None:
    """Signed anew at each attempt it would be ahead for ever."""
    async with strict.gateway(A) as gateway:
        leap(gateway, strict, 900)
        await gateway.service.report([event("A", strict.world.now)])
        first = await refused(gateway, REPORTS)
        strict.world.now += 700
        (done,) = await settled(gateway, ["done"])
        assert [done.digest] == registered(strict, "case-events") == [first.digest]


async def test_an_acceptance_dated_ahead_is_signed_anew(strict: House) -> None:
    async with strict.both() as (ours, theirs):
        transfer = await offered(ours, strict.world, expires_in_hours=12)
        await until(theirs, transfer, briefed)
        leap(theirs, strict, DAY)
        await theirs.service.accept(transfer, ACCEPT)
        first = await refused(theirs, transfer)
        leap(theirs, strict, 0)
        await until(ours, transfer, state("completed"))
        (digest,) = registered(strict, "transfer-answer")
        assert digest != first.digest
