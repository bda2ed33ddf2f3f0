"""Counting what was written, on tables of both kinds of key."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, bindparam, insert

from hub.storage.certain import counter, found_by_key, require
from hub.storage.engine import Database
from hub.storage.errors import LostWriteError
from hub.storage.models import InboxRow
from tests.fakes.databases import BACKENDS, open_database
from tests.hub.tables import make_tables


@pytest.fixture(params=BACKENDS)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path, request.param) as opened:
        await make_tables(opened)
        yield opened


def fill(connection: Connection) -> None:
    rows = [{"member": f"m{n % 7}", "index": n, "kind": "k", "transfer": "t'\"é"} for n in range(1200)]
    connection.execute(insert(InboxRow), rows)


async def test_rows_are_counted_by_key_however_many(database: Database) -> None:
    await database.write(fill)
    there = [(f"m{n % 7}", n) for n in range(1200)]
    absent = [("m0", 1), ("nobody", 7), ("m1", 1201)]

    def count(connection: Connection) -> list[int]:
        return [found_by_key(connection, InboxRow, keys) for keys in (there, absent, there + absent)]

    assert await database.query(count) == [1200, 0, 1200]


async def test_rows_are_counted_by_column_and_condition(database: Database) -> None:
    await database.write(fill)
    count = counter(InboxRow, "member", InboxRow.index >= bindparam("first"))

    def counts(connection: Connection) -> list[int]:
        few, many = ["m1", "m2", "m1"], [f"m{n}" for n in range(600)]
        return [count(connection, few, first=0), count(connection, many, first=1100), count(connection, [], first=0)]

    assert await database.query(counts) == [344, 100, 0]


def test_a_loss_is_named() -> None:
    require("inbox", 3, 3)
    with pytest.raises(LostWriteError, match="did not keep what was written to inbox; none of it counts") as caught:
        require("inbox", 2, 3)
    assert caught.value.code == "write_lost"
