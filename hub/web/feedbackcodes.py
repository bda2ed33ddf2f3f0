"""Rows of the problem catalogue about feedback."""

__all__ = ["FEEDBACK_CODES"]

FEEDBACK_CODES: tuple[tuple[int | None, str, str], ...] = (
    (400, "bad_feedback", "The answer, or the request for slots, is not of its form."),
    (404, "feedback_token_unknown", "The link is not whole, was never issued, or its time is over."),
    (404, "feedback_slot_unknown", "No slot was issued for this case and role, or its time is over."),
    (409, "feedback_token_used", "The slot was answered already, otherwise than now."),
    (409, "feedback_slot_fixed", "The slot stands in a case event or is older than a day; it keeps its token."),
)
