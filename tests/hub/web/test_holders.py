"""Asking with a statement key what is held about its owner: who is answered, once, and what is refused."""

from typing import Any

from hub.web.holders import HELD_REQUEST_TYPE, HOLDER
from signing.compose import sign_all, timestamp
from signing.encoding import b64u_decode, b64u_encode, canonical
from signing.secretkeys import SigningKey
from signing.statement import STATEMENT_TYPE
from tests.hub.running import Hub
from tests.hub.web.described import fits
from tests.hub.web.test_held import ACME, NOOR, OMAR, filled
from tests.hub.world import Actor

SENT = {"Content-Type": "application/jose+json", "Origin": "null"}


def question(asked: Hub, key: SigningKey, nonce: bytes = bytes(16), **changes: Any) -> bytes:
    typ, role = changes.pop("typ", HELD_REQUEST_TYPE), changes.pop("role", HOLDER)
    members = {"v": 1, "hub": asked.url, "asked_at": timestamp(asked.clock()), "nonce": b64u_encode(nonce)}
    return sign_all(canonical(members | changes), [(key, role)], asked.clock(), typ)


async def ask(hub: Hub, document: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
    response = await hub.client.post("/v1/held", data=document, headers=SENT | headers)
    assert response.headers["Access-Control-Allow-Origin"] == "*", "a page from disk reads refusals too"
    return response.status, await response.json(content_type=None)


async def test_a_statement_key_opens_what_is_held_about_its_owner_once(hub: Hub) -> None:
    await filled(hub)
    asked = question(hub, OMAR.statement)
    status, held = await ask(hub, asked)
    assert status == 200, held
    fits("/v1/held", held, method="post")
    assert held["neutral"]["id"] == "omar"
    assert held["drafts"] == []
    assert held == (await hub.get("/v1/neutrals/omar/held", OMAR.http))[1], "by either key the same"
    status, problem = await ask(hub, asked)
    assert (status, problem["code"]) == (401, "nonce_reused")


async def test_who_is_not_answered(hub: Hub) -> None:
    await filled(hub)
    key, stranger = OMAR.statement, Actor("stranger", "neutral")
    refused = {
        "revoked": (question(hub, NOOR.statement), 401, "holder_refused"),
        "its http key": (question(hub, OMAR.http), 401, "holder_unknown"),
        "unknown": (question(hub, stranger.statement), 401, "holder_unknown"),
        "a provider": (question(hub, ACME.statement), 404, "not_found"),
        "an officer": (question(hub, hub.speaker.officers[0].statement), 404, "not_found"),
        "for another hub": (question(hub, key, hub="https://other.example"), 400, "bad_held_request"),
        "a statement": (question(hub, key, typ=STATEMENT_TYPE), 400, "bad_held_request"),
        "another role": (question(hub, key, role="neutral"), 400, "bad_held_request"),
        "more is named": (question(hub, key, owner="noor"), 400, "bad_held_request"),
        "another version": (question(hub, key, v=2), 400, "bad_held_request"),
        "a short nonce": (question(hub, key, nonce=b"short"), 400, "bad_held_request"),
        "no time": (question(hub, key, asked_at="now"), 400, "bad_held_request"),
        "two signers": (twice(hub, key), 400, "bad_held_request"),
        "no question": (b"{}", 400, "bad_held_request"),
        "too long": (b" " * 3000, 400, "bad_held_request"),
    }
    for name, (document, status, code) in refused.items():
        found, problem = await ask(hub, document)
        assert (found, problem["code"]) == (status, code), name
    found, problem = await ask(hub, question(hub, key), **{"Content-Type": "text/plain"})
    assert (found, problem["code"]) == (415, "wrong_media_type")
    found, problem = await ask(hub, under_another_name(hub, NOOR.http, key))
    assert (found, problem["code"]) == (401, "holder_not_verified")


def twice(hub: Hub, key: SigningKey) -> bytes:
    members = {"v": 1, "hub": hub.url, "asked_at": timestamp(hub.clock()), "nonce": b64u_encode(bytes(16))}
    return sign_all(canonical(members), [(key, HOLDER), (NOOR.http, HOLDER)], hub.clock(), HELD_REQUEST_TYPE)


def under_another_name(hub: Hub, key: SigningKey, other: SigningKey) -> bytes:
    """A question that ``key`` signed, whose header names ``other``."""
    document = question(hub, key).decode()
    header = document.split('"protected":"')[1].split('"')[0]
    return document.replace(
        header, b64u_encode(b64u_decode(header).replace(key.kid.encode(), other.kid.encode()))
    ).encode()


async def test_a_question_lives_a_minute(hub: Hub) -> None:
    await filled(hub)
    for number, (seconds, status) in enumerate(((-31, 401), (-30, 200), (90, 200), (91, 401))):
        asked_at = timestamp(hub.clock() - seconds)
        found, answer = await ask(hub, question(hub, OMAR.statement, bytes([number] * 16), asked_at=asked_at))
        assert found == status, seconds
        assert status == 200 or answer["code"] == "held_request_untimely"


async def test_the_address_is_open_to_pages_from_disk_and_nothing_below_it(hub: Hub) -> None:
    asked = await hub.client.options("/v1/held")
    assert (asked.status, asked.headers["Access-Control-Allow-Methods"]) == (204, "POST")
    assert "Access-Control-Allow-Credentials" not in asked.headers
    for path in ("/v1/held/", "/v1/heldother", "/v1/neutrals/omar/held"):
        assert "Access-Control-Allow-Origin" not in (await hub.client.options(path)).headers
