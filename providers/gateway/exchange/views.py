"""How cases, transfers and events look over the local interface."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from providers.gateway.exchange.values import Case, Dossier, Event, KnownCase, Sending
from signing.compose import timestamp
from signing.encoding import JSON

__all__ = ["case_json", "event_json", "known_case_json", "to_act", "transfer_json"]

_WAITS = {
    ("sender", "preparing"): "gateway",
    ("sender", "offered"): "peer",
    ("sender", "accepted"): "gateway",
    ("sender", "dispatched"): "peer",
    ("recipient", "offered"): "you",
    ("recipient", "accepted"): "peer",
    ("recipient", "dispatched"): "gateway",
}


def to_act(dossier: Dossier) -> str:
    """Who must act: you (a person here), gateway (this program), the other member's id, or nobody."""
    if dossier.final:
        return "nobody"
    who = _WAITS[(dossier.role, dossier.state)]
    if who == "you" and dossier.decision is not None:
        return "gateway"
    if who == "you" and dossier.brief is None and dossier.failure is None:
        return "gateway"
    if dossier.state in ("offered", "accepted") and "withdraw" in (dossier.decision or {}):
        return "gateway"  # once it is dispatched, taking it back came too late
    return dossier.peer if who == "peer" else who


def transfer_json(dossier: Dossier, progress: Mapping[str, JSON] | None, *, full: bool = False) -> dict[str, JSON]:
    """A transfer as a list shows it; ``full`` adds the offer, the brief and the decision."""
    record = dossier.record
    deadline = None if record is None or record.deadline is None else timestamp(record.deadline)
    shown: dict[str, JSON] = {
        "transfer_id": dossier.transfer_id,
        "case_id": dossier.case_id,
        "role": dossier.role,
        "peer": dossier.peer,
        "state": dossier.state,
        "to_act": to_act(dossier),
        "deadline": deadline,
        "created": timestamp(dossier.created),
        "finished": dossier.closed,
        "progress": None if progress is None else dict(progress),
        "problem": None if dossier.problem is None else dossier.problem.to_json(),
        "failure": None if dossier.failure is None else dict(dossier.failure),
        "package_opened": dossier.opened,
    }
    if full:
        shown |= {"offer": dossier.offer, "brief": dossier.brief, "decision": dossier.decision}
        shown["record"] = None if record is None else record.to_json()
    return shown


def sending_json(one: Sending) -> dict[str, JSON]:
    """Something to be sent, without its text."""
    problem = None if one.problem is None else one.problem.to_json()
    names = ("purpose", "kind", "digest", "state", "attempts")
    return {**{name: getattr(one, name) for name in names}, "problem": problem}


def detail_json(
    dossier: Dossier,
    progress: Mapping[str, JSON] | None,
    statements: Sequence[Mapping[str, JSON]],
    sendings: Sequence[Sending],
) -> dict[str, JSON]:
    """Everything about one transfer."""
    shown = transfer_json(dossier, progress, full=True)
    shown["statements"] = [{**one, "time": timestamp(one["time"])} for one in statements]
    shown["outbox"] = [sending_json(one) for one in sendings]
    return shown


def case_json(case: Case) -> dict[str, JSON]:
    """A case with its documents."""
    return {
        "case_id": case.case_id,
        "state": case.state,
        "origin": case.origin,
        "transfer": case.transfer,
        "added": timestamp(case.added),
        "delete_by": None if case.delete_by is None else timestamp(case.delete_by),
        "sha256": case.sha256,
        "documents": [{**asdict(one), "class": one.data_class} for one in case.documents],
    }


def known_case_json(one: KnownCase, progress: Callable[[str], Mapping[str, JSON] | None]) -> dict[str, JSON]:
    """A case that is known here, with its transfers; ``progress`` tells that of a transfer."""
    return {
        "case_id": one.case_id,
        "case": None if one.case is None else case_json(one.case),
        "transfers": [transfer_json(each, progress(each.transfer_id)) for each in one.transfers],
    }


def event_json(one: Event) -> dict[str, JSON]:
    """An event of the feed."""
    return {
        "id": one.id,
        "at": timestamp(one.at),
        "type": one.type,
        "transfer_id": one.transfer_id,
        "case_id": one.case_id,
        "data": dict(one.data),
    }
