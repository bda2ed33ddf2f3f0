"""The local interface over HTTP: what a platform sees, and that its description says the same."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from yarl import URL

from providers.gateway.exchange.app import create_app, load_description
from providers.gateway.exchange.feedbackroutes import feedback_routes
from providers.gateway.exchange.routes import routes
from providers.gateway.exchange.serving import Gateway
from tests.providers.fakehub import problem
from tests.providers.gateway.exchange.house import (
    ACCEPT,
    FILES,
    A,
    B,
    House,
    add_case,
    briefed,
    sample_case,
    state,
    terms,
    until,
)

Client = TestClient[web.Request, web.Application]
MULTIPART = {"Content-Type": "multipart/form-data; boundary=BB"}


@asynccontextmanager
async def platform(gateway: Gateway, token: str | None = None) -> AsyncIterator[Client]:
    """What the platform talks to."""
    headers = {"Authorization": f"Bearer {gateway.token if token is None else token}"}
    async with TestClient(TestServer(create_app(gateway.service, gateway.token)), headers=headers) as client:
        yield client


def form(case: dict[str, Any], files: dict[str, bytes]) -> aiohttp.FormData:
    data = aiohttp.FormData(quote_fields=False)
    data.add_field("case", json.dumps(case), filename="case.json", content_type="application/json")
    for name, content in files.items():
        data.add_field("document", content, filename=name, content_type="application/octet-stream")
    return data


async def answered(response: aiohttp.ClientResponse, status: int) -> dict[str, Any]:
    found: dict[str, Any] = await response.json(content_type=None)
    assert response.status == status, found
    return found


def test_the_description_is_valid_and_names_exactly_the_routes() -> None:
    description = load_description()
    validate(description)
    served = {(one.method.lower(), one.path) for one in (*routes, *feedback_routes)} | {("get", "/openapi.json")}
    described = {
        (method, path)
        for path, item in description["paths"].items()
        for method in item
        if method in ("get", "post", "put", "delete")
    }
    assert described == served


async def test_a_platform_hands_a_case_over_and_another_takes_it(house: House) -> None:
    case, files = sample_case(house.world.now)
    async with house.both() as (sender, recipient), platform(sender) as ours, platform(recipient) as theirs:
        added = await answered(await ours.post("/cases", data=form(case, files)), 201)
        assert {one["name"] for one in added["documents"]} == set(files)
        made = await answered(await ours.post(f"/cases/{added['case_id']}/offers", json=terms()), 201)
        transfer = made["transfer_id"]
        assert (made["state"], made["to_act"], made["peer"]) == ("preparing", "gateway", B)
        await until(recipient, transfer, briefed)
        (seen,) = (await answered(await theirs.get("/transfers?open=true"), 200))["transfers"]
        assert (seen["state"], seen["to_act"], seen["peer"]) == ("offered", "you", A)
        assert (await answered(await theirs.get(f"/transfers/{transfer}"), 200))["brief"]["case_id"] == added["case_id"]
        await answered(await theirs.post(f"/transfers/{transfer}/accept", json=ACCEPT), 202)
        await until(sender, transfer, state("completed"))
        await until(recipient, transfer, state("completed"))
        package = await answered(await theirs.get(f"/transfers/{transfer}/package"), 200)
        assert set(package["documents"]) == set(files)
        response = await theirs.get(f"/transfers/{transfer}/package/documents/发票 1.txt")
        assert await response.read() == FILES["发票 1.txt"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        for name in ("none.pdf", "x" * 300, "a%00b", "..%2fcase.json", "."):
            response = await theirs.get(URL(f"/transfers/{transfer}/package/documents/{name}", encoded=True))
            assert (await answered(response, 404))["code"] in ("unknown_document", "not_found"), name
        response = await theirs.get(f"/transfers/{transfer}/package/documents/{'x' * 300}")
        assert (await answered(response, 404))["code"] == "unknown_document"
        received = await answered(await theirs.get(f"/transfers/{transfer}/package/case.json"), 200)
        assert received["case_id"] == added["case_id"]
        held = await answered(await theirs.get(f"/cases/{added['case_id']}"), 200)
        assert (held["state"], held["case"]["custodian"]) == ("held", B)
        kept = await answered(await ours.get(f"/cases/{added['case_id']}"), 200)
        assert kept["state"] == "moved"
        assert kept["delete_by"] is not None
        feed = await answered(await ours.get("/feed?after=0"), 200)
        told = [one["type"] for one in feed["events"]]
        assert told == [
            "case_added", "offer_prepared", "offered", "accepted", "dispatched", "delivery", "retrieval", "completed",
            "closed",
        ]  # fmt: skip
        assert await answered(await ours.get(f"/feed?after={feed['next']}&wait=0"), 200) == {
            "events": [],
            "next": feed["next"],
        }


def as_described(path: str, value: dict[str, Any]) -> dict[str, Any]:
    """``value``, after it met the schema that the description has for an answer of 200."""
    description = load_description()
    schema = description["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": description["components"]}).validate(value)
    return value


async def overview(client: Client, query: str = "") -> dict[str, Any]:
    return as_described("/overview", await answered(await client.get(f"/overview{query}"), 200))


async def test_the_overview_has_every_case_with_its_transfers(house: House) -> None:
    case, files = sample_case(house.world.now)
    async with house.both() as (sender, recipient), platform(sender) as ours, platform(recipient) as theirs:
        assert await overview(ours) == {"cases": [], "next": None}
        case_id = await add_case(sender, case, files)
        (known,) = (await overview(ours))["cases"]
        assert (known["case_id"], known["case"]["state"], known["transfers"]) == (case_id, "held", [])
        declined = (await answered(await ours.post(f"/cases/{case_id}/offers", json=terms()), 201))["transfer_id"]
        await until(recipient, declined, briefed)
        await answered(await theirs.post(f"/transfers/{declined}/decline", json={"reason": "capacity"}), 202)
        await until(sender, declined, state("declined"))
        house.world.now += 1
        again = (await answered(await ours.post(f"/cases/{case_id}/offers", json=terms()), 201))["transfer_id"]
        await until(recipient, again, briefed)
        (offered,) = (await overview(theirs))["cases"]
        assert (offered["case_id"], offered["case"]) == (case_id, None)
        seen = [(one["transfer_id"], one["state"], one["to_act"], one["peer"]) for one in offered["transfers"]]
        assert seen == [(again, "offered", "you", A), (declined, "declined", "nobody", A)]
        assert offered["transfers"][0]["deadline"]
        (known,) = (await overview(ours))["cases"]
        assert known["case"]["transfer"] == again
        assert [one["to_act"] for one in known["transfers"]] == [B, "nobody"]


async def test_the_overview_comes_in_pages_without_gaps(house: House) -> None:
    case, files = sample_case(house.world.now)
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        added = []
        for number in range(5):
            house.world.now += number % 2  # two in one second: the page may end between them
            added.append((-house.world.now, await add_case(gateway, case, files)))
        expected, found, query = [one for _, one in sorted(added)], list[str](), "?limit=2"
        while query:
            page = await overview(ours, query)
            assert len(page["cases"]) <= 2
            found += [one["case_id"] for one in page["cases"]]
            query = "" if page["next"] is None else f"?limit=2&after={page['next']}"
        assert found == expected
        assert [one["case_id"] for one in (await overview(ours, "?limit=5"))["cases"]] == expected
        assert (await overview(ours, "?limit=5"))["next"] is None
        for query, where in (("?limit=1001", "limit"), ("?limit=x", "limit"), ("?after=urn:x", "after")):
            problem = await answered(await ours.get(f"/overview{query}"), 400)
            assert (problem["code"], problem["where"]) == ("bad_parameter", where)


NOTICE = {
    "code": "last_key_ends", "subject": A, "kid": "k", "enquiry": None, "due": "2026-12-01T00:00:00Z", "within_days": 7,
    "message": "The last http key of provider-a ends within 7 days; add another one.",
}  # fmt: skip


def _answer(notices: list[dict[str, Any]]) -> Any:
    return lambda _: web.json_response({"notices": notices})


async def test_notices_come_from_the_hub_as_they_are_now(house: House) -> None:
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        for notices in ([NOTICE | {"unknown": 1}], []):
            house.hub.overrides["/v1/notices"] = _answer(notices)
            shown = await answered(await ours.get("/notices"), 200)
            assert shown == {"notices": [NOTICE] if notices else []}
            schema = load_description()["paths"]["/notices"]["get"]["responses"]["200"]["content"]["application/json"]
            assert schema["schema"]["properties"]["notices"]["items"] == {"$ref": "#/components/schemas/Notice"}
            Draft202012Validator(load_description()["components"]["schemas"]["Notice"]).validate(NOTICE)
        house.hub.overrides["/v1/notices"] = _answer([{"due": "now"}])
        problem = await answered(await ours.get("/notices"), 502)
        assert (problem["code"], problem["actor"]) == ("bad_answer", "hub")
        await answered(await ours.get("/notices", headers={"Authorization": "Bearer wrong"}), 401)


async def test_every_fault_of_a_case_is_listed_with_its_pointer(house: House) -> None:
    case, files = sample_case(house.world.now)
    del files["consent-claimant.json"]
    case["parties"][0]["number"] = 3
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        problem = await answered(await ours.post("/cases", data=form(case, files | {"more.txt": b"x"})), 422)
        assert problem["code"] == "case_refused"
        said = {one["pointer"]: one["message"] for one in problem["errors"]}
        assert said["/documents/3/name"] == "No file of this name came with the case."
        assert said["/documents"] == "The case file does not describe more.txt."
        assert "not numbered" in said["/parties"]
        assert said["/consents/0/party"] == "There is no such party."
        assert list(gateway.service.context.cases.root.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "pointer", "says"),
    [
        ({"stage": "nowhere"}, "/stage", ""),
        ({"parties": []}, "/parties", ""),
        ({"iban": "DE89370400440532013000"}, "/iban", "bank details"),
        ({"custodian": "somebody"}, "/custodian", "provider-a"),
    ],
)
async def test_a_case_that_breaks_its_schema_is_refused(
    house: House, change: dict[str, Any], pointer: str, says: str
) -> None:
    case, files = sample_case(house.world.now)
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        problem = await answered(await ours.post("/cases", data=form(case | change, files)), 422)
        assert any(one["pointer"] == pointer and says in one["message"] for one in problem["errors"]), problem


@pytest.mark.parametrize("name", ["../up.txt", "/etc/passwd", ".hidden", "con.txt", "a\u202eb.txt"])
async def test_names_that_may_not_travel_are_refused(house: House, name: str) -> None:
    case, files = sample_case(house.world.now, files={name: b"x"})
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        problem = await answered(await ours.post("/cases", data=form(case, files)), 422)
        assert problem["code"] == "case_refused", problem
        assert list(gateway.service.context.cases.root.iterdir()) == []


async def test_what_is_not_a_case_is_refused(house: House) -> None:
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        assert (await answered(await ours.post("/cases", json={}), 415))["code"] == "wrong_media_type"
        empty = aiohttp.FormData()
        empty.add_field("document", b"x", filename="x.txt")
        assert (await answered(await ours.post("/cases", data=empty), 400))["code"] == "bad_multipart"
        broken = aiohttp.FormData()
        broken.add_field("case", "{", filename="case.json")
        assert (await answered(await ours.post("/cases", data=broken), 400))["code"] == "not_json"


async def test_only_who_has_the_token_is_heard(house: House) -> None:
    async with house.gateway(A) as gateway, platform(gateway, "wrong") as stranger:
        for path in ("/cases", "/transfers", "/feed"):
            assert (await answered(await stranger.get(path), 401))["code"] == "unauthorized"
        assert (await answered(await stranger.get("/health"), 200))["status"] == "green"
        token = gateway.service.context.transfers.parent / "token"
        assert token.stat().st_mode & 0o777 == 0o600


async def test_what_the_hub_would_refuse_is_refused_at_once(house: House) -> None:
    case, files = sample_case(house.world.now)
    case["consents"] = case["consents"][:1]
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        added = await answered(await ours.post("/cases", data=form(case, files)), 201)
        path = f"/cases/{added['case_id']}/offers"
        problem = await answered(await ours.post(path, json=terms()), 422)
        assert (problem["code"], problem["detail"]) == (
            "consent_missing",
            "There is no consent of respondent 1 to the transfer.",
        )
        assert (await answered(await ours.post(path, json=terms(A)), 422))["code"] == "schema_violation"
        problem = await answered(await ours.post(path, json=terms() | {"reason": "mood"}), 422)
        assert problem["errors"][0]["pointer"] == "/reason"
        assert (await answered(await ours.post(path, json={**terms(), "x": 1}), 422))["code"] == "unknown_term"
        said = terms()
        del said["rules_to"]
        assert (await answered(await ours.post(path, json=said), 422))["where"] == "/rules_to"
        assert (await answered(await ours.post("/cases/urn:x/offers", json=terms()), 404))["code"] == "unknown_case"


async def test_answers_to_what_is_not_there(house: House) -> None:
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        assert (await answered(await ours.get("/transfers/urn:x"), 404))["code"] == "unknown_transfer"
        problem = await answered(await ours.post("/transfers/urn:x/decline", json={"reason": "law"}), 422)
        assert problem["code"] == "schema_violation"
        assert (await answered(await ours.get("/nowhere"), 404))["code"] == "not_found"
        assert (await answered(await ours.get("/feed?after=x"), 400))["code"] == "bad_parameter"


GBK = "发票.txt".encode("gbk")  # what curl on a Chinese Windows sends as the name of a file


@pytest.mark.parametrize(
    ("names", "detail", "where"),
    [
        ([GBK], "not UTF-8", r"\xb7\xa2Ʊ.txt"),
        ([GBK, GBK], "not UTF-8", r"\xb7\xa2Ʊ.txt"),
        ([b"a\0b"], "not multipart/form-data", "body"),
    ],
)
async def test_a_file_name_that_is_no_text(house: House, names: list[bytes], detail: str, where: str) -> None:
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        body = b"--BB\r\n".join([b"", *map(_document, names)]) + b"--BB--\r\n"
        told = await answered(await ours.post("/cases", data=body, headers=MULTIPART), 400)
        assert (told["code"], told["where"]) == ("bad_multipart", where)
        assert detail in told["detail"]


@pytest.mark.parametrize(
    "body", [b"--BB\r\ngarbage", b"garbage", b"", b"--BB\r\n" + b"x: y\r\n" * 9999, b"--BB\r\n\r\n"]
)
async def test_a_body_that_is_no_form(house: House, body: bytes) -> None:
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        for headers in (MULTIPART, {"Content-Type": "multipart/form-data"}):
            told = await answered(await ours.post("/cases", data=body, headers=headers), 400)
            assert told["code"] == "bad_multipart"
        assert list(gateway.service.context.cases.root.iterdir()) == []


@pytest.mark.parametrize("number", ["9" * 5000, str(2**53 + 1), "-1", "1.0", "", "x"])
async def test_a_number_that_is_none(house: House, number: str) -> None:
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        told = await answered(await ours.get("/feed", params={"after": number}), 400)
        assert (told["code"], told["where"]) == ("bad_parameter", "after")


@pytest.mark.parametrize(
    "path", ["/transfers/%ff", "/cases/%ff", "/transfers/%00", "/overview?after=%ff", "/feed?after=%ff"]
)
async def test_an_address_that_is_no_text(house: House, path: str) -> None:
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        response = await ours.get(URL(path, encoded=True))
        assert response.status in (400, 404)
        assert response.content_type == "application/problem+json"


def _document(name: bytes) -> bytes:
    return b'Content-Disposition: form-data; name="document"; filename="' + name + b'"\r\n\r\nx\r\n'


async def test_case_events_are_reported_in_pieces_and_checked_first(house: House) -> None:
    event = {"case": "jzbKKGkHOMZOTaALtkt_Re", "sequence": 0, "type": "commenced", "at": "2026-01-04T08:00:00Z"}
    events = [{**event, "sequence": number} for number in range(501)]
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        problem = await answered(await ours.post("/events", json={"events": [{**event, "type": "x"}]}), 422)
        assert problem["errors"][0]["pointer"] == "/events/0/type"
        wrong = [*events[:500], {**event, "type": "x"}]
        problem = await answered(await ours.post("/events", json={"events": wrong}), 422)
        assert [one["pointer"] for one in problem["errors"]] == ["/events/500/type"], "counted in all that are reported"
        reports = (await answered(await ours.post("/events", json={"events": events}), 202))["reports"]
        assert [one["events"] for one in reports] == [500, 1]
        after, told = 0, list[str]()
        while len(told) < 2:
            feed = await answered(await ours.get(f"/feed?after={after}&wait=10"), 200)
            told += [one["data"]["digest"] for one in feed["events"] if one["type"] == "report_registered"]
            after = feed["next"]
        assert told == [one["digest"] for one in reports]


async def test_health_is_red_with_every_reason(house: House) -> None:
    async with house.gateway(A, min_free_bytes=1 << 60) as gateway, platform(gateway) as ours:
        gateway.engine.contact.skew = 400
        found = await answered(await ours.get("/health"), 503)
        assert [one["code"] for one in found["reasons"]] == ["clock_off", "disk_low"]
        assert "differ by 400 s" in found["reasons"][0]["detail"]


@pytest.mark.parametrize(
    ("code", "by", "actor"),
    [("http_key_refused", "sender", "operator"), ("overloaded", "hub", "hub")],
)
async def test_health_tells_a_refusal_from_a_hub_that_is_away(house: House, code: str, by: str, actor: str) -> None:
    house.hub.overrides["/v1/inbox"] = lambda _: problem(401, code, "The key was revoked.", actor=by)
    async with house.gateway(A) as gateway, platform(gateway) as ours:
        reason = await _reason(ours, "hub_refuses")
        while reason is None:
            reason = await _reason(ours, "hub_refuses")
        assert reason["actor"] == actor
        assert "The key was revoked." in reason["detail"]
        assert await _reason(ours, "hub_unreachable") is None
        del house.hub.overrides["/v1/inbox"]
        while await _reason(ours, "hub_refuses") is not None:
            await asyncio.sleep(0.01)


async def _reason(ours: Client, code: str) -> dict[str, str] | None:
    found = await (await ours.get("/health")).json()
    return next((one for one in found["reasons"] if one["code"] == code), None)
