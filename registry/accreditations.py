"""Accreditation: officers decide about a provider or neutral; the history is never rewritten.

The machine of the removal procedure (listed, concern, referred, removed) with application, conditions,
suspension and expiry. ``TRANSITIONS`` is the whole of it. Statuses that take something away for good or
at once (suspended, removed) need the threshold, which ``signing.authority`` counts.
"""

from registry import state as spaces
from registry.effects import Effect
from registry.errors import refused
from registry.signers import authorise
from registry.state import StateView
from registry.statements import At, Decision, chained, check_chain, registered
from signing.statement import Statement, seconds

__all__ = ["TRANSITIONS", "decide_accreditation", "needs"]

TRANSITIONS: dict[str, frozenset[str]] = {
    "none": frozenset({"applied", "listed"}),
    "applied": frozenset({"listed", "conditional", "removed"}),
    "listed": frozenset({"listed", "conditional", "concern", "suspended", "removed", "expired"}),
    "conditional": frozenset({"listed", "conditional", "concern", "suspended", "removed", "expired"}),
    "concern": frozenset({"listed", "conditional", "referred", "suspended", "removed", "expired"}),
    "referred": frozenset({"listed", "suspended", "removed"}),
    "suspended": frozenset({"listed", "removed"}),
    "removed": frozenset({"applied"}),
    "expired": frozenset({"applied"}),
}


def needs(statement: Statement) -> set[str]:
    """State that an accreditation reads."""
    subject = statement.body["subject"]
    return {spaces.chain("accreditation", subject), spaces.actor(subject), spaces.accreditation(subject)}


def decide_accreditation(statement: Statement, state: StateView, at: At) -> Decision:
    """Record a decision about a subject. A suspension is never refused as stale."""
    body = statement.body
    subject, status = body["subject"], body["status"]
    chain = spaces.chain("accreditation", subject)
    if status != "suspended":
        check_chain(statement, state, chain)
    authorise(statement, state, at)
    _check_subject(subject, body["subject_type"], state)
    current = state.get(spaces.accreditation(subject))
    old = current["status"] if current else "none"
    if status not in TRANSITIONS[old]:
        raise refused("illegal_transition", "/body/status", old=old, new=status)
    begins, ends = seconds(body["valid_from"]), seconds(body["valid_to"])
    if begins >= ends:
        raise refused("validity_reversed", "/body/valid_to")
    place = {"digest": statement.digest, "index": at.index, "time": at.time, "begins": begins, "ends": ends}
    return Decision(
        (
            registered(statement, at),
            chained(statement, chain),
            Effect("accreditation.decided", 1, {**body, **place}),
        )
    )


def _check_subject(subject: str, subject_type: str, state: StateView) -> None:
    actor = state.get(spaces.actor(subject))
    if actor is None or actor["role"] not in ("provider", "neutral"):
        raise refused("unknown_subject", "/body/subject", subject=subject)
    if actor["role"] != subject_type:
        raise refused("subject_type_mismatch", "/body/subject_type", subject_type=subject_type)
