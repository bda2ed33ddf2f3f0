"""The version of the database: bringing it to this program's, refusing any other.

``odr-hub init`` calls ``upgrade``; ``serve`` calls ``check_schema`` and never migrates by itself.
"""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from hub.storage.engine import Database
from hub.storage.errors import SchemaError
from hub.storage.session import WRITES

__all__ = ["SCHEMA", "check_schema", "has_schema", "upgrade"]

SCHEMA = "0016"
"""The migration this program was written for; equal to the newest one in ``migrations/versions``."""


async def upgrade(database: Database, revision: str = SCHEMA) -> None:
    """Run the missing migrations up to ``revision``, each in a transaction of its own."""
    await database.query(lambda connection: _migrate(connection, revision))


async def has_schema(database: Database) -> bool:
    """Whether there are tables of any version of this program."""
    return await database.query(_version) is not None


async def check_schema(database: Database) -> None:
    """Raise ``SchemaError`` unless the database is of exactly this program's version."""
    found = await database.query(_version)
    if found is None:
        raise SchemaError("no_log", "There is no log in this data directory; `odr-hub init` makes one.")
    if found < SCHEMA:
        raise SchemaError(
            "schema_older", f"The database has version {found}, this program needs {SCHEMA}: run `odr-hub upgrade`."
        )
    if found > SCHEMA:
        raise SchemaError(
            "schema_newer", f"The database has version {found}, this program knows {SCHEMA} only: use a newer program."
        )


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return None if found is None else str(found)


def _migrate(connection: Connection, revision: str) -> None:
    from alembic import command  # noqa: PLC0415  # slow to import, and `serve` never needs it
    from alembic.config import Config  # noqa: PLC0415

    connection.execution_options(**{WRITES: True})
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
