"""Judgements about transfers: every code that this package refuses with.

Each has one plain sentence, who must act, and whether the same bytes may be accepted later.
``docs/reference/transfers.md`` prints the table; a test compares the two.
"""

from providers.errors import TransferRefused

__all__ = ["REFUSALS", "refused"]

REFUSALS: dict[str, tuple[str, str, bool]] = {
    # who, and which transfer
    "unknown_transfer": ("No transfer is registered under this id.", "issuer", False),
    "transfer_id_taken": ("A transfer is registered under this id.", "issuer", False),
    "transfer_id_of_other_issuer": ("The transfer id does not begin with urn:odr:{issuer}:.", "issuer", False),
    "transfer_open": ("A transfer of this case is open; it must end before another begins.", "nobody", True),
    "not_custodian": ("{issuer} is not the custodian of the case.", "issuer", False),
    "not_sender": ("{issuer} is not the sender of this transfer.", "issuer", False),
    "not_recipient": ("{issuer} is not the recipient of this transfer.", "issuer", False),
    # the recipient of an offer
    "recipient_unknown": ("No active actor has the id {recipient}.", "issuer", False),
    "recipient_not_provider": ("{recipient} is not a provider.", "issuer", False),
    "recipient_is_sender": ("A case can't be offered to its own custodian.", "issuer", False),
    "recipient_not_active": ("The accreditation of {recipient} is {status}.", "officers", True),
    # the sender of an offer
    "sender_must_exit": ("{sender} is {status} and hands cases over with the reason provider_exit.", "issuer", False),
    # the gates
    "consent_missing": ("There is no consent of {party} to the transfer.", "issuer", False),
    "consent_for_other_recipient": ("The consent of {party} names another recipient.", "issuer", False),
    "consent_expired": ("The consent of {party} has expired.", "issuer", False),
    "consent_not_yet_given": ("The consent of {party} is dated ahead of the log's time.", "issuer", True),
    "item_consent_missing": ("There is no consent of {party} to disclose named documents, which class C3 needs.",
                             "issuer", False),
    "export_consent_missing": ("There is no consent of {party} to the export, which is said to rest on consent.",
                               "issuer", False),
    "seat_changed": ("In arbitration a transfer leaves the seat unchanged.", "issuer", False),
    "submission_agreement_missing": ("In arbitration a transfer rests on a submission agreement or a successor clause.",
                                     "issuer", False),
    "expiry_in_past": ("The offer would expire before it is registered.", "issuer", False),
    "expiry_too_far": ("An offer expires within 30 days.", "issuer", False),
    "pause_too_long": ("In {stage} the clock stands still for {days} days at most: expiry and hours are too late.",
                       "issuer", False),
    # what comes after the offer
    "wrong_state": ("The transfer is {state}; this needs one that is {wanted}.", "nobody", False),
    "stale_transfer": ("This is about another statement than the one that counts now.", "issuer", False),
    "transfer_key_reused": ("The key was used or registered before; make one for this transfer alone.",
                            "issuer", False),
    "manifest_differs": ("This is not what was dispatched: {what} differs.", "issuer", False),
    "offer_expired": ("The offer has expired; its sender may offer the case again.", "provider", False),
    "dispatch_expired": ("The time for dispatch has ended; its sender may offer the case again.", "provider", False),
    "completion_expired": ("The time for completion has ended; its sender may offer the case again.",
                           "provider", False),
    # evidence
    "not_yet_due": ("The deadline has not passed yet.", "hub", True),
    "evidence_out_of_order": ("Evidence of higher priority is registered already.", "nobody", False),
}  # fmt: skip


def refused(code: str, where: str = "", **facts: object) -> TransferRefused:
    """The refusal of the table with ``facts`` filled into its sentence."""
    sentence, actor, retryable = REFUSALS[code]
    return TransferRefused(code, sentence.format(**facts), where, actor=actor, retryable=retryable)
