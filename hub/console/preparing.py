"""From the fields of a form to the body of what officers decide: an accreditation, a revocation, a review.

Each function reads every field that its form has and remembers what is wrong beside it (``fields``); the body is of
use only when nothing is. What the form does not ask for a status is not in the body. Whether the decision may follow
the one before it is judged by the rules (``trial``), with the same code that registers it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.console.fields import Fields
from registry.accreditations import TRANSITIONS
from registry.judgement import IN_FORCE, accreditation_status
from registry.procedure import BASES
from schemas.codes import code_list
from signing.authority import GRAVE_STATUSES
from signing.encoding import JSON
from signing.statement import seconds

__all__ = [
    "APPEAL_STATES",
    "CONDITIONS",
    "INSTITUTIONS",
    "REASONS",
    "RESULTS",
    "REVIEW_REASONS",
    "Ground",
    "asked_for",
    "chosen_officers",
    "confirmation_body",
    "decision_body",
    "following",
    "reasons",
    "review_body",
    "revocation_body",
]

ASSESSED = frozenset({"listed", "conditional"})
RESULTS = ("met", "partly", "not_met")
REASONS = ("compromised", "lost", "superseded", "left")
REVIEW_REASONS: Mapping[str, Sequence[str]] = {
    "confirm": ("key_safe", "signed_by_owner"),
    "reject": ("key_compromised", "not_signed_by_owner"),
}
"""Decision on a disputed award -> the reasons that it can have."""

CONDITIONS, INSTITUTIONS = 16, 16
"""How many rows the forms have at most: as many as the schema allows."""

REASONS_MOST = 20
APPEAL_STATES = ("open", "lodged", "dismissed", "allowed")
_NAME, _PARAGRAPH, _LABEL = 200, 2000, 80
_LEAVES_VALIDITY = frozenset({"concern", "referred"})
_GROUP_OF = {
    "conditional": ("conditions", "cure"),
    "concern": ("ground", "cure"),
    "referred": ("ground", "referral", "consultation", "cure"),
    "suspended": ("ground", "cure", "appeal"),
    "removed": ("removal", "ground", "consultation", "appeal"),
}
_OPTIONAL_CURE = frozenset({"referred", "suspended"})
_NEEDED_GROUND = frozenset({"concern", "referred", "suspended"})


@dataclass(frozen=True, slots=True)
class Ground:
    """What a decision stands on.

    Attributes:
        subject: actor id.
        subject_type: provider or neutral.
        newest: the subject's record in the rule state, None without a decision.
        body: body of the newest decision, empty without one.
        codes: criterion codes of the chosen set, in its order.
        criteria_set: the chosen set by id and version, None for none.
    """

    subject: str
    subject_type: str
    newest: Mapping[str, JSON] | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
    codes: Sequence[str] = ()
    criteria_set: tuple[str, int] | None = None


def following(newest: Mapping[str, JSON] | None, now: int) -> list[str]:
    """Statuses that may come next, in the order of the procedure; what has lapsed is not gone on with as if valid."""
    if newest is None:
        return _ordered(TRANSITIONS["none"])
    found = TRANSITIONS[str(newest["status"])]
    lapsed = accreditation_status(newest, now) == "expired"
    if lapsed and newest["status"] != "expired":
        found = (found - IN_FORCE) | TRANSITIONS["expired"]
    return _ordered(found if lapsed else found - {"expired"})


def _ordered(found: frozenset[str]) -> list[str]:
    return [status for status in TRANSITIONS if status in found]


def asked_for(status: str, newest: Mapping[str, JSON] | None) -> frozenset[str]:
    """Groups of fields that the form has for a status: what it must or may bring along."""
    groups = set(_GROUP_OF.get(status, ()))
    old = None if newest is None else newest["status"]
    if status in ASSESSED:
        groups.add("criteria")
        groups |= {"consultation"} if old == "referred" else set()
        groups |= {"appeal"} if old in GRAVE_STATUSES else set()
    if status == "removed" and old != "referred":
        groups.discard("consultation")
    if status == "referred" and old != "referred":
        groups.discard("consultation")
    return frozenset(groups)


def decision_body(fields: Fields, status: str, ground: Ground, now: int) -> dict[str, JSON]:
    """The body of an accreditation; ``now`` is POSIX seconds."""
    groups = asked_for(status, ground.newest)
    body: dict[str, JSON] = {
        "subject": ground.subject,
        "subject_type": ground.subject_type,
        "scheme": fields.code("scheme"),
        "status": status,
        "criteria": _findings(fields, ground) if "criteria" in groups else [],
        **_validity(fields, status, ground, now),
        "decided_by": fields.text("decided_by", _NAME),
        "decision_date": fields.day("decision_date"),
    }
    if "criteria" in groups and ground.criteria_set is not None:
        body["criteria_set"] = {"id": ground.criteria_set[0], "version": ground.criteria_set[1]}
    for name, read in _GROUPS.items():
        if name in groups:
            body |= read(fields, status, ground, now)
    return body


def _findings(fields: Fields, ground: Ground) -> list[dict[str, JSON]]:
    found: list[dict[str, JSON]] = []
    for number, code in enumerate(ground.codes):
        one: dict[str, JSON] = {"code": code, "result": fields.choice(f"finding-{number}", RESULTS)}
        if evidence := fields.digest(f"evidence-{number}"):
            one["evidence_sha256"] = evidence
        found.append(one)
    return found


def _validity(fields: Fields, status: str, ground: Ground, now: int) -> dict[str, JSON]:
    """A concern and a referral leave validity as it is; what is listed must not be over already."""
    if status in _LEAVES_VALIDITY and ground.body:
        return {name: ground.body[name] for name in ("valid_from", "valid_to")}
    begins, ends = fields.start_of("valid_from"), fields.end_of("valid_to")
    if begins and ends and begins >= ends:
        fields.wrong("valid_to", "not_after_start")
    elif ends and status in ASSESSED and seconds(ends) <= now:
        fields.wrong("valid_to", "not_in_future")
    return {"valid_from": begins, "valid_to": ends}


def _conditions(fields: Fields, _status: str, ground: Ground, _now: int) -> dict[str, JSON]:
    found: list[dict[str, JSON]] = []
    for number in range(CONDITIONS):
        text = fields.text(f"condition-{number}", _PARAGRAPH, needed=number == 0)
        serves = fields.choice(f"condition-criterion-{number}", ground.codes, needed=False)
        if text:
            found.append({"text": text} | ({"criterion": serves} if serves else {}))
        elif serves:
            fields.wrong(f"condition-{number}", "missing")
    return {"conditions": found}


def _cure(fields: Fields, status: str, _ground: Ground, now: int) -> dict[str, JSON]:
    until = fields.end_of("cure_deadline", needed=status not in _OPTIONAL_CURE)
    if until and seconds(until) <= now:
        fields.wrong("cure_deadline", "not_in_future")
    return {"cure_deadline": until} if until else {}


def _ground(fields: Fields, status: str, _ground: Ground, _now: int) -> dict[str, JSON]:
    code = fields.choice("ground_code", code_list("concern_grounds").entries, needed=status in _NEEDED_GROUND)
    return {"ground_code": code} if code else {}


def _referral(fields: Fields, _status: str, _ground: Ground, _now: int) -> dict[str, JSON]:
    panel: list[dict[str, JSON]] = []
    for number in range(INSTITUTIONS):
        name, place = f"institution-{number}", f"institution-economy-{number}"
        institution = fields.text(name, _NAME, needed=number == 0 or bool(fields.value(place).strip()))
        economy = fields.economy(place, needed=bool(institution))
        if institution and economy:
            panel.append({"institution": institution, "economy": economy})
    return {"referral": {"provision": fields.text("provision", _NAME), "panel": panel}}


def _consultation(fields: Fields, status: str, _ground: Ground, _now: int) -> dict[str, JSON]:
    """The panel's report; where it is not there yet, all of it stays empty."""
    if not fields.value("ended_on").strip() and not fields.value("recommends"):
        if status == "removed" and fields.value("removal_basis") == "recommendation":
            fields.wrong("ended_on", "missing")
        return {}
    report: dict[str, JSON] = {"ended_on": fields.day("ended_on")}
    report |= {name: fields.flag(name) for name in ("took_part", "adjusted", "informed_enough")}
    report |= {"recommends": fields.choice("recommends", ("remedied", "removal"))}
    return {"consultation": report | {"report_sha256": fields.digest("report_sha256", needed=True)}}


def _removal(fields: Fields, _status: str, ground: Ground, _now: int) -> dict[str, JSON]:
    old = None if ground.newest is None else ground.newest["status"]
    if old == "removed":  # the basis stands; only the appeal goes on
        return {"removal_basis": ground.body["removal_basis"]}
    offered = [basis for basis, statuses in BASES.items() if old in statuses]
    return {"removal_basis": fields.choice("removal_basis", offered)}


def _appeal(fields: Fields, _status: str, _ground: Ground, _now: int) -> dict[str, JSON]:
    state = fields.choice("appeal_state", APPEAL_STATES, needed=False)
    until = fields.end_of("appeal_until", needed=bool(state))
    if until and not state:
        fields.wrong("appeal_state", "missing")
    return {"appeal": {"until": until, "state": state}} if state else {}


_GROUPS = {
    "conditions": _conditions,
    "cure": _cure,
    "ground": _ground,
    "referral": _referral,
    "consultation": _consultation,
    "removal": _removal,
    "appeal": _appeal,
}


def reasons(fields: Fields) -> list[str]:
    """Paragraphs of the restricted annex, which an empty line parts; none when the field is empty."""
    found = [" ".join(one.split()) for one in re.split(r"\r?\n\s*\r?\n", fields.value("reasons")) if one.strip()]
    if any(len(one) > _PARAGRAPH for one in found) or len(found) > REASONS_MOST:
        fields.wrong("reasons", "too_long")
    if any(not one.isprintable() for one in found):
        fields.wrong("reasons", "unseen_characters")
    return found


def revocation_body(fields: Fields, owner: str, kid: str, size: int) -> dict[str, JSON]:
    """The body of a revocation by officers; ``size`` is the log size."""
    body: dict[str, JSON] = {"action": "revoke", "owner": owner, "kid": kid, "reason": fields.choice("reason", REASONS)}
    since = fields.number("invalid_from", size)
    return body if since is None else body | {"invalid_from": since}


def confirmation_body(owner: str, kid: str) -> dict[str, JSON]:
    """The body with which officers confirm a suspended key."""
    return {"action": "confirm", "owner": owner, "kid": kid}


def review_body(fields: Fields, award: str) -> dict[str, JSON]:
    """The body of the review of an award, which is named by its digest; a decision has reasons of its own."""
    decision = fields.choice("decision", REVIEW_REASONS)
    offered = REVIEW_REASONS.get(decision, sorted({one for some in REVIEW_REASONS.values() for one in some}))
    return {"award": award, "decision": decision, "reason_code": fields.choice("reason_code", offered)}


def chosen_officers(
    fields: Fields, officers: Sequence[Mapping[str, JSON]], count: int, about: Sequence[str]
) -> list[str]:
    """Ids of the officers who are to sign: those ticked, at least ``count``, none who belongs to who is judged.

    Args:
        fields: of the form.
        officers: as the policy names them.
        count: how many must sign.
        about: actors that the decision is about.
    """
    known = {str(one["id"]): one for one in officers}
    chosen = [name for name in known if name in fields.all("by")]
    if set(fields.all("by")) - known.keys():
        fields.wrong("by", "not_offered")
    if any(name in known[one].get("affiliations", ()) for one in chosen for name in about):
        fields.wrong("by", "affiliated")
    if len(chosen) < count:
        fields.wrong("by", "too_few_signers")
    return chosen
