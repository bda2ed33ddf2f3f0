"""Accreditation: officers decide about a provider or neutral; the history is never rewritten.

::

    none      -> applied | listed
    applied   -> listed | conditional | removed
    listed    -> listed | conditional | concern | suspended | removed | expired
    concern   -> referred -> consultation of the panel -> listed (remedied) | removed (recommended)

``TRANSITIONS`` is the whole of the machine, ``criteria`` judges findings, ``procedure`` what a concern, referral,
removal or appeal must bring along. Statuses that take something away (suspended, removed) need the threshold, which
``signing.authority`` counts; a concern and a referral take nothing away, and no renewal ends earlier or begins later
than what it renews. What was valid lapses by itself at its end: from then on it is judged as expired, whether or not
anybody has recorded that.
"""

from collections.abc import Iterable, Mapping

from registry import state as spaces
from registry.criteria import check_findings, criteria_key
from registry.effects import Effect
from registry.errors import refused
from registry.judgement import IN_FORCE, accreditation_status, in_force
from registry.procedure import check_procedure, pending
from registry.signers import authorise
from registry.state import StateView
from registry.statements import At, Decision, chained, check_chain, policy_of, registered
from signing.compose import timestamp
from signing.encoding import JSON
from signing.keyring import KeyRecord
from signing.statement import Statement, seconds

__all__ = ["PARTICULARS", "TRANSITIONS", "decide_accreditation", "needs"]

TRANSITIONS: dict[str, frozenset[str]] = {
    "none": frozenset({"applied", "listed"}),
    "applied": frozenset({"listed", "conditional", "removed"}),
    "listed": frozenset({"listed", "conditional", "concern", "suspended", "removed", "expired"}),
    "conditional": frozenset({"listed", "conditional", "concern", "suspended", "removed", "expired"}),
    "concern": frozenset({"listed", "conditional", "concern", "referred", "suspended", "removed", "expired"}),
    "referred": frozenset({"listed", "conditional", "referred", "suspended", "removed", "expired"}),
    "suspended": frozenset({"listed", "conditional", "referred", "suspended", "removed"}),
    "removed": frozenset({"applied", "listed", "conditional", "removed"}),
    "expired": frozenset({"applied", "suspended", "removed"}),
}
"""From the recorded status to those that may follow it; a status that has lapsed is followed as ``_following`` says."""

PARTICULARS = (
    "ground_code", "criteria_set", "conditions", "cure_deadline", "referral", "consultation", "removal_basis", "appeal",
)  # fmt: skip
"""What a decision says beside its status and validity, where its status asks for it; a directory shows it."""

LEAVE_VALIDITY = frozenset({"concern", "referred"})
GIVE_VALIDITY = IN_FORCE - LEAVE_VALIDITY


def needs(statement: Statement) -> set[str]:
    """State that an accreditation reads."""
    body = statement.body
    subject = body["subject"]
    keys = {spaces.chain("accreditation", subject), spaces.actor(subject), spaces.accreditation(subject)}
    return keys | ({criteria_key(body["criteria_set"])} if "criteria_set" in body else set())


def decide_accreditation(statement: Statement, state: StateView, at: At) -> Decision:
    """Record a decision about a subject. A suspension is never refused as stale."""
    body = statement.body
    subject, status = body["subject"], body["status"]
    chain = spaces.chain("accreditation", subject)
    if status != "suspended":
        check_chain(statement, state, chain)
    signers = authorise(statement, state, at)
    actor = _subject(subject, body["subject_type"], state)
    _check_affiliations(signers, (subject, actor.get("nominated_by"), *actor.get("providers", ())), state)
    current = state.get(spaces.accreditation(subject))
    if status not in _following(current, at.time):
        raise refused("illegal_transition", "/body/status", old=accreditation_status(current, at.time), new=status)
    validity = _validity(body, current, at.time)
    check_findings(body, state)
    check_procedure(body, current, at.time)
    data = {**body, "digest": statement.digest, "index": at.index, "time": at.time, **validity}
    if kept := pending(body, current):
        data["procedure"] = kept
    return Decision((registered(statement, at), chained(statement, chain), Effect("accreditation.decided", 1, data)))


def _following(current: Mapping[str, JSON] | None, time: int) -> frozenset[str]:
    """The statuses that may come next; after a lapse no longer those that would go on as if it were valid."""
    if current is None:
        return TRANSITIONS["none"]
    following = TRANSITIONS[current["status"]]
    if accreditation_status(current, time) != "expired" or current["status"] == "expired":
        return following
    return (following - IN_FORCE) | TRANSITIONS["expired"]


def _validity(body: Mapping[str, JSON], current: Mapping[str, JSON] | None, time: int) -> dict[str, JSON]:
    """Begin and end in POSIX seconds, and that nobody ends early under another name what needs the threshold to end."""
    begins, ends = seconds(body["valid_from"]), seconds(body["valid_to"])
    if begins >= ends:
        raise refused("validity_reversed", "/body/valid_to")
    if body["status"] in GIVE_VALIDITY and ends <= time:
        raise refused("validity_over", "/body/valid_to", until=body["valid_to"])
    if current is None:
        return {"begins": begins, "ends": ends}
    if body["status"] in LEAVE_VALIDITY and (begins, ends) != (current["begins"], current["ends"]):
        raise refused("validity_moved", "/body/valid_to")
    if body["status"] == "expired" and time < current["ends"]:
        raise refused("not_lapsed", "/body/status", until=timestamp(current["ends"]))
    if body["status"] in GIVE_VALIDITY and in_force(current["status"]) and time < current["ends"]:
        _check_kept(begins, ends, current, time)
    return {"begins": begins, "ends": ends}


def _check_kept(begins: int, ends: int, current: Mapping[str, JSON], time: int) -> None:
    """What counts now, or will, is neither cut short nor put off: that would take something away."""
    if ends < current["ends"]:
        raise refused("validity_cut", "/body/valid_to", until=timestamp(current["ends"]))
    if begins > max(current["begins"], time):
        since = timestamp(max(current["begins"], time))
        raise refused("validity_put_off", "/body/valid_from", since=since)


def _subject(subject: str, subject_type: str, state: StateView) -> Mapping[str, JSON]:
    actor: Mapping[str, JSON] | None = state.get(spaces.actor(subject))
    if actor is None or actor["role"] not in ("provider", "neutral"):
        raise refused("unknown_subject", "/body/subject", subject=subject)
    if actor["role"] != subject_type:
        raise refused("subject_type_mismatch", "/body/subject_type", subject_type=subject_type)
    return actor


def _check_affiliations(signers: Iterable[KeyRecord], about: Iterable[str | None], state: StateView) -> None:
    """Nobody decides about an organisation that the policy names as their own, or about its neutrals."""
    declared = {one["id"]: one.get("affiliations", ()) for one in policy_of(state).body["officers"]}
    for record in signers:
        for name in about:
            if name in declared.get(record.owner, ()):
                raise refused("officer_affiliated", "/signers", officer=record.owner, subject=name)
