"""Award reviews: how a dispute ends (PROTOCOL §6).

A later revocation puts an award in doubt from ``invalid_from`` on. *Confirm* needs every owner among the
award's signers, with current keys; *reject* needs the owner of the revoked key, any one where keys of several
were revoked; the threshold of officers can do either. A review covers revocations of lower index; a later one opens
the dispute again.
"""

from collections.abc import Mapping

from registry import rings
from registry import state as spaces
from registry.effects import Effect
from registry.errors import refused
from registry.judgement import doubts
from registry.signers import authorise
from registry.state import StateView
from registry.statements import At, Decision, policy_of, registered, salt_tag, seal
from signing.authority import Dispute
from signing.encoding import JSON
from signing.statement import Statement

__all__ = ["decide_review", "needs"]


def needs(statement: Statement) -> set[str]:
    """State that a review reads, as far as it tells; the award's signers are in the state."""
    award = statement.body["award"]
    return {
        spaces.award(award),
        spaces.review(award),
        spaces.keyring(statement.issuer),
        spaces.salt(salt_tag(statement)),
    }


def decide_review(statement: Statement, state: StateView, at: At) -> Decision:
    """Record the review of a disputed award; its entry carries the award's reference tag."""
    body = statement.body
    award = state.get(spaces.award(body["award"]))
    if award is None:
        raise refused("unknown_award", "/body/award")
    owners = list(dict.fromkeys(signer["owner"] for signer in award["signers"]))
    if statement.issuer not in (*owners, policy_of(state).body["coordinator"]["id"]):
        raise refused("issuer_not_involved", "/issuer")
    authorise(statement, state, at, dispute=_dispute(award, owners, state, at))
    sealed = seal(statement, state, at)
    data = {
        "award": body["award"],
        "decision": body["decision"],
        "reason_code": body["reason_code"],
        "digest": statement.digest,
        "index": at.index,
        "time": at.time,
    }
    effects = (registered(statement, at, sealed), Effect("award.reviewed", 1, data))
    return Decision(effects, sealed.monitor, award["ref"])


def _dispute(award: Mapping[str, JSON], owners: list[str], state: StateView, at: At) -> Dispute:
    review = state.get(spaces.review(award["digest"]))
    found = doubts(award, rings.rings(state, owners), review, at.index)
    if not found:
        raise refused("not_disputed", "/body/award")
    return Dispute(set(owners), {one.owner for one in found})
