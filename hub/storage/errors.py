"""Errors of the storage.

StorageError
├── ConflictError   the row that a compare-and-swap expected is not there any more
└── SchemaError     the database is of another version than this program
"""

from hub.errors import HubError

__all__ = ["ConflictError", "SchemaError", "StorageError"]


class StorageError(HubError):
    """Root of the storage's errors."""


class ConflictError(StorageError):
    """The row that a compare-and-swap expected is not there any more: somebody else wrote the log."""


class SchemaError(StorageError):
    """The database is of another version than this program."""
