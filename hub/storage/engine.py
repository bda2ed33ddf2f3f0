"""The database: opening it, reading from it, writing to it.

A write is one function on one connection, run as one transaction: it commits when the function returns and
rolls back when it raises. It is never held across a network call, because the function can't wait for one. No
error carries the values of a query, because errors are logged.

All writes run in one thread of their own, over one connection, and reads in a few others, with drivers that wait: a
whole *session*, which may be several transactions with computing between them, costs one change of threads. What
differs between SQLite and PostgreSQL is a ``Backend``.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from hub.storage.errors import LostError, UnreachableError
from hub.storage.session import Session
from hub.storage.sqlite import SQLite, sqlite_url
from providers.storage.together import Outcome, Together, in_savepoints

__all__ = ["Backend", "Database", "Session", "backend_of", "sqlite_url"]

T = TypeVar("T")


class Backend(Protocol):
    """A kind of database, opened: what is done in another way on each. Its methods wait, in threads."""

    readers: int

    @property
    def file(self) -> Path | None:
        """The file of SQLite."""

    def writer(self) -> Connection:
        """The connection that may write; used by one thread."""

    def reader(self) -> Connection:
        """A connection that can't write; at most ``readers`` at a time."""

    def claim(self, connection: Connection, *, allow_async: bool) -> None:
        """Take the database for this process alone; raises ``ClaimError``."""

    def commit(self, connection: Connection) -> None:
        """Make a write durable."""

    def says_full(self, error: BaseException) -> bool:
        """Whether an error means that the disk is full."""

    def dispose(self) -> None:
        """Close every connection."""


def backend_of(url: str, *, busy_timeout_ms: int = 5000) -> Backend:
    """The kind of database that ``url`` names; nothing is read or written yet.

    Args:
        url: ``sqlite:///PATH``, a file on a local disk, or ``postgresql://…``.
        busy_timeout_ms: how long SQLite waits for another writer before it gives up.
    """
    if url.startswith("postgresql:"):
        from hub.storage.postgresql import PostgreSQL  # noqa: PLC0415  # its driver is loaded where it is used

        return PostgreSQL(url)
    return SQLite(url, busy_timeout_ms)


class Database:
    """An opened database; the only object through which the rest of this package reaches rows.

    ``on_lost`` is called once if the writing connection is lost: nothing can be written any more. ``file`` is that of
    SQLite, None on a server.

    Args:
        url: as ``backend_of`` takes it.
        busy_timeout_ms: how long SQLite waits for another writer before it gives up.
    """

    def __init__(self, url: str, *, busy_timeout_ms: int = 5000) -> None:
        self._backend = backend_of(url, busy_timeout_ms=busy_timeout_ms)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="storage")
        self._together = Together[Callable[[Connection], Any]](self._thread, self._write_all)
        self._readers = ThreadPoolExecutor(max_workers=self._backend.readers, thread_name_prefix="reader")
        self.file = self._backend.file
        self._lost = False
        self.on_lost: Callable[[BaseException], None] = lambda _error: None

    @classmethod
    def open(cls, url: str, *, busy_timeout_ms: int = 5000) -> Self:
        """Open the database at ``url``; nothing is read or written yet."""
        return cls(url, busy_timeout_ms=busy_timeout_ms)

    async def claim(self, *, allow_async: bool = False) -> None:
        """Take the database for this process alone, until it is closed; on SQLite the data directory's lock does.

        Args:
            allow_async: do without a synchronous standby of PostgreSQL, whose loss may then fork the log.

        Raises:
            ClaimError: locked, no_standby, or another reason not to write to this database.
            UnreachableError: the server can't be reached.
        """

        def claim() -> None:
            with self._backend.writer() as connection:
                self._backend.claim(connection, allow_async=allow_async)

        await asyncio.get_running_loop().run_in_executor(self._thread, claim)

    async def run(self, work: Callable[[Session], T]) -> T:
        """Run ``work`` where the writes run, alone: nothing else is written until it returns."""
        return await self._noticed(asyncio.get_running_loop().run_in_executor(self._thread, self._with_session, work))

    async def write(self, work: Callable[[Connection], T]) -> T:
        """One transaction; see ``Session.write``. Writes that wait for the thread share one.

        It is completed even when the caller is cancelled.
        """
        found: T = await self._noticed(self._together.do(work))
        return found

    async def query(self, work: Callable[[Connection], T]) -> T:
        """Run ``work``, which only reads, where the writes run: it sees every write before it."""
        return await self.run(lambda session: session.query(work))

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work``, which only reads, beside the writes; each query sees the newest commit.

        It begins once more, on a new connection, if the one that it had was broken.

        Raises:
            UnreachableError: the server can't be reached.
        """
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._with_reader, work)

    async def close(self) -> None:
        """Close every connection."""
        self._together.finish()
        self._readers.shutdown()
        self._thread.shutdown()
        self._backend.dispose()

    def commit(self, connection: Connection) -> None:
        """Make a write durable; the one place where the hub commits."""
        self._backend.commit(connection)

    def _write_all(self, works: Sequence[Callable[[Connection], Any]]) -> list[Outcome]:
        says_full = self._backend.says_full

        def write_all(connection: Connection) -> list[Outcome]:
            outcomes = in_savepoints(connection, [partial(work, connection) for work in works])
            if full := [one.error for one in outcomes if one.error is not None and says_full(one.error)]:
                raise full[0]  # where one finds no room, none is kept
            return outcomes

        return self._with_session(lambda session: session.write(write_all))

    def _with_session(self, work: Callable[[Session], T]) -> T:
        with self._backend.writer() as connection:
            return work(Session(connection, self.commit, self._backend.says_full))

    def _with_reader(self, work: Callable[[Connection], T], *, again: bool = True) -> T:
        """A reading connection may have been broken since it was used last; nothing is lost by that."""
        try:
            with self._backend.reader() as connection:
                return work(connection)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            if not again:
                raise UnreachableError(str(error.orig)) from None
        return self._with_reader(work, again=False)

    async def _noticed(self, running: Awaitable[T]) -> T:
        """What ``running`` returns; whether the writing connection was lost is told once."""
        try:
            return await running
        except (DBAPIError, LostError) as error:
            if not self._lost and (isinstance(error, LostError) or error.connection_invalidated):
                self._lost = True
                self.on_lost(error)
            raise
