"""What a write promises, on each database."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from hub.storage.engine import Database
from hub.storage.errors import FullError
from hub.storage.models import BodyRow, NonceRow
from hub.storage.nonces import NonceStore
from tests.fakes.databases import BACKENDS, open_database
from tests.hub.tables import make_tables


@pytest.fixture(params=BACKENDS)
async def database(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    async with open_database(tmp_path, request.param) as opened:
        await make_tables(opened)
        yield opened


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path) as opened:
        await make_tables(opened)
        yield opened


def nonce(connection: Connection, name: str = "n") -> None:
    connection.execute(insert(NonceRow), {"keyid": "k", "nonce": name, "expires": 1})


async def count(database: Database) -> int | None:
    return await database.read(lambda connection: connection.scalar(select(func.count()).select_from(NonceRow)))


async def test_sqlite_keeps_what_it_said_it_committed(sqlite: Database) -> None:
    def settings(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return [connection.execute(text(f"PRAGMA {name}")).scalar() for name in names]

    assert await sqlite.query(settings) == ["wal", 2, 1, 5000]
    assert await sqlite.read(settings) == ["wal", 2, 1, 5000]


async def test_who_reads_does_not_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match=r"readonly database|read-only transaction"):
        await database.read(nonce)
    assert await count(database) == 0


async def test_a_write_that_raises_changes_nothing(database: Database) -> None:
    def fails(connection: Connection) -> None:
        nonce(connection)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(fails)
    assert await count(database) == 0
    await database.write(nonce)
    assert await count(database) == 1


async def test_a_write_that_finds_no_room_says_so_and_changes_nothing(sqlite: Database) -> None:
    def pages(connection: Connection) -> int:
        return int(connection.execute(text("PRAGMA page_count")).scalar_one())

    def limited(most: int) -> Callable[[Connection], object]:
        return lambda connection: connection.execute(text(f"PRAGMA max_page_count = {most}"))

    def fill(connection: Connection) -> None:
        for number in range(1000):
            nonce(connection, f"{number:0100}")

    here = await sqlite.query(pages)
    await sqlite.query(limited(here + 1))
    with pytest.raises(FullError, match="The hub's disk is full") as caught:
        await sqlite.write(fill)
    assert (caught.value.code, caught.value.retry_after) == ("disk_full", 60)
    assert await count(sqlite) == 0
    await sqlite.query(limited(here + 1000))
    await sqlite.write(fill)
    assert await count(sqlite) == 1000


async def test_no_error_carries_the_values_of_a_query(database: Database) -> None:
    await database.write(lambda one: nonce(one, "a-secret"))
    with pytest.raises(IntegrityError) as caught:
        await database.write(lambda one: nonce(one, "a-secret"))
    assert "a-secret" not in str(caught.value)
    nowhere = text("SELECT * FROM nowhere WHERE name = :name").bindparams(name="a-secret")
    with pytest.raises(DBAPIError, match="nowhere") as failed:
        await database.read(lambda one: one.execute(nowhere))
    assert "a-secret" not in str(failed.value)
    assert "a-secret" not in f"{caught.value.__cause__} {failed.value.__cause__}"


async def test_writes_that_wait_share_a_transaction_and_one_that_fails_is_undone_alone(database: Database) -> None:
    commits: list[int] = []
    whole = database.commit

    def commit(connection: Connection) -> None:
        commits.append(1)
        whole(connection)

    database.commit = commit  # type: ignore[method-assign]
    names = ("a", "b", "a", "c")
    found = await asyncio.gather(*(database.write(partial(nonce, name=name)) for name in names), return_exceptions=True)
    assert [type(one) for one in found] == [type(None), type(None), IntegrityError, type(None)]
    assert await count(database) == 3
    assert len(commits) == 1


async def test_where_one_of_them_finds_no_room_none_is_kept_and_each_is_told(sqlite: Database) -> None:
    def fill(connection: Connection) -> None:
        for number in range(1000):
            nonce(connection, f"{number:0100}")

    here = await sqlite.query(lambda one: int(one.exec_driver_sql("PRAGMA page_count").scalar_one()))
    await sqlite.query(lambda one: one.exec_driver_sql(f"PRAGMA max_page_count={here + 1}").scalar())
    found = await asyncio.gather(sqlite.write(nonce), sqlite.write(fill), return_exceptions=True)
    assert [type(one) for one in found] == [FullError, FullError]
    assert await count(sqlite) == 0


async def test_foreign_keys_hold(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await database.write(lambda one: one.execute(insert(BodyRow), {"index": 7, "document": b""}))


async def test_readers_do_not_wait_for_a_write(database: Database) -> None:
    seen: list[int | None] = []
    loop = asyncio.get_running_loop()

    def slow(connection: Connection) -> None:
        nonce(connection)
        seen.append(asyncio.run_coroutine_threadsafe(count(database), loop).result(5))

    await database.write(slow)
    assert seen == [0]


async def test_a_nonce_is_accepted_once_and_forgotten_when_it_expired(database: Database) -> None:
    store = NonceStore(database)
    assert await store.remember_nonce("k1", "abc", 100)
    assert not await store.remember_nonce("k1", "abc", 200)
    assert await store.remember_nonce("k2", "abc", 300)
    assert await store.forget_expired(100) == 0
    assert await store.forget_expired(101) == 1
    assert await store.remember_nonce("k1", "abc", 400)
    assert not await store.remember_nonce("k2", "abc", 400)
