"""A database whose commits go wrong when told to, in each of the four ways they can.

A commit may take place or not, and may report success or an error; whoever commits sees only the report.
"""

import enum
from typing import Any

from sqlalchemy import Connection

from hub.storage.engine import Database

__all__ = ["Fault", "FaultyDatabase", "InjectedError"]


class InjectedError(Exception):
    """The error that a faulty commit reports."""


class Fault(enum.Enum):
    """What becomes of one commit: (takes place, reports success)."""

    NONE = (True, True)
    LOST_SILENTLY = (False, True)
    APPLIED_WITH_ERROR = (True, False)
    FAILED = (False, False)


class FaultyDatabase(Database):
    """Commits as planned: the n-th commit from when ``plan`` was set goes as it says, others go well."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.plan: dict[int, Fault] = {}
        self.commits = 0

    def inject(self, number: int, fault: Fault) -> None:
        """Let the ``number``-th commit from now (0 is the next) go as ``fault`` says."""
        self.plan, self.commits = {number: fault}, 0

    def commit(self, connection: Connection) -> None:
        """Commit, or not, and say so, or not."""
        applies, succeeds = self.plan.get(self.commits, Fault.NONE).value
        self.commits += 1
        if applies:
            super().commit(connection)
        else:
            connection.rollback()
        if not succeeds:
            raise InjectedError("the commit reported an error")
