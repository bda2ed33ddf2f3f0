"""Policies that a hub enters by itself: an alert, never the end of the monitor."""

from typing import Any

import pytest

from tests.providers.monitor.lyinghub import Watched, codes


@pytest.mark.parametrize(
    "body", [{}, {"witness_policy": 7}, {"witness_policy": "x"}, {"witness_policy": "quorum none\n"}]
)
async def test_a_policy_that_is_none_is_an_alert(watched: Watched, body: dict[str, Any]) -> None:
    world = watched.world
    before = await watched.visit()
    said = world.compose("policy", world.coordinator.id, body, [(world.hub.statement, "officer")])
    index = world.register(said)
    world.policy_proofs[index] = world.proof(index, world.checkpoint())
    standing = await watched.visit()
    assert codes(standing) == ["policy_untrusted"]
    assert standing.position == before.position
