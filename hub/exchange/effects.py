"""Effects of the exchange and how they fold; nothing here refuses, and nothing reads what it does not write.

========================== ===================================================================
transfer.changed           a transfer began, went on or ended; its record, and the case's if that changed
custody.moved              a completed transfer gave the case to its recipient
case-events.recorded       a provider reported events: how many, and the last sequence of each case
========================== ===================================================================

Bodies stay with their statements: an effect holds no consent, no reason and no event. Of the reasons it keeps one
thing, because figures are made of it when the texts are gone (ADR 0031): whether a package or a consent was defective.
"""

from collections.abc import Mapping

from hub.exchange import spaces
from providers.transfer.values import Case, Transfer
from registry import state as registry_spaces
from registry.effects import Effect
from registry.rulebook import Fold
from registry.state import StateView
from registry.statements import At
from signing.encoding import JSON
from signing.statement import Statement

__all__ = ["FOLDS", "case_events_recorded", "custody_moved", "transfer_changed"]

_NEGATIVE = frozenset({"transfer-answer", "evidence"})
_DEFECTS = {
    **dict.fromkeys(("wrong_key", "truncated", "manifest_mismatch", "package_invalid", "hash_mismatch"), "package"),
    "consent_defect": "consent",
}
"""Reason of a refusal -> what was defective; other reasons are no defects."""


def transfer_changed(statement: Statement, at: At, change: str, transfer: Transfer, case: Case | None) -> Effect:
    """The transfer is now as given.

    Args:
        statement: what changed it.
        at: its place.
        change: the state that was reached, or the event that was attested.
        transfer: the transfer from here on.
        case: the case from here on, None if it stays as it is or custody moves.
    """
    data = {
        "change": change,
        "statement": statement.digest,
        "time": at.time,
        "transfer": transfer.to_json(),
        "case": None if case is None else _case_json(case),
    }
    defect = _DEFECTS.get(statement.body.get("reason", "")) if statement.kind in _NEGATIVE else None
    return Effect("transfer.changed", 1, data if defect is None else data | {"defect": defect})


def custody_moved(transfer: Transfer, case: Case, at: At) -> Effect:
    """Custody has moved from the sender of ``transfer`` to its recipient, who holds ``case``."""
    data = {
        "case_id": case.case_id,
        "transfer": transfer.transfer_id,
        "from": transfer.sender,
        "to": case.custodian,
        "moves": case.moves,
        "index": at.index,
        "time": at.time,
    }
    return Effect("custody.moved", 1, data)


def case_events_recorded(statement: Statement, at: At, count: int, last: Mapping[str, int]) -> Effect:
    """``count`` events were reported; ``last`` is the newest sequence of each case they touch."""
    data = {
        "provider": statement.issuer,
        "statement": statement.digest,
        "index": at.index,
        "time": at.time,
        "count": count,
        "last": dict(last),
    }
    return Effect("case-events.recorded", 1, data)


def _case_json(case: Case) -> dict[str, JSON]:
    return {"case_id": case.case_id, "custodian": case.custodian, "transfer": case.transfer, "moves": case.moves}


def _fold_transfer(data: Mapping[str, JSON], _: StateView) -> dict[str, JSON]:
    transfer, case = data["transfer"], data["case"]
    writes: dict[str, JSON] = {spaces.transfer(transfer["transfer_id"]): transfer}
    if case is not None:
        record = {name: case[name] for name in ("custodian", "transfer", "moves")}
        writes[registry_spaces.case(case["case_id"])] = record
    if data["change"] == "accepted":
        writes[spaces.transfer_key(transfer["key"])] = {"transfer": transfer["transfer_id"]}
    return writes


def _fold_custody(data: Mapping[str, JSON], _: StateView) -> dict[str, JSON]:
    record = {"custodian": data["to"], "transfer": None, "moves": data["moves"]}
    return {registry_spaces.case(data["case_id"]): record}


def _fold_events(data: Mapping[str, JSON], _: StateView) -> dict[str, JSON]:
    return {spaces.events(data["provider"], case): {"sequence": last} for case, last in data["last"].items()}


FOLDS: dict[tuple[str, int], Fold] = {
    ("transfer.changed", 1): _fold_transfer,
    ("custody.moved", 1): _fold_custody,
    ("case-events.recorded", 1): _fold_events,
}
