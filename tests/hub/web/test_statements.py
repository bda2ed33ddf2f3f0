"""The one door: posting statements, receipts, who may read what."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from signing.compose import assemble, sign, sign_all
from signing.encoding import b64u_encode, canonical, sha256_hex
from signing.notes import parse_note, parse_proof
from signing.signnotes import witness_signer
from signing.statement import parse_statement
from tests.hub.running import Hub, Running
from tests.hub.world import PDF, Actor, example, signing_key

PROVIDER = Actor("provider-a", "provider")
OTHER = Actor("provider-b", "provider")
NEUTRAL = Actor("neutral-a", "neutral")
COURT = Actor("court-a", "court")


async def populated(hub: Hub) -> dict[str, Any]:
    """A provider, a neutral, another provider, a court, and one award; returns the award's receipt."""
    speaker = hub.speaker
    for document in (speaker.member(PROVIDER), speaker.accreditation(PROVIDER), speaker.member(OTHER)):
        await hub.registered(document)
    await hub.registered(speaker.member(COURT))
    await hub.registered(speaker.neutral(NEUTRAL, PROVIDER))
    await hub.registered(speaker.accreditation(NEUTRAL))
    return await hub.registered(speaker.award(PROVIDER, NEUTRAL))


async def test_a_member_is_registered_with_a_proof(hub: Hub) -> None:
    document = hub.speaker.member(PROVIDER)
    response = await hub.client.post(
        "/v1/statements", data=document, headers={"Content-Type": "application/jose+json", "Prefer": "wait=1"}
    )
    receipt = await response.json()
    assert response.status == 201, receipt
    assert response.headers["Location"] == f"/v1/statements/{receipt['digest']}/receipt"
    assert response.headers["Preference-Applied"] == "wait=1"
    assert receipt["index"] == 1
    assert receipt["state"] == "unwitnessed"
    assert receipt["digest"] == parse_statement(document).digest
    proof = parse_proof(receipt["proof"].encode())
    assert proof.index == 1
    assert parse_note(proof.checkpoint).text.startswith("hub.example:8600/log/1\n2\n")


async def test_the_same_again_returns_the_first_registration(hub: Hub) -> None:
    document = hub.speaker.member(PROVIDER)
    first = await hub.registered(document)
    members = json.loads(document)
    members["signatures"].reverse()
    status, again = await hub.post(canonical(members))
    assert status == 200
    assert (again["digest"], again["index"]) == (first["digest"], first["index"])
    assert again["statement"] == json.loads(parse_statement(document).document)


async def test_a_dry_run_changes_nothing(hub: Hub) -> None:
    document = hub.speaker.member(PROVIDER)
    response = await hub.client.post(
        "/v1/statements?dry_run=true", data=document, headers={"Content-Type": "application/jose+json"}
    )
    assert response.status == 200
    assert await response.json() == {"digest": parse_statement(document).digest, "dry_run": True}
    assert (await hub.get("/v1/members"))[1]["members"] == []
    assert (await hub.registered(document))["index"] == 1


async def test_a_dry_run_tells_what_registering_would(hub: Hub) -> None:
    document = hub.speaker.accreditation(PROVIDER)
    response = await hub.client.post(
        "/v1/statements?dry_run=true", data=document, headers={"Content-Type": "application/jose+json"}
    )
    problem = await response.json(content_type=None)
    assert response.status == 422
    assert problem["code"] == "unknown_subject"


async def test_without_the_quorum_a_receipt_is_provisional(start: Callable[..., Running]) -> None:
    vkey = witness_signer("w.example", signing_key("w")).verifier.format()
    policy = f"witness w {vkey} http://127.0.0.1:9\nquorum w\n"
    async with start(witness_policy=policy) as hub:
        document = hub.speaker.member(PROVIDER)
        headers = {"Content-Type": "application/jose+json", "Prefer": "wait=0"}
        response = await hub.client.post("/v1/statements", data=document, headers=headers)
        receipt = await response.json()
        assert response.status == 202
        assert receipt["state"] == "provisional"
        status, current = await hub.get(response.headers["Location"])
        assert status == 200
        assert current["state"] == "provisional"
        status, problem = await hub.get("/log/checkpoint")
        assert (status, problem["code"]) == (404, "no_checkpoint")


async def test_a_hub_that_requires_the_quorum_refuses_without_it(start: Callable[..., Running]) -> None:
    vkey = witness_signer("w.example", signing_key("w")).verifier.format()
    settings = "[log]\nrequire_quorum = true\n"
    async with start(witness_policy=f"witness w {vkey} http://127.0.0.1:9\nquorum w\n", settings=settings) as hub:
        status, receipt = await hub.post(hub.speaker.member(PROVIDER), headers={"Prefer": "wait=0"})
        assert (status, receipt["state"]) == (202, "provisional")
        hub.clock.now += 301
        status, problem = await hub.post(hub.speaker.member(OTHER))
        assert (status, problem["code"], problem["retryable"]) == (503, "no_quorum", True)
        assert (await hub.get("/readyz"))[0] == 503
        assert (await hub.get("/v1/members"))[1]["size"] == 2


async def refusal(hub: Hub, document: bytes, annex: bytes | None = None) -> tuple[int, str, str]:
    status, problem = await hub.post(document, annex)
    assert problem["type"] == f"/docs/problems#{problem['code']}"
    assert problem["detail"].endswith("."), problem
    assert len(problem["correlation_id"]) == 16
    return status, problem["code"], problem.get("where", "")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (b"", (400, "not_json", "")),
        (b"\xff", (400, "not_utf8", "")),
        (b"[]", (400, "bad_jws", "")),
        (b"{" * 50, (400, "too_deep", "")),
        (b'{"payload":"","payload":"","signatures":[]}', (400, "duplicate_name", "")),
        (b'{"payload":"e30","signatures":[],"more":1}', (400, "bad_jws", "")),
        (b'{"payload":"e30=","signatures":[]}', (400, "bad_base64url", "/payload")),
        (b'{"payload":"e30","signatures":[]}', (400, "bad_jws", "/signatures")),
        (b'{"payload":1.5,"signatures":[]}', (400, "bad_number", "")),
    ],
)
async def test_malformed_documents(hub: Hub, document: bytes, expected: tuple[int, str, str]) -> None:
    assert await refusal(hub, document) == expected


async def test_wrong_network(hub: Hub) -> None:
    document = hub.speaker.compose(
        "accreditation", "coordinator", example("accreditation", "valid-listed")["body"], hub.speaker.officer(),
        network="0" * 64,
    )  # fmt: skip
    assert await refusal(hub, document) == (422, "wrong_network", "/network")


async def test_every_schema_violation_is_listed(hub: Hub) -> None:
    body = example("accreditation", "valid-listed")["body"] | {"status": "fine", "surprise": 1}
    document = hub.speaker.compose("accreditation", "coordinator", body, hub.speaker.officer())
    status, problem = await hub.post(document)
    assert (status, problem["code"], problem["actor"]) == (422, "schema_violation", "issuer")
    assert {one["pointer"] for one in problem["errors"]} >= {"/body/status", "/body/surprise"}
    assert all(one["message"].endswith(".") for one in problem["errors"])


async def test_an_unknown_kid_is_refused_before_any_signature_is_verified(hub: Hub) -> None:
    body = example("accreditation", "valid-listed")["body"]
    stranger, officer = signing_key("stranger"), hub.speaker.officers[0].statement
    document = hub.speaker.compose("accreditation", "coordinator", body, [(stranger, "officer"), (officer, "officer")])
    members = json.loads(document)
    for one in members["signatures"]:
        one["signature"] = b64u_encode(bytes(64))
    assert await refusal(hub, canonical(members)) == (403, "unknown_key", stranger.kid)


async def test_a_forged_signature(hub: Hub) -> None:
    members = json.loads(hub.speaker.accreditation(PROVIDER))
    members["signatures"][0]["signature"] = b64u_encode(bytes(64))
    officer = hub.speaker.officers[0].statement
    assert await refusal(hub, canonical(members)) == (422, "bad_signature", officer.kid)


async def test_stripped_and_extra_signatures(hub: Hub) -> None:
    members = json.loads(hub.speaker.member(PROVIDER))
    stripped = members | {"signatures": members["signatures"][:-1]}
    assert (await refusal(hub, canonical(stripped)))[:2] == (422, "signature_missing")
    octets = parse_statement(canonical(members)).octets
    extra = sign(octets, signing_key("stranger"), "officer", hub.clock())
    assert (await refusal(hub, assemble(octets, [*members["signatures"], extra])))[:2] == (422, "signature_extra")


async def test_nobody_registered_has_signed(hub: Hub) -> None:
    """The schema asks for an officer; a key that calls itself one but is introduced here is not registered."""
    document = hub.speaker.member(PROVIDER)
    payload = parse_statement(document).payload
    payload["signers"] = [
        {"kid": PROVIDER.statement.kid, "role": "officer"},
        {"kid": PROVIDER.http.kid, "role": "introduced"},
    ]
    octets = canonical(payload)
    forged = sign_all(octets, [(PROVIDER.statement, "officer"), (PROVIDER.http, "introduced")], hub.clock())
    assert (await refusal(hub, forged))[:2] == (422, "registered_signer_missing")


async def test_possession_of_another_network_does_not_count(hub: Hub) -> None:
    document = hub.speaker.member(PROVIDER)
    payload = parse_statement(document).payload
    payload["body"]["keys"][2]["possession"] = b64u_encode(bytes(32))
    signers = [(PROVIDER.statement, "introduced"), (PROVIDER.http, "introduced"), *hub.speaker.officer()]
    forged = sign_all(canonical(payload), signers, hub.clock())
    assert await refusal(hub, forged) == (422, "possession_not_proven", PROVIDER.monitor.kid)


async def test_rules_refuse_with_their_own_code(hub: Hub) -> None:
    assert (await refusal(hub, hub.speaker.accreditation(PROVIDER)))[:2] == (422, "unknown_subject")
    await hub.registered(hub.speaker.member(PROVIDER))
    hub.speaker.chains.pop("accreditation/provider-a")
    await hub.registered(hub.speaker.accreditation(PROVIDER))
    hub.speaker.chains.pop("accreditation/provider-a")
    assert (await refusal(hub, hub.speaker.accreditation(PROVIDER)))[:2] == (409, "stale_previous")


async def test_media_types_and_preferences(hub: Hub) -> None:
    document = hub.speaker.member(PROVIDER)
    for headers, expected in [
        ({"Content-Type": "application/json"}, (415, "wrong_media_type")),
        ({"Content-Type": "multipart/form-data"}, (400, "bad_multipart")),
        ({"Content-Type": "application/jose+json", "Prefer": "wait=soon"}, (400, "bad_prefer")),
    ]:
        response = await hub.client.post("/v1/statements", data=document, headers=headers)
        problem = await response.json(content_type=None)
        assert (response.status, problem["code"]) == expected
    response = await hub.client.post("/v1/statements?dry_run=perhaps", data=document)
    assert (await response.json(content_type=None))["code"] == "bad_parameter"


async def test_bodies_are_limited_by_word_and_while_they_are_read(hub: Hub) -> None:
    most = 786_432
    headers = {"Content-Type": "application/jose+json"}
    response = await hub.client.post("/v1/statements", data=b"x" * (most + 1), headers=headers)
    problem = await response.json(content_type=None)
    assert (response.status, problem["code"]) == (413, "too_large")
    assert str(most) in problem["detail"]

    async def endless() -> Any:
        for _ in range(20):
            yield b"x" * 65_536

    response = await hub.client.post("/v1/statements", data=endless(), headers=headers)
    assert response.status == 413
    assert (await refusal(hub, b'"' + b"x" * 500_000 + b'"'))[:2] == (413, "too_large")


async def test_a_body_that_never_ends_is_given_up(start: Callable[..., Running]) -> None:
    async with start(settings="[limits]\nbody_seconds = 1\n") as hub:

        async def slow() -> Any:
            yield b"{"
            await asyncio.sleep(1.5)
            yield b"}"

        headers = {"Content-Type": "application/jose+json"}
        response = await hub.client.post("/v1/statements", data=slow(), headers=headers)
        assert response.status == 408
        assert (await response.json(content_type=None))["code"] == "request_timeout"


# --- annexes ----------------------------------------------------------------------------------------


def annex_of(kind: str, **changes: Any) -> bytes:
    return canonical(example(f"annex-{kind}", "valid-full") | changes)


async def test_an_annex_is_kept_and_shown_to_members_and_officers(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(COURT))
    annex = annex_of("member")
    status, receipt = await hub.post(hub.speaker.member(PROVIDER, annex=annex), annex)
    assert status == 201, receipt
    path = f"/v1/statements/{receipt['digest']}/annex"
    officer = hub.speaker.officers[0]
    for reader in (COURT, PROVIDER, officer):
        assert await hub.get(path, reader.http) == (200, json.loads(annex))
    status, problem = await hub.get(path)
    assert (status, problem["code"]) == (401, "signature_needed")


async def test_a_neutral_may_not_read_annexes_of_others(hub: Hub) -> None:
    annex = annex_of("member")
    status, receipt = await hub.post(hub.speaker.member(PROVIDER, annex=annex), annex)
    await hub.registered(hub.speaker.accreditation(PROVIDER))
    await hub.registered(hub.speaker.neutral(NEUTRAL, PROVIDER))
    status, problem = await hub.get(f"/v1/statements/{receipt['digest']}/annex", NEUTRAL.http)
    assert (status, problem["code"]) == (403, "not_for_you")


async def test_annexes_that_do_not_fit(hub: Hub) -> None:
    annex = annex_of("member")
    document = hub.speaker.member(PROVIDER, annex=annex)
    assert await refusal(hub, document) == (422, "annex_missing", "annex")
    assert await refusal(hub, document, annex[:-1] + b" }") == (422, "annex_mismatch", "annex")
    assert await refusal(hub, hub.speaker.member(OTHER), annex) == (422, "annex_unexpected", "annex")
    odd = b" " + annex
    assert (await refusal(hub, hub.speaker.member(Actor("provider-c", "provider"), annex=odd), odd))[:2] == (
        400,
        "not_canonical",
    )
    bare = canonical({name: value for name, value in json.loads(annex).items() if name != "salt"})
    assert (await refusal(hub, hub.speaker.member(Actor("provider-d", "provider"), annex=bare), bare))[1] in (
        "bad_base64url",
        "schema_violation",
    )
    strange = annex_of("member", surprise=1)
    assert (await refusal(hub, hub.speaker.member(Actor("provider-e", "provider"), annex=strange), strange))[:2] == (
        422,
        "schema_violation",
    )


async def test_a_statement_without_annex_has_none_to_show(hub: Hub) -> None:
    receipt = await hub.registered(hub.speaker.member(PROVIDER))
    status, problem = await hub.get(f"/v1/statements/{receipt['digest']}/annex", PROVIDER.http)
    assert (status, problem["code"]) == (404, "not_found")


# --- reading ----------------------------------------------------------------------------------------


async def test_public_statements_are_for_everybody(hub: Hub) -> None:
    document = hub.speaker.member(PROVIDER)
    receipt = await hub.registered(document)
    status, answer = await hub.get(f"/v1/statements/{receipt['digest']}")
    assert status == 200
    assert canonical(answer["statement"]) == parse_statement(document).document
    assert answer["receipt"]["index"] == 1


async def test_sealed_statements_are_for_issuer_signers_and_officers(hub: Hub) -> None:
    receipt = await populated(hub)
    path = f"/v1/statements/{receipt['digest']}"
    for reader in (PROVIDER, NEUTRAL, hub.speaker.officers[1]):
        status, answer = await hub.get(path, reader.http)
        assert status == 200, (reader, answer)
        assert answer["receipt"]["index"] == receipt["index"]
    refused = [await hub.get(path), await hub.get(path, OTHER.http), await hub.get(path, COURT.http)]
    unknown = await hub.get(f"/v1/statements/{'0' * 64}")
    for status, problem in refused:
        assert (status, problem["code"]) == (404, "unknown_statement")
        assert problem["detail"] == unknown[1]["detail"], "what is hidden must read like what is not there"
    status, problem = await hub.get(f"{path}/annex", OTHER.http)
    assert (status, problem["code"]) == (404, "unknown_statement")


async def test_receipts_and_bad_digests(hub: Hub) -> None:
    receipt = await hub.registered(hub.speaker.member(PROVIDER))
    assert await hub.get(f"/v1/statements/{receipt['digest']}/receipt") == (200, receipt)
    status, problem = await hub.get(f"/v1/statements/{sha256_hex(b'')}/receipt")
    assert (status, problem["code"]) == (404, "unknown_statement")
    status, problem = await hub.get("/v1/statements/ABC")
    assert (status, problem["code"], problem["where"]) == (400, "bad_parameter", "digest")


async def test_an_award_is_served_whole_to_whoever_can_name_it(hub: Hub) -> None:
    receipt = await populated(hub)
    digest = receipt["digest"]
    response = await hub.client.get(f"/v1/awards/{digest}")
    answer = await response.json()
    assert response.status == 200
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    indexes = [one["receipt"]["index"] for one in answer["evidence"]]
    assert indexes == sorted(indexes)
    assert answer["award"]["receipt"]["digest"] == digest
    status, found = await hub.get(f"/v1/awards?document={sha256_hex(PDF)}")
    assert status == 200
    assert found["awards"] == [{"digest": digest, "issuer": "provider-a", "index": receipt["index"]}]
    assert (await hub.get(f"/v1/awards?document={'0' * 64}"))[1]["awards"] == []


async def test_awards_are_not_listed_and_nothing_else_is_an_award(hub: Hub) -> None:
    receipt = await hub.registered(hub.speaker.member(PROVIDER))
    status, problem = await hub.get("/v1/awards")
    assert (status, problem["code"], problem["where"]) == (400, "bad_parameter", "document")
    status, problem = await hub.get(f"/v1/awards/{receipt['digest']}")
    assert (status, problem["code"]) == (404, "not_found")
    status, problem = await hub.get(f"/v1/awards/{'0' * 64}")
    assert (status, problem["code"]) == (404, "unknown_statement")
