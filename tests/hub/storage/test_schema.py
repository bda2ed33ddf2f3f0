"""Migrations lead exactly to the declared tables, and only this program's version is served."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from hub.storage import migrations, schema
from hub.storage.engine import Database
from hub.storage.errors import SchemaError
from hub.storage.schema import SCHEMA, check_schema, upgrade
from hub.storage.tables import Base
from tests.fakes.databases import BACKENDS, open_database


@pytest.fixture(params=BACKENDS)
async def database(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    async with open_database(tmp_path, request.param) as opened:
        yield opened


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Base.metadata))


async def test_migrations_give_the_declared_tables(database: Database) -> None:
    await upgrade(database)
    assert await database.query(differences) == []
    await check_schema(database)
    await upgrade(database)  # again: nothing to do


async def test_a_missing_table_would_be_noticed(database: Database) -> None:
    await upgrade(database)
    await database.write(lambda connection: connection.execute(text("DROP TABLE nonces")))
    found = await database.query(differences)
    assert any(isinstance(one, tuple) and one[0] == "add_table" for one in found)


def test_this_program_is_of_the_newest_migration() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_heads() == [SCHEMA]


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        ("0000", f"The database has version 0000, this program needs {SCHEMA}: run `odr-hub upgrade`."),
        ("9999", f"The database has version 9999, this program knows {SCHEMA} only: use a newer program."),
    ],
)
async def test_another_version_is_refused(database: Database, version: str, sentence: str) -> None:
    await upgrade(database)
    change = text("UPDATE alembic_version SET version_num = :version").bindparams(version=version)
    await database.write(lambda connection: connection.execute(change))
    with pytest.raises(SchemaError) as caught:
        await check_schema(database)
    assert str(caught.value) == sentence


async def test_an_empty_database_is_no_log(database: Database) -> None:
    with pytest.raises(SchemaError, match="There is no log in this data directory"):
        await check_schema(database)


async def test_a_migration_that_fails_leaves_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alembic.op.create_index", lambda *_args, **_options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        await upgrade(database)
    assert await database.query(schema._version) is None
    monkeypatch.undo()
    await upgrade(database)
    await check_schema(database)


async def test_a_database_of_the_first_version_is_upgraded(database: Database) -> None:
    await upgrade(database, "0001")
    with pytest.raises(SchemaError) as caught:
        await check_schema(database)
    assert caught.value.code == "schema_older"
    await upgrade(database)
    await check_schema(database)
    assert await database.query(differences) == []
