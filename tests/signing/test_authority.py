"""Who may say what: each kind of statement against each set of signers."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import pytest

from signing.authority import Dispute, Policy, check_authority
from signing.compose import assemble, payload, sign_all
from signing.encoding import b64u_encode, canonical
from signing.errors import AuthorityError, FormatError
from signing.keyring import KeyRecord
from signing.secretkeys import AgreementKey, SigningKey
from signing.statement import Statement, parse_statement
from tests.fakes.refusals import refused
from tests.fakes.world import World, public_key

NOW = 1_790_000_000
INDEX = 50
WORLD = World(officer_count=3, threshold=2)
POLICY = Policy(WORLD.genesis.digest, 0, WORLD.genesis.body)


@dataclass(frozen=True)
class Signer:
    """A registered key, and the role that the statement claims for it (default: its own)."""

    owner: str
    role: str
    number: int = 0
    purpose: str = "statement"
    claimed: str | None = None

    @property
    def key(self) -> SigningKey:
        return key_of(f"{self.owner}/{self.number}")

    @property
    def record(self) -> KeyRecord:
        return KeyRecord(self.key.kid, self.owner, self.role, self.purpose, b64u_encode(self.key.public.x), 1)


def key_of(name: str) -> SigningKey:
    return SigningKey(hashlib.sha256(name.encode()).digest())


O1, O2, O3 = (Signer(f"officer-{letter}", "officer") for letter in "abc")
O1_AGAIN = replace(O1, number=1)
STRANGER = Signer("officer-z", "officer")  # was an officer under another policy
HUB = Signer("odr-hub", "hub")
PA, PB = Signer("provider-a", "provider"), Signer("provider-b", "provider")
NA, NB = Signer("neutral-a", "neutral"), Signer("neutral-b", "neutral")
COURT = Signer("court-a", "court")
NEW = key_of("new")
DISPUTE = Dispute({"provider-a", "neutral-a"}, {"provider-a"})


def statement(
    kind: str, issuer: str, body: Any, signers: tuple[Signer, ...], introduced: tuple[SigningKey, ...] = ()
) -> Statement:
    pairs = [(one.key, one.claimed or one.role) for one in signers] + [(key, "introduced") for key in introduced]
    made = payload(kind, issuer, body, [(key.kid, role) for key, role in pairs], network=WORLD.network, now=NOW)
    return parse_statement(sign_all(made, pairs, NOW))


def judge(
    kind: str,
    issuer: str,
    body: Any,
    *signers: Signer,
    introduced: tuple[SigningKey, ...] = (),
    dispute: Dispute | None = None,
) -> None:
    one = statement(kind, issuer, body, signers, introduced)
    check_authority(one, [signer.record for signer in signers], POLICY, INDEX, dispute)


def keys(*introduced: SigningKey) -> dict[str, Any]:
    return {"keys": [public_key("statement", key, "x") for key in introduced]}


FIRST = {"type": "provider", "profile": {}, **keys(NEW)}
UPDATE = {"type": "provider", "profile": {}}
ACTIVE = {"nominated_by": "provider-a", "status": "active"}
PAUSED, LEFT = ACTIVE | {"status": "paused"}, ACTIVE | {"status": "left"}
ADD = {"action": "add", "owner": "provider-a", "key": keys(NEW)["keys"][0]}
RETIRE = {"action": "retire", "owner": "provider-a", "kid": PA.key.kid}
REVOKE = RETIRE | {"action": "revoke", "reason": "lost"}
CONFIRM = RETIRE | {"action": "confirm"}
PAST, PRESENT = REVOKE | {"invalid_from": INDEX - 1}, REVOKE | {"invalid_from": INDEX}


def status(name: str) -> dict[str, Any]:
    return {"subject": "provider-a", "status": name}


def review(decision: str) -> dict[str, Any]:
    return {"award": "ab" * 32, "decision": decision}


Case = tuple[str, str, dict[str, Any], tuple[Signer, ...]]

# --- who may ---------------------------------------------------------------------------------------

ACCEPTED: dict[str, Case] = {
    "policy by the threshold": ("policy", "coordinator", WORLD.policy_body(), (O1, O2)),
    "policy by all officers": ("policy", "coordinator", WORLD.policy_body(), (O1, O2, O3)),
    "listing by one officer": ("accreditation", "coordinator", status("listed"), (O1,)),
    "concern by two officers": ("accreditation", "coordinator", status("concern"), (O1, O2)),
    "suspension by the threshold": ("accreditation", "coordinator", status("suspended"), (O1, O3)),
    "removal by the threshold": ("accreditation", "coordinator", status("removed"), (O2, O3)),
    "member's update": ("member", "provider-a", UPDATE, (PA, O1)),
    "member's update with two of its keys": ("member", "provider-a", UPDATE, (PA, replace(PA, number=1), O1)),
    "neutral's update": ("neutral", "neutral-a", ACTIVE, (NA, PA, O1)),
    "neutral's pause alone": ("neutral", "neutral-a", PAUSED, (NA,)),
    "neutral's leaving alone": ("neutral", "neutral-a", LEFT, (NA,)),
    "neutral's pause with everybody": ("neutral", "neutral-a", PAUSED, (NA, PA, O1)),
    "retirement by the owner": ("key", "provider-a", RETIRE, (PA,)),
    "revocation by the owner": ("key", "provider-a", REVOKE, (PA,)),
    "revocation by the owner from now": ("key", "provider-a", PRESENT, (PA,)),
    "confirmation by the owner": ("key", "provider-a", CONFIRM, (PA,)),
    "revocation by officers": ("key", "coordinator", REVOKE, (O1, O2)),
    "revocation from the past by officers": ("key", "coordinator", PAST, (O1, O2)),
    "confirmation by officers": ("key", "coordinator", CONFIRM, (O1, O2)),
    "award": ("award", "provider-a", {}, (PA, NA)),
    "award by a tribunal": ("award", "provider-a", {}, (PA, NA, NB)),
    "award with two keys of the provider": ("award", "provider-a", {}, (PA, replace(PA, number=1), NA)),
    "review: confirmed by all signers": ("award-review", "neutral-a", review("confirm"), (PA, NA)),
    "review: rejected by the key's owner": ("award-review", "provider-a", review("reject"), (PA,)),
    "review: confirmed by officers": ("award-review", "coordinator", review("confirm"), (O1, O2)),
    "review: rejected by officers": ("award-review", "coordinator", review("reject"), (O2, O3)),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_exactly_the_right_parties_are_accepted(case: Case) -> None:
    kind, issuer, body, signers = case
    judge(kind, issuer, body, *signers, dispute=DISPUTE)


@pytest.mark.parametrize(
    ("kind", "issuer", "body", "signers"),
    [
        ("member", "provider-n", FIRST, (O1,)),
        ("neutral", "neutral-n", ACTIVE | keys(NEW), (PA, O1)),
        ("key", "provider-a", ADD, (PA,)),
        ("key", "coordinator", ADD, (O1, O2)),
    ],
)
def test_an_introduced_key_signs_beside_the_right_parties(
    kind: str, issuer: str, body: dict[str, Any], signers: tuple[Signer, ...]
) -> None:
    judge(kind, issuer, body, *signers, introduced=(NEW,))


def test_a_genesis_is_signed_by_those_whom_it_introduces() -> None:
    check_authority(WORLD.genesis, [], POLICY, 0)


# --- who is missing --------------------------------------------------------------------------------

MISSING: dict[str, tuple[Case, str]] = {
    "member's update by an officer": (("member", "provider-a", UPDATE, (O1,)), "provider-a"),
    "neutral's update without the provider": (("neutral", "neutral-a", ACTIVE, (NA, O1)), "provider-a"),
    "neutral's update without the neutral": (("neutral", "neutral-a", ACTIVE, (PA, O1)), "neutral-a"),
    "neutral's activation alone": (("neutral", "neutral-a", ACTIVE, (NA,)), "provider-a"),
    "pause by officers without the provider": (("neutral", "neutral-a", PAUSED, (NA, O1)), "provider-a"),
    "pause by the provider": (("neutral", "neutral-a", PAUSED, (PA,)), "neutral-a"),
    "new neutral without its nominator": (("neutral", "neutral-n", ACTIVE | keys(NEW), (PB, O1)), "provider-a"),
    "key by another provider": (("key", "provider-a", RETIRE, (PB,)), "provider-a"),
    "award without the provider": (("award", "provider-a", {}, (NA,)), "provider-a"),
    "award of another provider": (("award", "provider-a", {}, (PB, NA)), "provider-a"),
    "confirmation by one of two": (("award-review", "provider-a", review("confirm"), (PA,)), "neutral-a"),
    "rejection by somebody else": (("award-review", "neutral-a", review("reject"), (NA,)), "provider-a"),
}


@pytest.mark.parametrize(("case", "who"), MISSING.values(), ids=MISSING)
def test_a_missing_party_is_named(case: Case, who: str) -> None:
    kind, issuer, body, signers = case
    introduced = (NEW,) if "keys" in body else ()
    with refused(AuthorityError, "signer_missing", f"{who} must sign this {kind}.", "/signers"):
        judge(kind, issuer, body, *signers, introduced=introduced, dispute=DISPUTE)


# --- who has no part -------------------------------------------------------------------------------

EXTRA: dict[str, tuple[Case, str]] = {
    "genesis with a member": (("genesis", "odr-hub", WORLD.policy_body(), (PA,)), "provider-a"),
    "genesis with a registered officer": (("genesis", "odr-hub", WORLD.policy_body(), (O1,)), "officer-a"),
    "policy with a provider": (("policy", "coordinator", WORLD.policy_body(), (O1, O2, PA)), "provider-a"),
    "policy with the hub": (("policy", "coordinator", WORLD.policy_body(), (O1, O2, HUB)), "odr-hub"),
    "accreditation with its subject": (("accreditation", "coordinator", status("listed"), (O1, PA)), "provider-a"),
    "update with another member": (("member", "provider-a", UPDATE, (PA, PB, O1)), "provider-b"),
    "neutral with two providers": (("neutral", "neutral-a", ACTIVE, (NA, PA, PB, O1)), "provider-b"),
    "pause with the provider alone": (("neutral", "neutral-a", PAUSED, (NA, PA)), "provider-a"),
    "key by the owner and another": (("key", "provider-a", RETIRE, (PA, PB)), "provider-b"),
    "key by officers and the owner": (("key", "coordinator", REVOKE, (O1, O2, PA)), "provider-a"),
    "award with two providers": (("award", "provider-a", {}, (PA, PB, NA)), "provider-b"),
    "award with a court": (("award", "provider-a", {}, (PA, NA, COURT)), "court-a"),
    "award with an officer": (("award", "provider-a", {}, (PA, NA, O1)), "officer-a"),
    "confirmation with a stranger": (("award-review", "provider-a", review("confirm"), (PA, NA, NB)), "neutral-b"),
    "rejection with a signer too many": (("award-review", "provider-a", review("reject"), (PA, NA)), "neutral-a"),
    "officers' review with a signer": (("award-review", "coordinator", review("reject"), (O1, O2, PA)), "provider-a"),
}


@pytest.mark.parametrize(("case", "who"), EXTRA.values(), ids=EXTRA)
def test_a_party_without_a_part_is_named(case: Case, who: str) -> None:
    kind, issuer, body, signers = case
    with refused(AuthorityError, "signer_extra", f"{who} has no part in this {kind}.", "/signers"):
        judge(kind, issuer, body, *signers, dispute=DISPUTE)


# --- thresholds count officers ---------------------------------------------------------------------

TOO_FEW: dict[str, tuple[Case, int, int]] = {
    "policy by one": (("policy", "coordinator", WORLD.policy_body(), (O1,)), 2, 1),
    "policy by two keys of one": (("policy", "coordinator", WORLD.policy_body(), (O1, O1_AGAIN)), 2, 1),
    "policy by a former officer": (("policy", "coordinator", WORLD.policy_body(), (O1, STRANGER)), 2, 2),
    "listing by a former officer": (("accreditation", "coordinator", status("listed"), (STRANGER,)), 1, 1),
    "suspension by one": (("accreditation", "coordinator", status("suspended"), (O1,)), 2, 1),
    "suspension by two keys of one": (("accreditation", "coordinator", status("suspended"), (O1, O1_AGAIN)), 2, 1),
    "removal by one": (("accreditation", "coordinator", status("removed"), (O3,)), 2, 1),
    "update without an officer": (("member", "provider-a", UPDATE, (PA,)), 1, 0),
    "new member without an officer": (("member", "provider-n", FIRST, ()), 1, 0),
    "neutral without an officer": (("neutral", "neutral-a", ACTIVE, (NA, PA)), 1, 0),
    "new neutral without an officer": (("neutral", "neutral-n", ACTIVE | keys(NEW), (PA,)), 1, 0),
    "officers' key by one": (("key", "coordinator", REVOKE, (O1,)), 2, 1),
    "officers' key by two keys of one": (("key", "coordinator", CONFIRM, (O1, O1_AGAIN)), 2, 1),
    "officers' review by one": (("award-review", "coordinator", review("confirm"), (O1,)), 2, 1),
}


@pytest.mark.parametrize(("case", "wanted", "found"), TOO_FEW.values(), ids=TOO_FEW)
def test_too_few_officers_are_counted(case: Case, wanted: int, found: int) -> None:
    kind, issuer, body, signers = case
    says = f"{wanted} officers must sign; {found} did."
    introduced = (NEW,) if "keys" in body else ()
    with refused(AuthorityError, "threshold_not_met", says, "/signers"):
        judge(kind, issuer, body, *signers, introduced=introduced, dispute=DISPUTE)


def test_the_threshold_is_that_of_the_policy_in_force() -> None:
    strict = Policy(POLICY.digest, 0, WORLD.policy_body(threshold=3))
    one = statement("policy", "coordinator", WORLD.policy_body(threshold=1), (O1, O2))
    with refused(AuthorityError, "threshold_not_met", "3 officers must sign; 2 did.", "/signers"):
        check_authority(one, [O1.record, O2.record], strict, INDEX)


# --- who issues ------------------------------------------------------------------------------------

WRONG_ISSUER: dict[str, tuple[Case, str]] = {
    "policy by the hub": (("policy", "odr-hub", WORLD.policy_body(), (O1, O2)), "coordinator"),
    "policy by an officer": (("policy", "officer-a", WORLD.policy_body(), (O1, O2)), "coordinator"),
    "accreditation by its subject": (("accreditation", "provider-a", status("listed"), (O1,)), "coordinator"),
    "key of another owner": (("key", "provider-b", RETIRE, (PB,)), "provider-a"),
    "owner's key by the coordinator": (("key", "coordinator", RETIRE, (PA,)), "provider-a"),
    "officers' key by the owner": (("key", "provider-a", REVOKE, (O1, O2)), "coordinator"),
    "owner's revocation from the past": (("key", "provider-a", PAST, (PA,)), "coordinator"),
    "officers' review by the provider": (("award-review", "provider-a", review("reject"), (O1, O2)), "coordinator"),
}


@pytest.mark.parametrize(("case", "expected"), WRONG_ISSUER.values(), ids=WRONG_ISSUER)
def test_another_issuer_is_refused(case: Case, expected: str) -> None:
    kind, issuer, body, signers = case
    with refused(AuthorityError, "wrong_issuer", f"This {kind} is issued by {expected}.", "/issuer"):
        judge(kind, issuer, body, *signers, dispute=DISPUTE)


@pytest.mark.parametrize(
    ("issuer", "signers"), [("neutral-a", (NA,)), ("court-a", (COURT, NA)), ("odr-hub", (HUB, NA))]
)
def test_an_award_is_issued_by_a_provider(issuer: str, signers: tuple[Signer, ...]) -> None:
    with refused(AuthorityError, "wrong_issuer", "An award is issued by a provider.", "/issuer"):
        judge("award", issuer, {}, *signers)


@pytest.mark.parametrize("signers", [(PA,), (PA, PB), (PA, O1)])
def test_an_award_needs_a_neutral(signers: tuple[Signer, ...]) -> None:
    with refused(AuthorityError, "neutral_missing", "needs the signature of its neutral", "/signers"):
        judge("award", "provider-a", {}, *signers)


# --- which key, whose review ------------------------------------------------------------------------


def test_one_key_of_the_owner_signs_about_its_keys() -> None:
    says = "One key of the owner signs a statement about its keys."
    for body in (RETIRE, REVOKE, CONFIRM):
        with refused(AuthorityError, "one_key_of_owner", says, "/signers"):
            judge("key", "provider-a", body, PA, replace(PA, number=1))
    with refused(AuthorityError, "one_key_of_owner", says, "/signers"):
        judge("key", "provider-a", ADD, PA, replace(PA, number=1), introduced=(NEW,))
    judge("key", "coordinator", RETIRE, O1, O2, O3)


@pytest.mark.parametrize(
    ("decision", "issuer", "signers"),
    [("reject", "neutral-a", (PA,)), ("confirm", "provider-b", (PA, NA)), ("reject", "coordinator", (PA,))],
)
def test_a_review_is_issued_by_one_who_must_sign_it(decision: str, issuer: str, signers: tuple[Signer, ...]) -> None:
    says = "A review is issued by one of those who must sign it."
    with refused(AuthorityError, "issuer_not_involved", says, "/issuer"):
        judge("award-review", issuer, review(decision), *signers, dispute=DISPUTE)


@pytest.mark.parametrize(("issuer", "signer"), [("provider-a", PA), ("neutral-a", NA)])
def test_each_owner_of_a_revoked_key_may_reject_for_itself(issuer: str, signer: Signer) -> None:
    both = Dispute({"provider-a", "neutral-a", "neutral-b"}, {"provider-a", "neutral-a"})
    judge("award-review", issuer, review("reject"), signer, dispute=both)
    with refused(AuthorityError, "signer_extra", "neutral-b has no part in this award-review.", "/signers"):
        judge("award-review", issuer, review("reject"), signer, NB, dispute=both)
    with refused(AuthorityError, "signer_missing", f"{issuer} must sign this award-review.", "/signers"):
        judge("award-review", issuer, review("reject"), NB, dispute=both)
    with refused(AuthorityError, "issuer_not_involved", "A review is issued by one of those", "/issuer"):
        judge("award-review", "neutral-b", review("reject"), PA, NA, dispute=both)


# --- roles, purposes, strangers --------------------------------------------------------------------


@pytest.mark.parametrize("purpose", ["http", "witness"])
def test_only_statement_keys_sign_statements(purpose: str) -> None:
    http = replace(PA, purpose=purpose)
    with refused(AuthorityError, "wrong_purpose", f"A {purpose} key signs no statements.", http.key.kid):
        judge("award", "provider-a", {}, http, NA)


@pytest.mark.parametrize("claimed", ["neutral", "officer", "introduced", "hub"])
def test_a_key_acts_in_its_registered_role_only(claimed: str) -> None:
    liar = replace(PA, claimed=claimed)
    with refused(AuthorityError, "role_mismatch", f"registered as provider, not {claimed}.", liar.key.kid):
        judge("award", "provider-a", {}, liar, NA)


def test_a_signer_that_is_neither_registered_nor_introduced_is_refused() -> None:
    other = key_of("other")
    says = "A signer is neither registered nor introduced here."
    with refused(AuthorityError, "unknown_key", says, other.kid):
        judge("member", "provider-n", FIRST, O1, introduced=(NEW, other))
    with refused(AuthorityError, "unknown_key", says, NEW.kid):
        judge("award", "provider-a", {}, PA, NA, introduced=(NEW,))


def test_an_introduced_key_signs_in_no_other_role() -> None:
    claimed = Signer("new-officer", "officer")
    body = FIRST | keys(claimed.key)
    one = statement("member", "provider-n", body, (O1, claimed))
    with refused(AuthorityError, "unknown_key", "neither registered nor introduced", claimed.key.kid):
        check_authority(one, [O1.record], POLICY, INDEX)


def test_an_introduced_agreement_key_signs_nothing() -> None:
    monitor = AgreementKey(b"\x09" * 32)
    body = {"type": "provider", "keys": [public_key("monitor", monitor, "x")]}
    pairs = [(O1.key.kid, "officer"), (monitor.kid, "introduced")]
    made = payload("member", "provider-n", body, pairs, network=WORLD.network, now=NOW)
    headers = [
        {"alg": "Ed25519", "iat": NOW, "kid": kid, "role": role, "typ": "odr-statement+jws"} for kid, role in pairs
    ]
    signatures = [
        {"protected": b64u_encode(canonical(header)), "signature": b64u_encode(bytes(64))} for header in headers
    ]
    one = parse_statement(assemble(made, signatures))
    with refused(AuthorityError, "unknown_key", "neither registered nor introduced", monitor.kid):
        check_authority(one, [O1.record], POLICY, INDEX)


# --- kinds without a rule --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["unheard-of", "status", "Award", "award-review"])
def test_a_kind_without_a_rule_is_refused(kind: str) -> None:
    with refused(FormatError, "unknown_kind", f"No rule says who may issue a {kind}.", "/kind"):
        judge(kind, "provider-a", review("confirm"), PA, NA)


def test_a_dispute_changes_nothing_for_other_kinds() -> None:
    judge("award", "provider-a", {}, PA, NA, dispute=DISPUTE)


# --- all together ----------------------------------------------------------------------------------


def test_the_network_of_the_tests_is_accepted_throughout() -> None:
    world = World()
    provider = world.add_provider()
    neutral = world.add_neutral(provider)
    world.admit(world.award(provider, neutral))
    world.add_key(provider, "second")
    world.add_policy(threshold=1)
    assert [one.kind for one in world.statements[-3:]] == ["award", "key", "policy"]
