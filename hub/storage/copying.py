"""A consistent copy of the database, made while it is in use."""

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from hub.storage.engine import Database
from hub.storage.errors import StorageError

__all__ = ["copy_database"]


async def copy_database(database: Database, target: Path) -> None:
    """Write a copy of ``database``, as it is at one moment, to the new file ``target`` (mode 0600).

    On SQLite the copy is written anew from the rows (``VACUUM INTO``), so that nothing that was deleted is in it; the
    hub goes on meanwhile. The file is not brought to the disk: it is to be packed and deleted.

    Raises:
        StorageError: copy_unsupported, for a database of another kind; copy_failed.
        FileExistsError: there is such a file.
    """
    if database.file is None:
        message = "This command copies SQLite only. Back PostgreSQL up with its own tools, and DATA beside it."
        raise StorageError("copy_unsupported", message)
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    await asyncio.to_thread(_copy, database.file, target)


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source, isolation_level=None)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise StorageError("copy_failed", f"The database can't be copied: {error}.") from None
