"""Evidence: what counts, in which order of priority, and what is due when a deadline passes.

The priorities and finality are those of the evidences of e-CODEX without relay, because one hub relays
nothing::

    1  submission acceptance   the receipt of the dispatch itself; no statement of its own
    2  submission_rejection    by the hub: what was uploaded is not what was dispatched     final, failed
    6  delivery                by the recipient: the ciphertext is there, with the right hash
    8  retrieval               by the recipient: decrypted, the manifest matches            final, completion is due
    9  non_retrieval           by the recipient, with its reason                            final, failed

Evidence of a priority not above what is registered is refused, so the first that is final stays; the log
gives one order, therefore everybody comes to the same end. Time-outs are evidence of the hub, one for each
open state; that of a dispatch also ends a retrieval that never came. Nothing expires without evidence.
"""

from dataclasses import dataclass, replace

from providers.transfer.commands import Evidence
from providers.transfer.refusals import refused
from providers.transfer.values import Place, Transfer

__all__ = ["EVENTS", "TIMEOUTS", "Due", "Event", "about", "due", "is_the_hubs", "judge", "passed"]


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its priority, whether something succeeded, and whose evidence it is (recipient or hub)."""

    priority: int
    positive: bool
    by: str


EVENTS = {
    "submission_rejection": Event(2, positive=False, by="hub"),
    "delivery": Event(6, positive=True, by="recipient"),
    "retrieval": Event(8, positive=True, by="recipient"),
    "non_retrieval": Event(9, positive=False, by="recipient"),
}
TIMEOUTS = {"offered": "offer_expired", "accepted": "dispatch_expired", "dispatched": "completion_expired"}
"""Open state and the hub's evidence that its deadline has passed."""
_CUT_OFF = {event: state for state, event in TIMEOUTS.items()}


@dataclass(frozen=True, slots=True)
class Due:
    """Evidence that the hub must issue now: ``event`` about the statement ``of``; due since ``deadline``."""

    transfer_id: str
    event: str
    of: str
    deadline: int


def due(transfer: Transfer, now: int) -> Due | None:
    """The evidence that the hub must synthesise at ``now`` (POSIX seconds), None while nothing is late.

    Depends on the transfer alone, so a hub that was down, or whose clock stepped, finds the same when it looks.
    """
    if transfer.deadline is None or now < transfer.deadline:
        return None
    return Due(transfer.transfer_id, TIMEOUTS[transfer.state], about(transfer, transfer.state), transfer.deadline)


def about(transfer: Transfer, state: str) -> str:
    """The digest that evidence about a transfer in ``state`` names: of its offer, acceptance or dispatch."""
    return {"offered": transfer.offer, "accepted": transfer.answer, "dispatched": transfer.dispatch}[state] or ""


def is_the_hubs(event: str) -> bool:
    """Whether evidence of ``event`` is for the hub to issue: time-outs, and whatever ``EVENTS`` gives nobody else."""
    return event not in EVENTS or EVENTS[event].by == "hub"


def passed(transfer: Transfer, time: int) -> bool:
    """Whether the deadline of the present state is over at entry ``time``."""
    return transfer.deadline is not None and time >= transfer.deadline


def judge(transfer: Transfer, evidence: Evidence, at: Place) -> Transfer:
    """The transfer after ``evidence``.

    That evidence of the hub comes from the hub is judged by the caller, who knows the network's policy. What a
    station says about time (``at`` in the body) is its word and is not judged.

    Raises:
        TransferRefused: not_recipient, wrong_state, stale_transfer, not_yet_due, evidence_out_of_order,
            manifest_differs.
    """
    if evidence.event in _CUT_OFF:
        return _timed_out(transfer, evidence, at)
    event = EVENTS[evidence.event]
    if event.by == "recipient" and evidence.issuer != transfer.recipient:
        raise refused("not_recipient", "/issuer", issuer=evidence.issuer)
    if transfer.dispatch is None:
        raise refused("wrong_state", "/body/event", state=transfer.state, wanted="dispatched")
    if evidence.of != transfer.dispatch:
        raise refused("stale_transfer", "/body/of")
    if transfer.state != "dispatched" or transfer.retrieved or event.priority <= _priority(transfer):
        raise refused("evidence_out_of_order", "/body/event")
    if not event.positive:
        return replace(transfer, state="failed", deadline=None, index=at.index)
    if transfer.ciphertext not in evidence.parts:
        raise refused("manifest_differs", "/body/parts", what="the ciphertext")
    return replace(transfer, delivered=True, retrieved=evidence.event == "retrieval", index=at.index)


def _timed_out(transfer: Transfer, evidence: Evidence, at: Place) -> Transfer:
    wanted = _CUT_OFF[evidence.event]
    if transfer.state != wanted:
        raise refused("wrong_state", "/body/event", state=transfer.state, wanted=wanted)
    if evidence.of != about(transfer, wanted):
        raise refused("stale_transfer", "/body/of")
    if not passed(transfer, at.time):
        raise refused("not_yet_due", "/body/event")
    return replace(transfer, state="expired", deadline=None, index=at.index)


def _priority(transfer: Transfer) -> int:
    return EVENTS["delivery"].priority if transfer.delivered else 1
