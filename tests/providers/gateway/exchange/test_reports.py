"""Reports of case events: what the hub would not take yet is refused; a stuck one holds up its own cases alone."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from hub.exchange.errors import EVENT_REFUSALS
from providers.errors import GatewayError, TransferRefused
from providers.gateway.case_commands import MAX_EVENTS_FILE
from providers.gateway.exchange import routes, service
from providers.gateway.exchange.reports import REPORTS
from providers.gateway.exchange.serving import Gateway
from providers.gateway.exchange.values import Sending
from providers.gateway.localclient import LocalGateway
from signing.compose import timestamp
from signing.statement import Statement, parse_statement, seconds
from tests.providers.fakehub import problem
from tests.providers.gateway.exchange.house import A, House
from tests.providers.gateway.exchange.test_app import Client, answered, platform

DAY = 86_400


def event(case: str, at: int, sequence: int = 0) -> dict[str, Any]:
    return {"case": case * 22, "sequence": sequence, "type": "filed", "at": timestamp(at), "cross_border": True}


def dated_ahead(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub refuses events that are dated ahead, as the real one does; the gateway looks away."""
    sentence, actor, again = EVENT_REFUSALS["event_in_future"]
    enter = house.hub.enter

    def judged(one: Statement) -> int:
        events = one.body["events"] if one.kind == "case-events" else []
        if any(seconds(each["at"]) > house.world.now + 300 for each in events):
            raise TransferRefused("event_in_future", sentence, "/body/events/0/at", actor=actor, retryable=again)
        return enter(one)

    monkeypatch.setattr(house.hub, "enter", judged)
    monkeypatch.setattr(service, "check_dates", lambda *_: None)


async def sent(gateway: Gateway) -> list[Sending]:
    return await gateway.service.context.store.do(lambda book: book.sendings(REPORTS))


async def settled(gateway: Gateway, states: list[str]) -> list[Sending]:
    async with asyncio.timeout(10):
        while True:
            found = await sent(gateway)
            if [one.state for one in found] == states:
                return found
            await asyncio.sleep(0.02)


async def test_an_event_dated_ahead_is_refused_with_its_place(house: House) -> None:
    now = house.world.now
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        slip = {"events": [event("A", now), event("B", now + 36 * 365 * DAY)]}
        told = await answered(await ours.post("/events", json=slip), 422)
        assert (told["code"], told["where"], told["retryable"]) == ("event_in_future", "/events/1/at", False)
        assert timestamp(now + 36 * 365 * DAY) in told["detail"]
        assert await sent(gateway) == []
        await answered(await ours.post("/events", json={"events": [event("A", now + 200)]}), 202)


async def test_a_report_that_is_stuck_holds_up_its_own_cases_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    dated_ahead(house, monkeypatch)
    now = house.world.now
    async with house.gateway(A) as gateway:
        report = gateway.service.report
        await report([event("A", now + DAY)])
        await report([event("A", now, 1), event("B", now)])
        await report([event("B", now, 1)])
        await report([event("C", now)])
        await report([event("D", now + DAY)])
        found = await settled(gateway, ["waiting", "waiting", "waiting", "done", "waiting"])
        while not all(one.problem for one in (found[0], found[4])):
            await asyncio.sleep(0.02)
            found = await sent(gateway)
        assert [one.problem and one.problem.code for one in found] == [
            "event_in_future", None, None, None, "event_in_future",
        ]  # fmt: skip
        house.world.now += 2 * DAY
        await settled(gateway, ["done"] * 5)
        feed = await gateway.service.context.store.do(lambda book: book.events(0, 100))
        order = [one.data["digest"] for one in feed if one.type == "report_registered"]
        assert order == [found[at].digest for at in (3, 0, 1, 2, 4)]


async def test_a_hub_that_is_busy_is_asked_about_one_report_at_a_time(house: House) -> None:
    asked: list[str] = []

    def busy(_: object) -> Any:
        asked.append("")
        return problem(503, "overloaded", "More is waiting than the hub takes.", retryable=True, actor="hub")

    house.hub.overrides["/v1/statements"] = busy
    async with house.gateway(A) as gateway:
        for case in "ABC":
            await gateway.service.report([event(case, house.world.now)])
        while len(asked) < 3:
            await asyncio.sleep(0.02)
        assert [one.attempts > 0 for one in await sent(gateway)] == [True, False, False]
        del house.hub.overrides["/v1/statements"]
        await settled(gateway, ["done"] * 3)


def local(client: Client) -> LocalGateway:
    """What the command line asks a gateway with."""
    return LocalGateway(client.session, str(client.make_url("/")).rstrip("/"), Path())


async def test_a_report_of_very_many_events_is_taken_whole_or_not_at_all(house: House) -> None:
    house.hub.overrides["/v1/statements"] = lambda _: problem(503, "overloaded", "Not now.", retryable=True)
    now = house.world.now
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        many = [{**event("A", now), "case": f"{number:022}"} for number in range(40_000)]
        with pytest.raises(GatewayError) as caught:
            await local(ours).post("/events", {"events": [*many, {"case": "x"}]})
        assert caught.value.code == "schema_violation"
        assert "/events/40000" in caught.value.message
        assert await sent(gateway) == []
        told = await local(ours).post("/events", {"events": many})
        assert [one["events"] for one in told["reports"]] == [500] * 80
        assert [one.purpose for one in await sent(gateway)] == [one["report"] for one in told["reports"]]


def full_filing(number: int, at: int) -> dict[str, Any]:
    """A filing with whatever the schema has for one; 500 of them are larger than a statement may be."""
    return {
        "case": f"c-{number:036d}", "sequence": 0, "type": "filed", "at": timestamp(at), "procedure": "apec-odr-2026",
        "cross_border": True, "respondent_type": "small", "represented": False, "economies": ["CN", "CL"],
        "hs2": "94", "amount_band": "b3", "language": "zh-Hans", "dispute_type": "non_conformity",
        "claim": {"amount": "12000", "currency": "USD"}, "fee": {"amount": "450", "currency": "USD"},
        "fee_final": True, "declared_languages": ["zh-Hans", "en", "es"], "respondent": f"r-{number:036d}",
        "deadline": "response", "due": timestamp(at + 10 * DAY),
    }  # fmt: skip


async def test_a_report_is_cut_where_a_statement_would_grow_too_large(house: House) -> None:
    events = [full_filing(number, house.world.now) for number in range(500)]
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        wrong = [*events[:499], {**events[499], "type": "x"}]
        told = await answered(await ours.post("/events", json={"events": wrong}), 422)
        assert {one["pointer"] for one in told["errors"]} == {"/events/499/type"}, "counted in all that are reported"
        told = await answered(await ours.post("/events", json={"events": events}), 202)
        reports = await settled(gateway, ["done", "done"])
        found = [parse_statement(one.document or b"").body["events"] for one in reports]
        assert [len(one) for one in found] == [one["events"] for one in told["reports"]]
        assert found[0] + found[1] == events


async def test_a_report_that_is_too_large_for_one_request_is_refused(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert routes.MAX_EVENTS == MAX_EVENTS_FILE, "what the command reads"
    monkeypatch.setattr(routes, "MAX_EVENTS", 1000)
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        with pytest.raises(GatewayError) as caught:
            await local(ours).post("/events", {"events": [event("A", house.world.now)] * 20})
        assert caught.value.code == "too_large"
        assert await sent(gateway) == []
