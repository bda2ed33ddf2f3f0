"""The database: opening it, reading from it, writing to it.

A write is one function on one connection, run as one transaction: it commits when the function returns and
rolls back when it raises. It is never held across a network call, because the function can't wait for one.
SQLite runs in WAL mode with ``synchronous=FULL`` (a commit that returned survives power loss) and foreign keys
on; a write takes the lock when it begins (``BEGIN IMMEDIATE``), so that it never fails half-way for it. No error
carries the values of a query, because errors are logged.

On SQLite all writes run in one thread of their own, and reads in a few others: a whole *session*, which may be several
transactions with computing between them, costs one change of threads, where aiosqlite's connection takes three or four
for each statement, which would cost more than the statements do.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from hub.storage.errors import FullError
from providers.storage.together import Outcome, Together, in_savepoints

__all__ = ["WRITES", "Database", "Session", "open_engine", "sqlite_url"]

T = TypeVar("T")
W = TypeVar("W")
READERS = 3
"""Threads that read from SQLite; a query takes microseconds to milliseconds, so more would only wait for each other."""

STATEMENTS = 1024
"""Statements that each connection keeps prepared: an INSERT of each width for each table is one of its own."""

WRITES = "odr_writes"
"""Execution option of connections whose transactions take the write lock when they begin."""


def sqlite_url(path: Path) -> str:
    """The SQLAlchemy URL of a SQLite file; the file is created when it is first opened."""
    return f"sqlite+aiosqlite:///{path}"


def open_engine(url: str, *, busy_timeout_ms: int = 5000) -> AsyncEngine:
    """An engine for ``url`` (``sqlite+aiosqlite`` or ``postgresql+asyncpg``); opens no connection yet.

    Args:
        url: SQLAlchemy URL; SQLite must be a file on a local disk.
        busy_timeout_ms: how long SQLite waits for another writer before it gives up.
    """
    if not url.startswith("sqlite"):
        return create_async_engine(url, pool_size=8, hide_parameters=True)
    logging.getLogger("aiosqlite").setLevel(logging.WARNING)  # it would log the values of queries: digests are secrets
    timeout = {"timeout": busy_timeout_ms / 1000}
    engine = create_async_engine(url, pool_size=1, connect_args=timeout, hide_parameters=True)
    _listen(engine.sync_engine)
    return engine


_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",  # a deleted text is gone from the file, not only from the table
    "temp_store=MEMORY",
    "cache_size=-32768",  # KiB
    "wal_autocheckpoint=8000",  # pages: what a busy second writes is copied back once, not ten times
)


@dataclass(frozen=True, slots=True)
class Session:
    """Transactions one after another on one connection, for code that runs where the writes run."""

    _connection: Connection
    _commit: Callable[[Connection], None]

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
            if _says_full(error):
                raise FullError from error
            raise
        return result

    def query(self, work: Callable[[Connection], T]) -> T:
        """Run ``work``, which only reads; nobody else writes meanwhile."""
        try:
            return work(self._connection.execution_options(**{WRITES: False}))
        finally:
            self._connection.rollback()


class Database:
    """An opened database; the only object through which the rest of this package reaches rows.

    Args:
        url: as ``open_engine`` takes it.
        busy_timeout_ms: how long SQLite waits for another writer before it gives up.
    """

    def __init__(self, url: str, *, busy_timeout_ms: int = 5000) -> None:
        self.engine = open_engine(url, busy_timeout_ms=busy_timeout_ms)
        self._writing: Engine | None = None
        self._reading: Engine | None = None
        if url.startswith("sqlite"):
            self._writing = _open_sync(url, 1, busy_timeout_ms)
            self._reading = _open_sync(url, READERS, busy_timeout_ms)
            event.listen(self._reading, "connect", _forbid_writes)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="storage")
        self._together = Together[Callable[[Connection], Any]](self._thread, self._write_all)
        self._readers = ThreadPoolExecutor(max_workers=READERS, thread_name_prefix="reader")

    @classmethod
    def open(cls, url: str, *, busy_timeout_ms: int = 5000) -> Self:
        """Open the database at ``url``; nothing is read or written yet."""
        return cls(url, busy_timeout_ms=busy_timeout_ms)

    async def run(self, work: Callable[[Session], T]) -> T:
        """Run ``work`` where the writes run, alone: nothing else is written until it returns."""
        if self._writing is not None:
            return await _beside(self._thread, self._with_session, self._writing, work)
        async with self.engine.connect() as connection:
            return await connection.run_sync(lambda one: work(Session(one, self.commit)))

    async def write(self, work: Callable[[Connection], T]) -> T:
        """One transaction; see ``Session.write``. On SQLite, writes that wait for the thread share one.

        It is completed even when the caller is cancelled.
        """
        if self._writing is None:
            return await self.run(lambda session: session.write(work))
        found: T = await self._together.do(work)
        return found

    async def query(self, work: Callable[[Connection], T]) -> T:
        """Run ``work``, which only reads, where the writes run: it sees every write before it."""
        return await self.run(lambda session: session.query(work))

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work``, which only reads, beside the writes; on SQLite each query sees the newest commit."""
        if self._reading is not None:
            return await _beside(self._readers, _with_connection, self._reading, work)
        async with self.engine.connect() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        """Close every connection."""
        self._together.finish()
        await self.engine.dispose()
        self._readers.shutdown()
        self._thread.shutdown()
        for engine in (self._writing, self._reading):
            if engine is not None:
                engine.dispose()

    def commit(self, connection: Connection) -> None:
        """Make a write durable; the one place where the hub commits."""
        connection.commit()

    def _write_all(self, works: Sequence[Callable[[Connection], Any]]) -> list[Outcome]:
        if self._writing is None:
            raise RuntimeError("Only on SQLite do writes share a transaction.")

        def write_all(connection: Connection) -> list[Outcome]:
            outcomes = in_savepoints(connection, [partial(work, connection) for work in works])
            if full := [one.error for one in outcomes if one.error is not None and _says_full(one.error)]:
                raise full[0]  # where one finds no room, none is kept
            return outcomes

        return self._with_session(self._writing, lambda session: session.write(write_all))

    def _with_session(self, engine: Engine, work: Callable[[Session], T]) -> T:
        with engine.connect() as connection:
            return work(Session(connection, self.commit))


async def _beside(threads: ThreadPoolExecutor, run: Callable[[Engine, W], T], engine: Engine, work: W) -> T:
    return await asyncio.get_running_loop().run_in_executor(threads, run, engine, work)


def _with_connection(engine: Engine, work: Callable[[Connection], T]) -> T:
    with engine.connect() as connection:
        return work(connection)


def _open_sync(url: str, connections: int, busy_timeout_ms: int) -> Engine:
    given = {"timeout": busy_timeout_ms / 1000, "cached_statements": STATEMENTS}
    here = make_url(url).set(drivername="sqlite+pysqlite")
    engine = create_engine(here, pool_size=connections, connect_args=given, hide_parameters=True)
    _listen(engine)
    return engine


def _says_full(error: BaseException) -> bool:
    """Whether SQLite has found no room on the disk."""
    cause = error.orig if isinstance(error, OperationalError) else None
    return isinstance(cause, sqlite3.Error) and cause.sqlite_errorcode == sqlite3.SQLITE_FULL


def _listen(engine: Engine) -> None:
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401
    connection.isolation_level = None  # transactions begin where ``_begin_sqlite`` says, nowhere else
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _forbid_writes(connection: Any, _record: object) -> None:  # noqa: ANN401
    connection.execute("PRAGMA query_only=ON")


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITES):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
