"""Databases for tests: SQLite in a directory, or an empty schema of PostgreSQL when one is named.

``ODR_TEST_POSTGRES`` is a SQLAlchemy URL (postgresql+asyncpg) of a server whose user may create databases.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from hub.storage.engine import Database, sqlite_url

POSTGRES = "ODR_TEST_POSTGRES"
BACKENDS = ("sqlite", "postgresql")


@asynccontextmanager
async def open_database(
    directory: Path, backend: str = "sqlite", kind: type[Database] = Database
) -> AsyncIterator[Database]:
    """A new, empty database; closed, and on a server dropped, at the end."""
    if backend == "sqlite":
        database = kind(sqlite_url(directory / "hub.sqlite3"))
        try:
            yield database
        finally:
            await database.close()
        return
    server = os.environ.get(POSTGRES)
    if server is None:
        pytest.skip(f"{POSTGRES} names no server")
    pytest.importorskip("asyncpg")
    name = f"odr_{directory.name.replace('-', '_')}".lower()[:60]
    await _on_server(server, f'CREATE DATABASE "{name}"')
    database = kind(make_url(server).set(database=name).render_as_string(hide_password=False))
    try:
        yield database
    finally:
        await database.close()
        await _on_server(server, f'DROP DATABASE "{name}"')


async def _on_server(url: str, command: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(command))
    await engine.dispose()
