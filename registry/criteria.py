"""Findings of an accreditation, held against the registered criteria that they say they follow."""

from collections.abc import Mapping, Sequence

from registry import state as spaces
from registry.errors import refused
from registry.state import StateView
from signing.encoding import JSON

__all__ = ["check_findings", "criteria_key"]

ASSESSED = frozenset({"listed", "conditional"})
"""Statuses that rest on an assessment by every criterion."""


def criteria_key(named: Mapping[str, JSON]) -> str:
    """Key of the state that holds the criteria ``named`` by id and version."""
    return spaces.criteria(named["id"], named["version"])


def check_findings(body: Mapping[str, JSON], state: StateView) -> None:
    """Refuse findings that do not fit their criteria, and a listing that leaves a criterion out.

    Args:
        body: body of an accreditation statement that follows its schema.
        state: rule state before it.

    Raises:
        Refused: ``finding_twice``, ``condition_missing``; with a set of criteria also ``unknown_criteria_set``,
            ``criteria_set_empty``, ``unknown_criterion``, ``finding_missing``.
        NotLoaded: when the set is not loaded.
    """
    found: dict[str, str] = {}
    for number, one in enumerate(body["criteria"]):
        if one["code"] in found:
            raise refused("finding_twice", f"/body/criteria/{number}/code", criterion=one["code"])
        found[one["code"]] = one["result"]
    if "criteria_set" in body:
        _check_against(_codes(body["criteria_set"], state), found, body)
    served = {one.get("criterion") for one in body.get("conditions", ())}
    for code, result in found.items():
        if body["status"] == "conditional" and result == "not_met" and code not in served:
            raise refused("condition_missing", "/body/conditions", criterion=code)


def _codes(named: Mapping[str, JSON], state: StateView) -> Sequence[str]:
    record = state.get(criteria_key(named))
    if record is None:
        raise refused("unknown_criteria_set", "/body/criteria_set", **named)
    if not record["codes"]:
        raise refused("criteria_set_empty", "/body/criteria_set", **named)
    return list(record["codes"])


def _check_against(codes: Sequence[str], found: Mapping[str, str], body: Mapping[str, JSON]) -> None:
    for number, code in enumerate(found):
        if code not in codes:
            raise refused("unknown_criterion", f"/body/criteria/{number}/code", criterion=code)
    for number, condition in enumerate(body.get("conditions", ())):
        if condition.get("criterion", codes[0]) not in codes:
            raise refused("unknown_criterion", f"/body/conditions/{number}/criterion", criterion=condition["criterion"])
    if body["status"] in ASSESSED:
        for code in codes:
            if code not in found:
                raise refused("finding_missing", "/body/criteria", criterion=code)
