"""Errors of the signing desk.

DraftsError
├── DraftRefusedError   a draft, an invitation or a signature is not acceptable; ``errors`` lists schema violations
├── DraftStateError     the draft is not, or no longer, where this can be done to it
└── DraftAccessError    it is not this caller's to do
"""

from collections.abc import Sequence

from hub.errors import HubError

__all__ = ["DraftAccessError", "DraftRefusedError", "DraftStateError", "DraftsError"]


class DraftsError(HubError):
    """Root of the signing desk's errors."""


class DraftRefusedError(DraftsError):
    """A draft, an invitation or a signature is not acceptable."""

    def __init__(self, code: str, message: str, where: str = "", errors: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(code, message, where)
        self.errors = tuple(errors)


class DraftStateError(DraftsError):
    """The draft is not, or no longer, where this can be done to it."""


class DraftAccessError(DraftsError):
    """It is not this caller's to do."""
