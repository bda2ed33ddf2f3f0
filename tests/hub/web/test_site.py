"""The log's files, the descriptions, the pages, and what operators ask for."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from hub.log.errors import SequencerStopped
from hub.web.appkeys import SEQUENCER
from schemas.catalogue import catalogue
from signing.merkle import leaf_hash
from signing.notes import VerifierKey, open_checkpoint, parse_note
from signing.signnotes import witness_signer
from signing.tiles import parse_entry_bundle
from signing.verification import Report, as_text
from tests.hub.log.test_cosigning import TIME, Scripted, after
from tests.hub.running import Hub, Running
from tests.hub.test_evidence import PROVIDER, populated
from tests.hub.web.described import SPEC
from tests.hub.world import signing_key


async def test_the_checkpoint_is_a_signed_note(hub: Hub) -> None:
    response = await hub.client.get("/log/checkpoint")
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=5"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    key = VerifierKey.parse(hub.speaker.genesis.body["log_key"])
    head = open_checkpoint(parse_note(await response.read()), key)
    assert (head.origin, head.size) == ("hub.example:8600/log/1", 1)


async def test_tiles_and_entries_are_immutable(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    tile = await hub.client.get("/log/tile/0/000.p/2")
    entries = await hub.client.get("/log/tile/entries/000.p/2")
    assert (tile.status, entries.status) == (200, 200)
    for response in (tile, entries):
        assert response.headers["Content-Type"] == "application/octet-stream"
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
    octets = parse_entry_bundle(await entries.read(), 2)
    assert b"".join(leaf_hash(one) for one in octets) == await tile.read()


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/log/tile/0/000.p/3", 404, "beyond_log"),
        ("/log/tile/0/000", 404, "beyond_log"),
        ("/log/tile/1/000.p/1", 404, "beyond_log"),
        ("/log/tile/0/x001/000", 404, "beyond_log"),
        ("/log/tile/64/000", 400, "bad_parameter"),
        ("/log/tile/00/000", 400, "bad_parameter"),
        ("/log/tile/0/x000/001", 400, "bad_parameter"),
        ("/log/tile/0/000.p/0", 400, "bad_parameter"),
        ("/log/tile/0/000.p/256", 400, "bad_parameter"),
        ("/log/tile/entries/x000/000", 400, "bad_parameter"),
        ("/log/tile/0/1", 404, "no_such_page"),
        ("/log/tile/entries", 404, "no_such_page"),
    ],
)
async def test_what_is_no_tile(hub: Hub, path: str, status: int, code: str) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    found, problem = await hub.get(path)
    assert (found, problem["code"]) == (status, code)


async def test_preflights_are_answered_for_what_is_open(hub: Hub) -> None:
    for path in ("/v1/awards", "/log/checkpoint"):
        response = await hub.client.options(path)
        assert response.status == 204
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type"
    closed = await hub.client.options("/v1/statements")
    assert closed.status == 405
    assert "Access-Control-Allow-Origin" not in closed.headers


@pytest.mark.parametrize("version", ["0", "01", "9" * 4301, "\u0661", "x"])
async def test_no_version_of_a_schema_is_a_fault(hub: Hub, version: str) -> None:
    assert (await hub.client.get(f"/v1/schemas/member/{version}")).status == 404


async def test_schemas_are_served_byte_for_byte(hub: Hub) -> None:
    status, answer = await hub.get("/v1/schemas")
    assert status == 200
    assert [one["kind"] for one in answer["schemas"]] == [one.kind for one in catalogue().schemas()]
    response = await hub.client.get("/v1/schemas/award/1")
    assert response.content_type == "application/schema+json"
    assert await response.read() == catalogue().lookup("award", 1).octets
    for path in ("/v1/schemas/award/2", "/v1/schemas/award/one", "/v1/schemas/nothing/1"):
        status, problem = await hub.get(path)
        assert (status, problem["code"]) == (404, "not_found")


async def test_the_description_lists_every_problem_code(hub: Hub) -> None:
    status, document = await hub.get("/openapi.json")
    assert status == 200
    assert document["openapi"].startswith("3.1")
    codes = document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    assert "stale_previous" in codes
    assert "unknown_setting" not in codes


class Page(HTMLParser):
    """What the tests look at in a page: headings, addresses, ids, and tags left open."""

    VOID = frozenset({"meta", "link", "img", "br", "input", "wbr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.addresses: list[str] = []
        self.outside: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        assert not self._open, f"left open: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        members = dict(attrs)
        assert tag not in {"script", "iframe", "object", "style"}
        assert "style" not in members
        assert not any(name.startswith("on") for name in members)
        if tag == "form":
            assert members["method"] == "get", "forms only ask"
            assert (members["action"] or "").startswith("/")
        if tag == "img":
            assert "alt" in members
        if "external" in (members.get("rel") or ""):
            self.outside.append(members["href"] or "")
        else:
            self.addresses += [value for name in ("href", "src") if (value := members.get(name))]
        self.ids += [value for value in [members.get("id")] if value]
        if tag not in self.VOID:
            self._open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


async def page(hub: Hub, path: str) -> Page:
    response = await hub.client.get(path)
    assert response.status == 200
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response.headers
    found = Page(await response.text())
    assert found.headings.count("h1") == 1, path
    assert len(found.ids) == len(set(found.ids)), "an id stands twice"
    return found


PAGES = [
    "/",
    "/directory",
    "/directory?lang=fr&stage=mediation&text=&accredited_only=true",
    "/directory/neutrals",
    "/directory/others",
    "/directory/providers/provider-a",
    "/directory/providers/provider-b?at=5",
    "/directory/neutrals/neutral-a?lang=zh-Hans",
    "/find",
    "/find?stage=arbitration&language=es&amount=12%2C500&currency=USD&mine=PE&theirs=CN&dispute_type=non_delivery",
    "/find?language=mi&stage=mediation",
    "/find/agreement?provider=provider-a",
    "/desk?lang=zh-Hans",
    "/oversight",
    "/docs",
    "/docs/problems",
]


@pytest.mark.parametrize("path", PAGES)
async def test_pages_are_well_formed_and_their_links_lead_somewhere(hub: Hub, path: str) -> None:
    await populated(hub)
    found = await page(hub, path)
    assert all(address.startswith("https://") for address in found.outside)
    for address in set(found.addresses):
        assert address.startswith(("/", "#")), f"{path} links to {address}"
        if address.startswith("#"):
            assert address[1:] in found.ids, f"{path}: nothing has the id {address}"
        else:
            assert (await hub.client.get(address)).status == 200, address


async def test_the_home_page_answers_a_strangers_questions(hub: Hub) -> None:
    await populated(hub)
    text = re.sub(r"\s+", " ", (await page(hub, "/")).text)
    assert hub.speaker.network in text
    assert "hub.example:8600/log/1" in text
    assert "odr-verify award-bundle.zip" in text
    assert "begins with two lines, and shows its numbered steps below them. Genuine says" in text
    assert as_text(Report((), "yes", "nothing recorded", 0)) == "Genuine: yes\nStatus:  nothing recorded\n\n"
    assert "Nobody watches the log yet" in text, "a hub without witnesses says so"
    assert "rewrite the log" not in text


async def test_the_home_page_names_the_witnesses(start: Any) -> None:
    keys = {
        name: witness_signer(f"{name}.example", signing_key(name)).verifier.format() for name in ("library", "ministry")
    }
    lines = [f"witness {name} {key} http://127.0.0.1:9" for name, key in keys.items()]
    policy = "\n".join([*lines, "group all-of-them 2 library ministry", "quorum all-of-them", ""])
    async with start(witness_policy=policy) as hub:
        text = re.sub(r"\s+", " ", (await page(hub, "/")).text)
        assert "2 of 2 witnesses" in text
        assert "not on this checkpoint" in text
        assert keys["library"] in text
        assert "rewrite the log" in text


async def test_the_directory_lists_people_and_no_award(hub: Hub) -> None:
    receipt = await populated(hub)
    shown = [
        ("/directory", ("Sample provider-a", "accredited", "not accredited", "2 providers", "Peru")),
        ("/directory/neutrals", ("Dr Ifeoma Sample", "Mediator and Arbitrator", "1 neutral", "Sale of goods")),
        (
            "/directory/providers/provider-a",
            ("Sample provider-a", PROVIDER.statement.kid, "accredited", "Harbour ODR Rules"),
        ),
        ("/directory/neutrals/neutral-a", ("Dr Ifeoma Sample", "provider-a", "the neutral", "Nigeria")),
    ]
    for path, words in shown:
        text = _text(await page(hub, path))
        assert [word for word in words if word not in text] == []
        assert receipt["digest"] not in text
    assert "No provider has been admitted yet." in _text(await page(hub, "/directory?at=1"))
    assert "No court and no observer has been admitted yet." in _text(await page(hub, "/directory/others"))


async def test_accreditation_that_has_run_out_is_shown_as_expired(hub: Hub) -> None:
    await populated(hub)
    hub.clock.now = 1_900_000_000
    for path in ("/directory", "/directory/providers/provider-a"):
        assert "expired" in _text(await page(hub, path))
    assert "no longer accredited" in _text(await page(hub, "/directory/providers/provider-a"))


def _text(found: Page) -> str:
    return re.sub(r"\s+", " ", found.text)


async def test_every_problem_has_its_anchor(hub: Hub) -> None:
    found = await page(hub, "/docs/problems")
    assert {"stale_previous", "too_large", "bad_signature"} <= set(found.ids)


async def test_the_style_sheet(hub: Hub) -> None:
    response = await hub.client.get("/static/style.css")
    assert response.content_type == "text/css"
    assert "url(" not in await response.text(), "nothing is loaded from elsewhere"
    assert (await hub.client.get("/static/mark.svg")).content_type == "image/svg+xml"
    for path in ("/static/nothing.css", "/static/..%2f__init__.py"):
        assert (await hub.client.get(path)).status == 404
    refused = await hub.client.get("/static/%00")
    assert str(refused.status) in SPEC["paths"]["/static/{file}"]["get"]["responses"]
    assert refused.status == 400


async def test_health(hub: Hub) -> None:
    assert await hub.get("/healthz") == (200, {"status": "ok"})
    assert await hub.get("/readyz") == (200, {"status": "ok"})
    hub.client.server.app[SEQUENCER]._error = SequencerStopped("sequencer_stopped", "For this test.")  # type: ignore[attr-defined]
    status, problem = await hub.get("/readyz")
    assert (status, problem["code"], problem["retryable"]) == (503, "not_sequencing", True)
    status, problem = await hub.post(hub.speaker.member(PROVIDER))
    assert (status, problem["code"]) == (503, "sequencer_stopped")
    assert (await hub.get("/v1/members"))[0] == 200, "reading goes on"


async def test_metrics(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    await hub.get("/v1/members/nobody")
    text = (await hub.get("/metrics"))[1].decode()
    assert "odr_log_size 2\n" in text
    assert 'odr_http_requests_total{method="POST",route="/v1/statements",status="201"} 1\n' in text
    assert 'odr_problems_total{code="not_found"} 1\n' in text
    assert 'odr_http_request_seconds_count{route="/v1/statements"} 1\n' in text
    assert "nobody" not in text, "no label comes from a request"
    for line in text.splitlines():
        assert re.fullmatch(r"# (HELP|TYPE) .+|[a-z_]+(\{.*\})? [0-9.e+-]+", line), line


async def test_unknown_addresses_and_methods(hub: Hub) -> None:
    status, problem = await hub.get("/nothing/here")
    assert (status, problem["code"], problem["actor"]) == (404, "no_such_page", "sender")
    response = await hub.client.delete("/v1/members")
    problem = json.loads(await response.read())
    assert (response.status, problem["code"]) == (405, "method_not_allowed")
    assert "GET" in problem["detail"]


async def test_the_access_log_holds_no_secret(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    receipt = await populated(hub)
    with caplog.at_level("INFO", "hub.access"):
        caplog.clear()
        await hub.get(f"/v1/awards/{receipt['digest']}", PROVIDER.http)
    (line,) = [record.getMessage() for record in caplog.records if record.name == "hub.access"]
    assert line.startswith("GET /v1/awards/{digest} 200 ")
    assert receipt["digest"] not in caplog.text
    assert PROVIDER.http.kid not in line


async def test_what_nobody_foresaw_is_logged_and_answered_500(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    hub.client.server.app[SEQUENCER].submit = broken  # type: ignore[attr-defined]
    status, problem = await hub.post(hub.speaker.member(PROVIDER))
    assert (status, problem["code"]) == (500, "internal_error")
    assert "secret" not in json.dumps(problem)
    assert problem["correlation_id"] in caplog.text
    assert "ZeroDivisionError" in caplog.text


async def test_a_witness_that_answers_after_the_quorum_is_not_shown_as_missing(start: Callable[..., Running]) -> None:
    quick, slow = Scripted("w1", 1), Scripted("w2", 2)
    quick.script, slow.script = [quick.agrees], [after(0.2, slow.agrees)]
    for one in (quick, slow):
        await one.server.start_server()
    policy = f"{quick.policy_line}\n{slow.policy_line}\nquorum w1\n"
    async with start(witness_policy=policy) as hub:
        checkpoint = await _eventually(hub, "/log/checkpoint", b"w1.example")
        assert b"w2.example" not in checkpoint
        await _eventually(hub, "/log/checkpoint", b"w2.example")
        page = (await _eventually(hub, "/", b"<h1")).decode()
        shown = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(TIME))
        assert page.count(f'datetime="{shown}"') == 2, "both witnesses have cosigned"
        assert (len(quick.asked), len(slow.asked)) == (1, 1)
    for one in (quick, slow):
        await one.server.close()


async def _eventually(hub: Hub, path: str, part: bytes) -> bytes:
    """The page once it contains ``part``."""
    async with asyncio.timeout(5):
        while part not in (body := await (await hub.client.get(path)).read()):
            await asyncio.sleep(0.01)
    return body
