"""Answers of parties on their whole way: slots issued, named in events, answered, and then in the figures."""

import json
from typing import Any

from signing.compose import timestamp
from tests.hub.running import Hub
from tests.hub.world import Actor

ACME = Actor("acme", "provider")
DAY = 86_400
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
