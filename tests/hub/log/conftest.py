from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.log.service import Log
from hub.storage.engine import Database
from tests.fakes.databases import BACKENDS, open_database
from tests.fakes.loghouse import Sample, found, running, sample


@pytest.fixture(params=BACKENDS)
async def database(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    async with open_database(tmp_path, request.param) as opened:
        yield opened


@pytest.fixture
def given() -> Sample:
    return sample()


@pytest.fixture
async def log(database: Database, given: Sample) -> AsyncIterator[Log]:
    """A running log with everything but the awards registered."""
    await found(database, given)
    async with running(database, given) as opened:
        for statement in given.founding[1:]:
            await opened.sequencer.submit(statement)
        yield opened
