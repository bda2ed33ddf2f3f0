"""Who may say what: the authority each kind of statement needs (DESIGN §4, PROTOCOL §§5-6).

The registry asks before it registers, the verifier afterwards; both ask here. Keys are judged first (``keyring``).
Thresholds count officers, never keys; a signer whom the kind does not call for is refused like a missing one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .encoding import JSON
from .errors import AuthorityError, FormatError
from .keyring import KeyRecord, introduced_keys
from .statement import Statement

GRAVE_STATUSES = frozenset({"suspended", "removed"})


@dataclass(frozen=True, slots=True)
class Policy:
    """A network policy in force: the body of a genesis or policy statement."""

    digest: str
    index: int
    body: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Dispute:
    """A disputed award as an award-review sees it: owners of its signing keys, and of the revoked keys."""

    signers: set[str]
    owners: set[str]


def check_authority(
    statement: Statement, signers: Sequence[KeyRecord], policy: Policy, index: int, dispute: Dispute | None = None
) -> None:
    """Raise ``AuthorityError`` unless exactly the parties that the kind calls for have signed.

    Args:
        statement: a statement whose signatures verify.
        signers: the current records of all signing keys that are registered, introduced ones left out.
        policy: the policy in force before this statement (for genesis: its own).
        index: log index of the statement.
        dispute: for an award-review, the dispute that it resolves.
    """
    _check_roles(statement, signers)
    officers = {record.owner for record in signers if record.role == "officer"}
    others = {record.owner for record in signers} - officers
    required, wanted = _required(statement, signers, policy, index, dispute)
    if missing := required - others:
        raise AuthorityError("signer_missing", f"{min(missing)} must sign this {statement.kind}.", "/signers")
    if extra := others - required or (officers if not wanted else frozenset()):
        raise AuthorityError("signer_extra", f"{min(extra)} has no part in this {statement.kind}.", "/signers")
    if len(officers & {officer["id"] for officer in policy.body["officers"]}) < wanted:
        raise AuthorityError("threshold_not_met", f"{wanted} officers must sign; {len(officers)} did.", "/signers")
    if statement.kind == "key" and not officers and len(signers) != 1:  # or nobody could say which one vouches
        raise AuthorityError("one_key_of_owner", "One key of the owner signs a statement about its keys.", "/signers")
    if statement.kind == "award-review" and not officers and statement.issuer not in required:
        raise AuthorityError("issuer_not_involved", "A review is issued by one of those who must sign it.", "/issuer")


def _check_roles(statement: Statement, signers: Sequence[KeyRecord]) -> None:
    for record in signers:
        if record.purpose != "statement":
            raise AuthorityError("wrong_purpose", f"A {record.purpose} key signs no statements.", record.kid)
        if (claimed := statement.roles[record.kid]) != record.role:
            raise AuthorityError("role_mismatch", f"The key is registered as {record.role}, not {claimed}.", record.kid)
    carried = {kid for kid, one in introduced_keys(statement).items() if one.key.curve == "Ed25519"}
    for kid in statement.roles.keys() - {record.kid for record in signers}:
        if statement.roles[kid] != "introduced" or kid not in carried:
            raise AuthorityError("unknown_key", "A signer is neither registered nor introduced here.", kid)


def _required(  # noqa: C901, PLR0911 - one branch for each kind
    statement: Statement, signers: Sequence[KeyRecord], policy: Policy, index: int, dispute: Dispute | None
) -> tuple[set[str], int]:
    """The owners (officers aside) that must sign, all of them and no other, and how many officers."""
    body, issuer, kind = statement.body, statement.issuer, statement.kind
    officers = any(record.role == "officer" for record in signers)
    if kind == "genesis":
        return set(), 0
    if kind in ("policy", "accreditation"):
        _require_issuer(statement, policy.body["coordinator"]["id"])
        return set(), policy.body["threshold"] if kind == "policy" or body["status"] in GRAVE_STATUSES else 1
    if kind == "member":
        return set() if "keys" in body else {issuer}, 1
    if kind == "neutral":
        alone = body["status"] != "active" and not officers and "keys" not in body
        own = set() if "keys" in body else {issuer}
        return (own, 0) if alone else (own | {body["nominated_by"]}, 1)
    if kind == "key":
        past = body["action"] == "revoke" and body.get("invalid_from", index) < index
        _require_issuer(statement, policy.body["coordinator"]["id"] if past or officers else body["owner"])
        return (set(), policy.body["threshold"]) if past or officers else ({issuer}, 0)
    if kind == "award":
        if any(record.role != "provider" for record in signers if record.owner == issuer):
            raise AuthorityError("wrong_issuer", "An award is issued by a provider.", "/issuer")
        neutrals = {record.owner for record in signers if record.role == "neutral"}
        if not neutrals:
            raise AuthorityError("neutral_missing", "An award needs the signature of its neutral.", "/signers")
        return neutrals | {issuer}, 0
    if kind == "award-review" and dispute is not None:
        if officers:
            _require_issuer(statement, policy.body["coordinator"]["id"])
            return set(), policy.body["threshold"]
        # Any owner of a revoked key may reject, for itself.
        return set(dispute.signers if body["decision"] == "confirm" else dispute.owners & {issuer} or dispute.owners), 0
    raise FormatError("unknown_kind", f"No rule says who may issue a {kind}.", "/kind")


def _require_issuer(statement: Statement, expected: str) -> None:
    if statement.issuer != expected:
        raise AuthorityError("wrong_issuer", f"This {statement.kind} is issued by {expected}.", "/issuer")
