"""Fixtures: two officers, and a founded hub that serves."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.hub.running import Founded, Hub, Running
from tests.hub.world import Actor


@pytest.fixture
def officers() -> list[Actor]:
    return [Actor("officer-1", "officer"), Actor("officer-2", "officer")]


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Founded:
    """Each network once for all tests of a worker; a test gets a copy."""
    return Founded(tmp_path_factory.mktemp("founded"))


@pytest.fixture
def start(tmp_path: Path, officers: list[Actor], founded: Founded) -> Callable[..., Running]:
    """Makes a context manager of a running hub; keyword arguments change the founding plan."""

    def make(**changes: Any) -> Running:
        return Running(tmp_path / "data", officers, found=founded.copy, **changes)

    return make


@pytest.fixture
async def hub(start: Callable[..., Running]) -> AsyncIterator[Hub]:
    async with start() as running:
        yield running
