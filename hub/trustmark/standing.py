"""What the log tells of a member or neutral at one of its sizes, in one word that a machine can act on.

=================== =========================================================================
``accredited``      listed, begun, not lapsed
``conditional``     the same with conditions
``concern``         a concern was raised, or referred for consultation; not lapsed
``suspended``       suspended
``removed``         removed
``expired``         expired by decision, or past ``valid_to``
``not_accredited``  no decision, applied, not begun yet, or a neutral who has left the roster
=================== =========================================================================

Only the first two are an approval. To the register a concern takes nothing away until it is decided; to somebody
who looks for a provider it is told as what it is, and not as an approval. Whether an accreditation has begun or
lapsed is the register's own judgement (``registry.judgement``), which ends it *at* ``valid_to``.
"""

from dataclasses import dataclass

from hub.evidence import document_of
from hub.storage.values import StoredStatement
from registry.judgement import accreditation_status
from signing.encoding import JSON
from signing.statement import parse_statement, seconds

__all__ = ["APPROVALS", "STATES", "Standing", "standing_of"]

STATES = ("accredited", "conditional", "concern", "suspended", "removed", "expired", "not_accredited")
APPROVALS = frozenset({"accredited", "conditional"})
_STATE_OF = {
    "none": "not_accredited",
    "applied": "not_accredited",
    "pending": "not_accredited",
    "listed": "accredited",
    "referred": "concern",
}
_SHOWN = ("status", "scheme", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class Standing:
    """Id, public name, type (provider, court, observer, neutral), state, and the newest decision or None."""

    member: str
    name: str
    type: str
    state: str
    accreditation: dict[str, JSON] | None


def standing_of(registered: StoredStatement, decision: StoredStatement | None, time: int) -> Standing:
    """The standing of whom ``registered`` describes.

    Args:
        registered: the newest member or neutral statement.
        decision: the newest accreditation statement about the same actor, if there is one.
        time: POSIX seconds at which it is judged whether the accreditation has begun and lapsed.

    Verifies nothing: both were verified when they were registered.
    """
    body = parse_statement(document_of(registered)).body
    profile = body["profile"]
    state, accreditation = _judged(decision, time)
    if body.get("status") == "left" and state in APPROVALS:  # of neutrals: whoever left the roster is not recommended
        state = "not_accredited"
    return Standing(
        registered.subject or "",
        profile.get("display_name") or profile["legal_name"],
        body.get("type", "neutral"),
        state,
        accreditation,
    )


def _judged(decision: StoredStatement | None, time: int) -> tuple[str, dict[str, JSON] | None]:
    if decision is None:
        return "not_accredited", None
    body = parse_statement(document_of(decision)).body
    begins, ends = seconds(body["valid_from"]), seconds(body["valid_to"])
    status = accreditation_status({"status": body["status"], "begins": begins, "ends": ends}, time)
    shown = {name: body[name] for name in _SHOWN} | {"lapsed": time >= ends}
    return _STATE_OF.get(status, status), {**shown, "digest": decision.digest, "index": decision.index}
