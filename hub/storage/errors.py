"""Errors of the storage.

StorageError
├── ConflictError      the row that a compare-and-swap expected is not there any more
├── FullError          the disk is full; the same may be written later, after ``retry_after`` seconds
├── LostWriteError     the database reported success and did not keep what was written
├── SchemaError        the database is of another version than this program
├── ClaimError         the database can't be used by this process as it is found
├── UnreachableError   the database server does not answer, or lets nobody in; ``retry_after`` seconds
└── LostError          the connection that wrote is lost, or a commit is not where it must be: the process must end
"""

from hub.errors import HubError

__all__ = [
    "ClaimError",
    "ConflictError",
    "FullError",
    "LostError",
    "LostWriteError",
    "SchemaError",
    "StorageError",
    "UnreachableError",
]


class StorageError(HubError):
    """Root of the storage's errors."""


class ConflictError(StorageError):
    """The row that a compare-and-swap expected is not there any more: somebody else wrote the log."""


class FullError(StorageError):
    """The disk is full; the same may be written later."""

    retry_after = 60

    def __init__(self) -> None:
        super().__init__("disk_full", "The hub's disk is full: it can't write anything now.")


class LostWriteError(StorageError):
    """The database reported success and did not keep what was written; nothing of that transaction was committed."""

    def __init__(self, table: str) -> None:
        super().__init__("write_lost", f"The database did not keep what was written to {table}; none of it counts.")


class SchemaError(StorageError):
    """The database is of another version than this program."""


class ClaimError(StorageError):
    """The database can't be used by this process as it is found; the sentence says who must do what."""


class UnreachableError(StorageError):
    """The database server does not answer, or lets nobody in.

    What it says names addresses and roles: it is for the log and the command line. A reader over HTTP is told no more
    than that the server does not answer (``hub.web.middlewares``).

    Args:
        why: what the server or the network said; it never says a password.
    """

    retry_after = 10

    def __init__(self, why: str) -> None:
        said = " ".join(why.split())
        super().__init__("database_unreachable", f"The database can't be reached: {said}", "storage.url")


class LostError(StorageError):
    """Nothing may be written through this process any more; a fresh start looks at what is stored."""
