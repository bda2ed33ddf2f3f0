"""Packages: for their uploader and their recipient alone, whole or in ranges; and the record of their deletion."""

import hashlib
from base64 import b64encode
from typing import Any

import pytest

from hub.web.appkeys import FILES, JOBS
from hub.web.packages import RangeError, byte_range
from signing.compose import timestamp
from signing.statement import parse_jws, verify_signatures
from tests.hub.exchange.providers import ACME, BRIO, CORA, COURT, DAY, Exchange, problem, sha256, urn
from tests.hub.running import Hub

DATA = bytes(range(256)) * 4090
PATH = f"/v1/packages/{sha256(DATA)}"


@pytest.fixture
async def exchange(hub: Hub) -> Exchange:
    found = Exchange(hub)
    await found.admit(ACME, BRIO, CORA, COURT)
    return found


async def test_the_two_members_get_the_octets(exchange: Exchange) -> None:
    await exchange.upload(DATA)
    for actor in (ACME, BRIO):
        response = await exchange.read(PATH, actor)
        assert (response.status, await response.read()) == (200, DATA)
        assert response.headers["Content-Length"] == str(len(DATA))
        assert response.headers["Content-Type"] == "application/octet-stream"
        digest = b64encode(hashlib.sha256(DATA).digest()).decode()
        assert response.headers["Repr-Digest"] == f"sha-256=:{digest}:"
        assert response.headers["ETag"] == f'"{sha256(DATA)}"'
        assert response.headers["Cache-Control"] == "private, no-store"
        assert response.headers["Correlation-Id"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "Signature" not in response.headers, "packages are never signed: their address names their hash"
    response = await exchange.send("HEAD", PATH, BRIO)
    assert (response.status, response.headers["Content-Length"], await response.read()) == (200, str(len(DATA)), b"")


async def test_for_others_it_does_not_exist(exchange: Exchange) -> None:
    """A foreign reader can't tell a package that is there from one that is not."""
    absent = f"/v1/packages/{'0' * 64}"
    await exchange.upload(DATA)
    officer = exchange.hub.speaker.officers[0]
    for reader in (CORA, COURT, officer):
        answers = []
        for path in (PATH, absent, f"{PATH}/deletion", f"{absent}/deletion"):
            response = await exchange.read(path, reader)
            members = await response.json(content_type=None)
            answers.append((response.status, {name: members[name] for name in ("code", "detail", "title")}))
        assert answers[0][0] == 404
        assert answers[0] == answers[1] == answers[2] == answers[3]
    assert await problem(await exchange.read(PATH, None)) == (401, "signature_needed")
    assert await problem(await exchange.read("/v1/packages/x", BRIO)) == (400, "bad_parameter")
    assert await problem(await exchange.read(f"/v1/packages/{'0' * 64}/deletion", None)) == (401, "signature_needed")


async def test_announcing_a_file_is_not_having_it(exchange: Exchange) -> None:
    """Whoever knows a hash does not become its uploader by announcing it."""
    await exchange.upload(DATA)
    response = await exchange.create(DATA, actor=CORA, transfer=urn(CORA, 1))
    assert response.status == 201
    assert (await exchange.read(PATH, CORA)).status == 404


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, len(DATA)),
        ("bytes=1000-1999", 1000, 2000),
        (f"bytes={len(DATA) - 1}-", len(DATA) - 1, len(DATA)),
        ("bytes=100-99999999999999", 100, len(DATA)),
        ("bytes=-5", len(DATA) - 5, len(DATA)),
        ("bytes=-99999999999", 0, len(DATA)),
        ("bytes=262143-524289", 262_143, 524_290),
    ],
)
async def test_a_range(exchange: Exchange, asked: str, first: int, end: int) -> None:
    await exchange.upload(DATA)
    response = await exchange.read(PATH, BRIO, Range=asked)
    assert (response.status, await response.read()) == (206, DATA[first:end])
    assert response.headers["Content-Range"] == f"bytes {first}-{end - 1}/{len(DATA)}"
    assert response.headers["Content-Length"] == str(end - first)


@pytest.mark.parametrize(
    "asked", [f"bytes={len(DATA)}-", "bytes=-0", "bytes=5-4", "bytes=0-1,3-4", "bytes=-", "bytes=a-b", "bytes=1"]
)
async def test_a_range_that_is_not_there(exchange: Exchange, asked: str) -> None:
    await exchange.upload(DATA)
    response = await exchange.read(PATH, BRIO, Range=asked)
    assert await problem(response) == (416, "range_not_satisfiable")
    assert response.headers["Content-Range"] == f"bytes */{len(DATA)}"


async def test_ranges_continue_only_the_same_file(exchange: Exchange) -> None:
    await exchange.upload(DATA)
    for condition, status in ((f'"{sha256(DATA)}"', 206), ('"other"', 200), ("Wed, 25 Nov 2026 08:00:00 GMT", 200)):
        response = await exchange.read(PATH, BRIO, Range="bytes=10-19", If_Range=condition)
        assert response.status == status, condition
    assert (await exchange.read(PATH, BRIO, Range="items=0-1")).status == 200, "unknown units are ignored"


async def test_a_reader_that_goes_away_is_no_fault(exchange: Exchange, caplog: pytest.LogCaptureFixture) -> None:
    await exchange.upload(DATA)
    response = await exchange.read(PATH, BRIO)
    assert await response.content.readexactly(10) == DATA[:10]
    response.close()
    assert await (await exchange.read(PATH, BRIO)).read() == DATA
    assert not [one for one in caplog.records if one.levelname == "ERROR"]


def test_ranges_are_within_the_file() -> None:
    assert byte_range(None, 10) is None
    assert byte_range("bytes=3-", 10) == (3, 10)
    with pytest.raises(RangeError) as caught:
        byte_range("bytes=10-", 10)
    assert caught.value.headers == {"Content-Range": "bytes */10"}


async def deleted(exchange: Exchange) -> None:
    exchange.hub.clock.now += 31 * DAY
    await exchange.hub.client.app[JOBS].run("retention")


async def record(exchange: Exchange, path: str, actor: Any) -> dict[str, Any]:
    """The payload of a deletion record, once its signature holds."""
    response = await exchange.read(f"{path}/deletion", actor)
    assert response.status == 200, await response.text()
    jws = parse_jws(await response.read(), "odr-deletion+jws")
    key = exchange.hub.speaker.hub.statement.public
    verify_signatures(jws, {key.kid: key})
    assert [one.role for one in jws.signatures] == ["hub"]
    return jws.payload


async def test_a_deleted_package_leaves_a_signed_record_to_both(exchange: Exchange) -> None:
    uploaded = exchange.hub.clock.now
    await exchange.upload(DATA)
    assert await problem(await exchange.read(f"{PATH}/deletion", BRIO)) == (404, "not_found")
    await deleted(exchange)
    for actor in (ACME, BRIO):
        assert await problem(await exchange.read(PATH, actor)) == (410, "package_deleted")
        payload = await record(exchange, PATH, actor)
        assert payload == {
            "v": 1, "network": exchange.hub.speaker.network, "transfer_id": exchange.transfer, "purpose": "package",
            "sha256": sha256(DATA), "size": len(DATA), "sender": ACME.id, "recipient": BRIO.id,
            "stored_at": timestamp(uploaded), "deleted_at": timestamp(exchange.hub.clock.now), "reason": "unclaimed",
        }  # fmt: skip
    assert (await exchange.read(PATH, CORA)).status == 404
    assert not exchange.hub.client.app[FILES].path(sha256(DATA)).exists()
    assert await problem(await exchange.create(DATA)) == (410, "package_deleted")


async def test_a_file_that_is_not_there_is_no_fault_of_the_reader(exchange: Exchange) -> None:
    await exchange.upload(DATA)
    exchange.hub.client.app[FILES].unlink(sha256(DATA))
    assert await problem(await exchange.read(PATH, BRIO)) == (410, "package_deleted")
