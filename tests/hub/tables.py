"""Tables as migrations make them, laid down at once: to migrate takes longer than most tests.

What migrations make, and that they make what the models say, is tested in ``tests/hub/storage/test_schema.py``.
"""

import tempfile
from pathlib import Path

from hub.storage.engine import Database, sqlite_url
from hub.storage.schema import upgrade

_MADE: list[bytes] = []


async def make_tables(database: Database) -> None:
    """Tables of this program's version in a database without any."""
    await prepare_tables(database)
    if database.file is None:
        await upgrade(database)


async def prepare_tables(database: Database) -> None:
    """Tables in a file that is still to be made; whoever uses a server migrates."""
    if database.file is not None and not database.file.exists():
        await lay_tables(database.file)


async def lay_tables(path: Path) -> None:
    """Put a database without rows, of this program's version, at ``path``, where nothing may be yet."""
    if not _MADE:
        _MADE.append(await _migrated())
    with path.open("xb") as file:
        file.write(_MADE[0])


async def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "tables.sqlite3"
        database = Database(sqlite_url(path))
        await upgrade(database)
        await database.close()
        return path.read_bytes()
