"""Fixtures: a database of its own, and what may be registered in it."""

from collections.abc import AsyncIterator
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
