"""What PostgreSQL is asked for beyond what each database promises."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from hub.settings import StorageSection
from hub.storage.engine import Database
from hub.storage.errors import ClaimError, ConflictError, FullError, LostError, UnreachableError
from hub.storage.log_store import SqlLogStore
from hub.storage.models import NonceRow
from hub.storage.opening import database_url, open_database
from hub.storage.schema import upgrade
from hub.storage.values import Head
from signing.merkle import EMPTY_ROOT
from tests.fakes.postgres import SECRET_USER, Cluster, shared_cluster
from tests.fakes.smalldisk import small_disk

HEAD = Head("hub.example/log/1", 0, EMPTY_ROOT, 0)
SIGNED = replace(HEAD, note=b"signed")


@pytest.fixture
def url() -> Iterator[str]:
    """An empty database."""
    cluster, name = shared_cluster(), "odr_alone"
    yield cluster.create(name)
    cluster.drop(name)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = Database(url)
    await upgrade(opened)
    yield opened
    await opened.close()


def nonce(connection: Connection, name: str = "n") -> None:
    connection.execute(insert(NonceRow), {"keyid": "k", "nonce": name, "expires": 1})


async def count(database: Database) -> int | None:
    return await database.read(lambda connection: connection.scalar(select(func.count()).select_from(NonceRow)))


def server_process(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


async def test_settings_of_the_session_are_the_hubs_own_whatever_the_server_says(url: str) -> None:
    names = (
        "synchronous_commit",
        "default_transaction_isolation",
        "default_transaction_read_only",
        "statement_timeout",
    )

    def settings(connection: Connection) -> list[object]:
        return [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]

    shared_cluster().execute(
        "ALTER DATABASE odr_alone SET synchronous_commit = off",
        "ALTER DATABASE odr_alone SET default_transaction_isolation = 'serializable'",
        "ALTER DATABASE odr_alone SET statement_timeout = 1000",
    )
    database = Database(url)
    assert await database.query(settings) == ["on", "read committed", "off", "0"]
    assert await database.run(lambda session: session.write(settings)) == ["on", "read committed", "off", "0"]
    assert await database.read(settings) == ["on", "read committed", "on", "0"]
    await database.close()


async def test_text_sorts_by_octets_whatever_the_language_of_the_database(database: Database) -> None:
    foreign = text(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND data_type IN ('text', 'character varying') AND collation_name IS DISTINCT FROM 'C'"
        " AND table_name <> 'alembic_version'"
    )
    assert await database.read(lambda one: one.execute(foreign).all()) == []
    names = ["B", "Z-1", "a", "a-b", "aa", "zé", "ä"]
    assert await database.read(lambda one: one.exec_driver_sql("SELECT 'B' < 'a'").scalar()) is False
    for name in reversed(names):
        await database.write(partial(nonce, name=name))
    ordered = select(NonceRow.nonce).order_by(NonceRow.nonce)
    assert await database.read(lambda one: list(one.scalars(ordered))) == sorted(names, key=str.encode)


async def test_one_hub_uses_a_database_at_a_time(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.storage.postgresql._LOCK_MS", 200)
    first, second = Database(url), Database(url)
    await first.claim(allow_async=True)
    with pytest.raises(ClaimError, match="Another hub uses this database: end it first") as caught:
        await second.claim(allow_async=True)
    assert (caught.value.code, caught.value.where) == ("locked", "storage.url")
    await first.close()
    await second.claim(allow_async=True)
    await second.close()


async def test_a_start_waits_for_a_killed_hub_to_be_gone(url: str) -> None:
    first, second = Database(url), Database(url)
    await first.claim(allow_async=True)
    waiting = asyncio.create_task(second.claim(allow_async=True))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    await first.close()
    await waiting
    await second.close()


async def test_a_lost_connection_is_told_once_and_never_opened_again(database: Database) -> None:
    await database.claim(allow_async=True)
    lost: list[BaseException] = []
    database.on_lost = lost.append
    process = await database.query(server_process)
    shared_cluster().execute(f"SELECT pg_terminate_backend({process})")
    with pytest.raises(DBAPIError):
        await database.write(nonce)
    with pytest.raises(LostError, match="The connection that held the database is lost: start the hub again") as caught:
        await database.write(nonce)
    assert caught.value.code == "connection_lost"
    assert len(lost) == 1
    assert await count(database) == 0


async def test_a_connection_that_breaks_within_a_batch_is_noticed(database: Database) -> None:
    lost: list[BaseException] = []
    database.on_lost = lost.append

    def broken(connection: Connection) -> None:
        nonce(connection)
        connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(DBAPIError):
        await database.write(broken)
    assert await count(database) == 0
    assert len(lost) == 1


async def test_what_failed_within_is_not_committed_in_silence(database: Database) -> None:
    """PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and reports no error."""

    def swallows(connection: Connection) -> None:
        nonce(connection)
        with suppress(DBAPIError):
            connection.exec_driver_sql("SELECT * FROM nowhere")

    with pytest.raises(RuntimeError, match="it can't be committed"):
        await database.write(swallows)
    assert await count(database) == 0
    await database.write(nonce)
    assert await count(database) == 1


async def test_the_head_row_is_locked_and_whoever_waited_for_it_sees_the_new_one(url: str) -> None:
    one, other = Database(url), Database(url)
    await upgrade(one)
    await SqlLogStore(one).create(HEAD)
    moved = replace(HEAD, size=1)
    first_is_in, first_may_end = threading.Event(), threading.Event()

    def slowly() -> None:
        first_is_in.set()
        assert first_may_end.wait(10)

    def move(connection: Connection) -> None:
        connection.execute(text("UPDATE head SET size = 1"))
        slowly()

    def move_and_fail(connection: Connection) -> None:
        move(connection)
        raise ZeroDivisionError

    for fails in (True, False):
        first_is_in.clear()
        first_may_end.clear()
        holding = asyncio.create_task(one.write(move_and_fail if fails else move))
        assert await asyncio.to_thread(first_is_in.wait, 10)
        waiting = asyncio.create_task(SqlLogStore(other).run(lambda log: log.record_signature(HEAD, SIGNED)))
        await asyncio.sleep(0.2)
        assert not waiting.done(), "it must wait for the row"
        first_may_end.set()
        if fails:
            with pytest.raises(ZeroDivisionError):
                await holding
            await waiting
            assert await SqlLogStore(other).head() == SIGNED
            await other.write(lambda connection: connection.execute(text("UPDATE head SET note = ''")))
        else:
            await holding
            with pytest.raises(ConflictError, match="not where this process left it"):
                await waiting
            assert await SqlLogStore(other).head() == moved
    await one.close()
    await other.close()


async def test_a_full_disk_is_told_and_left_behind(tmp_path: Path) -> None:
    def fill(connection: Connection) -> None:
        for number in range(3000):
            nonce(connection, f"{number:0120}")

    cluster = Cluster()
    try:
        with small_disk(cluster.folder / "small", 64) as disk:
            cluster.adopt(disk.path)
            cluster.execute(f"CREATE TABLESPACE small LOCATION '{disk.path}'", "CREATE DATABASE d TABLESPACE small")
            database = Database(cluster.url("d"))
            await upgrade(database)
            await database.write(nonce)
            disk.fill()
            with pytest.raises(FullError, match="The hub's disk is full"):
                await database.write(fill)
            assert await count(database) == 1
            found = await asyncio.gather(
                database.write(lambda one: nonce(one, "a")), database.write(fill), return_exceptions=True
            )
            assert FullError in [type(one) for one in found]
            disk.clear()
            await database.write(fill)
            assert (await count(database) or 0) >= 3001
            await database.close()
            cluster.halt()
    finally:
        cluster.stop()


async def test_a_server_that_is_not_there_is_told_in_one_sentence(tmp_path: Path) -> None:
    database = Database(f"postgresql://odr@/nothing?host={tmp_path}")
    with pytest.raises(UnreachableError, match=r"^The database can't be reached: .* \(storage.url\)$") as caught:
        await database.claim()
    assert "\n" not in str(caught.value)
    with pytest.raises(UnreachableError):
        await database.read(lambda connection: connection.exec_driver_sql("SELECT 1"))
    await database.close()


async def test_a_read_whose_connection_broke_begins_once_more(database: Database) -> None:
    begun: list[int] = []

    def broken(connection: Connection, times: int) -> int:
        begun.append(server_process(connection))
        if len(begun) <= times:
            shared_cluster().execute(f"SELECT pg_terminate_backend({begun[-1]})")
        return server_process(connection)

    found = await database.read(partial(broken, times=1))
    assert (len(begun), begun[-1]) == (2, found)
    begun.clear()
    with pytest.raises(UnreachableError, match=r"^The database can't be reached: \S.* \(storage.url\)$"):
        await database.read(partial(broken, times=2))
    assert len(begun) == 2
    assert await count(database) == 0


async def test_a_read_that_is_wrong_is_not_tried_again(database: Database) -> None:
    begun: list[int] = []

    def wrong(connection: Connection) -> None:
        begun.append(1)
        connection.exec_driver_sql("SELECT 1 FROM nowhere")

    with pytest.raises(DBAPIError, match="nowhere"):
        await database.read(wrong)
    assert begun == [1]


async def test_the_password_comes_from_a_passfile(url: str, tmp_path: Path) -> None:
    shared_cluster().execute(
        f"DROP ROLE IF EXISTS {SECRET_USER}", f"CREATE ROLE {SECRET_USER} LOGIN PASSWORD 'long enough'"
    )
    passfile = tmp_path / "passfile"
    passfile.write_text(f"*:*:*:{SECRET_USER}:long enough\n", encoding="ascii")
    passfile.chmod(0o600)
    named = StorageSection(url=shared_cluster().url("odr_alone", SECRET_USER), passfile="passfile")
    database = open_database(tmp_path, named)
    assert await database.read(lambda one: one.exec_driver_sql("SELECT current_user").scalar()) == SECRET_USER
    await database.close()
    without = Database(database_url(tmp_path, replace(named, passfile="")))
    with pytest.raises(UnreachableError, match="no password supplied"):
        await without.claim()
    await without.close()
