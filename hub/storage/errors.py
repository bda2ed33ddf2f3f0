"""Errors of the storage.

StorageError
├── ConflictError   the row that a compare-and-swap expected is not there any more
├── FullError       the disk is full; the same may be written later, after ``retry_after`` seconds
└── SchemaError     the database is of another version than this program
"""

from hub.errors import HubError

__all__ = ["ConflictError", "FullError", "SchemaError", "StorageError"]


class StorageError(HubError):
    """Root of the storage's errors."""


class ConflictError(StorageError):
    """The row that a compare-and-swap expected is not there any more: somebody else wrote the log."""


class FullError(StorageError):
    """The disk is full; the same may be written later."""

    retry_after = 60

    def __init__(self) -> None:
        super().__init__("disk_full", "The hub's disk is full: it can't write anything now.")


class SchemaError(StorageError):
    """The database is of another version than this program."""
