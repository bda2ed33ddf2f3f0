"""A hub that may lie, and a member's monitor."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.world import World
from tests.providers.monitor.lyinghub import LyingHub, Watched, made_by


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """A provider that made everything in its name, on a log of seven entries."""
    world = World()
    actor = world.add_provider()
    world.add_neutral(actor)
    world.add_provider("provider-b")
    with LyingHub(world) as hub:
        yield Watched(world, hub, actor, tmp_path, made_by(world, actor))
