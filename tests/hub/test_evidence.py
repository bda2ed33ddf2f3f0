"""What is served with an award: a bundle made of it satisfies the verifier, and the status tells what it shows."""

from typing import Any

import pytest
from sqlalchemy import text

from hub.evidence import _proven
from hub.founding import POLICY_NAME
from hub.status import compose_status
from hub.web.appkeys import AWARDS, DATABASE
from signing.bundlewriter import Evidence, write_bundle
from signing.compose import new_salt
from signing.encoding import b64u_decode, canonical, loads
from signing.errors import SigningError
from signing.statement import parse_statement
from signing.trust import parse_trust
from signing.verification import Report, verify_award
from tests.hub.running import Hub
from tests.hub.world import PDF, Actor

PROVIDER = Actor("provider-a", "provider")
OTHER = Actor("provider-b", "provider")
NEUTRAL = Actor("neutral-a", "neutral")


async def populated(hub: Hub) -> dict[str, Any]:
    """Two providers, a neutral and an award; returns the award's receipt."""
    speaker = hub.speaker
    for document in (speaker.member(PROVIDER), speaker.accreditation(PROVIDER), speaker.member(OTHER)):
        await hub.registered(document)
    await hub.registered(speaker.neutral(NEUTRAL, PROVIDER))
    await hub.registered(speaker.accreditation(NEUTRAL))
    return await hub.registered(speaker.award(PROVIDER, NEUTRAL))


def bundle(answer: dict[str, Any]) -> bytes:
    def evidence(one: dict[str, Any]) -> Evidence:
        proof = one.get("policy_proof")
        octets = canonical(one["statement"]), one["receipt"]["proof"].encode()
        return Evidence(*octets, None if proof is None else proof.encode())

    told = [evidence(one) for one in answer["evidence"]]
    return write_bundle(evidence(answer["award"]), told, canonical(answer["status"]), {"award.pdf": PDF})


async def verified(hub: Hub, digest: str) -> tuple[Report, dict[str, Any]]:
    """The verifier's report on what the hub serves, and the payload of its status."""
    status, answer = await hub.get(f"/v1/awards/{digest}")
    assert status == 200, answer
    trust = parse_trust((hub.data / POLICY_NAME).read_bytes())
    report = verify_award(bundle(answer), trust, PDF, hub.clock())
    return report, loads(b64u_decode(answer["status"]["payload"]))


async def test_a_neutral_nominated_by_another_provider_brings_that_ones_statements_too(hub: Hub) -> None:
    await populated(hub)
    await hub.registered(hub.speaker.accreditation(OTHER))
    receipt = await hub.registered(hub.speaker.award(OTHER, NEUTRAL))
    report, _ = await verified(hub, receipt["digest"])
    assert [step for step in report.steps if step.outcome == "fail" and step.title != "Witnesses"] == []
    assert report.exit_code == 3


async def test_the_verifier_accepts_what_the_hub_serves(hub: Hub) -> None:
    receipt = await populated(hub)
    report, status = await verified(hub, receipt["digest"])
    assert report.exit_code == 3, "a network without witnesses: everything holds but the quorum"
    failed = [step for step in report.steps if step.outcome == "fail"]
    assert [step.number for step in failed] in ([], [6]), failed
    assert status["state"] == "nothing_recorded"
    assert status["size"] == receipt["index"] + 1
    assert {one["owner"] for one in status["signers"]} == {"provider-a", "neutral-a"}
    assert all(one["accreditation"]["status"] == "listed" for one in status["signers"])
    assert status["policy"] == {"digest": hub.speaker.network, "index": 0}
    assert status["time"] == hub.clock()


async def test_strangers_are_no_evidence(hub: Hub) -> None:
    receipt = await populated(hub)
    _, answer = await hub.get(f"/v1/awards/{receipt['digest']}")
    issuers = {parse_statement(canonical(one["statement"])).issuer for one in answer["evidence"]}
    assert "provider-b" not in issuers


async def test_a_later_revocation_is_told_and_disputes_only_from_invalid_from(hub: Hub) -> None:
    receipt = await populated(hub)
    await hub.registered(hub.speaker.revoke(NEUTRAL, NEUTRAL.statement))
    report, status = await verified(hub, receipt["digest"])
    assert status["state"] == "nothing_recorded"
    (signer,) = [one for one in status["signers"] if one["owner"] == "neutral-a"]
    assert signer["key"]["revoked"] == receipt["index"] + 1
    assert report.exit_code == 3


async def test_a_revocation_with_effect_before_the_award_disputes_it(hub: Hub) -> None:
    receipt = await populated(hub)
    digest = receipt["digest"]
    await hub.registered(hub.speaker.revoke(NEUTRAL, NEUTRAL.statement, invalid_from=1))
    report, status = await verified(hub, digest)
    assert status["state"] == "disputed"
    assert "disputed" in report.status
    body = {"award": digest, "decision": "reject", "reason_code": "key_compromised"}
    review = hub.speaker.compose("award-review", "coordinator", body, hub.speaker.officer(2), salt=new_salt())
    await hub.registered(review)
    report, status = await verified(hub, digest)
    assert status["state"] == "rejected"
    assert [one["kind"] for one in status["amendments"]] == ["award-review"]
    assert "rejected" in report.status


async def test_a_deleted_text_is_said_to_be_deleted(hub: Hub) -> None:
    receipt = await populated(hub)

    # the row goes by hand, as the deletion of bodies after use will do it
    app = hub.client.server.app  # type: ignore[attr-defined]
    async with app[DATABASE].engine.begin() as connection:
        await connection.execute(text('DELETE FROM bodies WHERE "index" = :index'), {"index": receipt["index"]})
    status, problem = await hub.get(f"/v1/awards/{receipt['digest']}")
    assert (status, problem["code"]) == (410, "body_deleted")
    assert (await hub.get(f"/v1/statements/{receipt['digest']}/receipt"))[0] == 200


async def test_a_gap_in_the_evidence_is_noticed_before_it_is_served(hub: Hub) -> None:
    receipt = await populated(hub)
    awards = hub.client.server.app[AWARDS]  # type: ignore[attr-defined]
    _, proofs = await awards._proofs(receipt["digest"])
    told = [_proven(one) for one in proofs if one.statement.kind != "neutral"]
    with pytest.raises(SigningError, match="Nothing shows"):
        compose_status(hub.speaker.network, receipt["digest"], told, hub.clock())
