"""Slots of the questionnaire at the gateway: asked for once, remembered, named in the event that commences the case."""

import asyncio
import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.providers.exchangehub import Fault
from tests.providers.gateway.exchange.house import A, House
from tests.providers.gateway.exchange.test_app import answered, platform

CASE = "jzbKKGkHOMZOTaALtkt_Re"
BOTH = {"case": CASE, "slots": [{"role": "claimant", "language": "es"}, {"role": "respondent", "language": "zh-Hans"}]}
COMMENCED = {"case": CASE, "sequence": 0, "type": "commenced", "at": "2026-01-04T08:00:00Z"}


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def test_slots_are_asked_for_once_and_the_links_lead_to_the_hub(house: House) -> None:
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        found = await asyncio.gather(*(ours.post("/feedback/slots", json=BOTH) for _ in range(3)))
        first, *others = [await answered(one, 201) for one in found]
        assert all(one == first for one in others)
        assert len(house.hub.issued) == 2
        for one, issued, tag in zip(first["slots"], house.hub.issued, ("es", "zh-Hans"), strict=True):
            assert one["url"] == f"{house.hub.url}/feedback?lang={tag}#{issued['token']}"
            assert one["token_sha256"] == hashed(issued["token"])
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        assert await answered(await ours.get(f"/feedback/slots/{CASE}"), 200) == first


async def test_an_answer_that_is_lost_stores_nothing_and_is_asked_for_again(house: House) -> None:
    house.hub.faults.append(Fault("POST", "/v1/feedback/slots", "lost"))
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        problem = await answered(await ours.post("/feedback/slots", json=BOTH), 503)
        assert (problem["code"], problem["retryable"]) == ("hub_unreachable", True)
        assert (await answered(await ours.get(f"/feedback/slots/{CASE}"), 404))["code"] == "unknown_case"
        found = await answered(await ours.post("/feedback/slots", json=BOTH), 201)
        assert [one["token_sha256"] for one in found["slots"]] == [one["token_sha256"] for one in house.hub.issued[2:]]


async def test_a_commencement_names_the_slots_of_its_case(house: House) -> None:
    own = {**COMMENCED, "case": "B" * 22}
    said = {**COMMENCED, "slots": [{"role": "claimant", "token": "0" * 64}]}
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        await answered(await ours.post("/feedback/slots", json=BOTH), 201)
        events = [COMMENCED, own, {**said, "sequence": 1}, {**COMMENCED, "type": "closed", "sequence": 2}]
        await answered(await ours.post("/events", json={"events": events}), 202)
        for wrong in (7, {**COMMENCED, "case": 7}):
            problem = await answered(await ours.post("/events", json={"events": [wrong]}), 422)
            assert problem["code"] == "schema_violation"
        async with asyncio.timeout(20):
            while not (told := [one for one in house.world.statements if one.kind == "case-events"]):
                await asyncio.sleep(0.02)
    named = [{"role": one["role"], "token": one["token_sha256"]} for one in house.hub.issued]
    assert [one.get("slots") for one in told[0].body["events"]] == [named, None, said["slots"], None]


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda slot: {**slot, "role": "respondent"},
        lambda slot: {**slot, "role": "joined"},
        lambda slot: {**slot, "token": "short"},
        lambda slot: {**slot, "token": None},
        lambda slot: {**slot, "token_sha256": "0" * 64},
        lambda slot: {**slot, "expires_at": 7},
        lambda slot: slot["token"],
    ],
)
async def test_what_the_hub_tells_wrongly_is_not_kept(house: House, change: Change) -> None:
    house.hub.altered_slot = change
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        problem = await answered(await ours.post("/feedback/slots", json=BOTH), 502)
        assert (problem["code"], problem["actor"]) == ("bad_answer", "hub")
        await answered(await ours.get(f"/feedback/slots/{CASE}"), 404)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"slots": BOTH["slots"]}, "term_missing"),
        ({"case": CASE}, "term_missing"),
        ({"case": CASE, "slots": [7]}, "not_an_object"),
        ({"case": CASE, "slots": [{"role": "claimant", "language": 7}]}, "not_an_object"),
        ({"case": CASE, "slots": [{"role": "joined", "language": "es"}]}, "unknown_term"),
    ],
)
async def test_requests_that_are_no_requests(house: House, body: dict[str, Any], code: str) -> None:
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        response = await ours.post("/feedback/slots", json=body)
        assert response.status in (400, 422)
        assert (await response.json(content_type=None))["code"] == code
        assert house.hub.issued == []
