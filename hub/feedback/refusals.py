"""Refusals of the kind feedback; every one is a ``registry.errors.Refused``."""

from registry.errors import Refused, refused_of

__all__ = ["REFUSALS", "refused"]

REFUSALS: dict[str, tuple[str, str, bool]] = {
    "feedback_order": ("Answers stand by provider, case and role, each slot once.", "issuer", False),
    "feedback_too_few": ("The hub registers at least {least} answers together, so that an entry tells of none.",
                         "issuer", False),
    "feedback_day": ("An answer's day is one of the calendar that is over; a relayed one's may be today.",
                     "issuer", False),
    "feedback_of_other_provider": ("A provider relays answers about cases of its own alone.", "issuer", False),
    "feedback_on_no_provider": ("No provider of this id is registered.", "issuer", False),
    "feedback_registered": ("An answer of this source is registered for this slot, and none is changed.",
                            "issuer", False),
}  # fmt: skip


def refused(code: str, where: str, **facts: object) -> Refused:
    """The refusal of the table with ``facts`` filled into its sentence."""
    return refused_of(REFUSALS, code, where, **facts)
