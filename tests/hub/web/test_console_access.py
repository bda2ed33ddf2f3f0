"""Who gets into the console: officers, each once by their own link, from our own pages; nobody else, not for ever."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

import pytest

from hub.console.sessions import LINK_SECONDS, SESSION_SECONDS
from hub.web.appkeys import SESSIONS, SETTINGS
from hub.web.consoleguard import cookie_name
from tests.fakes.consolescene import COOKIE, HOST, OURS, Browser, announce, secret_of, token_of, told
from tests.hub.running import Hub, Running
from tests.hub.test_evidence import NEUTRAL, PROVIDER
from tests.hub.world import Actor

COURT = Actor("court-a", "court")
PAGES = (
    "/console", "/console/applications", "/console/applications/0197b1a0-0000-7000-8000-000000000001",
    "/console/oversight", "/console/oversight/enquiry",
    "/console/concerns", "/console/subjects/provider-a", "/console/subjects/provider-a/decision?status=concern",
    "/console/subjects/provider-a/keys/some-kid", "/console/subjects/provider-a/keys/some-kid/confirmation",
    "/console/subjects/provider-a/keys/some-kid/awards", "/console/subjects/provider-a/keys/some-kid/awards/1",
    "/console/references", "/console/references/new", "/console/rates", "/console/rates/new",
    "/console/drafts", "/console/drafts/0197b1a0-0000-7000-8000-000000000001",
)  # fmt: skip
FORMS = (
    "/console/leave", "/console/applications/0197b1a0-0000-7000-8000-000000000001",
    "/console/subjects/provider-a/decision", "/console/subjects/provider-a/keys/some-kid",
    "/console/subjects/provider-a/keys/some-kid/confirmation", "/console/subjects/provider-a/keys/some-kid/awards/1",
    "/console/references/new", "/console/rates/new", "/console/drafts", "/console/oversight/enquiry",
)  # fmt: skip
HOW = "How to get in"


@pytest.fixture
def officer(officers: list[Actor]) -> Actor:
    return officers[0]


async def test_a_link_opens_the_console_for_eight_hours(hub: Hub, officer: Actor) -> None:
    browser = await Browser(hub).enter(officer)
    hub.clock.now += SESSION_SECONDS - 1
    status, text = await browser.get("/console")
    assert (status, HOW in text, "What needs attention today" in text) == (200, False, True)
    hub.clock.now += 1
    status, text = await browser.get("/console")
    assert (status, HOW in text, "What needs attention today" in text) == (200, True, False)


async def test_the_answer_to_an_announcement_names_a_link_that_lapses_after_a_minute(hub: Hub, officer: Actor) -> None:
    status, answer = await announce(hub, officer.http, secret_of("s"))
    assert (status, sorted(answer)) == (201, ["expires_at", "id"])
    hub.clock.now += LINK_SECONDS
    assert (await Browser(hub).open(answer["id"], secret_of("s")))[0] == 403


@pytest.mark.parametrize("actor", [PROVIDER, COURT, NEUTRAL], ids=lambda one: one.role)
async def test_nobody_but_an_officer_gets_a_link(hub: Hub, actor: Actor) -> None:
    speaker = hub.speaker
    if actor is NEUTRAL:
        await hub.registered(speaker.member(PROVIDER))
        await hub.registered(speaker.accreditation(PROVIDER))
        await hub.registered(speaker.neutral(NEUTRAL, PROVIDER))
    else:
        await hub.registered(speaker.member(actor))
    status, answer = await announce(hub, actor.http, secret_of("s"))
    assert (status, answer["code"]) == (403, "not_an_officer")
    assert answer["detail"] == "Only officers enter the console."


async def test_a_stranger_gets_no_link(hub: Hub) -> None:
    status, answer = await announce(hub, Actor("stranger", "officer").http, secret_of("s"))
    assert (status, answer["code"]) == (401, "http_key_unknown")
    response = await hub.client.post("/v1/sessions", json={"secret_sha256": "ab" * 32})
    assert (response.status, (await response.json(content_type=None))["code"]) == (401, "signature_needed")


@pytest.mark.parametrize("changes", [{"secret_sha256": "AB" * 32}, {"secret_sha256": 7}, {"more": "x"}])
async def test_an_announcement_has_exactly_a_hash(hub: Hub, officer: Actor, changes: dict[str, object]) -> None:
    status, answer = await announce(hub, officer.http, secret_of("s"), **changes)
    assert (status, answer["code"]) == (400, "bad_session_request")


async def test_links_of_one_officer_are_few(hub: Hub, officer: Actor) -> None:
    for number in range(4):
        assert (await announce(hub, officer.http, secret_of(str(number))))[0] == 201
    status, answer = await announce(hub, officer.http, secret_of("4"))
    assert (status, answer["code"]) == (429, "too_many_links")


async def test_a_link_is_used_once_and_a_wrong_secret_uses_it_up(hub: Hub, officer: Actor) -> None:
    _, first = await announce(hub, officer.http, secret_of("1"))
    _, second = await announce(hub, officer.http, secret_of("2"))
    assert (await Browser(hub).open(first["id"], secret_of("1")))[0] == 204
    for link, secret in ((first, "1"), (second, "1"), (second, "2")):
        status, text = await Browser(hub).open(link["id"], secret_of(secret))
        assert (status, "session_link_refused" in text) == (403, True)
    status, text = await Browser(hub).open("no link", "no secret")
    assert (status, "session_link_refused" in text) == (403, True)


async def test_the_cookie_is_kept_from_scripts_and_from_other_sites(hub: Hub, officer: Actor) -> None:
    _, answer = await announce(hub, officer.http, secret_of("s"))
    response = await hub.client.post(
        "/console/session", json={"id": answer["id"], "secret": secret_of("s")}, headers=OURS
    )
    cookie = response.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")
    assert (cookie["secure"], cookie["max-age"]) == ("", str(SESSION_SECONDS))
    assert response.headers["Cache-Control"] == "no-store"


async def test_over_https_the_cookie_is_bound_to_the_host(hub: Hub) -> None:
    app = hub.client.server.app  # type: ignore[attr-defined]
    assert cookie_name(app) == COOKIE
    secured = replace(app[SETTINGS], hub=replace(app[SETTINGS].hub, url="https://hub.example"))
    assert cookie_name({SETTINGS: secured}) == "__Host-odr-console"  # type: ignore[arg-type]


@pytest.mark.parametrize("path", PAGES)
async def test_without_a_session_every_page_says_how_to_get_in_and_nothing_else(hub: Hub, path: str) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    for cookie in ("", "no-such-session"):
        status, text = await Browser(hub, cookie).get(path)
        assert (status, HOW in text) == (200 if path == "/console" else 403, True)
        assert "Sample provider-a" not in text
        assert "<form" not in text


@pytest.mark.parametrize("path", FORMS)
async def test_no_form_is_taken_without_a_session(hub: Hub, path: str) -> None:
    status, text = await Browser(hub, "no-such-session").send(path, {"token": "x"})
    assert (status, HOW in text) == (403, True)


@pytest.mark.parametrize("path", FORMS)
async def test_no_form_is_taken_with_the_token_of_another_session(hub: Hub, officers: list[Actor], path: str) -> None:
    one, other = await Browser(hub).enter(officers[0]), await Browser(hub).enter(officers[1], "another")
    for token in (other.token, "", one.token + "x"):
        status, text = await one.send(path, {"token": token})
        assert (status, HOW in text, "Nothing was done" in text) == (403, True, True)
    assert (await one.get("/console/drafts"))[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": HOST},
        {"Host": HOST, "Origin": "http://evil.example"},
        {"Host": HOST, "Origin": "null"},
        {"Host": HOST, "Origin": f"http://{HOST}", "Sec-Fetch-Site": "cross-site"},
        {"Host": HOST, "Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example", "Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Host": HOST, "Origin": "http://["},
        {"Host": HOST, "Origin": f"http://{HOST}/console"},
    ],
    ids=["no origin", "other origin", "null", "cross-site", "same-site", "other host", "no address", "with a path"],
)
async def test_what_does_not_come_from_our_pages_is_refused(hub: Hub, officer: Actor, headers: dict[str, str]) -> None:
    browser = await Browser(hub).enter(officer)
    for path in FORMS:
        status, text = await browser.send(path, {}, headers)
        assert (status, "foreign_form" in text) == (403, True)
    _, answer = await announce(hub, officer.http, secret_of("s"))
    status, text = await browser.open(answer["id"], secret_of("s"), headers)
    assert (status, "foreign_form" in text) == (403, True)
    assert (await browser.open(answer["id"], secret_of("s")))[0] == 204, "the link was not used up"


async def test_a_form_is_a_form(hub: Hub, officer: Actor) -> None:
    browser = await Browser(hub).enter(officer)
    browser.headers = {"X": "y"}
    response = await hub.client.post("/console/drafts", json={"token": browser.token}, headers={
        **OURS, "Cookie": f"{COOKIE}={browser.cookie}",
    })  # fmt: skip
    assert (response.status, (await response.json(content_type=None))["code"]) == (415, "wrong_media_type")


@pytest.mark.parametrize(
    ("kind", "body", "status", "code"),
    [
        ("", b"token=\xff\xfe", 400, "not_utf8"),
        ("", b"token=%FF", 400, "not_utf8"),
        ("", b"token=%ED%A0%80", 400, "not_utf8"),
        ("; charset=nonsense", b"token=x", 415, "wrong_media_type"),
        ("; charset=utf-7", b"token=+2AA-", 415, "wrong_media_type"),
        ("; charset=UTF-8", "token=\N{GREEK SMALL LETTER PI}".encode(), 403, None),
    ],
    ids=["octets", "escaped", "half a surrogate", "unknown charset", "other charset", "another token"],
)
async def test_a_form_is_utf_8(hub: Hub, officer: Actor, kind: str, body: bytes, status: int, code: str | None) -> None:
    browser = await Browser(hub).enter(officer)
    headers = {**OURS, "Content-Type": f"application/x-www-form-urlencoded{kind}"}
    headers |= {"Cookie": f"{COOKIE}={browser.cookie}"}
    response = await hub.client.post("/console/rates/new", data=body, headers=headers)
    assert response.status == status
    if code is not None:
        assert (await response.json(content_type=None))["code"] == code


async def test_a_cookie_that_is_no_utf_8_is_none_of_ours(hub: Hub) -> None:
    """Sent as octets: no client library sends such a header."""
    server = hub.client.server
    reader, writer = await asyncio.open_connection(server.host, server.port)
    head = f"GET /console HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\nCookie: {COOKIE}="
    writer.write(head.encode() + b"\xff\xfe\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    assert (int(answer.split()[1]), HOW.encode() in answer) == (200, True)


async def test_log_out_ends_the_session(hub: Hub, officer: Actor) -> None:
    browser = await Browser(hub).enter(officer)
    status, _ = await browser.send("/console/leave", {})
    assert status == 303
    assert HOW in (await browser.get("/console"))[1]
    assert len(hub.client.server.app[SESSIONS]) == 0  # type: ignore[attr-defined]


async def test_a_session_ends_with_the_officers_place_in_the_policy(hub: Hub, officers: list[Actor]) -> None:
    one, other = await Browser(hub).enter(officers[0]), await Browser(hub).enter(officers[1], "another")
    old = hub.speaker.genesis.body
    body = {**old, "officers": old["officers"][:1], "threshold": 1}
    await hub.registered(
        hub.speaker.compose("policy", "coordinator", body, hub.speaker.officer(2), previous=hub.speaker.network)
    )
    assert HOW in (await other.get("/console"))[1]
    assert HOW not in (await one.get("/console"))[1]
    status, _ = await announce(hub, officers[1].http, secret_of("s"))
    assert status == 401


async def test_a_restart_ends_every_session(start: Callable[..., Running], officers: list[Actor]) -> None:
    running = start()
    async with running as hub:
        browser = await Browser(hub).enter(officers[0])
        browser.hub = await running.restart(hub)
        assert HOW in (await browser.get("/console"))[1]


async def test_pages_run_no_script_but_the_one_that_hands_in_the_link(hub: Hub, officer: Actor) -> None:
    browser = Browser(hub)
    outside = await hub.client.get("/console")
    assert "script-src 'self'; connect-src 'self'" in outside.headers["Content-Security-Policy"]
    await browser.enter(officer)
    for path in ("/console", "/console/drafts"):
        inside = await hub.client.get(path, headers={"Cookie": f"{COOKIE}={browser.cookie}"})
        assert "script-src 'none'; connect-src 'none'" in inside.headers["Content-Security-Policy"]
        assert inside.headers["Cache-Control"] == "no-store"
        assert inside.headers["Referrer-Policy"] == "same-origin"
        assert "<script" not in await inside.text()
    home = await hub.client.get("/")
    assert "script-src" not in home.headers["Content-Security-Policy"]


async def test_no_secret_is_logged(hub: Hub, officer: Actor, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        browser = await Browser(hub).enter(officer, "a secret that is logged nowhere")
        _, text = await browser.get("/console")
        await browser.send("/console/leave", {})
    for secret in (secret_of("a secret that is logged nowhere"), browser.cookie, token_of(text)):
        assert secret not in caplog.text
    assert "/console/session" in caplog.text


async def test_a_session_signs_nothing(hub: Hub, officer: Actor) -> None:
    """The cookie is no signature: what the interface shows to officers alone stays shut to it."""
    browser = await Browser(hub).enter(officer)
    status, text = await browser.get("/v1/drafts")
    assert (status, "signature_needed" in text) == (401, True)
    assert "Log out" in told((await browser.get("/console"))[1])
