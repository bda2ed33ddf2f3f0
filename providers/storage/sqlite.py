"""A program's own SQLite file: transactions that begin with the write lock and are on disk when they have ended."""

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

__all__ = ["open_engine"]


def open_engine(path: Path) -> Engine:
    """The file at ``path``, made when first used: BEGIN IMMEDIATE, WAL, synchronous=FULL, waits 5 s for a lock.

    No error carries the values of a query, because errors are logged.
    """
    engine = create_engine(f"sqlite:///{path}", hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    del record
    connection.isolation_level = None  # the driver would begin too late; _begin does it
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 5000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
