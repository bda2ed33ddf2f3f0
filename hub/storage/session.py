"""Transactions one after another on one connection."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from hub.storage.errors import FullError

__all__ = ["WRITES", "Session"]

T = TypeVar("T")

WRITES = "odr_writes"
"""Execution option of connections whose transactions begin as such and, on SQLite, take the write lock at once."""


@dataclass(frozen=True, slots=True)
class Session:
    """Transactions one after another on one connection, for code that runs where the writes run.

    Args:
        connection: to the database, with no transaction under way.
        commit: makes a write durable.
        says_full: whether an error of the driver means that the disk is full.
    """

    _connection: Connection
    _commit: Callable[[Connection], None]
    _says_full: Callable[[BaseException], bool]

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` as one transaction; durable when this returns, rolled back when it raises.

        An error of the commit itself says nothing about whether it took place.

        Raises:
            FullError: the disk is full.
        """
        try:
            result = work(self._connection.execution_options(**{WRITES: True}))
            self._commit(self._connection)
        except BaseException as error:
            self._connection.rollback()
            if self._says_full(error):
                raise FullError from error
            raise
        return result

    def query(self, work: Callable[[Connection], T]) -> T:
        """Run ``work``, which only reads; nobody else writes meanwhile."""
        try:
            return work(self._connection.execution_options(**{WRITES: False}))
        finally:
            self._connection.rollback()
