"""Refusals of the exchange: those of the transfer machine, and those about case events.

Every one is a ``registry.errors.Refused``, like every other refusal of a rule.
"""

from providers.errors import TransferRefused
from providers.transfer.refusals import REFUSALS as TRANSFER_REFUSALS
from registry.errors import Refused, refused_of

__all__ = ["EVENT_REFUSALS", "REFUSALS", "refused", "refused_by"]

EVENT_REFUSALS: dict[str, tuple[str, str, bool]] = {
    "sequence_not_increasing": ("The events of this case are recorded up to {last}; {sequence} does not follow.",
                                "issuer", False),
    "event_in_future": ("The event is dated more than 5 minutes ahead of the log's time.", "issuer", True),
}  # fmt: skip
REFUSALS = {**TRANSFER_REFUSALS, **EVENT_REFUSALS}


def refused(code: str, where: str = "", **facts: object) -> Refused:
    """The refusal of the table with ``facts`` filled into its sentence."""
    return refused_of(EVENT_REFUSALS, code, where, **facts)


def refused_by(error: TransferRefused) -> Refused:
    """The refusal for a judgement of the transfer machine."""
    return Refused(error.code, error.message, error.where, error.actor, retryable=error.retryable)
