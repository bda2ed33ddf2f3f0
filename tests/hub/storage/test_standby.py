"""A real primary and a real standby: with what the hub serves, and what a lost server takes with it."""

import asyncio
import signal
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, func, insert, select

from hub.storage.engine import Database
from hub.storage.errors import ClaimError, LostError
from hub.storage.models import NonceRow
from hub.storage.schema import upgrade
from tests.fakes.postgres import Cluster

SYNCHRONOUS = ("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")


def nonce(connection: Connection) -> None:
    connection.execute(insert(NonceRow), {"keyid": "k", "nonce": "n", "expires": 1})


async def count(database: Database) -> int | None:
    return await database.read(lambda connection: connection.scalar(select(func.count()).select_from(NonceRow)))


async def refusal(url: str) -> ClaimError:
    database = Database(url)
    with pytest.raises(ClaimError) as caught:
        await database.claim()
    await database.close()
    return caught.value


@pytest.fixture
def primary() -> Iterator[Cluster]:
    cluster = Cluster()
    cluster.create("hub")
    yield cluster
    cluster.stop()


@pytest.fixture
def standby(primary: Cluster) -> Iterator[Cluster]:
    cluster = Cluster(copied=primary)
    primary.wait_for("SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'")
    yield cluster
    cluster.stop()


async def test_without_a_standby_nothing_is_served_unless_it_is_said(primary: Cluster) -> None:
    refused = await refusal(primary.url("hub"))
    assert (refused.code, refused.where) == ("no_standby", "storage.url")
    assert "no standby follows" in refused.message
    assert "odr-hub serve --allow-async" in refused.message
    database = Database(primary.url("hub"))
    await database.claim(allow_async=True)
    await database.close()


async def test_only_a_standby_that_commits_wait_for_counts(primary: Cluster, standby: Cluster) -> None:
    refused = await refusal(primary.url("hub"))
    assert refused.code == "no_standby"
    assert "a standby follows, but no commit waits for it" in refused.message
    primary.execute(*SYNCHRONOUS, "CREATE ROLE plain LOGIN")
    primary.wait_for("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'")
    hidden = await refusal(primary.url("hub", "plain"))
    assert (hidden.code, "GRANT pg_monitor" in hidden.message) == ("standby_hidden", True)
    primary.execute("GRANT pg_monitor TO plain")
    for user in ("plain", "odr"):
        database = Database(primary.url("hub", user))
        await database.claim()
        await database.close()
    assert (await refusal(standby.url("hub"))).code == "database_standby"


async def test_the_standby_has_every_commit_that_returned(primary: Cluster, standby: Cluster) -> None:
    primary.execute(*SYNCHRONOUS)
    primary.wait_for("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'")
    database = Database(primary.url("hub"))
    await database.claim()
    await upgrade(database)
    await database.write(nonce)
    primary.halt(signal.SIGQUIT)
    await database.close()
    standby.execute("SELECT pg_promote()")
    after = Database(standby.url("hub"))
    assert await count(after) == 1
    await after.close()


async def test_a_commit_that_the_standby_did_not_confirm_ends_the_process(primary: Cluster, standby: Cluster) -> None:
    primary.execute(*SYNCHRONOUS)
    primary.wait_for("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'")
    database = Database(primary.url("hub"))
    await database.claim()
    await upgrade(database)
    lost: list[BaseException] = []
    database.on_lost = lost.append
    standby.halt(signal.SIGQUIT)
    writing = asyncio.create_task(database.write(nonce))
    waits = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    await asyncio.to_thread(primary.wait_for, waits)
    assert not writing.done()
    primary.ask(waits.replace("SELECT pid", "SELECT pg_cancel_backend(pid)"))
    with pytest.raises(LostError, match="canceling wait for synchronous replication") as caught:
        await writing
    assert caught.value.code == "not_replicated"
    assert lost == [caught.value]
    await database.close()
