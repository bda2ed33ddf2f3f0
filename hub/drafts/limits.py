"""How much, and for how long, the desk keeps. All times in seconds."""

__all__ = [
    "DEFAULT_SECONDS",
    "FORGOTTEN_SECONDS",
    "ISSUED_AHEAD_SECONDS",
    "MOST_SECONDS",
    "MOST_UNFINISHED",
    "REASON_CHARACTERS",
    "RESULT_SECONDS",
]

DAY = 86_400
DEFAULT_SECONDS = 14 * DAY
"""A draft ends after so long, when its poster does not say."""

MOST_SECONDS = 30 * DAY
"""Longest a draft waits: a statement issued longer ago is not registered (PROTOCOL §3)."""

ISSUED_AHEAD_SECONDS = 300
"""A statement is dated at most so far ahead of the hub's clock (PROTOCOL §3)."""

MOST_UNFINISHED = 200
"""Unfinished drafts of one poster."""

REASON_CHARACTERS = 500
"""Longest reason of who declines."""

RESULT_SECONDS = DAY
"""So long after its end links still open a draft, and the text of a registered one is kept, so that signers see how it
went."""

FORGOTTEN_SECONDS = 30 * DAY
"""So long after its end nothing of a draft is left."""
