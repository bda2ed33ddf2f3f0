"""A backup fits both kinds of database: from a file to a server and back, whole or not at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, select, update

from hub import maintenance
from hub.keeping.backup import BackedUp, Order, back_up
from hub.keeping.restore import Restored, Source, restore, try_restore
from hub.settings import load_settings
from hub.storage import copying
from hub.storage.engine import Database
from hub.storage.errors import ClaimError, StorageError
from hub.storage.models import CursorRow
from hub.storage.opening import open_database
from hub.storage.tables import TABLES
from hub.web.appkeys import DATABASE as DATABASE_KEY
from hub.web.appkeys import FOLLOWER
from tests.fakes.postgres import shared_cluster
from tests.hub.exchange.providers import Exchange
from tests.hub.running import Hub
from tests.hub.world import agreement_key

IDENTITY = agreement_key("operator/backup")


@pytest.fixture
async def exchange(hub: Hub) -> Exchange:
    """A hub with a dispatched transfer: brief and package are stored."""
    found = Exchange(hub)
    await found.admit()
    await found.come_to("dispatched")
    await hub.client.app[FOLLOWER].catch_up()
    return found


@pytest.fixture
def url() -> Iterator[str]:
    """An empty database of a server."""
    name = f"odr_{uuid4().hex}"
    yield shared_cluster().create(name)
    shared_cluster().drop(name)


def on_server(hub: Hub, url: str) -> bytes:
    """The hub's settings, with its tables on a server."""
    text = (hub.data / "hub.toml").read_text(encoding="utf-8")
    assert "\n[storage]" not in text
    return f'{text}\n[storage]\nurl = "{url}"\n'.encode()


async def backed_up(data: Path, target: Path, database: Database, now: int) -> BackedUp:
    return await back_up(Order(data, load_settings(data), target, (IDENTITY.public,), now, with_keys=True), database)


async def moved(hub: Hub, tmp_path: Path, url: str) -> tuple[Restored, Path]:
    """The hub's backup, restored onto a server; the new data directory."""
    await backed_up(hub.data, tmp_path / "one.age", hub.client.app[DATABASE_KEY], hub.clock())
    data = tmp_path / "server"
    done = await restore(Source(tmp_path / "one.age", IDENTITY, hub.clock(), settings=on_server(hub, url)), data)
    return done, data


def rows(connection: Connection) -> dict[str, list[Any]]:
    return {
        table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
        for table in TABLES
    }


async def everything(data: Path) -> dict[str, list[Any]]:
    database = open_database(data, load_settings(data).storage)
    try:
        return await database.query(rows)
    finally:
        await database.close()


async def test_a_hub_moves_to_a_server_and_back(exchange: Exchange, tmp_path: Path, url: str) -> None:
    hub = exchange.hub
    done, data = await moved(hub, tmp_path, url)
    assert (done.packages, done.damaged, list(data.glob("*.sqlite3*"))) == (2, (), [])
    report = await maintenance.check(data)
    assert (report.sound, report.entries) == (True, done.manifest.size)

    database = open_database(data, load_settings(data).storage)
    try:
        again = await backed_up(data, tmp_path / "two.age", database, hub.clock())
    finally:
        await database.close()
    assert (again.manifest.root, again.manifest.size) == (done.manifest.root, done.manifest.size)
    source = Source(tmp_path / "two.age", IDENTITY, hub.clock(), settings=(hub.data / "hub.toml").read_bytes())
    tried = await try_restore(source)
    assert (tried.findings, tried.packages) == ((), 2)
    await restore(source, tmp_path / "file")
    back = await everything(tmp_path / "file")
    assert back == await everything(data)
    assert {name for name, found in back.items() if found} >= {"entries", "bodies", "transfers", "packages", "inbox"}


async def test_a_test_restore_needs_no_server(exchange: Exchange, tmp_path: Path) -> None:
    hub = exchange.hub
    await backed_up(hub.data, tmp_path / "one.age", hub.client.app[DATABASE_KEY], hub.clock())
    settings = on_server(hub, "postgresql://nobody@127.0.0.1:1/none")
    assert (await try_restore(Source(tmp_path / "one.age", IDENTITY, hub.clock(), settings=settings))).findings == ()


async def test_only_an_empty_database_takes_a_backup(exchange: Exchange, tmp_path: Path, url: str) -> None:
    hub = exchange.hub
    await moved(hub, tmp_path, url)
    source = Source(tmp_path / "one.age", IDENTITY, hub.clock(), settings=on_server(hub, url))
    with pytest.raises(StorageError) as refused:
        await restore(source, tmp_path / "second")
    assert (refused.value.code, refused.value.where) == ("database_not_empty", "storage.url")
    assert not (tmp_path / "second").exists()


async def test_a_database_in_use_takes_none(exchange: Exchange, tmp_path: Path, url: str) -> None:
    hub, using = exchange.hub, Database.open(url)
    await using.claim(allow_async=True)
    try:
        with pytest.raises(ClaimError) as refused:
            await moved(hub, tmp_path, url)
    finally:
        await using.close()
    assert refused.value.code == "locked"
    assert not (tmp_path / "server").exists()


async def test_where_rows_are_lost_on_the_way_nothing_is_restored(
    exchange: Exchange, tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, pieces = exchange.hub, copying._pieces

    def lossy(source: Connection, table: Any) -> Iterator[Any]:
        for piece in pieces(source, table):
            yield piece[:-1] if table.name == "inbox" else piece

    monkeypatch.setattr(copying, "_pieces", lossy)
    with pytest.raises(StorageError) as refused:
        await moved(hub, tmp_path, url)
    assert (refused.value.code, refused.value.where) == ("copy_failed", "inbox")
    monkeypatch.undo()
    done, _ = await moved_again(hub, tmp_path, url)  # nothing of the first attempt is in the way
    assert done.packages == 2


async def moved_again(hub: Hub, tmp_path: Path, url: str) -> tuple[Restored, Path]:
    (tmp_path / "one.age").unlink()
    return await moved(hub, tmp_path, url)


async def test_a_copy_sees_one_moment(exchange: Exchange, tmp_path: Path, url: str) -> None:
    """What is written while the tables are read, one after another, is in none of them."""
    hub = exchange.hub
    _, data = await moved(hub, tmp_path, url)
    before = await everything(data)
    database, pieces = open_database(data, load_settings(data).storage), copying._pieces
    other = Database.open(url)

    def disturbed(source: Connection, table: Any) -> Iterator[Any]:
        if table.name == TABLES[0].name:  # the transaction sees its moment from its first query on
            yield from pieces(source, table)
            with other._backend.writer() as connection:
                connection.execute(update(CursorRow).values(size=0))
            return
        yield from pieces(source, table)

    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(copying, "_pieces", disturbed)
            await copying.copy_database(database, tmp_path / "copy.sqlite3")
    finally:
        await database.close()
        await other.close()
    copy = Database.open(f"sqlite:///{tmp_path / 'copy.sqlite3'}")
    try:
        assert await copy.query(rows) == before
    finally:
        await copy.close()
    assert await everything(data) != before
