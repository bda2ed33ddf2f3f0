"""Errors of keeping.

KeepingError
├── ExportError       the static tiles can't be written, or the target holds something else
├── BackupError       a backup can't be made
├── RestoreError      a backup can't be restored
├── CompletionError   what a restored old backup lacks can't be taken from where it was looked for
└── KeptForCompletion a statement that was posted again is kept until the log is complete
"""

from hub.errors import HubError

__all__ = ["BackupError", "CompletionError", "ExportError", "KeepingError", "KeptForCompletion", "RestoreError"]


class KeepingError(HubError):
    """Root of the errors of keeping."""


class ExportError(KeepingError):
    """The static tiles can't be written, or the target holds something else; ``where`` names the object."""


class BackupError(KeepingError):
    """A backup can't be made; nothing was left under its name."""


class RestoreError(KeepingError):
    """A backup can't be restored; nothing was left in the new directory."""


class CompletionError(KeepingError):
    """What is missing can't be taken from there; ``where`` names the entry, the object or the file."""


class KeptForCompletion(KeepingError):  # noqa: N818  # named for what happened
    """A statement that was posted again is kept until the log is complete; its receipt can be had then."""

    def __init__(self, retry_after: int = 600) -> None:
        message = "This hub awaits your statement to complete its log, and has kept it. Ask for its receipt later."
        super().__init__("kept_for_completion", message)
        self.retry_after = retry_after
