"""What is signed anew, on a hub that refuses what is dated over five minutes ahead of its log, or over thirty days ago.

The hub's clock is the world's; a gateway's own leaps.
"""

import asyncio

import pytest

from providers.errors import TransferRefused
from providers.gateway.exchange import outbox
from providers.gateway.exchange.context import Context
from providers.gateway.exchange.reports import REPORTS
from providers.gateway.exchange.retry import Backoff
from providers.gateway.exchange.serving import Gateway
from providers.gateway.exchange.values import Sending
from providers.receipts import Registration
from registry.errors import REFUSALS
from signing.statement import Statement
from tests.providers.exchangehub import Fault
from tests.providers.gateway.exchange.house import ACCEPT, A, House, briefed, offered, state, until
from tests.providers.gateway.exchange.test_reports import event, settled

DAY = 86_400


@pytest.fixture
def strict(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """The house with a hub that looks at when a statement was issued, as the real one does."""
    enter = house.hub.enter

    def judged(one: Statement) -> int:
        ahead, old = one.issued_at > house.world.now + 300, one.issued_at < house.world.now - 30 * DAY
        for code in ("issued_in_future",) * ahead + ("issued_too_early",) * old:
            sentence, actor, again = REFUSALS[code]
            raise TransferRefused(code, sentence, "/issued_at", actor=actor, retryable=again)
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


async def test_an_offer_dated_ahead_that_was_taken_back_is_not_signed_anew(strict: House) -> None:
    async with strict.both() as (ours, theirs):
        leap(ours, strict, DAY)
        transfer = await offered(ours, strict.world)
        await refused(ours, transfer)
        await ours.service.withdraw(transfer, "consent_withdrawn")
        ended = await until(ours, transfer, state("cancelled"))
        assert ended.problem is not None
        assert ended.problem.code == "issued_in_future"
        assert (await ours.service.case(ended.case_id)).transfer is None
        leap(ours, strict, 0)
        ours.engine.wake(transfer)
        await asyncio.sleep(0.3)
        assert registered(strict, "transfer-offer") == []
        assert await theirs.service.context.store.do(lambda book: book.dossier(transfer)) is None


async def test_an_offer_that_is_taken_back_while_it_is_posted_is_not_posted_once_more(
    strict: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be signed anew all the same, by the step that was under way; nobody sees it."""
    post = outbox.post
    async with strict.gateway(A) as ours:

        async def slow(context: Context, sending: Sending) -> Registration:
            try:
                return await post(context, sending)
            finally:
                await ours.service.withdraw(transfer, "consent_withdrawn")
                leap(ours, strict, 0)

        monkeypatch.setattr(outbox, "post", slow)
        leap(ours, strict, DAY)
        transfer = await offered(ours, strict.world)
        await until(ours, transfer, state("cancelled"))
        assert registered(strict, "transfer-offer") == []


async def test_an_acceptance_by_a_clock_that_was_behind_is_signed_anew(strict: House) -> None:
    async with strict.both() as (ours, theirs):
        transfer = await offered(ours, strict.world)
        await until(theirs, transfer, briefed)
        leap(theirs, strict, -31 * DAY)
        await theirs.service.accept(transfer, ACCEPT)
        first = await refused(theirs, transfer)
        assert first.problem is not None
        assert first.problem.code == "issued_too_early"
        leap(theirs, strict, -20 * DAY)  # not right yet, and right enough for the hub
        await until(ours, transfer, state("completed"))
        (digest,) = registered(strict, "transfer-answer")
        assert digest != first.digest


async def test_a_report_that_the_hub_was_away_for_a_month_too_long_for_is_signed_anew(strict: House) -> None:
    strict.hub.faults = [Fault("POST", "/v1/statements", "cut", times=10**6)]
    async with strict.gateway(A) as gateway:
        (named,) = await gateway.service.report([event("A", strict.world.now)])
        await refused(gateway, REPORTS, 1)
        strict.world.now += 31 * DAY
        strict.hub.faults = []
        (done,) = await settled(gateway, ["done"])
        assert done.purpose == named["report"]
        assert registered(strict, "case-events") == [done.digest] != [named["digest"]]


async def test_an_offer_that_has_expired_before_the_hub_was_back_is_refused(strict: House) -> None:
    strict.hub.faults = [Fault("POST", "/v1/statements", "cut", times=10**6)]
    async with strict.gateway(A) as gateway:
        transfer = await offered(gateway, strict.world)
        await refused(gateway, transfer, 1)
        strict.world.now += 31 * DAY
        strict.hub.faults = []
        ended = await until(gateway, transfer, state("refused"))
        assert ended.problem is not None
        assert ended.problem.code == "expiry_in_past"
