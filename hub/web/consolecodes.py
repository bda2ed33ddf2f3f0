"""Rows of the problem catalogue about the officers' console."""

__all__ = ["CONSOLE_CODES"]

CONSOLE_CODES: tuple[tuple[int | None, str, str], ...] = (
    (403, "not_an_officer", "Only officers enter the console."),
    (400, "bad_session_request", "The request for a session does not have exactly the members that it must have."),
    (403, "session_link_refused", "The link to the console was used, has lapsed after a minute, or is not whole."),
    (429, "too_many_links", "Links to the console of this officer wait to be opened; they lapse after a minute."),
    (403, "foreign_form", "The request did not come from a page of this hub."),
    (None, "bad_link_answer", "The hub's answer names no link to its console."),
)
