"""A hub and two providers for every test of the exchange."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.providers.gateway.exchange.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    one = House(tmp_path)
    with one.hub:
        yield one
