"""Many rows at once, on each database: every type of column, and rows that stand there already."""

import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, select
from sqlalchemy.exc import IntegrityError

from hub.storage.appending import append_rows
from hub.storage.bulk import BulkInsert, insert_together
from hub.storage.engine import Database
from hub.storage.models import Base, BodyRow, CursorRow, EntryRow, OutboxRow, StatementRow, TileRow
from tests.fakes.databases import BACKENDS, open_database
from tests.fakes.loghouse import found, register, running, sample
from tests.hub.tables import make_tables

ENTRIES, STATEMENTS, BODIES = BulkInsert(EntryRow), BulkInsert(StatementRow), BulkInsert(BodyRow)
OUTBOX, TILES = BulkInsert(OutboxRow), BulkInsert(TileRow, ("level", "n"))
CURSORS = BulkInsert(CursorRow, ("name",))
OCTETS = bytes(range(256))
TEXT = 'O\'Neill \\ "示例" %s ? {} \u2028 \U0001f600'
ENTRY = (1, OCTETS, b"\0" * 32, 2**53)
STATEMENT = (1, b"\xff" * 32, TEXT[:40], TEXT, "award", 1, True, None, None)
ANOTHER = (2, b"\xfe" * 32, "issuer", "", "member", 2, False, "subject", b"\x01" * 32)


@pytest.fixture(params=BACKENDS)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path, request.param) as opened:
        await make_tables(opened)
        yield opened


async def rows_of(database: Database, table: type[Base]) -> list[tuple[Any, ...]]:
    query = select(table.__table__).order_by(*table.__table__.primary_key)
    return [tuple(row) for row in await database.query(lambda connection: connection.execute(query).all())]


async def test_what_is_written_stands_there_as_it_was_given(database: Database) -> None:
    def write(connection: Connection) -> None:
        entries = [ENTRY, (2, b"", b"\1" * 32, 0)]
        insert_together(
            connection,
            {ENTRIES: entries, STATEMENTS: [STATEMENT, ANOTHER], BODIES: [(1, OCTETS * 40)], OUTBOX: []},
        )

    await database.write(write)
    assert await rows_of(database, EntryRow) == [ENTRY, (2, b"", b"\1" * 32, 0)]
    assert await rows_of(database, BodyRow) == [(1, OCTETS * 40)]
    assert await rows_of(database, OutboxRow) == []
    stored = await rows_of(database, StatementRow)
    assert stored[0] == (1, "ff" * 32, *STATEMENT[2:])
    assert stored[1] == (2, "fe" * 32, *ANOTHER[2:8], "01" * 32)


async def test_however_many_rows(database: Database) -> None:
    entries = [(index, b"%d" % index, b"\2" * 32, index) for index in range(300)]
    await database.write(lambda connection: ENTRIES.run(connection, iter(entries)))
    await database.write(lambda connection: ENTRIES.run(connection, []))
    assert await rows_of(database, EntryRow) == entries


async def test_rows_under_a_key_are_overwritten_and_of_several_the_last_counts(database: Database) -> None:
    def tiles(*rows: tuple[int, int, int, bytes]) -> Any:
        return lambda connection: TILES.run(connection, rows)

    await database.write(tiles((0, 0, 1, b"one"), (0, 1, 1, b"other")))
    await database.write(tiles((0, 0, 2, b"two"), (1, 0, 1, b"above"), (0, 0, 3, b"three")))
    assert await rows_of(database, TileRow) == [(0, 0, 3, b"three"), (0, 1, 1, b"other"), (1, 0, 1, b"above")]
    await database.write(lambda connection: CURSORS.run(connection, [("exchange", 5)]))
    await database.write(lambda connection: CURSORS.run(connection, [("exchange", 9)]))
    assert await rows_of(database, CursorRow) == [("exchange", 9)]


@pytest.mark.parametrize(
    "rows",
    [
        {ENTRIES: [ENTRY, ENTRY]},
        {ENTRIES: [ENTRY], STATEMENTS: [STATEMENT, (2, *STATEMENT[1:])]},
        {ENTRIES: [ENTRY], STATEMENTS: [ANOTHER]},
    ],
    ids=["an entry twice", "a digest twice", "a statement without its entry"],
)
async def test_what_contradicts_a_key_is_refused_and_nothing_is_left(
    database: Database, rows: dict[BulkInsert, Sequence[tuple[Any, ...]]]
) -> None:
    with pytest.raises(IntegrityError):
        await database.write(lambda connection: insert_together(connection, rows))
    assert await rows_of(database, EntryRow) == []


async def test_a_batch_is_one_statement_on_a_server_and_counted_by_index(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = sample(awards=3)
    written: list[tuple[str, Any]] = []
    counted: list[tuple[str, Any]] = []

    def noted(connection: Connection, batch: Any) -> None:
        written.clear()
        counted.clear()

        def note(*args: Any) -> None:
            (counted if args[2].lstrip().startswith("SELECT") else written).append((args[2], args[3]))

        event.listen(connection, "before_cursor_execute", note)
        append_rows(connection, batch)
        event.remove(connection, "before_cursor_execute", note)

    def plans(connection: Connection) -> list[str]:
        server = connection.dialect.name == "postgresql"
        explained = "EXPLAIN" if server else "EXPLAIN QUERY PLAN"
        found = [connection.exec_driver_sql(f"{explained} {text}", values) for text, values in counted]
        assert (len(written), len(counted)) == ((1, 1) if server else (7, 3))
        return [str(row[-1]) for plan in found for row in plan]

    await found(database, given)
    monkeypatch.setattr("hub.storage.log_store.append_rows", noted)
    async with running(database, given) as log:
        await register(log, given.statements[1:])  # the last is an award
    lines = await database.query(plans)
    whole = re.compile(r"^SCAN (?!CONSTANT ROW)|Seq Scan")
    assert [line for line in lines if whole.search(line) and "VIRTUAL TABLE" not in line] == []
    assert any("documents" in line for line in lines)
