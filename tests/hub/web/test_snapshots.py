"""Snapshots of the directory: signed, of a published checkpoint, with entries and deltas that lead to the digest."""

import asyncio
import json
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from hub import snapshots
from hub.storage.search import Search
from hub.web.appkeys import DIRECTORY_FOLLOWER, SNAPSHOTS
from signing.encoding import canonical
from signing.errors import SignatureError
from signing.httpsig import Request, Response, verify_response
from signing.notes import parse_checkpoint, parse_note
from signing.statement import parse_jws, verify_signatures
from tests.hub.exchange.providers import problem
from tests.hub.running import Hub
from tests.hub.web.described import fits
from tests.hub.world import Actor

ACME, BRIO, NOOR = Actor("acme", "provider"), Actor("brio", "provider"), Actor("noor", "neutral")


async def snapshot(hub: Hub) -> dict[str, Any]:
    """The payload, once the signature of the hub's statement key holds."""
    response = await hub.client.get("/v1/directory/snapshot")
    assert (response.status, response.content_type) == (200, "application/jose+json")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    jws = parse_jws(await response.read(), "odr-directory+jws")
    key = hub.speaker.hub.statement.public
    assert jws.roles == {key.kid: "hub"}
    verify_signatures(jws, {key.kid: key})
    return dict(jws.payload)


async def lines(hub: Hub, digest: str) -> list[bytes]:
    response = await hub.client.get(f"/v1/directory/entries/{digest}")
    assert (response.status, response.content_type) == (200, "application/jsonl")
    assert "immutable" in response.headers["Cache-Control"]
    return (await response.read()).splitlines()


def digest_of(some: list[bytes]) -> str:
    return sha256(b"".join(sha256(one).digest() for one in some)).hexdigest()


async def filled(hub: Hub) -> None:
    for document in (
        hub.speaker.member(BRIO), hub.speaker.member(ACME), hub.speaker.accreditation(ACME),
        hub.speaker.neutral(NOOR, ACME),
    ):  # fmt: skip
        await hub.registered(document)


async def test_a_snapshot_of_nobody(hub: Hub) -> None:
    found = await snapshot(hub)
    assert found["entries"] == {"count": 0, "digest": digest_of([])}
    assert await lines(hub, found["entries"]["digest"]) == []


async def test_a_snapshot_is_of_the_published_checkpoint(hub: Hub) -> None:
    await filled(hub)
    found = await snapshot(hub)
    head = parse_checkpoint(parse_note(found["checkpoint"].encode()).text)
    assert (found["size"], found["root"]) == (head.size, head.root.hex()) == (5, found["root"])
    assert (found["v"], found["network"]) == (1, hub.speaker.network)
    assert (found["time"], found["next"]) == (hub.clock.now, hub.clock.now + 3600)
    some = await lines(hub, found["entries"]["digest"])
    assert found["entries"] == {"count": 3, "digest": digest_of(some)}
    records = [json.loads(one) for one in some]
    assert [one["id"] for one in records] == ["acme", "brio", "noor"]
    assert [canonical(one) for one in records] == some
    assert records[0]["accreditation"]["status"] == "listed"
    assert "disclosures_standing" not in str(records), "nothing of an annex"


async def test_a_delta_leads_from_one_snapshot_to_the_next(hub: Hub) -> None:
    await filled(hub)
    old = await snapshot(hub)
    held = {json.loads(one)["id"]: one for one in await lines(hub, old["entries"]["digest"])}
    await hub.registered(hub.speaker.accreditation(ACME, "suspended", 2))
    await hub.registered(hub.speaker.revoke(NOOR, NOOR.statement))
    new = await snapshot(hub)
    status, delta = await hub.get(f"/v1/directory/delta?from={old['size']}&at={new['size']}")
    assert status == 200
    fits("/v1/directory/delta", delta)
    assert [one["id"] for one in delta["entries"]] == ["acme", "noor"]
    held |= {one["id"]: canonical(one) for one in delta["entries"]}
    assert new["entries"]["digest"] == digest_of([held[name] for name in sorted(held)]) != old["entries"]["digest"]
    _, none = await hub.get(f"/v1/directory/delta?from={new['size']}")
    assert none["entries"] == []
    _, between = await hub.get(f"/v1/directory/delta?from=1&at={old['size']}")
    assert [one["id"] for one in between["entries"]] == ["acme", "brio", "noor"]


async def test_the_records_of_a_delta_are_sent_as_they_are_stored(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """To read and write 5,000 of them anew would hold up everybody else."""
    await filled(hub)
    app: Any = hub.client.app

    async def stored(first: int, size: int) -> list[str]:
        return ['{"id":  "acme"}', '{"name": "Ünal"}']

    monkeypatch.setattr(app[SNAPSHOTS], "delta", stored)
    answer = await (await hub.client.get("/v1/directory/delta?from=1")).read()
    assert '"entries":[{"id":  "acme"},{"name": "Ünal"}]'.encode() in answer


async def test_entries_are_sent_under_the_headers_of_every_answer(hub: Hub) -> None:
    await filled(hub)
    digest = (await snapshot(hub))["entries"]["digest"]
    answer = await hub.client.get(f"/v1/directory/entries/{digest}")
    assert len((await answer.read()).splitlines()) == 3
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Correlation-Id"]


async def test_head_of_entries_has_no_body_that_the_next_answer_would_be_read_after(hub: Hub) -> None:
    await filled(hub)
    digest, server = (await snapshot(hub))["entries"]["digest"], hub.client.server
    reader, writer = await asyncio.open_connection(server.host, server.port)
    with closing(writer):
        writer.write(f"HEAD /v1/directory/entries/{digest} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        head, following, body = (await reader.read()).split(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert b"application/jsonl" in head
        assert following.startswith(b"HTTP/1.1 200")
        assert body == b'{"status":"ok"}'
    await writer.wait_closed()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_entries_are_signed_for_a_signed_request(hub: Hub, method: str) -> None:
    """PROTOCOL §11: of all answers to signed requests only packages are not signed."""
    await filled(hub)
    path = f"/v1/directory/entries/{(await snapshot(hub))['entries']['digest']}"
    signed = hub.signature(method, path, ACME.http)
    response = await hub.client.request(method, path, headers=signed)
    body, asked = await response.read(), Request(method, hub.url + path, list(signed.items()))
    answer = Response(response.status, list(response.headers.items()), body)
    verify_response(answer, asked, hub.speaker.hub.http.public, hub.clock())
    assert len(body.splitlines()) == (3 if method == "GET" else 0)
    with pytest.raises(SignatureError):
        verify_response(replace(answer, body=body + b"{}"), asked, hub.speaker.hub.http.public, hub.clock())


async def test_it_is_computed_once_for_a_checkpoint(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[int] = []
    whole = Search.whole

    async def counted(self: Search, size: int) -> Any:
        computed.append(size)
        return await whole(self, size)

    monkeypatch.setattr(Search, "whole", counted)
    await filled(hub)
    assert computed == [], "nobody has asked"
    found = await asyncio.gather(*(snapshot(hub) for _ in range(5)))
    assert all(one == found[0] for one in found)
    hub.clock.now += snapshots.RENEW_SECONDS
    later = await snapshot(hub)
    assert (later["time"], later["entries"]) == (hub.clock.now, found[0]["entries"]), "signed again, not computed again"
    assert computed == [5]
    await hub.registered(hub.speaker.accreditation(BRIO))
    await snapshot(hub)
    assert computed == [5, 6]


async def test_entries_of_another_time_are_not_served(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "_KEPT", 1)
    old = (await snapshot(hub))["entries"]["digest"]
    await filled(hub)
    new = (await snapshot(hub))["entries"]["digest"]
    assert len(await lines(hub, new)) == 3
    assert await problem(await hub.client.get(f"/v1/directory/entries/{old}")) == (404, "unknown_snapshot")
    assert await problem(await hub.client.get("/v1/directory/entries/xyz")) == (400, "bad_parameter")


async def test_deltas_are_bounded(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "DELTA_ENTRIES", 2)
    await filled(hub)
    assert await problem(await hub.client.get("/v1/directory/delta?from=1")) == (422, "delta_too_long")
    assert (await hub.get("/v1/directory/delta?from=2"))[0] == 200
    for query in ("from=0", "from=6", "from=x", "from=3&at=2"):
        response = await hub.client.get(f"/v1/directory/delta?{query}")
        assert await problem(response) == (400, "bad_parameter"), query


async def test_no_snapshot_beyond_what_was_taken_in(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    app: Any = hub.client.app
    await filled(hub)
    await snapshot(hub)
    monkeypatch.setattr("hub.storage.search._PATIENCE_SECONDS", 0.01)
    await app[DIRECTORY_FOLLOWER].close()
    await hub.registered(hub.speaker.accreditation(BRIO))
    assert await problem(await hub.client.get("/v1/directory/snapshot")) == (503, "directory_behind")
    assert await problem(await hub.client.get("/v1/directory/delta")) == (503, "directory_behind")


async def test_many_lines_come_in_pieces(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "_LINES", 2)
    await filled(hub)
    app: Any = hub.client.app
    found = await snapshot(hub)
    pieces = [one async for one in app[SNAPSHOTS].entries(found["entries"]["digest"])]
    assert [one.count(b"\n") for one in pieces] == [2, 1]
