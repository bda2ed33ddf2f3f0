"""The hub client: what it sends, what it makes of answers, and what it refuses to swallow."""

import asyncio
import json
from collections.abc import Iterator

import aiohttp
import pytest
from aiohttp import web

from providers.addresses import checked_url
from providers.client import HubClient, connect, http_signer
from providers.errors import GatewayError, HubRefusedError, HubUnavailableError
from signing.httpsig import Request, verify_request
from signing.statement import parse_statement
from tests.fakes.world import World
from tests.providers.fakehub import FakeHub, problem


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    world = World()
    world.add_provider()
    with FakeHub(world) as running:
        yield running


async def test_the_policy_chain_comes_with_receipts(hub: FakeHub) -> None:
    async with connect(hub.url) as client:
        chain = await client.policy_chain()
    assert [one.statement.kind for one in chain] == ["genesis"]
    assert chain[0].receipt.index == 0


async def test_posting_returns_a_receipt_and_posting_again_the_first_signatures(hub: FakeHub) -> None:
    world = hub.world
    body = {"type": "provider", "profile": {}, "keys": world.actor("provider-b", "provider").entries("statement")}
    key = world.actor("provider-b", "provider").statement
    first = world.compose("member", "provider-b", body, [(key, "introduced"), *world.officer_signers()])
    world.now += 60
    octets = parse_statement(first).octets
    async with connect(hub.url) as client:
        one = await client.post_statement(parse_statement(first))
        again = await client.post_statement(parse_statement(_signed_later(world, octets, key)))
    assert one.receipt.index == len(world.entries) - 1
    assert again.receipt.index == one.receipt.index
    assert again.statement.document == one.statement.document


def _signed_later(world: World, octets: bytes, key: object) -> bytes:
    from signing.compose import sign_all
    from signing.secretkeys import SigningKey

    assert isinstance(key, SigningKey)
    return sign_all(octets, [(key, "introduced"), *world.officer_signers()], world.now)


async def test_an_annex_goes_as_a_second_part(hub: FakeHub) -> None:
    world = hub.world
    actor = world.actor("provider-b", "provider")
    annex = b'{"note":"restricted","salt":"' + b"A" * 43 + b'"}'
    body = {"type": "provider", "profile": {}, "keys": actor.entries("statement")}
    signers = [(actor.statement, "introduced"), *world.officer_signers()]
    statement = parse_statement(world.compose("member", "provider-b", body, signers, annex=annex))
    async with connect(hub.url) as client:
        await client.post_statement(statement, annex, wait_seconds=7)
    assert hub.annexes == {statement.digest: annex}
    _, _, headers = hub.requests[-1]
    assert headers["Prefer"] == "wait=7"
    assert headers["Content-Type"].startswith("multipart/form-data; boundary=")


async def test_dry_run_changes_nothing(hub: FakeHub) -> None:
    size = len(hub.world.entries)
    async with connect(hub.url) as client:
        await client.dry_run(hub.world.statements[1])
    assert len(hub.world.entries) == size


async def test_a_problem_becomes_a_refusal_with_all_its_parts(hub: FakeHub) -> None:
    errors = [{"pointer": "/body/seat", "message": "seat is missing"}]
    hub.overrides["/v1/policy"] = lambda _: problem(
        422, "schema_violation", "Not a valid award.", "/body", actor="issuer", retryable=True, errors=errors
    )
    async with connect(hub.url) as client:
        with pytest.raises(HubRefusedError) as caught:
            await client.policy_chain()
    error = caught.value
    assert (error.code, error.where, error.actor, error.retryable) == ("schema_violation", "/body", "issuer", True)
    assert error.message == "Not a valid award.\n  /body/seat: seat is missing"


@pytest.mark.parametrize(
    "body", [b"<html>", b"{}", b'{"code": 7, "detail": "x"}', b'{"code": "Bad Code", "detail": "x"}', b"[]", b""]
)
async def test_a_refusal_without_a_problem_is_no_usable_answer(hub: FakeHub, body: bytes) -> None:
    hub.overrides["/v1/policy"] = lambda _: web.Response(status=502, body=body)
    async with connect(hub.url) as client:
        with pytest.raises(HubUnavailableError, match="answered 502 without saying why") as caught:
            await client.policy_chain()
    assert (caught.value.code, caught.value.actor, caught.value.retryable) == ("bad_answer", "hub", True)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "not strict JSON"),
        (b'{"chain": 1.5}', "not strict JSON"),
        (b'{"chain": [], "chain": []}', "not strict JSON"),
        (b"[]", "no JSON object"),
        (b'{"chain": {}}', "list of statements with receipts"),
        (b'{"chain": [7]}', "statement with its receipt"),
        (b'{"chain": [{"statement": {"payload": "", "signatures": []}}]}', "not in the one accepted form"),
    ],
)
async def test_an_answer_in_another_form_is_refused(hub: FakeHub, body: bytes, message: str) -> None:
    hub.overrides["/v1/policy"] = lambda _: web.Response(body=body, content_type="application/json")
    async with connect(hub.url) as client:
        with pytest.raises(HubUnavailableError, match=message) as caught:
            await client.policy_chain()
    assert caught.value.code == "bad_answer"


@pytest.mark.parametrize(
    "change",
    [{"digest": "xx"}, {"index": -1}, {"index": True}, {"proof": 7}, {"state": "fine"}, {"more": 1}],
    ids=lambda change: str(next(iter(change))),
)
async def test_a_receipt_in_another_form_is_refused(hub: FakeHub, change: dict[str, object]) -> None:
    answer = json.dumps(hub.receipt(1) | change)
    digest = hub.world.statements[1].digest
    hub.overrides[f"/v1/statements/{digest}/receipt"] = lambda _: web.Response(
        text=answer, content_type="application/json"
    )
    async with connect(hub.url) as client:
        with pytest.raises(HubUnavailableError, match="receipt") as caught:
            await client.receipt(digest)
    assert caught.value.code == "bad_answer"


async def test_another_statement_than_the_one_asked_for_is_refused(hub: FakeHub) -> None:
    wanted = hub.world.statements[1].digest
    other = json.dumps(hub.both(2))
    hub.overrides[f"/v1/statements/{wanted}"] = lambda _: web.Response(text=other, content_type="application/json")
    async with connect(hub.url) as client:
        with pytest.raises(HubUnavailableError, match="another statement than the one asked for"):
            await client.registration(wanted)


async def test_another_award_than_the_one_asked_for_is_refused(hub: FakeHub) -> None:
    world = hub.world
    provider = world.add_provider("provider-b")
    index = world.admit(world.award(provider, world.add_neutral(provider)))
    async with connect(hub.url) as client:
        proofs = await client.award(world.statements[index].digest)
        answer = json.dumps({"award": hub.both(index), "evidence": [], "status": {}})
        hub.overrides["/v1/awards/" + "ab" * 32] = lambda _: web.Response(text=answer, content_type="application/json")
        with pytest.raises(HubUnavailableError, match="another statement than the one asked for"):
            await client.award("ab" * 32)
    assert proofs.award.receipt.index == index


async def test_an_endless_answer_is_cut_off(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.client.MAX_PROBLEM_BYTES", 1_000)
    hub.overrides["/log/checkpoint"] = lambda _: web.Response(body=b"x" * 1_001)
    async with connect(hub.url) as client:
        with pytest.raises(HubUnavailableError, match="longer than 1000 bytes"):
            await client.checkpoint()


async def test_redirects_are_not_followed(hub: FakeHub) -> None:
    hub.overrides["/log/checkpoint"] = lambda _: web.Response(status=302, headers={"Location": f"{hub.url}/v1/policy"})
    async with connect(hub.url) as client:
        with pytest.raises(HubUnavailableError, match="answered 302"):
            await client.checkpoint()


async def test_an_unreachable_hub_is_named() -> None:
    async with connect("http://127.0.0.1:1") as client:
        with pytest.raises(HubUnavailableError, match="The hub can't be reached") as caught:
            await client.checkpoint()
    assert (caught.value.code, caught.value.retryable) == ("hub_unreachable", True)


async def test_a_silent_hub_times_out() -> None:
    release, gone = asyncio.Event(), asyncio.Event()

    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.close()
        gone.set()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with connect(f"http://127.0.0.1:{port}", timeout_seconds=0.1) as client:
        with pytest.raises(HubUnavailableError, match="did not answer in time") as caught:
            await client.checkpoint()
    assert caught.value.code == "hub_timeout"
    release.set()
    await gone.wait()
    server.close()
    await server.wait_closed()


async def test_non_public_reads_are_signed_as_the_hub_verifies_them(hub: FakeHub) -> None:
    key = hub.world.signing_key("http")
    digest = hub.world.statements[1].digest
    async with connect(hub.url, sign=http_signer(key, lambda: 1_790_000_000)) as client:
        await client.registration(digest)
    method, path, headers = hub.requests[-1]
    request = Request(method, hub.url + path, headers)
    assert verify_request(request, key.public, 1_790_000_000).keyid == key.kid


async def test_a_session_of_the_callers_is_used_and_left_open(hub: FakeHub) -> None:
    async with aiohttp.ClientSession() as session:
        await HubClient(hub.url, session).checkpoint()
        assert not session.closed


@pytest.mark.parametrize(
    "url", ["hub.example", "ftp://hub.example", "http://", "http://h/x", "http://a@h", "http://h?x"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(GatewayError) as caught:
        checked_url(url)
    assert caught.value.code == "bad_hub_url"


def test_a_trailing_slash_is_forgiven() -> None:
    assert checked_url("https://hub.example:8600/") == "https://hub.example:8600"
