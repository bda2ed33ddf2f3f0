"""A database whose writes go wrong when told to, in each of the four ways they can.

A write may take place or not, and may report success or an error; whoever writes sees only the report. A write is a
commit, or one statement (INSERT, UPDATE, DELETE) of a transaction.
"""

import enum
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event

from hub.storage.engine import Database
from hub.storage.sqlite import SQLite

__all__ = ["COMMIT", "Fault", "FaultyDatabase", "InjectedError", "Write"]

COMMIT = "commit"


class InjectedError(Exception):
    """The error that a faulty write reports."""


class Fault(enum.Enum):
    """What becomes of one write: (takes place, reports success)."""

    NONE = (True, True)
    LOST_SILENTLY = (False, True)
    APPLIED_WITH_ERROR = (True, False)
    FAILED = (False, False)


@dataclass(frozen=True)
class Write:
    """A write as it was seen: ``commit``, or the verb of a statement and its table."""

    verb: str
    table: str = ""

    def __str__(self) -> str:
        return f"{self.verb} {self.table}".strip()


class FaultyDatabase(Database):
    """Counts its writes; the n-th from when a fault was injected goes as that says, others go well."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.plan: dict[int, Fault] = {}
        self.commits = 0
        self.writes: list[Write] = []
        self._among_writes: dict[int, Fault] = {}
        self._now = Fault.NONE
        if isinstance(self._backend, SQLite):  # elsewhere only commits go wrong
            event.listen(self._backend._writing, "before_cursor_execute", self._before)
            event.listen(self._backend._writing, "after_cursor_execute", self._after)

    def inject(self, number: int, fault: Fault) -> None:
        """Let the ``number``-th commit from now (0 is the next) go as ``fault`` says."""
        self.plan, self.commits = {number: fault}, 0

    def inject_write(self, number: int, fault: Fault) -> None:
        """Let the ``number``-th write from now, commits counted too, go as ``fault`` says."""
        self._among_writes, self.writes = {number: fault}, []

    def heal(self) -> None:
        """From now on everything goes well."""
        self.plan, self._among_writes = {}, {}

    def commit(self, connection: Connection) -> None:
        """Commit, or not, and say so, or not."""
        fault = self.plan.get(self.commits, Fault.NONE)
        self.commits += 1
        if fault is Fault.NONE:
            fault = self._next(Write(COMMIT))
        applies, succeeds = fault.value
        if applies:
            super().commit(connection)
        else:
            connection.rollback()
        if not succeeds:
            raise InjectedError("the commit reported an error")

    def _next(self, write: Write) -> Fault:
        self.writes.append(write)
        return self._among_writes.get(len(self.writes) - 1, Fault.NONE)

    def _before(self, connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        self._now = Fault.NONE
        if (write := _write_of(statement)) is None:
            return
        self._now = self._next(write)
        if self._now is Fault.FAILED:
            raise InjectedError(f"{write} reported an error")
        if self._now is Fault.LOST_SILENTLY:
            _driver(connection).execute("SAVEPOINT lost")

    def _after(self, connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if self._now is Fault.LOST_SILENTLY:  # the cursor still says how many rows it was
            _driver(connection).execute("ROLLBACK TO lost")
            _driver(connection).execute("RELEASE lost")
        elif self._now is Fault.APPLIED_WITH_ERROR:
            raise InjectedError(f"{statement.split(maxsplit=1)[0]} reported an error")


def _driver(connection: Connection) -> Any:
    return connection.connection.dbapi_connection


def _write_of(statement: str) -> Write | None:
    words = statement.replace('"', "").split()
    verb = words[0].upper()
    place = {"INSERT": 2, "DELETE": 2, "UPDATE": 1}.get(verb)
    return None if place is None else Write(verb, words[place].removesuffix("("))
