"""Gates: what an offer must satisfy, the more the further the case has come (reference: PROTOCOL §7).

::

    gate  stage                 besides the consent of every party
    T0    before_commencement
    T1    negotiation           the parties' clock stands still for 5 days at most, whatever comes of it
    T2    mediation
    T3    arbitration           unchanged seat; a submission agreement or a successor clause

At every gate: privileged documents (class C3) need each party's consent to the named items, and an export
that rests on consent needs that consent from each party. After an award custody does not move here.
"""

from dataclasses import dataclass

from providers.transfer.commands import Offer
from providers.transfer.consents import check_consents
from providers.transfer.refusals import refused
from providers.transfer.values import Standing

__all__ = ["GATES", "LONGEST_OFFER", "OUT_OF_OFFICE", "Gate", "check_offer", "check_recipient", "check_sender"]

DAY, HOUR = 86_400, 3600
LONGEST_OFFER = 30 * DAY
OUT_OF_OFFICE = frozenset({"suspended", "removed"})
"""Accreditations with which a provider takes no case, and hands over those that it holds."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate.

    ``bases`` are the legal bases that it accepts, None for any; ``longest`` is how many seconds may pass from the
    offer to the last moment at which custody can still move, None for any.
    """

    name: str
    longest: int | None = None
    seat_fixed: bool = False
    bases: frozenset[str] | None = None


GATES = {
    "before_commencement": Gate("T0"),
    "negotiation": Gate("T1", longest=5 * DAY),
    "mediation": Gate("T2"),
    "arbitration": Gate("T3", seat_fixed=True, bases=frozenset({"submission_agreement", "successor_clause"})),
}


def check_offer(offer: Offer, standing: Standing | None, time: int) -> None:
    """Refuse an offer that its gate does not let through; who holds the case is judged elsewhere.

    Args:
        offer: the offer.
        standing: what the register says of its recipient.
        time: its entry time, POSIX seconds.
    """
    if offer.recipient == offer.issuer:
        raise refused("recipient_is_sender", "/body/recipient")
    if offer.expires <= time:  # for good, whatever becomes of its recipient
        raise refused("expiry_in_past", "/body/expires_at")
    check_recipient(offer.recipient, standing, "/body/recipient")
    if offer.expires > time + LONGEST_OFFER:
        raise refused("expiry_too_far", "/body/expires_at")
    gate = GATES[offer.stage]
    pause = offer.expires - time + (offer.dispatch_hours + offer.completion_hours) * HOUR
    if gate.longest is not None and pause > gate.longest:
        raise refused("pause_too_long", "/body/expires_at", days=str(gate.longest // DAY), stage=offer.stage)
    if gate.seat_fixed and not offer.seat_unchanged:
        raise refused("seat_changed", "/body/seat_unchanged")
    if gate.bases is not None and offer.legal_basis not in gate.bases:
        raise refused("submission_agreement_missing", "/body/legal_basis")
    check_consents(offer, time)


def check_sender(offer: Offer, accreditation: str) -> None:
    """Refuse another reason than its exit to a sender that is suspended or removed.

    It keeps its open cases, goes on with them, and may hand them over; but what it hands over runs off, and whoever
    is offered the case sees that.
    """
    if accreditation in OUT_OF_OFFICE and offer.reason != "provider_exit":
        raise refused("sender_must_exit", "/body/reason", sender=offer.issuer, status=accreditation)


def check_recipient(name: str, standing: Standing | None, where: str) -> None:
    """Refuse a recipient that may not take cases. Accreditation that lapsed or was never given is no bar."""
    if standing is None or not standing.active:
        raise refused("recipient_unknown", where, recipient=name)
    if standing.role != "provider":
        raise refused("recipient_not_provider", where, recipient=name)
    if standing.accreditation in OUT_OF_OFFICE:
        raise refused("recipient_not_active", where, recipient=name, status=standing.accreditation)
