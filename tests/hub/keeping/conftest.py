"""Fixtures: a database of its own, and what may be registered in it."""

import functools
import http.server
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from hub.storage.engine import Database
from tests.fakes.databases import open_database
from tests.fakes.loghouse import Sample, sample


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    (tmp_path / "hub").mkdir()
    async with open_database(tmp_path / "hub") as opened:
        yield opened


@pytest.fixture
def given() -> Sample:
    return sample()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        del format, arguments


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Serves a directory with a plain web server; returns its address."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def start(root: Path) -> str:
        handler = functools.partial(_Quiet, directory=str(root))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
