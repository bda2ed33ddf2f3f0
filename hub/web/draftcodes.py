"""Rows of the problem catalogue about drafts that wait for signatures."""

__all__ = ["DRAFT_CODES"]

DRAFT_CODES: tuple[tuple[int | None, str, str], ...] = (
    (404, "draft_not_found", "There is no such draft, or it is none of yours, or the link is wrong or has expired."),
    (400, "bad_draft_request", "The request about a draft does not have exactly the members that it must have."),
    (422, "bad_links", "The links of a draft are not one for each of some announced signers."),
    (422, "bad_expiry", "A draft ends later than now and at most 30 days after its statement was issued."),
    (422, "bad_invitation", "An invitation is not of its form."),
    (422, "invitation_changed", "The draft differs from the invitation by more than the new key."),
    (403, "not_a_draft_party", "A draft is posted by its issuer, by an owner of an announced key, or by an officer."),
    (403, "draft_not_yours", "Only the signer whose key it is signs or declines, only the poster withdraws."),
    (409, "draft_exists", "A draft of this statement id waits for signatures already."),
    (None, "draft_not_open", "The draft on the desk is not in a state in which it can be signed."),
    (None, "hub_needed", "A draft on a signing desk needs the hub's address."),
    (None, "http_key_needed", "The signing desk knows an officer by the http key."),
    (
        None,
        "newcomer_not_on_desk",
        "A policy that brings a new officer in is signed as a file: the desk knows officers.",
    ),
    (None, "out_or_share", "A new draft goes into a file or onto the desk: exactly one of the two."),
    (409, "wrong_draft_state", "The draft is not, or no longer, in a state in which this can be done."),
)
