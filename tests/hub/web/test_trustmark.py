"""Signed status and badge over HTTP: what they say in each state, how long they may be kept, who may read them."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from hub.trustmark.look import LANGUAGES, THEMES, WORDS
from hub.trustmark.memberstatus import MEMBER_STATUS_TYPE, VALID_SECONDS
from hub.trustmark.statuses import KEPT_SECONDS
from hub.web.trustmark import CACHED_SECONDS
from signing.compose import timestamp
from signing.notes import parse_checkpoint, parse_note
from signing.statement import parse_jws, seconds, verify_signatures
from tests.hub.running import Hub
from tests.hub.world import Actor, example

PROVIDER = Actor("provider-a", "provider")
COURT = Actor("court-a", "court")
NEUTRAL = Actor("neutral-a", "neutral")
STATUS = "/v1/members/provider-a/status"
BADGE = "/v1/members/provider-a/badge.svg"


async def status_of(hub: Hub, path: str = STATUS) -> dict[str, Any]:
    """The payload of a signed status, whose signature is verified here with the hub's statement key."""
    response = await hub.client.get(path)
    assert (response.status, response.content_type) == (200, "application/jose+json"), await response.text()
    jws = parse_jws(await response.read(), MEMBER_STATUS_TYPE)
    key = hub.speaker.hub.statement.public
    assert jws.roles == {key.kid: "hub"}
    verify_signatures(jws, {key.kid: key})
    return jws.payload


async def decide(hub: Hub, actor: Actor, *statuses: str) -> dict[str, Any]:
    """Let the officers decide one after another, a second apart; returns the last receipt."""
    receipt: dict[str, Any] = {}
    for status in statuses:
        receipt = await hub.registered(hub.speaker.accreditation(actor, status, 2))
        hub.clock.now += 1
    return receipt


async def root(hub: Hub) -> str:
    """The root that the log has signed, hex."""
    return parse_checkpoint(parse_note((await hub.get("/log/checkpoint"))[1]).text).root.hex()


async def test_what_a_status_says(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    receipt = await decide(hub, PROVIDER, "listed")
    _, member = await hub.get("/v1/members/provider-a")
    shown = await status_of(hub)
    assert shown == {
        "v": 1,
        "network": hub.speaker.network,
        "member": "provider-a",
        "name": "Sample provider-a",
        "type": "provider",
        "state": "accredited",
        "accreditation": member["member"]["accreditation"] | {"lapsed": False},
        "size": 3,
        "root": await root(hub),
        "policy": {"digest": hub.speaker.network, "index": 0},
        "time": hub.clock.now,
        "expires": hub.clock.now + VALID_SECONDS,
    }
    assert shown["accreditation"]["digest"] == receipt["digest"]


@pytest.mark.parametrize(
    ("decisions", "state"),
    [
        ([], "not_accredited"),
        (["applied"], "not_accredited"),
        (["listed"], "accredited"),
        (["applied", "conditional"], "conditional"),
        (["listed", "concern"], "concern"),
        (["listed", "concern", "referred"], "concern"),
        (["listed", "suspended"], "suspended"),
        (["listed", "suspended", "listed"], "accredited"),
        (["listed", "removed"], "removed"),
    ],
)
async def test_the_state_follows_the_newest_decision(hub: Hub, decisions: list[str], state: str) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    await decide(hub, PROVIDER, *decisions)
    shown = await status_of(hub)
    assert shown["state"] == state
    assert (shown["accreditation"] or {}).get("status") == (decisions[-1] if decisions else None)
    words = (await hub.client.get(BADGE)).text()
    assert WORDS["en"][state] in await words


async def test_a_lapse_needs_no_decision(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    await decide(hub, PROVIDER, "listed")
    hub.clock.now = seconds("2029-01-01T00:00:00Z") - 5
    shown = await status_of(hub)
    assert (shown["state"], shown["expires"]) == ("accredited", hub.clock.now + 5), "it does not outlive its decision"
    hub.clock.now += 5
    shown = await status_of(hub)
    assert (shown["state"], shown["accreditation"]["lapsed"]) == ("expired", True), "what was kept is not told again"
    assert shown["expires"] == hub.clock.now + VALID_SECONDS


async def _nominated(hub: Hub) -> None:
    """An accredited provider, and a neutral of its, accredited too."""
    await hub.registered(hub.speaker.member(PROVIDER))
    await decide(hub, PROVIDER, "listed")
    await hub.registered(hub.speaker.neutral(NEUTRAL, PROVIDER))
    await decide(hub, NEUTRAL, "listed")


async def test_neutrals_and_courts(hub: Hub) -> None:
    await _nominated(hub)
    await hub.registered(hub.speaker.member(COURT))
    shown = await status_of(hub, "/v1/neutrals/neutral-a/status")
    assert (shown["type"], shown["state"], shown["name"]) == ("neutral", "accredited", "Dr Ifeoma Sample")
    court = await status_of(hub, "/v1/members/court-a/status")
    assert (court["type"], court["state"], court["accreditation"]) == ("court", "not_accredited", None)
    for path in ("/v1/members/neutral-a/status", "/v1/neutrals/provider-a/status", "/v1/members/nobody/status"):
        status, problem = await hub.get(path)
        assert (status, problem["code"]) == (404, "not_found")
        assert "payload" not in problem
    status, problem = await hub.get("/v1/members/No%20body/status")
    assert (status, problem["code"], problem["where"]) == (400, "bad_parameter", "id")


async def test_who_left_the_roster_is_not_recommended(hub: Hub) -> None:
    await _nominated(hub)
    body = example("neutral", "valid-active")["body"] | {"nominated_by": PROVIDER.id, "status": "left"}
    del body["keys"]
    signers = [(NEUTRAL.statement, "neutral"), (PROVIDER.statement, "provider"), *hub.speaker.officer()]
    await hub.registered(hub.speaker.compose("neutral", NEUTRAL.id, body, signers))
    assert (await status_of(hub, "/v1/neutrals/neutral-a/status"))["state"] == "not_accredited"


async def test_the_past_is_told_signed_but_never_as_current(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    began = hub.clock.now
    await decide(hub, PROVIDER, "listed")
    listed_root = await root(hub)
    hub.clock.now += 100
    await decide(hub, PROVIDER, "suspended")
    shown = await status_of(hub, f"{STATUS}?at=3")
    assert (shown["state"], shown["size"], shown["root"]) == ("accredited", 3, listed_root)
    assert shown["time"] == shown["expires"] == began
    at = timestamp(began + 50)
    shown = await status_of(hub, f"{STATUS}?at={at}")
    assert (shown["state"], shown["size"], shown["time"], shown["expires"]) == ("accredited", 3, began + 50, began + 50)
    assert (await status_of(hub, f"{STATUS}?at=2"))["state"] == "not_accredited"
    newest = await status_of(hub, f"{STATUS}?at=4")
    assert (newest["state"], newest["expires"] <= hub.clock.now) == ("suspended", True)
    future = await status_of(hub, f"{STATUS}?at=2100-01-01T00:00:00Z")
    assert future["time"] == future["expires"] == hub.clock.now
    assert (await hub.get(f"{STATUS}?at=1"))[0] == 404
    assert (await hub.get(f"{STATUS}?at=5"))[1]["code"] == "bad_parameter"
    assert (await status_of(hub))["state"] == "suspended"


async def test_lapse_is_judged_at_the_time_that_is_asked_about(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    await decide(hub, PROVIDER, "listed")
    before = timestamp(hub.clock.now)
    hub.clock.now = seconds("2030-01-01T00:00:00Z")
    assert (await status_of(hub, f"{STATUS}?at={before}"))["state"] == "accredited"
    assert (await status_of(hub, f"{STATUS}?at=2029-06-01T00:00:00Z"))["state"] == "expired"


async def test_any_site_may_read_and_caches_may_keep_it_for_seconds(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    assert KEPT_SECONDS + CACHED_SECONDS <= VALID_SECONDS / 2
    for path in (STATUS, BADGE, "/static/trust-mark.js", "/v1/members/nobody/badge.svg", "/v1/members/nobody/status"):
        response = await hub.client.get(path)
        assert response.headers["Access-Control-Allow-Origin"] == "*", path
        assert "Set-Cookie" not in response.headers
    assert "Access-Control-Allow-Origin" not in (await hub.client.get("/v1/members/provider-a")).headers
    for path in (STATUS, BADGE):
        response = await hub.client.get(path)
        assert response.headers["Cache-Control"] == "public, max-age=20, must-revalidate"
        tag = response.headers["ETag"]
        again = await hub.client.get(path, headers={"If-None-Match": f'W/"other", {tag}'})
        assert (again.status, await again.read(), again.headers["ETag"]) == (304, b"", tag)
        assert again.headers["Access-Control-Allow-Origin"] == "*"
        hub.clock.now += 60
        assert (await hub.client.get(path, headers={"If-None-Match": tag})).status == 200


async def test_a_suspension_is_told_at_once(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    await hub.registered(hub.speaker.accreditation(PROVIDER))
    assert (await status_of(hub))["state"] == "accredited"
    await hub.registered(hub.speaker.accreditation(PROVIDER, "suspended", 2))
    assert (await status_of(hub))["state"] == "suspended", "no second has passed"
    assert WORDS["en"]["suspended"] in await (await hub.client.get(BADGE)).text()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_badge(hub: Hub, theme: str, language: str) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    await decide(hub, PROVIDER, "listed")
    response = await hub.client.get(f"{BADGE}?theme={theme}&lang={language}")
    assert (response.status, response.content_type) == (200, "image/svg+xml")
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    text = await response.text()
    assert ET.fromstring(text).attrib["lang"] == language  # noqa: S314 - our own
    for said in (WORDS[language]["accredited"], "Sample provider-a", "hub.example:8600", THEMES[theme]["good"]):
        assert said in text


async def test_nobody_has_a_grey_badge(hub: Hub) -> None:
    response = await hub.client.get("/v1/members/nobody/badge.svg?lang=fr")
    assert (response.status, response.content_type) == (404, "image/svg+xml")
    text = await response.text()
    assert WORDS["fr"]["unknown"] in text
    assert THEMES["light"]["good"] not in text
    assert (await hub.client.get("/v1/members/nobody/badge.svg", headers={"If-None-Match": "*"})).status == 404


@pytest.mark.parametrize(("query", "where"), [("theme=pink", "theme"), ("lang=de", "lang"), ("lang=", "lang")])
async def test_other_themes_and_languages_are_refused(hub: Hub, query: str, where: str) -> None:
    status, problem = await hub.get(f"{BADGE}?{query}")
    assert (status, problem["code"], problem["where"]) == (400, "bad_parameter", where)


async def test_the_script_is_served_as_it_was_published(hub: Hub) -> None:
    response = await hub.client.get("/static/trust-mark.js")
    assert (response.status, response.content_type) == (200, "text/javascript")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert (await response.text()).startswith("/*! ODR trust mark")
