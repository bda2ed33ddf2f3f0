"""Rows of the problem catalogue about asking, with a statement key, for what is held about its owner."""

__all__ = ["HELD_CODES"]

HELD_CODES: tuple[tuple[int | None, str, str], ...] = (
    (400, "bad_held_request", "What was sent is no signed question for what is held, or it asks another hub."),
    (401, "held_request_untimely", "The question was signed more than a minute ago, or in the future."),
    (401, "holder_unknown", "The question is signed by a key that is not a registered statement key."),
    (401, "holder_refused", "The statement key that signed the question may not act now."),
    (401, "holder_not_verified", "The signature under the question does not verify."),
)
