"""The procedure around a concern: deadline for a cure, referral, consultation, removal, appeal.

::

    concern (deadline for a cure) -> referred (provision, panel) -> consultation
        remedied  -> listed
        removal   -> removed (recommendation), appeal open -> lodged -> dismissed
                                                                     -> allowed, with which it is listed again

A removal rests on one of five bases, and each fits some statuses only (``BASES``). What is pending (deadline,
consultation, appeal) is kept in the subject's record from decision to decision until a status ends it.
"""

from collections.abc import Mapping

from registry.errors import refused
from signing.encoding import JSON
from signing.statement import seconds

__all__ = ["APPEALS", "BASES", "check_procedure", "pending"]

BASES: dict[str, frozenset[str]] = {
    "rejected": frozenset({"applied"}),
    "recommendation": frozenset({"referred"}),
    "cure_failed": frozenset({"conditional", "concern", "suspended"}),
    "own_request": frozenset({"applied", "listed", "conditional", "concern", "referred", "suspended", "expired"}),
    "ceased": frozenset({"applied", "listed", "conditional", "concern", "referred", "suspended", "expired"}),
}
"""What a removal may rest on, and from which recorded statuses."""

APPEALS: dict[str, frozenset[str]] = {
    "none": frozenset({"open", "lodged"}),
    "open": frozenset({"open", "lodged"}),
    "lodged": frozenset({"dismissed"}),
    "dismissed": frozenset(),
}
"""How an appeal goes on while the status that it is against stands; one that is lodged may be allowed, which lists."""

KEPT = ("cure_deadline", "consultation", "appeal")
TAKEN_AWAY = frozenset({"suspended", "removed"})
REPEATED = frozenset({"concern", "referred", "suspended", "removed"})
IN_GOOD_STANDING = frozenset({"listed", "conditional"})


def pending(body: Mapping[str, JSON], current: Mapping[str, JSON] | None) -> dict[str, JSON]:
    """What stays pending after a decision: what it says, and what it leaves as it was.

    Args:
        body: body of the decision.
        current: the subject's record before it.
    """
    status = body["status"]
    said = {name: body[name] for name in KEPT if name in body}
    if status == "conditional":
        return {"cure_deadline": body["cure_deadline"]}
    if status not in REPEATED:
        return {}
    left = _recorded(current)
    if current is not None and status != current["status"]:
        left.pop("appeal", None)
        if status == "referred":  # a new referral is not answered by what the panel said of an earlier one
            left.pop("consultation", None)
    return {**left, **said}


def check_procedure(body: Mapping[str, JSON], current: Mapping[str, JSON] | None, time: int) -> None:
    """Refuse a decision that skips a step of the procedure.

    Args:
        body: body of an accreditation statement that follows its schema.
        current: the subject's record before it, None for a first decision.
        time: entry time, POSIX seconds.

    Not checked: that the panel has the institution of the subject's own economy, that an appeal came in time, and
    whether reports say what is said of them; these are for people who read them.

    Raises:
        Refused: ``cure_deadline_past``, ``procedure_unchanged``, ``consultation_missing``,
            ``removal_basis_unfit``, ``cure_deadline_missing``, ``cure_time_left``, ``appeal_out_of_order``,
            ``appeal_missing``.
    """
    if current is None:
        return
    status, old, before = body["status"], current["status"], _recorded(current)
    deadline = body.get("cure_deadline")
    if deadline not in (None, before.get("cure_deadline")) and seconds(deadline) <= time:
        raise refused("cure_deadline_past", "/body/cure_deadline")
    if (
        status == old
        and status in REPEATED
        and not any(name in body and body[name] != before.get(name) for name in KEPT)
    ):
        raise refused("procedure_unchanged", "/body/status", status=status)
    after = {**before, **{name: body[name] for name in KEPT if name in body}}
    if old == "referred" and status in IN_GOOD_STANDING and "consultation" not in after:
        raise refused("consultation_missing", "/body/consultation")
    if status == "removed" and old != "removed":
        _check_removal(body["removal_basis"], old, after.get("consultation"), before.get("cure_deadline"), time)
    _check_appeal(body, old, before)


def _recorded(current: Mapping[str, JSON] | None) -> dict[str, JSON]:
    return {} if current is None else dict(current.get("procedure", {}))


def _check_removal(basis: str, old: str, consultation: Mapping[str, JSON] | None, until: str | None, time: int) -> None:
    """The panel may report in the removal itself; a deadline must have been given before."""
    if old not in BASES[basis]:
        raise refused("removal_basis_unfit", "/body/removal_basis", old=old, basis=basis)
    if basis == "recommendation" and (consultation is None or consultation["recommends"] != "removal"):
        raise refused("consultation_missing", "/body/consultation")
    if basis == "cure_failed":
        if until is None:
            raise refused("cure_deadline_missing", "/body/removal_basis")
        if time < seconds(until):
            raise refused("cure_time_left", "/body/removal_basis", until=until)


def _check_appeal(body: Mapping[str, JSON], old: str, before: Mapping[str, JSON]) -> None:
    status, appeal = body["status"], body.get("appeal")
    was = before.get("appeal", {}).get("state", "none")
    granted = appeal is not None and appeal["state"] == "allowed" and was == "lodged"
    if old == "removed" and status in IN_GOOD_STANDING and not granted:
        raise refused("appeal_missing", "/body/appeal")
    if appeal is None or (status == old and appeal == before.get("appeal")):
        return
    if status in IN_GOOD_STANDING:
        fits = granted and old in TAKEN_AWAY
    else:
        fits = status in TAKEN_AWAY and appeal["state"] in APPEALS[was if status == old else "none"]
    if not fits:
        raise refused("appeal_out_of_order", "/body/appeal/state", old=was, new=appeal["state"])
