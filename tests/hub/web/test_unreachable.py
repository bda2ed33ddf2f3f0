"""A database server that lets nobody in any more: readers are told so, and nothing of what it said to the hub."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from hub.app import Deps, create_app
from hub.settings import read_settings
from hub.web.catalogue import CATALOGUE
from tests.fakes.postgres import Cluster, shared_cluster
from tests.hub.running import Hub, Running
from tests.hub.world import Actor, Speaker

NAME = "odr_unreachable"
_END_READERS = (
    f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{NAME}'"  # noqa: S608
    " AND pid NOT IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"
)
READERS = 8
"""Requests, so that every connection that reads is used."""


class OnServer(Running):
    """A hub on a server without a standby."""

    async def _serve(self, speaker: Speaker) -> Hub:
        settings = read_settings((self.data / "hub.toml").read_text())
        settings = replace(settings, server=replace(settings.server, verifiers=0))
        app = create_app(settings, Deps(self.data, speaker.clock, lambda _: None, allow_async=True))
        self.client = TestClient(TestServer(app))
        await self.client.start_server()
        return Hub(self.client, speaker, speaker.clock, self.data, [])


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    cluster = shared_cluster()
    yield cluster
    cluster.drop(NAME)


@pytest.fixture
async def hub(cluster: Cluster, tmp_path: Path, officers: list[Actor]) -> AsyncIterator[Hub]:
    async with OnServer(tmp_path / "data", officers, storage={"url": cluster.create(NAME)}) as running:
        yield running


async def test_readers_are_told_what_the_catalogue_says_and_the_log_why(
    hub: Hub, cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await hub.get("/v1/keys/abc"))[0] == 404
    cluster.execute(f"ALTER DATABASE {NAME} ALLOW_CONNECTIONS false", _END_READERS)
    for _ in range(READERS):
        status, problem = await hub.get("/v1/keys/abc")
        assert (status, problem["code"], "where" in problem) == (503, "database_unreachable", False)
        assert problem["detail"] == CATALOGUE["database_unreachable"].title
    page = await hub.client.get("/v1/keys/abc", headers={"Accept": "text/html"})
    text = await page.text()
    assert (page.status, str(cluster.folder) in text, NAME in text, "Retry-After" in page.headers) == (
        503, False, False, True,
    )  # fmt: skip
    assert f'database "{NAME}" is not currently accepting connections' in caplog.text
    cluster.execute(f"ALTER DATABASE {NAME} ALLOW_CONNECTIONS true")
    assert (await hub.get("/v1/keys/abc"))[0] == 404


async def test_readers_notice_nothing_of_connections_that_break(hub: Hub, cluster: Cluster) -> None:
    for _ in range(2):
        assert [(await hub.get("/v1/keys/abc"))[0] for _ in range(READERS)] == [404] * READERS
        cluster.execute(_END_READERS)
    assert [(await hub.get("/v1/keys/abc"))[0] for _ in range(READERS)] == [404] * READERS
