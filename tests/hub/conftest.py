"""Fixtures: two officers, and a founded hub that serves."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.hub.running import Hub, Running
from tests.hub.world import Actor


@pytest.fixture
def officers() -> list[Actor]:
    return [Actor("officer-1", "officer"), Actor("officer-2", "officer")]


@pytest.fixture
def start(tmp_path: Path, officers: list[Actor]) -> Callable[..., Running]:
    """Makes a context manager of a running hub; keyword arguments change the founding plan."""

    def make(**changes: Any) -> Running:
        return Running(tmp_path / "data", officers, **changes)

    return make


@pytest.fixture
async def hub(start: Callable[..., Running]) -> AsyncIterator[Hub]:
    async with start() as running:
        yield running
