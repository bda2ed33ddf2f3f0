"""Every forgery is refused at the step that is there to refuse it, and nothing honest is."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from signing.compose import sign, sign_all, timestamp
from signing.encoding import b64u_decode, b64u_encode, canonical, loads
from signing.statement import entry_time, parse_statement, reference_tag
from signing.trust import TrustFile, parse_trust
from signing.verification import Report, Step, as_json, as_text, verify_award
from tests.fakes.world import PDF, Actor, World, award_body, public_key, tampered

SALT = b64u_encode(b"s" * 32)


class Court:
    """A world with one award in it, and the court that verifies its bundle."""

    def __init__(self, **world: Any) -> None:
        self.world = World(**world)
        self.provider = self.world.add_provider()
        self.neutral = self.world.add_neutral(self.provider)

    def register(self) -> int:
        return self.world.admit(self.world.award(self.provider, self.neutral))

    def verify(self, bundle: bytes, document: bytes | None = None, **more: Any) -> Report:
        more.setdefault("trust", self.world.trust())
        more.setdefault("now", self.world.now)
        return verify_award(bundle, document=document, **more)


@pytest.fixture
def court() -> Court:
    return Court()


def step(report: Report, number: int) -> Step:
    return report.steps[number - 1]


def refused(report: Report, number: int, code: str, exit_code: int = 1) -> Step:
    """The step that failed, which must be the first not to pass."""
    failed = next(one for one in report.steps if one.outcome in ("fail", "not checkable"))
    assert (failed.number, failed.code) == (number, code), as_text(report)
    assert report.exit_code == exit_code, as_text(report)
    assert report.genuine.startswith("no" if exit_code == 1 else "can't tell"), report.genuine
    return failed


def test_an_honest_award_is_genuine(court: Court) -> None:
    report = court.verify(court.world.bundle(court.register()))
    assert (report.genuine, report.exit_code) == ("yes", 0)
    assert [one.number for one in report.steps] == list(range(1, 15))
    assert {one.outcome for one in report.steps} == {"pass", "information"}
    assert report.status == "nothing recorded, as of 2026-09-21 14:19:20 UTC, size 6"
    assert step(report, 8).reason == (
        "Registered and current at entry 5: neutral Sample Neutral A (neutral-a, key custody: self); "
        "provider Sample provider-a Ltd (provider-a)."
    )
    assert report.facts["index"] == 5
    assert report.facts["seat"] == {"country": "SG", "place": "Singapore"}


def test_labels_say_who_vouches_for_each_step(court: Court) -> None:
    report = court.verify(court.world.bundle(court.register()))
    assert [one.label for one in report.steps] == [
        *["proven"] * 9, "information", "proven", "asserted by the hub", "stated by the provider", "bring yourself",
    ]  # fmt: skip


# --- step 1: the bundle ------------------------------------------------------------------------


def test_step_1_unreadable_bundle_is_no_verdict(court: Court) -> None:
    report = court.verify(b"PK nonsense")
    refused(report, 1, "unreadable_bundle", exit_code=2)
    assert report.status == "can't tell"
    assert {one.code for one in report.steps[1:13]} == {"earlier_step"}
    assert step(report, 2).reason == "Step 1 did not pass."


# --- step 2: the statement ---------------------------------------------------------------------


def test_step_2_stripped_neutral_signature(court: Court) -> None:
    index = court.register()
    honest = court.world.statements[index].document
    neutral = court.neutral.statement.kid
    numbers = [n for n, one in enumerate(parse_statement(honest).signatures) if one.kid == neutral]
    stripped = tampered(honest, lambda members: members["signatures"].pop(numbers[0]))
    failed = refused(court.verify(court.world.bundle(index, award=stripped)), 2, "signature_missing")
    assert failed.reason == f"An announced signer has not signed. ({neutral})"


def test_step_2_extra_signature(court: Court) -> None:
    index = court.register()
    one = court.world.statements[index]
    extra = sign(one.octets, court.world.officers[0].statement, "officer", court.world.now)
    added = tampered(one.document, lambda members: members["signatures"].append(extra))
    refused(court.verify(court.world.bundle(index, award=added)), 2, "signature_extra")


def test_step_2_something_else_than_an_award(court: Court) -> None:
    court.register()
    report = court.verify(court.world.bundle(1))
    assert refused(report, 2, "not_an_award").reason == "The registered statement is not an award. (member)"


def test_step_2_malformed_evidence(court: Court) -> None:
    index = court.register()
    court.world.statements[1] = _broken(court.world.statements[1])
    refused(court.verify(court.world.bundle(index)), 2, "bad_jws")


def _broken(statement: Any) -> Any:
    clone = parse_statement(statement.document)
    clone.__dict__["document"] = b'{"payload":""}'
    return clone


# --- step 3: the document ----------------------------------------------------------------------


def test_step_3_changed_byte(court: Court) -> None:
    bundle = court.world.bundle(court.register())
    report = court.verify(bundle, PDF.replace(b"sample award", b"sample aware"))
    failed = refused(report, 3, "document_changed")
    assert failed.reason == "The document is not the registered award: its SHA-256 differs."
    assert step(report, 9).outcome == "pass"  # the registration itself stays intact


def test_step_3_appended_bytes_may_show_something_else(court: Court) -> None:
    report = court.verify(court.world.bundle(court.register()), PDF + b"%PDF forged page")
    refused(report, 3, "document_extended")
    assert f"first {len(PDF)} bytes" in step(report, 3).reason


@pytest.mark.parametrize("given", [None, PDF])
def test_step_3_a_forged_file_beside_the_award_is_refused(court: Court, given: bytes | None) -> None:
    """Whoever unpacks the bundle after it was verified must find nothing else that looks like the award."""
    shown = {"award.pdf": b"%PDF-1.7 forged", "annex.dat": PDF}
    failed = refused(court.verify(court.world.bundle(court.register(), shown), given), 3, "document_changed")
    assert failed.reason == "award.pdf is not the registered award: its SHA-256 differs."


def test_step_3_a_bundle_may_hold_the_award_under_two_names(court: Court) -> None:
    assert court.verify(court.world.bundle(court.register(), {"award.pdf": PDF, "裁决.pdf": PDF})).exit_code == 0


def test_step_3_no_document_is_no_verdict(court: Court) -> None:
    report = court.verify(court.world.bundle(court.register(), {}))
    refused(report, 3, "no_document", exit_code=2)
    assert step(report, 3).outcome == "not checkable"


def test_step_3_document_given_beside_a_bundle_without_one(court: Court) -> None:
    assert court.verify(court.world.bundle(court.register(), {}), PDF).exit_code == 0


# --- step 4: policy ----------------------------------------------------------------------------


def test_step_4_forged_log_with_its_own_witnesses_and_policy() -> None:
    honest, forged = Court(), Court(seed="forger")
    bundle = forged.world.bundle(forged.register())
    assert forged.verify(bundle).exit_code == 0  # in itself the forgery is perfect
    refused(honest.verify(bundle), 4, "wrong_network")


def test_step_4_no_genesis(court: Court) -> None:
    refused(court.verify(court.world.bundle(court.register(), leave_out=(0,))), 4, "wrong_network")


def test_step_4_pinned_policy_must_be_there(court: Court) -> None:
    policy = court.world.add_policy(threshold=1)
    index = court.register()
    trust = court.world.trust(policy)
    report = court.verify(court.world.bundle(index, leave_out=(policy,)), trust=trust)
    refused(report, 4, "pinned_policy_missing")


def test_step_4_a_bundle_older_than_the_pinned_policy_is_no_verdict(court: Court) -> None:
    index = court.register()
    older = court.world.bundle(index)
    trust = court.world.trust(court.world.add_policy(threshold=1))
    report = court.verify(older, trust=trust)
    assert refused(report, 4, "bundle_older", exit_code=2).reason.endswith("get a new one.")
    assert report.genuine == "can't tell (step 4, policy)"
    assert court.verify(court.world.bundle(index), trust=trust).exit_code == 0


def test_step_4_pinned_policy_at_another_index(court: Court) -> None:
    policy = court.world.add_policy(threshold=1)
    trust = court.world.trust(policy)
    index = court.register()
    moved = TrustFile(trust.network, trust.policy, policy + 1, trust.text)
    refused(court.verify(court.world.bundle(index), trust=moved), 4, "pinned_policy_missing")


def test_step_4_pinning_a_later_policy(court: Court) -> None:
    policy = court.world.add_policy(threshold=1)
    report = court.verify(court.world.bundle(court.register()), trust=court.world.trust(policy))
    assert report.exit_code == 0, as_text(report)


def test_step_4_broken_chain_before_the_pinned_policy(court: Court) -> None:
    first = court.world.add_policy(threshold=1)
    second = court.world.add_policy(threshold=2, signers=court.world.officer_signers(2))
    index = court.register()
    report = court.verify(court.world.bundle(index, leave_out=(first,)), trust=court.world.trust(second))
    refused(report, 4, "policy_chain_broken")


def test_step_4_two_geneses(court: Court) -> None:
    other = World(seed="other").genesis
    court.world.register(other)
    trust = TrustFile(court.world.network, other.digest, len(court.world.entries) - 1, court.world.witness_policy)
    index = court.register()
    refused(court.verify(court.world.bundle(index), trust=trust), 4, "policy_chain_broken")


def test_step_4_new_witnesses_need_the_old_quorum(court: Court) -> None:
    world = court.world
    old = dict(world.witness_keys)
    world.witness_keys = {"new-1": world.signing_key("new-1"), "new-2": world.signing_key("new-2")}
    after = world.witness_policy
    world.witness_keys = old | world.witness_keys
    policy = world.add_policy(witness_policy=after)
    index = court.register()
    assert court.verify(world.bundle(index)).exit_code == 0
    world.policy_proofs[policy] = world.proof(
        policy, world.checkpoint(policy + 1, ["witness-1", "new-1", "new-2"]), policy + 1
    )
    report = court.verify(world.bundle(index))
    assert refused(report, 4, "policy_unwitnessed", exit_code=3).reason.startswith("The quorum before it has not")


def test_step_4_a_policy_without_proof_of_its_own_is_judged_by_the_bundles_checkpoint(court: Court) -> None:
    world = court.world
    policy = world.add_policy(threshold=1)
    index = court.register()
    del world.policy_proofs[policy]
    assert court.verify(world.bundle(index)).exit_code == 0
    few = world.checkpoint(cosigners=["witness-1"])
    refused(court.verify(world.bundle(index, checkpoint=few)), 4, "policy_unwitnessed", exit_code=3)


def test_step_4_a_policy_proof_is_of_the_policys_own_place(court: Court) -> None:
    world = court.world
    policy = world.add_policy(threshold=1)
    index = court.register()
    twice = world.register(world.statements[policy])
    world.entries[twice] = world.entries[policy]
    world.policy_proofs[policy] = world.proof(twice, world.checkpoint())
    assert world.proof(twice, b"note") != world.proof(policy, b"note")
    refused(court.verify(world.bundle(index, leave_out=(twice,))), 4, "policy_chain_broken")


def test_step_4_later_policy_must_name_its_predecessor(court: Court) -> None:
    world = court.world
    octets = world.compose("policy", "coordinator", world.policy_body(), world.officer_signers(2), previous="00" * 32)
    index = world.register(octets)
    world.policy_proofs[index] = world.proof(index, world.checkpoint())
    refused(court.verify(world.bundle(court.register())), 4, "policy_chain_broken")


def test_step_4_policy_proof_must_be_of_the_same_entry(court: Court) -> None:
    world = court.world
    policy = world.add_policy(threshold=1)
    index = court.register()
    kept = world.entries[policy]
    world.entries[policy] = canonical(loads(kept) | {"time": 1})
    world.policy_proofs[policy] = world.proof(policy, world.checkpoint(policy + 1), policy + 1)
    world.entries[policy] = kept
    refused(court.verify(world.bundle(index)), 4, "policy_chain_broken")


# --- steps 5, 6 and 7: log, witnesses, registration ----------------------------------------------


def test_step_5_foreign_log_key(court: Court) -> None:
    index = court.register()
    court.world.log_key = court.world.signing_key("another log")
    refused(court.verify(court.world.bundle(index)), 5, "signature_missing")


def test_step_5_log_of_another_origin(court: Court) -> None:
    index = court.register()
    trust = court.world.trust()
    court.world.origin = "hub.example/log/2"
    refused(court.verify(court.world.bundle(index), trust=trust), 5, "unknown_log")


def test_step_5_two_checkpoints_in_one_bundle(court: Court) -> None:
    world, index = court.world, court.register()
    first = world.checkpoint()
    proofs = [world.proof(n, first) for n in range(len(world.entries))]
    original = world.proof
    second = world.checkpoint(cosigners=["witness-1", "witness-2"])
    world.proof = lambda n, *_: original(n, second) if n == index else proofs[n]  # type: ignore[method-assign]
    refused(court.verify(world.bundle(index)), 5, "several_checkpoints")


@pytest.mark.parametrize("cosigners", [[], ["witness-2"]])
def test_step_6_quorum_not_met(court: Court, cosigners: list[str]) -> None:
    index = court.register()
    report = court.verify(court.world.bundle(index, checkpoint=court.world.checkpoint(cosigners=cosigners)))
    refused(report, 6, "unwitnessed", exit_code=3)
    assert report.genuine == "can't tell: unwitnessed"
    assert step(report, 9).outcome == "pass"


def test_step_6_network_without_witnesses() -> None:
    court = Court(quorum=None)
    refused(court.verify(court.world.bundle(court.register())), 6, "unwitnessed", exit_code=3)


def test_step_6_time_bound_is_the_quorums_earliest(court: Court) -> None:
    index = court.register()
    head = court.world.checkpoint(time=1_790_000_000)  # the witnesses sign one second after another
    reason = step(court.verify(court.world.bundle(index, checkpoint=head)), 6).reason
    assert reason.endswith("in the log not later than 2026-09-21 14:13:21 UTC.")


def test_step_7_statement_that_was_never_registered(court: Court) -> None:
    world, index = court.world, court.register()
    head = world.checkpoint()
    world.entries[index] = world.entries[1]
    refused(court.verify(world.bundle(index, checkpoint=head)), 7, "inclusion_proof_fails")


def test_step_7_rolled_back_log(court: Court) -> None:
    """The witnesses saw the log with the award; the hub now shows a shorter one, which they don't cosign."""
    world = court.world
    kept = len(world.entries)
    index = court.register()
    world.entries[index] = world.entries[kept - 1]
    report = court.verify(world.bundle(index, checkpoint=world.checkpoint(cosigners=[])))
    assert step(report, 6).code == "unwitnessed"
    assert report.exit_code in (1, 3)


def test_step_7_proof_without_entry(court: Court) -> None:
    world, award = court.world, court.register()
    original = world.proof

    def without(index: int, checkpoint: bytes, size: int | None = None) -> bytes:
        lines = original(index, checkpoint, size).split(b"\n")
        return b"\n".join(line for line in lines if index != award or not line.startswith(b"extra "))

    world.proof = without  # type: ignore[method-assign]
    refused(court.verify(world.bundle(award)), 7, "entry_missing")


def test_step_7_index_claimed_twice(court: Court) -> None:
    world, index = court.world, court.register()
    original = world.proof
    world.proof = lambda n, *more: original(index - 1 if n == index else n, *more)  # type: ignore[method-assign]
    refused(court.verify(world.bundle(index)), 7, "index_twice")


# --- step 8: entitlement -------------------------------------------------------------------------


def test_step_8_evidence_left_out_is_no_verdict(court: Court) -> None:
    index = court.register()
    report = court.verify(court.world.bundle(index, leave_out=(3,)))
    refused(report, 8, "evidence_missing", exit_code=2)


def test_step_8_key_revoked_before_registration(court: Court) -> None:
    second = court.world.add_key(court.provider, "second")
    court.world.change_key(court.provider, "revoke", court.provider.statement, second, reason="compromised")
    index = court.world.register(court.world.award(court.provider, court.neutral))  # the hub lets it pass
    refused(court.verify(court.world.bundle(index)), 8, "key_revoked")


def test_step_8_link_of_a_key_chain_left_out(court: Court) -> None:
    second = court.world.add_key(court.provider, "second")
    first = len(court.world.entries) - 1
    court.world.add_key(court.provider, "third", second)
    index = court.register()
    refused(court.verify(court.world.bundle(index, leave_out=(first,))), 8, "evidence_missing", exit_code=2)


def test_step_8_forged_evidence(court: Court) -> None:
    """A member statement without an officer was never to be registered."""
    world = court.world
    rogue = world.actor("provider-x", "provider")
    keys = rogue.entries("statement", "monitor")
    body = {"type": "provider", "profile": {"legal_name": "X"}, "keys": keys}
    world.register(world.compose("member", rogue.id, body, [(rogue.statement, "introduced")]))
    index = court.register()
    refused(court.verify(world.bundle(index)), 8, "threshold_not_met")


def test_step_8_key_made_by_officers_is_named(court: Court) -> None:
    world = court.world
    key = world.signing_key("replacement")
    body = {"action": "add", "owner": court.neutral.id, "key": {"purpose": "statement", "jwk": key.public.jwk()}}
    world.admit(world.compose("key", "coordinator", body, [*world.officer_signers(2), (key, "introduced")]))
    world.now += 72 * 3600
    signers = [(key, "neutral"), (court.provider.statement, "provider")]
    report = court.verify(world.bundle(world.admit(world.award_signed(signers, court.provider.id))))
    assert report.exit_code == 0
    assert "key made by the officers" in step(report, 8).reason


# --- step 9: signatures --------------------------------------------------------------------------


def test_step_9_forged_signature(court: Court) -> None:
    world, index = court.world, court.register()
    honest = world.statements[index]
    forged = sign(honest.octets, world.signing_key("thief"), "neutral", world.now)

    def swap(members: dict[str, Any]) -> None:
        for one in members["signatures"]:
            if loads(b64u_decode(one["protected"]))["kid"] == court.neutral.statement.kid:
                one["signature"] = forged["signature"]

    world.statements[index] = parse_statement(tampered(honest.document, swap))
    world.entries[index] = _entry(world, index)
    failed = refused(court.verify(world.bundle(index)), 9, "bad_signature")
    assert court.neutral.statement.kid in failed.reason


def _entry(world: World, index: int) -> bytes:
    index_after = world.register(world.statements[index], time=world.times[index])
    return [world.entries.pop(index_after), world.statements.pop(index_after), world.times.pop(index_after)][0]  # type: ignore[return-value]


def test_step_9_another_providers_key(court: Court) -> None:
    other = court.world.add_provider("provider-b")
    signers = [(court.neutral.statement, "neutral"), (other.statement, "provider")]
    index = court.world.register(court.world.award_signed(signers, court.provider.id))
    failed = refused(court.verify(court.world.bundle(index)), 9, "signer_missing")
    assert failed.reason.startswith("provider-a must sign")


def test_step_9_an_award_without_a_neutral(court: Court) -> None:
    index = court.world.register(court.world.award_signed([(court.provider.statement, "provider")], court.provider.id))
    refused(court.verify(court.world.bundle(index)), 9, "neutral_missing")


def test_step_9_role_that_is_not_registered(court: Court) -> None:
    signers = [(court.provider.statement, "neutral")]
    index = court.world.register(court.world.award_signed(signers, court.provider.id))
    refused(court.verify(court.world.bundle(index)), 9, "role_mismatch")


def test_step_9_entry_of_another_statement(court: Court) -> None:
    world, index = court.world, court.register()
    entry = loads(world.entries[index])
    world.entries[index] = canonical(entry | {"commitment": hashlib.sha256(b"another").hexdigest()})
    refused(court.verify(world.bundle(index)), 9, "entry_mismatch")


def test_step_9_entry_in_another_owners_name(court: Court) -> None:
    world, index = court.world, court.register()
    entry = loads(world.entries[index])
    flipped = bytearray(b64u_decode(entry["tag"]))
    flipped[-1] ^= 1
    world.entries[index] = canonical(entry | {"tag": b64u_encode(bytes(flipped))})
    refused(court.verify(world.bundle(index)), 9, "entry_mismatch")


def test_step_9_award_of_another_network(court: Court) -> None:
    signers = [(court.neutral.statement, "neutral"), (court.provider.statement, "provider")]
    foreign = court.world.compose("award", "provider-a", award_body("provider-a"), signers, network="0" * 64, salt=SALT)
    index = court.world.register(foreign)
    refused(court.verify(court.world.bundle(index)), 9, "wrong_network")


# --- steps 10 to 12 and the exit codes ------------------------------------------------------------


def test_step_10_lapsed_accreditation_is_information(court: Court) -> None:
    court.world.accredit(court.provider.id, "provider", "suspended")
    report = court.verify(court.world.bundle(court.register()))
    assert report.exit_code == 0
    assert "provider-a: suspended since" in step(report, 10).reason
    assert step(report, 10).outcome == "information"


def test_step_10_expired_accreditation_is_called_lapsed(court: Court) -> None:
    court.world.accredit(court.neutral.id, "neutral", valid_to="2026-02-01T00:00:00Z")
    assert "neutral-a: listed, lapsed" in step(court.verify(court.world.bundle(court.register())), 10).reason


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [
        (0, 1, "listed since"),
        (-1, 0, "listed, lapsed since"),
        (-2, -1, "listed, lapsed since"),
        (1, 2, "listed, in force only from 2026-09-21, since"),
    ],
)
def test_step_10_an_accreditation_counts_from_its_begin_until_before_its_end(
    court: Court, begins: int, ends: int, said: str
) -> None:
    at = court.world.now + 60  # of the award, after the decision
    validity = {"valid_from": timestamp(at + begins), "valid_to": timestamp(at + ends)}
    court.world.accredit(court.neutral.id, "neutral", **validity)
    index = court.register()
    assert entry_time(court.world.entries[index]) == at
    assert f"neutral-a: {said} 2026-09-21" in step(court.verify(court.world.bundle(index)), 10).reason


def disputed(court: Court) -> tuple[int, Any]:
    """An award whose provider key is revoked afterwards, with effect from before it."""
    second = court.world.add_key(court.provider, "second")
    index = court.register()
    court.world.change_key(court.provider, "revoke", court.provider.statement, reason="compromised", invalid_from=index)
    return index, second


def test_step_11_later_revocation_disputes_the_award(court: Court) -> None:
    index, _ = disputed(court)
    report = court.verify(court.world.bundle(index))
    assert (report.genuine, report.exit_code) == ("yes", 4)
    assert report.status.startswith("disputed, as of")
    assert "A key of provider-a" in step(report, 11).reason or "a key of provider-a" in step(report, 11).reason


def test_step_11_revocation_from_now_on_leaves_the_award_alone(court: Court) -> None:
    second = court.world.add_key(court.provider, "second")
    index = court.register()
    court.world.change_key(court.provider, "revoke", court.provider.statement, second, reason="superseded")
    assert court.verify(court.world.bundle(index)).exit_code == 0


def review(court: Court, index: int, decision: str, second: Any) -> None:
    signers = [(second, "provider")]
    if decision == "confirm":
        signers.append((court.neutral.statement, "neutral"))
    court.world.review(court.world.statements[index], decision, signers, court.provider.id)


@pytest.mark.parametrize(
    ("decision", "words", "code"),
    [("confirm", "confirmed", 0), ("reject", "rejected", 4)],
)
def test_step_11_review_resolves_the_dispute(court: Court, decision: str, words: str, code: int) -> None:
    index, second = disputed(court)
    review(court, index, decision, second)
    report = court.verify(court.world.bundle(index))
    assert report.status.startswith(words)
    assert report.exit_code == code


def both_disputed(court: Court) -> tuple[int, dict[str, tuple[Any, str]]]:
    """An award of which both signers' keys are revoked, and by whose keys each of them may act on."""
    world, provider, neutral = court.world, court.provider, court.neutral
    keys = {one.id: (world.add_key(one, "second"), one.role) for one in (provider, neutral)}
    monitor = {"action": "add", "owner": neutral.id, "key": public_key("monitor", neutral.monitor, neutral.id)}
    world.admit(world.compose("key", neutral.id, monitor, [keys[neutral.id]]))
    index = court.register()
    for one in (provider, neutral):
        world.change_key(one, "revoke", one.statement, reason="compromised", invalid_from=index)
    return index, keys


@pytest.mark.parametrize("owner", ["provider-a", "neutral-a"])
def test_step_11_each_owner_of_a_revoked_key_may_reject(court: Court, owner: str) -> None:
    index, keys = both_disputed(court)
    report = court.verify(court.world.bundle(index))
    assert "a key of neutral-a and provider-a was revoked" in step(report, 11).reason
    court.world.review(court.world.statements[index], "reject", [keys[owner]], owner)
    report = court.verify(court.world.bundle(index))
    assert (report.status.partition(",")[0], report.exit_code) == ("rejected", 4)
    assert step(report, 11).reason == "Reviews: ['reject']."


@pytest.mark.parametrize(
    ("first", "second", "words"), [("reject", "confirm", "confirmed"), ("confirm", "reject", "rejected")]
)
def test_step_11_the_newest_review_decides_until_a_later_revocation(
    court: Court, first: str, second: str, words: str
) -> None:
    world, index = court.world, court.register()
    award, said = world.statements[index], []
    for actor, decision in ((court.provider, first), (court.neutral, second)):
        world.change_key(actor, "revoke", actor.statement, reason="compromised", invalid_from=index)
        said.append(court.verify(world.bundle(index)).status.partition(",")[0])
        world.review(award, decision, world.officer_signers(2), "coordinator")
    report = court.verify(world.bundle(index))
    assert (said, report.status.partition(",")[0]) == (["disputed", "disputed"], words)
    assert step(report, 11).reason == f"Reviews: {[first, second]}."


def test_step_11_review_by_the_wrong_people(court: Court) -> None:
    index, second = disputed(court)
    award = court.world.statements[index]
    body = {"award": award.digest, "decision": "confirm", "reason_code": "key_safe"}
    octets = court.world.compose("award-review", "provider-a", body, [(second, "provider")], salt=SALT)
    court.world.register(octets, reference_tag(award.salt or b""))
    report = court.verify(court.world.bundle(index))
    assert step(report, 11).code == "signer_missing"
    assert (report.genuine, report.status, report.exit_code) == ("yes", "can't tell", 2)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"network": "00" * 32}, "status_mismatch"),
        ({"award": "00" * 32}, "status_mismatch"),
        ({"size": 5}, "status_mismatch"),
        ({"root": "00" * 32}, "status_mismatch"),
        ({"policy": {"digest": "00" * 32, "index": 0}}, "status_mismatch"),
        ({"time": None}, "bad_status"),
        ({"state": "fine"}, "bad_status"),
        ({"amendments": [{"kind": "award-review", "digest": "00" * 32, "index": 9}]}, "amendment_hidden"),
    ],
)
def test_step_12_status_that_speaks_of_something_else(court: Court, changes: dict[str, Any], code: str) -> None:
    index = court.register()
    status = court.world.status(court.world.statements[index], len(court.world.entries), **changes)
    report = court.verify(court.world.bundle(index, status=status))
    assert step(report, 12).code == code
    assert (report.genuine, report.status, report.exit_code) == ("yes", "can't tell", 2)


def signed_status(court: Court, index: int, actor: Actor, role: str, key: str = "statement") -> bytes:
    honest = court.world.status(court.world.statements[index], len(court.world.entries))
    octets = b64u_decode(loads(honest)["payload"])
    return sign_all(octets, [(getattr(actor, key), role)], court.world.now, "odr-status+jws")


@pytest.mark.parametrize("time", [-1, 253_402_300_800, 2**53 - 1, -(2**53) + 1])
def test_step_12_a_time_outside_the_calendar_is_refused_not_a_crash(court: Court, time: int) -> None:
    index = court.register()
    status = court.world.status(court.world.statements[index], len(court.world.entries), time=time)
    report = court.verify(court.world.bundle(index, status=status), max_age=1)
    assert step(report, 12).code == "bad_time"
    assert step(report, 12).reason == f"{time} seconds after 1970 is not in the calendar."
    assert (report.genuine, report.status, report.exit_code) == ("yes", "can't tell", 2)


def test_step_12_the_last_second_of_the_calendar_is_shown(court: Court) -> None:
    index = court.register()
    status = court.world.status(court.world.statements[index], len(court.world.entries), time=253_402_300_799)
    report = court.verify(court.world.bundle(index, status=status), now=253_402_300_799)
    assert "as of 9999-12-31 23:59:59 UTC" in report.status


@pytest.mark.parametrize("max_age", [None, 30 * 86_400])
def test_step_12_a_status_of_a_time_to_come_tells_nothing(court: Court, max_age: int | None) -> None:
    """Or one dated 2999 would stay younger than any age that a court asks for."""
    index = court.register()
    now = court.world.now
    for ahead, code in ((300, ""), (301, "status_in_future"), (1000 * 365 * 86_400, "status_in_future")):
        status = court.world.status(court.world.statements[index], len(court.world.entries), time=now + ahead)
        report = court.verify(court.world.bundle(index, status=status), max_age=max_age)
        assert step(report, 12).code == code, ahead
        told = ("yes", "can't tell", 2) if code else ("yes", report.status, 0)
        assert (report.genuine, report.status, report.exit_code) == told, ahead
    assert "later than this machine's clock. Set the clock right if it is wrong, else ask" in step(report, 12).reason


def test_step_6_a_witness_with_a_time_outside_the_calendar_is_no_crash(court: Court) -> None:
    index = court.register()
    head = court.world.checkpoint(time=2**62)
    refused(court.verify(court.world.bundle(index, checkpoint=head)), 6, "bad_time")


@pytest.mark.parametrize(("who", "key"), [("provider", "statement"), ("hub", "http")])
def test_step_12_status_not_signed_by_the_hub(court: Court, who: str, key: str) -> None:
    index = court.register()
    actor = court.provider if who == "provider" else court.world.hub
    report = court.verify(court.world.bundle(index, status=signed_status(court, index, actor, "hub", key)))
    assert step(report, 12).code == "not_the_hub"


def test_step_12_forged_status_signature(court: Court) -> None:
    index = court.register()
    honest = court.world.status(court.world.statements[index], len(court.world.entries))
    forged = tampered(honest, lambda members: members["signatures"][0].update(signature=b64u_encode(bytes(64))))
    assert step(court.verify(court.world.bundle(index, status=forged)), 12).code == "bad_signature"


def test_step_12_the_hub_may_know_more_than_the_bundle(court: Court) -> None:
    index = court.register()
    status = court.world.status(court.world.statements[index], len(court.world.entries), state="disputed")
    report = court.verify(court.world.bundle(index, status=status))
    assert (report.genuine, report.exit_code) == ("yes", 4)


def test_old_status_matters_only_to_who_asks(court: Court) -> None:
    bundle = court.world.bundle(court.register())
    later = court.world.now + 40 * 86_400
    assert court.verify(bundle, now=later).exit_code == 0
    assert court.verify(bundle, now=later, max_age=30 * 86_400).exit_code == 5
    report = court.verify(bundle, now=later, max_age=30 * 86_400)
    assert report.status.endswith("(older than you accept)")
    assert report.genuine == "yes"


def test_body_without_its_members_is_refused_not_a_crash(court: Court) -> None:
    octets = court.world.award(court.provider, court.neutral, manifestation=[])
    index = court.world.register(octets)
    refused(court.verify(court.world.bundle(index)), 3, "bad_body")


def test_report_for_people_and_for_programs(court: Court) -> None:
    report = court.verify(court.world.bundle(court.register()), PDF + b"x")
    text = as_text(report)
    assert text.startswith("Genuine: no (step 3, document)\nStatus:  nothing recorded, as of ")
    assert " 3  FAIL  Document      Only the first 46 bytes are the award; more was appended.\n" in text
    assert max(map(len, text.splitlines())) <= 100
    parsed = loads(as_json(report).encode())
    assert parsed["exit_code"] == 1
    assert parsed["steps"][2]["code"] == "document_extended"


def test_trust_file_is_what_the_court_holds(court: Court) -> None:
    assert parse_trust(court.world.trust_file()) == court.world.trust()


def test_step_13_tells_what_the_provider_states(court: Court) -> None:
    told = step(court.verify(court.world.bundle(court.register())), 13)
    assert (told.outcome, told.label) == ("information", "stated by the provider")
    assert told.reason.startswith("Agreement SHA-256 abababababababab…, 1 notice")
    assert "appointed by provider, 0 transfers." in told.reason


def test_step_14_names_what_no_software_shows(court: Court) -> None:
    told = step(court.verify(b"nothing readable"), 14)  # it holds whatever else failed
    assert (told.outcome, told.label) == ("information", "bring yourself")
    assert told.reason.startswith("The arbitration agreement, translations, the parties' identity")
