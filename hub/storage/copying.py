"""A consistent copy of the database, made while it is in use; and a copy read into an empty database.

A copy is always a SQLite file, whatever the database is, so that one backup fits both kinds.
"""

import asyncio
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from hub.storage.engine import Database, sqlite_url
from hub.storage.errors import StorageError
from hub.storage.schema import check_schema, has_schema, upgrade
from hub.storage.tables import TABLES

__all__ = ["copy_database", "load_database"]

_ROWS = 500
"""Rows that are in memory at once: bodies may be 256 KiB."""


async def copy_database(database: Database, target: Path) -> None:
    """Write a copy of ``database``, as it is at one moment, to the new file ``target`` (mode 0600).

    It is written anew from the rows, so that nothing that was deleted is in it; the hub goes on meanwhile. SQLite does
    so itself (``VACUUM INTO``); from a server every table is read in one transaction that sees one moment. The file is
    not brought to the disk: it is to be packed and deleted.

    Raises:
        StorageError: copy_failed.
        SchemaError: the tables are of another version.
        FileExistsError: there is such a file.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    if database.file is not None:
        await asyncio.to_thread(_copy, database.file, target)
        return
    await check_schema(database)
    copy = Database.open(sqlite_url(target))
    try:
        await upgrade(copy)
    finally:
        await copy.close()
    await database.read(partial(_copy_rows, target))


async def load_database(source: Path, database: Database) -> None:
    """Read the copy ``source`` into the empty ``database`` of a server, whole or not at all.

    Checks that nothing is there, and afterwards that every table has as many rows as the copy. Whether the copy is
    sound is for the caller to find out before.

    Raises:
        StorageError: database_not_empty, or copy_failed.
    """
    if await has_schema(database) and await database.query(_filled):
        message = "There is something in that database already; a backup is read into an empty one only."
        raise StorageError("database_not_empty", message, "storage.url")
    await upgrade(database)
    engine = create_engine(sqlite_url(source))
    try:
        await database.write(partial(_load_rows, engine))
    finally:
        engine.dispose()


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source, isolation_level=None)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise StorageError("copy_failed", f"The database can't be copied: {error}.") from None


def _copy_rows(target: Path, connection: Connection) -> None:
    """From a server into the file ``target``, whose tables are there and empty."""
    engine = create_engine(sqlite_url(target))
    try:
        moment = connection.execution_options(isolation_level="REPEATABLE READ")
        with moment.begin(), engine.begin() as copy:
            copy.exec_driver_sql("PRAGMA synchronous=OFF")
            _transfer(moment, copy)
    except SQLAlchemyError as error:
        raise StorageError("copy_failed", f"The database can't be copied: {type(error).__name__}.") from error
    finally:
        engine.dispose()


def _load_rows(engine: Engine, connection: Connection) -> None:
    with engine.connect() as copy:
        _transfer(copy, connection)


def _transfer(source: Connection, target: Connection) -> None:
    """Every row of every table; raises ``StorageError`` where fewer arrive than were there."""
    for table in TABLES:
        for rows in _pieces(source, table):
            target.execute(insert(table), rows)
        told, arrived = _count(source, table), _count(target, table)
        if told != arrived:
            raise StorageError("copy_failed", f"{arrived} rows of {told} arrived.", table.name)


def _pieces(source: Connection, table: Table) -> Iterator[Sequence[Mapping[str, Any]]]:
    found = source.execution_options(yield_per=_ROWS).execute(select(table).order_by(*table.primary_key.columns))
    for piece in found.mappings().partitions():
        yield [dict(row) for row in piece]


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _filled(connection: Connection) -> bool:
    return any(connection.execute(select(table).limit(1)).first() is not None for table in TABLES)
