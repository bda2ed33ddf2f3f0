"""Answers of parties on their whole way: slots issued, named in events, answered, and then in the figures."""

import json
from typing import Any

from hub.reporting.recomputing import source_root
from signing.compose import new_salt, timestamp
from signing.statement import parse_statement
from tests.hub.running import Hub
from tests.hub.web.described import fits
from tests.hub.world import Actor

ACME = Actor("acme", "provider")
DAY = 86_400
OF_ANSWERS = ("satisfaction", "fairness_to_losing_side")
CASES = [chr(ord("A") + number) * 22 for number in range(6)]


async def send(hub: Hub, path: str, members: Any, actor: Actor | None = None, **headers: str) -> Any:
    body, kind = json.dumps(members).encode(), {"Content-Type": "application/json"}
    signed = hub.signature("POST", path, actor.http, fields=kind, body=body) if actor else {}
    response = await hub.client.post(path, data=body, headers=kind | signed | headers)
    assert response.status == 201, await response.text()
    return await response.json(content_type=None)


async def figures(hub: Hub, indicator: str) -> dict[str, Any]:
    await hub.followed()
    last = hub.clock() - DAY
    period = f"from={timestamp(last - 90 * DAY)[:10]}&to={timestamp(last)[:10]}"
    status, answer = await hub.get(f"/v1/indicators?view=supervised&{period}", hub.speaker.officers[0].http)
    assert status == 200, answer
    found = answer["figures"]
    return {one["part"]: one for one in found if (one["indicator"], one["subject"]) == (indicator, ACME.id)}


async def loser_answers(hub: Hub) -> str:
    """The day on which a case of acme ended, whose loser alone has answered."""
    await hub.registered(hub.speaker.member(ACME))
    asked = {"case": CASES[0], "slots": [{"role": "respondent", "language": "en"}]}
    (slot,) = (await send(hub, "/v1/feedback/slots", asked, ACME))["slots"]
    start = hub.clock() - 20 * DAY
    steps: list[dict[str, Any]] = [
        {"type": "filed"},
        {"type": "commenced", "slots": [{"role": "respondent", "token": slot["token_sha256"]}]},
        {"type": "award_issued", "outcome": "claimant_full", "default": False},
    ]
    events = [
        {"case": CASES[0], "sequence": number, "at": timestamp(start + number * DAY), **one}
        for number, one in enumerate(steps)
    ]
    await hub.registered(hub.speaker.case_events(ACME, events))
    members = {"outcome_side": "lost", "scores": {"overall": 1, "fairness": 1}}
    await send(hub, "/v1/feedback/answers", members, Authorization=f"Feedback {slot['token']}")
    await hub.followed()
    return timestamp(start + 2 * DAY)[:10]


async def test_a_provider_is_shown_no_figure_of_answers(hub: Hub) -> None:
    """Of the day on which one case ended it would be told what one party answered."""
    when = await loser_answers(hub)
    for view, reader, seen in (("own", ACME, ()), ("supervised", hub.speaker.officers[0], OF_ANSWERS)):
        status, answer = await hub.get(f"/v1/indicators?view={view}&from={when}&to={when}", reader.http)
        assert status == 200, answer
        mine = [one for one in answer["figures"] if one["subject"] == ACME.id]
        assert {one["indicator"] for one in mine} & set(OF_ANSWERS) == set(seen)
        assert any(one["indicator"] == "resolved" for one in mine)


async def test_a_report_is_held_against_answers_for_officers_alone(hub: Hub) -> None:
    """The provider states a guess and reads neither the value nor whether it guessed right."""
    when = await loser_answers(hub)
    guess = {"id": "satisfaction", "version": 1, "value": "0", "numerator": 0, "denominator": 1, "missing": 0}
    body = {
        "period": {"from": when, "to": when},
        "source": {"recorded_until": timestamp(hub.clock()), "statements": 0, "root": source_root([])},
        "metrics": [guess],
        "systemic_problems": [],
    }
    document = hub.speaker.compose("quality-report", ACME.id, body, [(ACME.statement, "provider")], salt=new_salt())
    await hub.registered(document)
    await hub.followed()
    found = {}
    for reader in (ACME, hub.speaker.officers[0]):
        status, answer = await hub.get(f"/v1/quality-reports/{parse_statement(document).digest}", reader.http)
        assert status == 200, answer
        fits("/v1/quality-reports/{digest}", answer)
        found[reader.id] = [one for one in answer["figures"] if one["indicator"] in OF_ANSWERS]
    (own,) = found.pop(ACME.id)
    assert (own["status"], own["stated"]["value"]) == ("for_officers", "0")
    assert (own["computed"], own["difference"]) == (None, None)
    (officers,) = found.values()
    assert officers[0]["status"] == "same"
    assert officers[0]["computed"]["n"] == 1
    assert "fairness_to_losing_side" in {one["indicator"] for one in officers}


async def test_answers_come_to_the_figures(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(ACME))
    roles, tokens = ("claimant", "respondent"), []
    for case in CASES:
        asked = {"case": case, "slots": [{"role": role, "language": "en"} for role in roles]}
        tokens.append((await send(hub, "/v1/feedback/slots", asked, ACME))["slots"])
    start = hub.clock() - 20 * DAY
    events: list[dict[str, Any]] = []
    for case, slots in zip(CASES, tokens, strict=True):
        named = [{"role": one["role"], "token": one["token_sha256"]} for one in slots]
        steps: list[dict[str, Any]] = [
            {"type": "filed"}, {"type": "commenced", "slots": named},
            {"type": "award_issued", "outcome": "claimant_full", "default": False},
        ]  # fmt: skip
        events += [
            {"case": case, "sequence": number, "at": timestamp(start + number * DAY), **one}
            for number, one in enumerate(steps)
        ]
    await hub.registered(hub.speaker.case_events(ACME, events))
    before = await figures(hub, "satisfaction")
    assert (before["answered"]["numerator"], before["answered"]["denominator"]) == (0, 12)

    for claimant, respondent in tokens[:4]:  # claimants won and are content; respondents lost, two call it fair
        fair = 4 if claimant in (tokens[0][0], tokens[1][0]) else 2
        for one, scores in ((claimant, {"overall": 5, "fairness": 5}), (respondent, {"overall": 2, "fairness": fair})):
            side = "won" if one is claimant else "lost"
            members = {"outcome_side": side, "scores": scores}
            await send(hub, "/v1/feedback/answers", members, Authorization=f"Feedback {one['token']}")
    relayed = {"case": CASES[5], "role": "claimant", "outcome_side": "won", "scores": {"overall": 1}}
    await send(hub, "/v1/feedback/relayed", relayed, ACME)

    found = await figures(hub, "satisfaction")
    assert (found["answered"]["numerator"], found["answered"]["denominator"]) == (8, 12), (
        "a relayed one is in no figure"
    )
    assert (found[""]["value"], found[""]["numerator"], found[""]["denominator"]) == ("0.5", 4, 8)
    assert found[""]["counts"] == {"invited": 12, "answered": 8, "unmatched": 0}
    losing = await figures(hub, "fairness_to_losing_side")
    assert (losing[""]["value"], losing[""]["counts"]["invited"], losing[""]["counts"]["answered"]) == ("0.5", 6, 4)
