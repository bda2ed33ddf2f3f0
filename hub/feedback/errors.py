"""Errors of feedback.

FeedbackError
├── BadAnswerError   the answer or the request for slots is not of its form
└── SlotError        the slot is not there, not open, or fixed
"""

from hub.errors import HubError

__all__ = ["BadAnswerError", "FeedbackError", "SlotError"]


class FeedbackError(HubError):
    """Slots or answers are refused."""


class BadAnswerError(FeedbackError):
    """The answer, or the request for slots, is not of its form; ``where`` is a JSON pointer."""


class SlotError(FeedbackError):
    """The slot is not there, not open any more, or can't be issued anew."""
