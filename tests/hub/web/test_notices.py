"""``/v1/notices`` with a clock that is moved: 90, 30, 7 days, and the end."""

from typing import Any

from hub.enquiries.desk import FLAG, Matter
from hub.web.appkeys import ENQUIRIES
from metrics.comparison.flags import COMMENT_DAYS
from metrics.comparison.quarters import mature_quarters
from signing.secretkeys import SigningKey
from signing.statement import seconds
from tests.hub.running import Hub
from tests.hub.web.described import fits
from tests.hub.world import Actor, example, signing_key

ACME, BRIO = Actor("acme-odr", "provider"), Actor("brio-odr", "provider")
DAY = 86_400
ENDS = seconds("2029-01-01T00:00:00Z")  # of every accreditation that the speaker composes


async def told(hub: Hub, key: SigningKey) -> list[tuple[str, str, int]]:
    status, answer = await hub.get("/v1/notices", key)
    assert status == 200, answer
    return [(one["code"], one["subject"], one["within_days"]) for one in answer["notices"]]


async def test_an_accreditation_that_ends_is_told_of_in_time(hub: Hub) -> None:
    for document in (hub.speaker.member(ACME), hub.speaker.accreditation(ACME), hub.speaker.member(BRIO)):
        await hub.registered(document)
    for before, within in [(91, None), (90, 90), (31, 90), (30, 30), (8, 30), (7, 7), (1, 7)]:
        hub.clock.now = ENDS - before * DAY
        expected = [] if within is None else [("accreditation_ends", "acme-odr", within)]
        assert await told(hub, ACME.http) == expected, before
    hub.clock.now = ENDS
    assert await told(hub, ACME.http) == [("accreditation_lapsed", "acme-odr", 0)]
    assert await told(hub, hub.speaker.officers[0].http) == [("accreditation_lapsed", "acme-odr", 0)]
    assert await told(hub, BRIO.http) == [], "each sees its own"
    status, _ = await hub.get("/v1/notices")
    assert status == 401


async def test_a_retired_key_is_told_of_until_its_overlap_ends(hub: Hub) -> None:
    speaker = hub.speaker
    await hub.registered(speaker.member(ACME))

    def change(**body: Any) -> bytes:
        new = [(signing_key("acme/new"), "introduced")] if body["action"] == "add" else []
        return speaker.compose("key", ACME.id, {"owner": ACME.id, **body}, [(ACME.statement, "provider"), *new])

    await hub.registered(change(action="retire", kid=ACME.http.kid))
    begun, officer = hub.clock.now, speaker.officers[1].http
    assert await told(hub, officer) == [("last_key_ends", "acme-odr", 30)]
    entry = {"purpose": "http", "jwk": signing_key("acme/new").public.jwk()}
    await hub.registered(change(action="add", key=entry))
    assert await told(hub, officer) == [("key_ends", "acme-odr", 30)]
    assert await told(hub, signing_key("acme/new")) == [("key_ends", "acme-odr", 30)]
    hub.clock.now = begun + 23 * DAY
    assert await told(hub, officer) == [("key_ends", "acme-odr", 7)]
    hub.clock.now = begun + 30 * DAY
    assert await told(hub, officer) == []


async def test_what_is_removed_does_not_end_any_more(hub: Hub) -> None:
    for document in (hub.speaker.member(ACME), hub.speaker.accreditation(ACME)):
        await hub.registered(document)
    body = example("accreditation", "valid-listed")["body"] | {"subject": ACME.id, "subject_type": "provider"}
    body |= {"valid_from": "2026-01-01T00:00:00Z", "valid_to": "2029-01-01T00:00:00Z", "status": "suspended"}
    body |= {"ground_code": "communications_insecure"}
    await hub.registered(hub.speaker.compose("accreditation", "coordinator", body, hub.speaker.officer(2)))
    hub.clock.now = ENDS - DAY
    assert await told(hub, ACME.http) == []


async def test_an_enquiry_is_told_of_while_its_provider_may_comment(hub: Hub) -> None:
    for one in (ACME, BRIO):
        await hub.registered(hub.speaker.member(one))
    app: Any = hub.client.app
    desk, officer = app[ENQUIRIES], hub.speaker.officers[0]
    (quarter,) = mature_quarters(hub.clock(), 1)
    sent = await desk.ask(officer.id, Matter(ACME.id, FLAG, "resolved_in_time", quarter), "Why?", {})
    other = await desk.ask(officer.id, Matter(ACME.id, FLAG, "discontinuation", quarter), "And this?", {})
    _, answer = await hub.get("/v1/notices", ACME.http)
    fits("/v1/notices", answer)
    first = next(one for one in answer["notices"] if one["enquiry"] == sent.id)
    assert (first["kid"], seconds(first["due"]), first["within_days"]) == (None, sent.due, 30)
    assert f"(enquiry {sent.id}); 2026-12-16 is the last day to comment." in first["message"]
    waits = ("enquiry_waits", "acme-odr")
    assert await told(hub, ACME.http) == await told(hub, officer.http) == [(*waits, 30)] * 2
    assert await told(hub, BRIO.http) == [], "each sees its own"
    await desk.comment(ACME.id, other.id, "We have moved.")
    hub.clock.now += (COMMENT_DAYS - 7) * DAY
    assert await told(hub, ACME.http) == [(*waits, 7)]
    hub.clock.now = sent.due - 1
    assert await told(hub, ACME.http) == [(*waits, 7)]
    hub.clock.now = sent.due
    assert await told(hub, ACME.http) == []
