"""Offers that are taken back, or given up, by people and by the gateway itself; what is in the log decides."""

import asyncio

import pytest

from providers.errors import GatewayError, HubRefusedError
from providers.gateway.exchange import outbox
from providers.gateway.exchange.serving import Gateway
from providers.transfer.values import Facts, Standing
from signing.statement import Statement, parse_statement
from tests.providers.exchangehub import LISTED, Fault
from tests.providers.fakehub import problem
from tests.providers.gateway.exchange.house import (
    ACCEPT,
    A,
    House,
    add_case,
    briefed,
    offered,
    sample_case,
    state,
    terms,
    until,
)

SUSPENDED = Facts(Standing("provider", active=True, accreditation="suspended"))


async def sent(gateway: Gateway, transfer: str) -> dict[str, str]:
    found = await gateway.service.context.store.do(lambda book: book.sendings(transfer))
    return {one.purpose: one.state for one in found}


async def assert_free(gateway: Gateway, transfer: str) -> None:
    case = await gateway.service.case((await gateway.service.dossier(transfer)).case_id)
    assert (case.state, case.transfer) == ("held", None)


async def test_an_offer_that_the_hub_does_not_take_now_is_cancelled(house: House) -> None:
    house.hub.facts = SUSPENDED
    async with house.gateway(A) as ours:
        transfer = await offered(ours, house.world)
        seen = await until(ours, transfer, lambda one: one.problem is not None)
        assert seen.problem is not None
        assert (seen.problem.code, seen.problem.retryable) == ("recipient_not_active", True)
        await ours.service.withdraw(transfer, "other")
        ended = await until(ours, transfer, state("cancelled"))
        assert ended.problem is not None
        assert ended.problem.code == "recipient_not_active"
        await assert_free(ours, transfer)
        house.hub.facts = LISTED
        again = await ours.service.offer(ended.case_id, terms())
        await until(ours, again.transfer_id, state("offered"))


async def test_an_offer_is_not_repeated_when_it_has_expired(house: House) -> None:
    """Also where the hub judges something else first, for which the same may be accepted later."""
    house.hub.facts = SUSPENDED
    async with house.gateway(A) as ours:
        transfer = await offered(ours, house.world, expires_in_hours=1)
        await until(ours, transfer, lambda one: one.problem is not None)
        house.hub.overrides["/v1/statements"] = lambda _: problem(409, "transfer_open", "It is open.", retryable=True)
        house.world.now += 3601
        ended = await until(ours, transfer, state("refused"))
        assert ended.problem is not None
        assert ended.problem.code == "transfer_open"
        await assert_free(ours, transfer)


@pytest.mark.parametrize("code", ["http_key_refused", "overloaded", "member_quota"])
async def test_an_offer_that_may_be_in_the_log_is_not_given_up(
    house: House, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.hub.faults, house.hub.hidden = [Fault("POST", "/v1/statements", "lost")], {"transfer-offer"}
    enter = house.hub.enter

    def entered(one: Statement) -> int:
        index = enter(one)
        for path in ("/v1/statements", f"/v1/statements/{one.digest}/receipt"):
            house.hub.overrides[path] = lambda _: problem(503, code, "Not now.", retryable=True)
        return index

    monkeypatch.setattr(house.hub, "enter", entered)
    async with house.gateway(A) as ours:
        transfer = await offered(ours, house.world, expires_in_hours=1)
        await until(ours, transfer, lambda one: one.problem is not None and one.problem.code == code)
        await ours.service.withdraw(transfer, "other")
        house.world.now += 3601
        await asyncio.sleep(0.3)
        assert (await ours.service.dossier(transfer)).state == "preparing"
        house.world.now -= 3601
        monkeypatch.undo()
        house.hub.overrides.clear()
        await until(ours, transfer, state("withdrawn"))
        await assert_free(ours, transfer)


async def test_an_offer_that_never_reached_the_hub_is_not_shown_once_it_is_taken_back(house: House) -> None:
    house.hub.faults = [Fault("POST", "/v1/statements", "cut", times=10**6)]
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world)
        await until(ours, transfer, lambda one: one.problem is not None and one.problem.code == "hub_unreachable")
        await ours.service.withdraw(transfer, "consent_withdrawn")
        house.hub.faults = []
        ended = await until(ours, transfer, state("cancelled"))
        assert ended.problem is None
        await assert_free(ours, transfer)
        await asyncio.sleep(0.3)
        assert house.hub.offered == []
        assert await theirs.service.context.store.do(lambda book: book.dossier(transfer)) is None


async def test_an_offer_that_is_in_the_log_after_all_is_withdrawn_there_without_being_posted_again(
    house: House,
) -> None:
    house.hub.hidden = {"transfer-offer"}
    house.hub.faults = [
        Fault("POST", "/v1/statements", "lost"),
        Fault("POST", "/v1/statements", "busy", times=10**6),
    ]
    async with house.gateway(A) as ours:
        transfer = await offered(ours, house.world)
        await until(ours, transfer, lambda one: one.problem is not None)
        await ours.service.withdraw(transfer, "consent_withdrawn")
        await until(ours, transfer, lambda one: one.record is not None)
        house.hub.faults = []
        await until(ours, transfer, state("withdrawn"))
        await assert_free(ours, transfer)
        said = [one.kind for one in house.world.statements if one.kind.startswith("transfer-")]
        assert said == ["transfer-offer", "transfer-withdrawal"]


async def test_while_the_hub_does_not_tell_nothing_is_posted_or_given_up(house: House) -> None:
    house.hub.faults = [Fault("POST", "/v1/statements", "cut", times=10**6)]
    async with house.gateway(A) as ours:
        transfer = await offered(ours, house.world)
        await until(ours, transfer, lambda one: one.problem is not None and one.problem.code == "hub_unreachable")
        house.hub.faults = [Fault("GET", "/v1/statements", "busy", times=5)]
        await ours.service.withdraw(transfer, "other")
        seen = await until(ours, transfer, lambda one: one.problem is not None and one.problem.code == "overloaded")
        assert seen.state == "preparing"
        await until(ours, transfer, state("cancelled"))
        assert house.hub.faults[0].times == 0
        assert house.hub.offered == []


async def test_an_offer_that_came_into_the_log_after_it_was_cancelled_is_withdrawn_there(house: House) -> None:
    house.hub.facts = SUSPENDED
    async with house.gateway(A) as ours:
        transfer = await offered(ours, house.world)
        await until(ours, transfer, lambda one: one.problem is not None)
        await ours.service.withdraw(transfer, "other")
        await until(ours, transfer, state("cancelled"))
        (late,) = await ours.service.context.store.do(
            lambda book: [one.document for one in book.sendings(transfer) if one.purpose == "offer"]
        )
        assert late is not None
        house.hub.facts = LISTED
        house.hub.enter(parse_statement(late))
        ended = await until(ours, transfer, state("withdrawn"))
        assert ended.decision == {"withdraw": "other"}
        await assert_free(ours, transfer)


async def test_what_was_dispatched_is_not_taken_back(house: House) -> None:
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world)
        await until(theirs, transfer, briefed)
        await theirs.service.accept(transfer, ACCEPT)
        await until(ours, transfer, state("accepted"))
        house.hub.patience = 10**9  # the witnesses are slow from here on
        while (await sent(ours, transfer)).get("dispatch") != "posted":
            await asyncio.sleep(0.01)
        assert (await ours.service.dossier(transfer)).state == "accepted"
        with pytest.raises(GatewayError, match="can't be taken back") as caught:
            await ours.service.withdraw(transfer, "settled")
        assert caught.value.code == "dispatched_already"
        house.hub.patience = 0
        await until(ours, transfer, state("completed"))


async def test_the_problem_of_a_refused_package_is_kept(house: House) -> None:
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world)
        await until(theirs, transfer, briefed)
        house.hub.overrides["/v1/uploads"] = lambda _: problem(413, "too_large", "A package has at most 5 bytes.")
        await theirs.service.accept(transfer, ACCEPT)
        ended = await until(ours, transfer, state("withdrawn"))
        assert ended.problem is not None
        assert (ended.problem.code, ended.problem.detail) == ("too_large", "A package has at most 5 bytes.")


async def test_the_reason_that_a_person_gave_stays_when_the_package_is_refused(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is taken back for withdrawn consent while the package is on its way; the hub refuses that package."""
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world)
        await until(theirs, transfer, briefed)

        async def refused(*_: object, **__: object) -> None:
            await ours.service.withdraw(transfer, "consent_withdrawn")
            raise HubRefusedError("too_large", "A package has at most 5 bytes.")

        monkeypatch.setattr(outbox, "send", refused)
        await theirs.service.accept(transfer, ACCEPT)
        await until(ours, transfer, state("withdrawn"))
        said = [one.body["reason"] for one in house.world.statements if one.kind == "transfer-withdrawal"]
        assert said == ["consent_withdrawn"]
        assert (await sent(ours, transfer))["package"] == "refused"


async def test_a_person_who_takes_an_offer_back_leaves_no_problem(house: House) -> None:
    case, files = sample_case(house.world.now)
    async with house.gateway(A) as ours:
        transfer = (await ours.service.offer(await add_case(ours, case, files), terms())).transfer_id
        await until(ours, transfer, state("offered"))
        await ours.service.withdraw(transfer, "error")
        assert (await until(ours, transfer, state("withdrawn"))).problem is None


async def test_an_offer_that_was_under_way_when_it_was_cancelled_gives_way_to_the_next_one(house: House) -> None:
    """Its post was still in the hub when the hub was asked; meanwhile the case is offered anew."""
    house.hub.faults = [Fault("POST", "/v1/statements", "cut", times=10**6)]
    async with house.both() as (ours, theirs):
        first = await offered(ours, house.world)
        await until(ours, first, lambda one: one.problem is not None and one.problem.code == "hub_unreachable")
        (sending,) = await ours.service.context.store.do(
            lambda book: [one for one in book.sendings(first) if one.purpose == "offer"]
        )
        await ours.service.withdraw(first, "consent_withdrawn")
        ended = await until(ours, first, state("cancelled"))
        house.hub.enter(parse_statement(sending.document or b""))
        second = (await ours.service.offer(ended.case_id, terms())).transfer_id
        house.hub.faults = []
        await until(ours, first, state("withdrawn"))
        await until(theirs, second, briefed)
        await theirs.service.accept(second, ACCEPT)
        await until(theirs, second, state("completed"))
        await until(ours, second, state("completed"))
        assert house.hub.cases[ended.case_id].custodian == "provider-b"
        assert (await ours.service.case(ended.case_id)).state == "moved"
