"""Signed requests: a good signature names the reader, a bad one is never treated as none; answers are signed back."""

import asyncio
from typing import Any

import pytest

from signing.errors import SignatureError
from signing.httpsig import Request, Response, content_digest, sign_request, verify_response
from tests.hub.running import URL, Hub
from tests.hub.world import Actor, signing_key

PROVIDER = Actor("provider-a", "provider")


async def refused(hub: Hub, headers: dict[str, str], path: str = "/v1/members") -> tuple[int, str]:
    response = await hub.client.get(path, headers=headers)
    assert "Signature" not in response.headers, "only answers to requests whose signature held are signed"
    problem = await response.json(content_type=None)
    return response.status, problem["code"]


async def test_the_answer_to_a_signed_request_is_signed(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    for path, status in (("/v1/members", 200), (f"/v1/statements/{'0' * 64}", 404)):
        headers = hub.signature("GET", path, PROVIDER.http)
        response = await hub.client.get(path, headers=headers)
        assert response.status == status
        answer = Response(response.status, list(response.headers.items()), await response.read())
        asked = Request("GET", URL + path, headers)
        verify_response(answer, asked, hub.speaker.hub.http.public, hub.clock())
        with pytest.raises(SignatureError):
            verify_response(
                answer, Request("GET", URL + "/v1/neutrals", headers), hub.speaker.hub.http.public, hub.clock()
            )


async def test_an_unsigned_request_gets_an_unsigned_answer(hub: Hub) -> None:
    response = await hub.client.get("/v1/members")
    assert response.status == 200
    assert "Signature" not in response.headers


async def test_strangers_and_keys_of_other_purposes(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    for key in (signing_key("stranger"), PROVIDER.statement):
        assert await refused(hub, hub.signature("GET", "/v1/members", key)) == (401, "http_key_unknown")


async def test_a_bad_signature_is_not_none(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    good = hub.signature("GET", "/v1/members", PROVIDER.http)
    elsewhere = hub.signature("GET", "/v1/neutrals", PROVIDER.http)
    assert await refused(hub, elsewhere) == (401, "bad_http_signature")
    assert await refused(hub, good | {"Signature": "odr=:AAAA:"}) == (401, "bad_http_signature")
    assert await refused(hub, {"Host": good["Host"], "Signature": good["Signature"]}) == (401, "signature_needed")
    assert await refused(hub, good | {"Signature-Input": "odr=()"}) == (401, "signature_needed")
    assert await refused(hub, good | {"Host": "other.example"}) == (421, "wrong_authority")


async def test_times_are_held(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    request = Request("GET", URL + "/v1/members", {})
    host = {"Host": "hub.example:8600"}
    early = host | sign_request(request, PROVIDER.http, hub.clock() + 60)
    late = host | sign_request(request, PROVIDER.http, hub.clock() - 300)
    assert await refused(hub, early) == (401, "http_signature_early")
    assert await refused(hub, late) == (401, "http_signature_expired")


async def test_a_signed_post_counts_once(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    document = hub.speaker.accreditation(PROVIDER)
    fields = {"Content-Type": "application/jose+json"}
    headers = fields | hub.signature("POST", "/v1/statements", PROVIDER.http, fields=fields, body=document)
    status, receipt = await hub.post(document, headers=headers)
    assert status == 201, receipt
    status, problem = await hub.post(document, headers=headers)
    assert (status, problem["code"]) == (401, "nonce_reused")


async def test_the_body_of_a_signed_post_is_covered(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    document = hub.speaker.accreditation(PROVIDER)
    fields = {"Content-Type": "application/jose+json"}
    headers = fields | hub.signature("POST", "/v1/statements", PROVIDER.http, fields=fields, body=document)
    status, problem = await hub.post(document + b" ", headers=headers)
    assert (status, problem["code"]) == (401, "digest_mismatch")
    bare = fields | hub.signature("POST", "/v1/statements", PROVIDER.http)
    status, problem = await hub.post(document, headers=bare)
    assert (status, problem["code"]) == (401, "digest_missing")


async def test_a_revoked_http_key_may_not_act(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    headers = hub.signature("GET", "/v1/members", PROVIDER.http)
    assert (await hub.client.get("/v1/members", headers=headers)).status == 200
    await hub.registered(hub.speaker.revoke(PROVIDER, PROVIDER.http))
    again: dict[str, Any] = hub.signature("GET", "/v1/members", PROVIDER.http)
    assert await refused(hub, again) == (401, "http_key_refused")


async def test_a_refusal_of_head_is_signed_without_a_body(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    path = "/v1/uploads/AAAAAAAAAAAAAAAAAAAAAA"
    headers = {"Tus-Resumable": "1.0.0"} | hub.signature("HEAD", path, PROVIDER.http)
    response = await hub.client.head(path, headers=headers)
    assert response.status == 404
    answer = Response(response.status, list(response.headers.items()), await response.read())
    verify_response(answer, Request("HEAD", URL + path, headers), hub.speaker.hub.http.public, hub.clock())


async def test_a_signature_is_verified_before_an_upload_is_read(hub: Hub) -> None:
    """Strangers can't make the hub read: the answer comes although the body never does."""
    await hub.registered(hub.speaker.member(PROVIDER))
    path = "/v1/uploads/AAAAAAAAAAAAAAAAAAAAAA"
    fields = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    fields |= {"Content-Digest": content_digest(b"x" * 1000)}
    good = fields | hub.signature("PATCH", path, PROVIDER.http, fields=fields)
    strange = fields | hub.signature("PATCH", path, signing_key("stranger"), fields=fields)
    bad = good | {"Upload-Offset": "1"}
    for headers, status in ((strange, 401), (bad, 401), (good, 404), (good, 401)):
        reader, writer = await asyncio.open_connection(hub.client.server.host, hub.client.server.port)
        lines = "".join(f"{name}: {value}\r\n" for name, value in {**headers, "Content-Length": "1000"}.items())
        writer.write(f"PATCH {path} HTTP/1.1\r\n{lines}\r\n".encode())
        line = await asyncio.wait_for(reader.readline(), 5)
        assert line.split()[1] == str(status).encode(), line
        writer.close()
