"""The transfer machine: one pure decision for everything that is said about a transfer (PROTOCOL §7).

::

    offered -> accepted | declined | withdrawn | expired
    accepted -> dispatched | withdrawn | expired
    dispatched -> completed | failed | expired

The first entry of the log wins. An answer, dispatch or completion whose entry time is at or after the
deadline of the state is refused, whether or not the hub has logged the expiry yet; the transfer is open,
and no other can begin, until it has. Custody moves at *completed* alone.

Example::

    change = decide(None, Case.first(offer.case_id), offer, at, Facts(recipient=standing))
    change.transfer.state     # "offered"
    change.case.custodian     # the sender
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from providers.transfer import evidence as evidences
from providers.transfer.commands import Accept, Command, Completion, Decline, Dispatch, Evidence, Offer, Withdrawal
from providers.transfer.gates import check_offer, check_recipient, check_sender
from providers.transfer.refusals import refused
from providers.transfer.values import TRANSITIONS, Case, Facts, Place, Transfer

__all__ = ["Change", "decide"]

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Change:
    """What follows: the transfer and the case as they are from this entry on."""

    transfer: Transfer
    case: Case


def decide(transfer: Transfer | None, case: Case, command: Command, at: Place, facts: Facts = Facts()) -> Change:  # noqa: B008 - immutable
    """What follows from ``command`` at its place in the log.

    Judges parties, state, deadlines, gates, consents and what the two sides promised each other. Does not judge
    signatures, who may speak for the issuer, or whether evidence that is the hub's comes from the hub.

    Args:
        transfer: the transfer as the log left it, None when there is none under this id.
        case: the case; for anything but an offer, ``transfer.held`` says the same.
        command: what is said.
        at: log index and entry time.
        facts: what stands elsewhere in the register.

    Raises:
        TransferRefused: with a code of ``refusals.REFUSALS``; nothing follows.
    """
    if isinstance(command, Offer):
        return _offered(transfer, case, command, at, facts)
    if transfer is None:
        raise refused("unknown_transfer", "/body/transfer_id")
    after = _STEPS[type(command)](transfer, command, at, facts)
    if after.open:
        return Change(after, case)
    moved = after.state == "completed"
    custodian = after.recipient if moved else case.custodian
    return Change(after, Case(case.case_id, custodian, None, case.moves + moved))


def _offered(transfer: Transfer | None, case: Case, offer: Offer, at: Place, facts: Facts) -> Change:
    if not offer.transfer_id.startswith(f"urn:odr:{offer.issuer}:"):
        raise refused("transfer_id_of_other_issuer", "/body/transfer_id", issuer=offer.issuer)
    if transfer is not None:
        raise refused("transfer_id_taken", "/body/transfer_id")
    if case.custodian != offer.issuer:
        raise refused("not_custodian", "/body/case_id", issuer=offer.issuer)
    if case.transfer is not None:
        raise refused("transfer_open", "/body/case_id")
    check_sender(offer, facts.sender)
    check_offer(offer, facts.recipient, at.time)
    new = Transfer(
        transfer_id=offer.transfer_id,
        state="offered",
        case=offer.case_id,
        sender=offer.issuer,
        recipient=offer.recipient,
        stage=offer.stage,
        offer=offer.digest,
        expires=offer.expires,
        dispatch_hours=offer.dispatch_hours,
        completion_hours=offer.completion_hours,
        brief=offer.brief,
        moves=case.moves,
        index=at.index,
        deadline=offer.expires,
    )
    return Change(new, replace(case, transfer=offer.transfer_id))


def _accepted(transfer: Transfer, command: Accept, at: Place, facts: Facts) -> Transfer:
    _check_answer(transfer, command, at)
    check_recipient(command.issuer, facts.recipient, "/issuer")
    if facts.key_known:
        raise refused("transfer_key_reused", "/body/key")
    deadline = at.time + transfer.dispatch_hours * HOUR
    return replace(
        transfer, state="accepted", answer=command.digest, key=command.key, deadline=deadline, index=at.index
    )


def _declined(transfer: Transfer, command: Decline, at: Place, _: Facts) -> Transfer:
    _check_answer(transfer, command, at)
    return replace(transfer, state="declined", answer=command.digest, deadline=None, index=at.index)


def _check_answer(transfer: Transfer, command: Accept | Decline, at: Place) -> None:
    _check_recipient(transfer, command.issuer)
    _check_state(transfer, "offered", "/body/offer")
    _check_names(command.offer, transfer.offer, "/body/offer")
    _check_time(transfer, at)


def _dispatched(transfer: Transfer, command: Dispatch, at: Place, _: Facts) -> Transfer:
    _check_sender(transfer, command.issuer)
    _check_state(transfer, "accepted", "/body/answer")
    _check_names(command.answer, transfer.answer, "/body/answer")
    _check_time(transfer, at)
    return replace(
        transfer,
        state="dispatched",
        dispatch=command.digest,
        manifest_root=command.manifest_root,
        ciphertext=command.ciphertext,
        deadline=at.time + transfer.completion_hours * HOUR,
        index=at.index,
    )


def _completed(transfer: Transfer, command: Completion, at: Place, _: Facts) -> Transfer:
    _check_recipient(transfer, command.issuer)
    _check_state(transfer, "dispatched", "/body/dispatch")
    _check_names(command.dispatch, transfer.dispatch, "/body/dispatch")
    _check_time(transfer, at)
    if command.manifest_root != transfer.manifest_root:
        raise refused("manifest_differs", "/body/manifest_root", what="the manifest root")
    if command.custodian_from != transfer.sender:
        raise refused("not_custodian", "/body/custodian_from", issuer=command.custodian_from)
    if command.custodian_to != transfer.recipient:
        raise refused("not_recipient", "/body/custodian_to", issuer=command.custodian_to)
    return replace(transfer, state="completed", completion=command.digest, deadline=None, index=at.index)


def _withdrawn(transfer: Transfer, command: Withdrawal, at: Place, _: Facts) -> Transfer:
    """A withdrawal ends a transfer where it would end anyway, so it is never too late for one that is open."""
    _check_sender(transfer, command.issuer)
    if "withdrawn" not in TRANSITIONS[transfer.state]:
        raise refused("wrong_state", "/body/offer", state=transfer.state, wanted="offered or accepted")
    _check_names(command.offer, transfer.offer, "/body/offer")
    return replace(transfer, state="withdrawn", deadline=None, index=at.index)


def _attested(transfer: Transfer, command: Evidence, at: Place, _: Facts) -> Transfer:
    return evidences.judge(transfer, command, at)


_STEPS: dict[type, Callable[[Transfer, Any, Place, Facts], Transfer]] = {
    Accept: _accepted,
    Decline: _declined,
    Dispatch: _dispatched,
    Completion: _completed,
    Withdrawal: _withdrawn,
    Evidence: _attested,
}


def _check_sender(transfer: Transfer, issuer: str) -> None:
    if issuer != transfer.sender:
        raise refused("not_sender", "/issuer", issuer=issuer)


def _check_recipient(transfer: Transfer, issuer: str) -> None:
    if issuer != transfer.recipient:
        raise refused("not_recipient", "/issuer", issuer=issuer)


def _check_state(transfer: Transfer, wanted: str, where: str) -> None:
    """Refuse what needs another state; what an expiry has cut off hears which one it was."""
    if transfer.state == "expired" and transfer.ended_in == wanted:
        raise refused(evidences.TIMEOUTS[wanted], where)
    if transfer.state != wanted:
        raise refused("wrong_state", where, state=transfer.state, wanted=wanted)


def _check_names(named: str, current: str | None, where: str) -> None:
    if named != current:
        raise refused("stale_transfer", where)


def _check_time(transfer: Transfer, at: Place) -> None:
    if evidences.passed(transfer, at.time):
        raise refused(evidences.TIMEOUTS[transfer.state])
