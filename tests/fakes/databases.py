"""Databases for tests: SQLite in a directory, or a database of a private PostgreSQL server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from hub.storage.engine import Database, sqlite_url
from tests.fakes.postgres import shared_cluster

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
    cluster, name = shared_cluster(), f"odr_{uuid4().hex}"
    database = kind(cluster.create(name))
    try:
        yield database
    finally:
        await database.close()
        cluster.drop(name)
