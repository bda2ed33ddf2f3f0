"""What is served with an award: a bundle made of it satisfies the verifier, and the status tells what it shows."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from hub.evidence import _proven
from hub.founding import POLICY_NAME
from hub.oversight.registered import RegisteredAwards
from hub.status import compose_status
from hub.storage.awardstold import AwardsTold
from hub.web.appkeys import AWARDS, DATABASE, LOG
from registry.judgement import accreditation_status
from signing.bundlewriter import Evidence, write_bundle
from signing.compose import new_salt, timestamp
from signing.encoding import b64u_decode, canonical, loads
from signing.errors import SigningError
from signing.scan import http_fetch, scanned
from signing.secretkeys import SigningKey
from signing.signnotes import witness_signer
from signing.statement import parse_statement, seconds
from signing.trust import parse_trust
from signing.verification import Report, verify_award
from tests.fakes.consolenetwork import decide
from tests.hub.running import Hub, Running
from tests.hub.world import PDF, Actor, example, signing_key

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
    """The verifier's report on what the hub serves, which stands a scan, and the payload of its status."""
    status, answer = await hub.get(f"/v1/awards/{digest}")
    assert status == 200, answer
    trust = parse_trust((hub.data / POLICY_NAME).read_bytes())
    data = bundle(answer)
    report = verify_award(data, trust, PDF, hub.clock())
    if report.facts:
        fetch = http_fetch(str(hub.client.make_url("/log")))
        scan = (await asyncio.to_thread(scanned, report, data, trust, fetch)).steps[-1]
        assert (scan.number, scan.outcome) == (15, "pass"), scan
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
    gone = text('DELETE FROM bodies WHERE "index" = :index').bindparams(index=receipt["index"])
    await app[DATABASE].write(lambda connection: connection.execute(gone))
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


# --- the status in full ------------------------------------------------------------------------------


async def signer_of(hub: Hub, digest: str, owner: str) -> dict[str, Any]:
    """What the status says about the signer of this owner; the verifier must accept it all."""
    report, status = await verified(hub, digest)
    assert [one for one in report.steps if one.outcome == "fail" and one.title != "Witnesses"] == []
    (found,) = [one for one in status["signers"] if one["owner"] == owner]
    return dict(found)


async def added_key(hub: Hub, owner: Actor, name: str, by: SigningKey) -> SigningKey:
    """The owner adds a statement key, vouched for by ``by``."""
    key = signing_key(f"{owner.id}/{name}")
    body = {"action": "add", "owner": owner.id, "key": {"purpose": "statement", "jwk": key.public.jwk()}}
    await hub.registered(hub.speaker.compose("key", owner.id, body, [(by, owner.role), (key, "introduced")]))
    return key


def signed_award(hub: Hub, neutral_key: SigningKey) -> bytes:
    """An award that the neutral signs with another key."""
    body = dict(parse_statement(hub.speaker.award(PROVIDER, NEUTRAL, PDF)).body)
    body["award_id"] = f"{body['award_id'][:-4]}abcd"
    signers = [(neutral_key, "neutral"), (PROVIDER.statement, "provider")]
    return hub.speaker.compose("award", PROVIDER.id, body, signers, salt=new_salt())


async def test_a_key_as_it_was_registered(hub: Hub) -> None:
    receipt = await populated(hub)
    found = await signer_of(hub, receipt["digest"], "neutral-a")
    assert (found["kid"], found["role"]) == (NEUTRAL.statement.kid, "neutral")
    nothing = dict.fromkeys(("retired", "revoked", "invalid_from", "confirmed", "suspended_by"))
    assert found["key"] == {"introduced": 4, "by_officers": False, "suspended": False} | nothing


async def test_a_retired_key_says_until_when_it_served(hub: Hub) -> None:
    receipt = await populated(hub)
    await added_key(hub, NEUTRAL, "second", NEUTRAL.statement)
    body = {"action": "retire", "owner": NEUTRAL.id, "kid": NEUTRAL.statement.kid}
    await hub.registered(hub.speaker.compose("key", NEUTRAL.id, body, [(NEUTRAL.statement, "neutral")]))
    found = await signer_of(hub, receipt["digest"], "neutral-a")
    assert found["key"]["retired"] == hub.clock() + 30 * 86_400
    assert found["key"]["suspended"] is False


async def test_a_key_that_came_in_through_a_revoked_one_is_suspended_until_it_is_confirmed(hub: Hub) -> None:
    await populated(hub)
    second = await added_key(hub, NEUTRAL, "second", NEUTRAL.statement)
    receipt = await hub.registered(signed_award(hub, second))
    revoked = await hub.registered(hub.speaker.revoke(NEUTRAL, NEUTRAL.statement, invalid_from=1))
    report, status = await verified(hub, receipt["digest"])
    assert (status["state"], report.exit_code) == ("disputed", 3)
    found = await signer_of(hub, receipt["digest"], "neutral-a")
    assert found["kid"] == second.kid
    assert (found["key"]["suspended"], found["key"]["suspended_by"]) == (True, NEUTRAL.statement.kid)
    assert found["key"]["revoked"] is None
    body = {"action": "confirm", "owner": NEUTRAL.id, "kid": second.kid}
    confirmed = await hub.registered(hub.speaker.compose("key", "coordinator", body, hub.speaker.officer(2)))
    found = await signer_of(hub, receipt["digest"], "neutral-a")
    assert (found["key"]["suspended"], found["key"]["confirmed"]) == (False, confirmed["index"])
    assert confirmed["index"] == revoked["index"] + 1
    assert (await verified(hub, receipt["digest"]))[1]["state"] == "nothing_recorded"


@pytest.mark.parametrize(("decision", "state"), [("confirm", "confirmed"), ("reject", "rejected")])
async def test_a_review_decides_a_disputed_award(hub: Hub, decision: str, state: str) -> None:
    receipt = await populated(hub)
    await hub.registered(hub.speaker.revoke(NEUTRAL, NEUTRAL.statement, invalid_from=1))
    reason = "key_safe" if decision == "confirm" else "key_compromised"
    body = {"award": receipt["digest"], "decision": decision, "reason_code": reason}
    document = hub.speaker.compose("award-review", "coordinator", body, hub.speaker.officer(2), salt=new_salt())
    review = await hub.registered(document)
    report, status = await verified(hub, receipt["digest"])
    told = {"kind": "award-review", "digest": review["digest"], "index": review["index"]}
    assert (status["state"], status["amendments"]) == (state, [told])
    assert report.status.startswith(state)
    await hub.registered(hub.speaker.revoke(PROVIDER, PROVIDER.statement, invalid_from=1))
    report, status = await verified(hub, receipt["digest"])  # a later revocation opens the dispute again
    assert (status["state"], status["amendments"]) == ("disputed", [told])
    assert report.status.startswith("disputed")


@pytest.mark.parametrize(
    ("first", "second", "state"), [("reject", "confirm", "confirmed"), ("confirm", "reject", "rejected")]
)
async def test_of_two_reviews_the_newest_decides_for_status_verifier_and_reports(
    hub: Hub, first: str, second: str, state: str
) -> None:
    receipt = await populated(hub)
    reasons = {"confirm": "key_safe", "reject": "key_compromised"}
    for actor, decision in ((NEUTRAL, first), (PROVIDER, second)):
        await hub.registered(hub.speaker.revoke(actor, actor.statement, invalid_from=1))
        body = {"award": receipt["digest"], "decision": decision, "reason_code": reasons[decision]}
        signers = hub.speaker.officer(2)
        await hub.registered(hub.speaker.compose("award-review", "coordinator", body, signers, salt=new_salt()))
    report, status = await verified(hub, receipt["digest"])
    assert (status["state"], report.status.partition(",")[0]) == (state, state)
    for actor in (NEUTRAL, PROVIDER):
        _, told = await hub.get(f"/v1/keys/{actor.statement.kid}/affected", hub.speaker.officers[0].http)
        assert [one["status"] for one in told["awards"]] == [state]
    app = hub.client.server.app  # type: ignore[attr-defined]
    known = await RegisteredAwards(AwardsTold(app[DATABASE])).known(app[LOG].size)
    assert [one.rejected for one in known] == [state == "rejected"]


async def test_the_amendments_of_another_award_are_not_told(hub: Hub) -> None:
    receipt = await populated(hub)
    other = await hub.registered(hub.speaker.award(PROVIDER, NEUTRAL, b"%PDF-1.7 another\n"))
    await hub.registered(hub.speaker.revoke(NEUTRAL, NEUTRAL.statement, invalid_from=other["index"]))
    body = {"award": other["digest"], "decision": "reject", "reason_code": "key_compromised"}
    document = hub.speaker.compose("award-review", "coordinator", body, hub.speaker.officer(2), salt=new_salt())
    await hub.registered(document)
    _, status = await verified(hub, receipt["digest"])
    assert (status["state"], status["amendments"]) == ("nothing_recorded", [])
    assert (await verified(hub, other["digest"]))[1]["state"] == "rejected"


@pytest.mark.parametrize("status", ["suspended", "removed"])
async def test_an_accreditation_that_ended_is_told_beside_the_one_at_registration(hub: Hub, status: str) -> None:
    receipt = await populated(hub)
    body = example("accreditation", f"valid-{status}")["body"]
    body |= {"subject": "provider-a", "subject_type": "provider"}
    if status == "removed":
        body["removal_basis"] = "own_request"
    document = hub.speaker.compose("accreditation", "coordinator", body, hub.speaker.officer(2))
    ended = await hub.registered(document)
    found = await signer_of(hub, receipt["digest"], "provider-a")
    now, then = found["accreditation"], found["accreditation_at_registration"]
    assert (now["status"], now["index"], now["digest"]) == (status, ended["index"], ended["digest"])
    assert (then["status"], then["index"]) == ("listed", 2)


async def test_an_accreditation_that_has_run_out_since_is_lapsed(hub: Hub) -> None:
    receipt = await populated(hub)
    found = await signer_of(hub, receipt["digest"], "neutral-a")
    assert found["accreditation"] == found["accreditation_at_registration"]
    assert (found["accreditation"]["lapsed"], found["accreditation"]["valid_to"]) == (False, "2029-01-01T00:00:00Z")
    hub.clock.now = seconds("2029-01-01T00:00:00Z") + 1
    found = await signer_of(hub, receipt["digest"], "neutral-a")
    assert found["accreditation"]["lapsed"] is True
    assert found["accreditation_at_registration"]["lapsed"] is False


@pytest.mark.parametrize(("begins", "ends", "judged"), [(0, 1, "listed"), (-1, 0, "expired"), (1, 2, "pending")])
async def test_rules_status_and_verifier_judge_an_accreditation_alike(
    hub: Hub, begins: int, ends: int, judged: str
) -> None:
    speaker, at = hub.speaker, hub.clock.now + 100
    for document in (speaker.member(PROVIDER), speaker.accreditation(PROVIDER), speaker.neutral(NEUTRAL, PROVIDER)):
        await hub.registered(document)
    first, last = timestamp(at + begins), timestamp(at + ends)
    await decide(hub, NEUTRAL, "listed", valid_from=first, valid_to=last)
    hub.clock.now = at
    receipt = await hub.registered(speaker.award(PROVIDER, NEUTRAL))
    assert accreditation_status({"status": "listed", "begins": at + begins, "ends": at + ends}, at) == judged
    told = (await signer_of(hub, receipt["digest"], NEUTRAL.id))["accreditation_at_registration"]
    assert (told["status"], told["pending"], told["lapsed"]) == ("listed", judged == "pending", judged == "expired")
    said = {"listed": "listed", "expired": "listed, lapsed", "pending": f"listed, in force only from {first[:10]},"}
    report, _ = await verified(hub, receipt["digest"])
    assert f"{NEUTRAL.id}: {said[judged]} since" in report.steps[9].reason


@pytest.mark.parametrize("begins", [86400, -100])
async def test_what_is_never_in_force_is_neither_pending_nor_lapsed(hub: Hub, begins: int) -> None:
    """Decisions that apply for something, or take it away, name times too: to come for one case here, over for one."""
    speaker, at = hub.speaker, hub.clock.now
    for document in (speaker.member(PROVIDER), speaker.accreditation(PROVIDER), speaker.neutral(NEUTRAL, PROVIDER)):
        await hub.registered(document)
    first, last = timestamp(at + begins), timestamp(at + begins + 90)
    await decide(hub, NEUTRAL, "applied", valid_from=first, valid_to=last)
    ground = "no_impartiality_mechanism"
    await decide(hub, PROVIDER, "suspended", 2, ground_code=ground, valid_from=first, valid_to=last)
    receipt = await hub.registered(speaker.award(PROVIDER, NEUTRAL))
    report, status = await verified(hub, receipt["digest"])
    for told in (one[name] for one in status["signers"] for name in ("accreditation", "accreditation_at_registration")):
        assert (told["pending"], told["lapsed"]) == (False, False)
    assert "in force" not in report.steps[9].reason
    assert "lapsed" not in report.steps[9].reason
    assert "neutral-a: applied since" in report.steps[9].reason


async def test_who_was_never_accredited_has_none(hub: Hub) -> None:
    await populated(hub)
    receipt = await hub.registered(hub.speaker.award(OTHER, NEUTRAL))
    found = await signer_of(hub, receipt["digest"], "provider-b")
    assert (found["accreditation"], found["accreditation_at_registration"]) == (None, None)
    await hub.registered(hub.speaker.accreditation(OTHER))
    found = await signer_of(hub, receipt["digest"], "provider-b")
    assert (found["accreditation"]["status"], found["accreditation_at_registration"]) == ("listed", None)


async def new_policy(hub: Hub, **changes: Any) -> dict[str, Any]:
    """Both officers change the policy; returns the answer."""
    body = dict(hub.speaker.genesis.body) | changes
    previous = {"previous": hub.speaker.chains.get("policy/coordinator", hub.speaker.network)}
    document = hub.speaker.compose("policy", "coordinator", body, hub.speaker.officer(2), **previous)
    status, answer = await hub.post(document)
    assert status in {201, 202}, answer
    return answer


async def test_the_chain_of_policies_is_told_and_verified(hub: Hub) -> None:
    receipt = await populated(hub)
    first = await new_policy(hub, rules={"version": 2})
    second = await new_policy(hub, rules={"version": 3})
    report, status = await verified(hub, receipt["digest"])
    chain = [{"digest": one["digest"], "index": one["index"]} for one in (first, second)]
    assert status["policies"] == [{"digest": hub.speaker.network, "index": 0}, *chain]
    assert status["policy"] == chain[-1]
    assert report.exit_code == 3
    assert [one.title for one in report.steps if one.outcome == "fail"] == ["Witnesses"]


async def test_an_award_whose_policy_still_waits_for_its_quorum_is_unwitnessed_not_false(
    start: Callable[..., Running],
) -> None:
    """The witness never answers; so nothing is witnessed, and nothing is wrong either."""
    vkey = witness_signer("absent.example", signing_key("witness")).verifier.format()
    absent = f"witness absent {vkey} http://127.0.0.1:9\nquorum absent\n"
    wait: dict[str, Any] = {"headers": {"Prefer": "wait=0"}}
    async with start(witness_policy=absent) as hub:
        speaker = hub.speaker
        await new_policy(hub, rules={"version": 2})
        documents = [speaker.member(PROVIDER), speaker.accreditation(PROVIDER), speaker.neutral(NEUTRAL, PROVIDER)]
        for document in [*documents, speaker.award(PROVIDER, NEUTRAL)]:
            status, answer = await hub.post(document, **wait)
            assert (status, answer.get("state")) == (202, "provisional"), answer
        report, told = await verified(hub, answer["digest"])
        assert [(one.title, one.code) for one in report.steps if one.outcome == "fail"] == [
            ("Policy", "policy_unwitnessed")
        ]
        assert (report.genuine, report.exit_code) == ("can't tell: unwitnessed", 3)
        assert told["policies"][1]["index"] == 1
