"""Rotation: the network goes on under another log."""

from typing import Any

import pytest

from registry import state as spaces
from tests.registry.network import ORIGIN, Network, founded, log_key, officers, policy_body, refuses, witness_policy

SECOND, THIRD = "hub.example/log/2", "hub.example/log/3"
ROOT = "ab" * 32


def base(origin: str = ORIGIN, size: int = 1) -> dict[str, Any]:
    return {"origin": origin, "size": size, "root": ROOT}


def rotated(origin: str = SECOND, key: str = "log 2", **changes: Any) -> dict[str, Any]:
    """A policy under which the log is ``origin``; its witness policy names the new key."""
    vkey = log_key(key, origin)
    lines = witness_policy().split("\n", 1)[1]
    body = policy_body(origin=origin, log_key=vkey, witness_policy=f"log {vkey}\n{lines}", base=base())
    return body | changes


def post(net: Network, body: dict[str, Any]) -> None:
    net.submit(net.policy(body, officers("ann", "bob")))


def refused(net: Network, body: dict[str, Any], code: str, where: str, message: str = "") -> None:
    refuses(net, net.policy(body, officers("ann", "bob")), code, where, message)


def test_a_policy_with_a_base_makes_another_log_the_networks() -> None:
    net = founded()
    post(net, rotated())
    policy = net.state.get(spaces.POLICY)
    assert (policy["body"]["origin"], policy["body"]["base"]) == (SECOND, base())
    assert policy["ended"] == [{"origin": ORIGIN, "log_key": log_key()}]


def test_a_later_policy_of_the_new_log_has_no_base() -> None:
    net = founded()
    post(net, rotated())
    later = rotated(threshold=1)
    refused(net, later, "base_unexpected", "/body/base", "Only a policy that rotates")
    del later["base"]
    post(net, later)
    assert net.state.get(spaces.POLICY)["ended"] == [{"origin": ORIGIN, "log_key": log_key()}]


def test_a_genesis_has_no_base() -> None:
    net = Network()
    refuses(net, net.genesis(policy_body(base=base())), "base_unexpected", "/body/base")


def test_a_rotation_names_the_log_that_ends() -> None:
    body = rotated()
    del body["base"]
    refused(founded(), body, "base_missing", "/body/base", "names the log that ends")


@pytest.mark.parametrize("wrong", [base(SECOND), base("other.example/log/1"), base(size=2)])
def test_the_base_is_a_checkpoint_of_the_log_in_force(wrong: dict[str, Any]) -> None:
    """The policy would stand at index 1, so that at most one entry can come before it."""
    refused(founded(), rotated(base=wrong), "base_of_other_log", "/body/base", f"of the log that ends, {ORIGIN}")


@pytest.mark.parametrize(("origin", "key"), [(SECOND, "log"), (ORIGIN, "log 2")])
def test_origin_and_key_change_together(origin: str, key: str) -> None:
    refused(founded(), rotated(origin, key), "log_identity_fixed", "/body/origin", "change together")


@pytest.mark.parametrize(("origin", "key"), [(ORIGIN, "log 3"), (THIRD, "log")])
def test_neither_origin_nor_key_ever_returns(origin: str, key: str) -> None:
    net = founded()
    post(net, rotated())
    back = rotated(origin, key, base=base(SECOND, 2))
    refused(net, back, "log_used_before", "/body/origin", "had this origin or this key")


def test_a_log_can_be_rotated_again() -> None:
    net = founded()
    post(net, rotated())
    post(net, rotated(THIRD, "log 3", base=base(SECOND, 2)))
    assert [one["origin"] for one in net.state.get(spaces.POLICY)["ended"]] == [ORIGIN, SECOND]


def test_a_rotation_needs_the_threshold() -> None:
    net = founded()
    refuses(net, net.policy(rotated(), officers("ann")), "threshold_not_met", "/signers", "")
