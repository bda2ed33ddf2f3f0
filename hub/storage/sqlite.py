"""SQLite: one file on a local disk, in WAL mode.

``synchronous=FULL``: a commit that returned survives power loss. A write takes the lock when it begins (``BEGIN
IMMEDIATE``), so that it never fails half-way for it. Queries begin no transaction: each sees the newest commit.
"""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError

from hub.storage.session import WRITES

__all__ = ["SQLite", "sqlite_url"]

READERS = 3
"""Threads that read; a query takes microseconds to milliseconds, so more would only wait for each other."""

STATEMENTS = 1024
"""Statements that each connection keeps prepared: an INSERT of each width for each table is one of its own."""

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",  # a deleted text is gone from the file, not only from the table
    "temp_store=MEMORY",
    "cache_size=-32768",  # KiB
    "wal_autocheckpoint=8000",  # pages: what a busy second writes is copied back once, not ten times
)


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file; the file is created when it is first opened."""
    return f"sqlite:///{path}"


class SQLite:
    """``Backend`` on a file.

    Args:
        url: as ``sqlite_url`` makes it.
        busy_timeout_ms: how long a statement waits for another writer before it gives up.
    """

    readers = READERS

    def __init__(self, url: str, busy_timeout_ms: int) -> None:
        self.file: Path | None = Path(make_url(url).database or "")
        self._writing = _open(url, 1, busy_timeout_ms)
        self._reading = _open(url, READERS, busy_timeout_ms)
        event.listen(self._reading, "connect", _forbid_writes)

    def writer(self) -> Connection:
        """A connection that may write."""
        return self._writing.connect()

    def reader(self) -> Connection:
        """A connection that can't write."""
        return self._reading.connect()

    def claim(self, connection: Connection, *, allow_async: bool) -> None:
        """Nothing: the lock of the data directory keeps other processes away, and a commit is on this disk."""

    def commit(self, connection: Connection) -> None:
        """Make a write durable."""
        connection.commit()

    def says_full(self, error: BaseException) -> bool:
        """Whether SQLite has found no room on the disk."""
        cause = error.orig if isinstance(error, OperationalError) else None
        return isinstance(cause, sqlite3.Error) and cause.sqlite_errorcode == sqlite3.SQLITE_FULL

    def dispose(self) -> None:
        """Close every connection."""
        self._writing.dispose()
        self._reading.dispose()


def _open(url: str, connections: int, busy_timeout_ms: int) -> Engine:
    given = {"timeout": busy_timeout_ms / 1000, "cached_statements": STATEMENTS}
    # the connection that was used last is used next: its cache holds what the others would read again
    engine = create_engine(url, pool_size=connections, pool_use_lifo=True, connect_args=given, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401  # the driver's
    connection.isolation_level = None  # transactions begin where ``_begin`` says, nowhere else
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _forbid_writes(connection: Any, _record: object) -> None:  # noqa: ANN401
    connection.execute("PRAGMA query_only=ON")


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITES):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
