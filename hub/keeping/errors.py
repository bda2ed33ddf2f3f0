"""Errors of keeping.

KeepingError
├── ExportError       the static tiles can't be written, or the target holds something else
├── BackupError       a backup can't be made
├── RestoreError      a backup can't be restored
└── CompletionError   what a restored old backup lacks can't be taken from where it was looked for
"""

from hub.errors import HubError

__all__ = ["BackupError", "CompletionError", "ExportError", "KeepingError", "RestoreError"]


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
