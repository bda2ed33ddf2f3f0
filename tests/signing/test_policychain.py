"""From a pinned policy to the log in force, over rotations: what leads there, and everything that must not."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from signing.encoding import loads
from signing.errors import SigningError
from signing.notes import parse_proof
from signing.policychain import followed
from signing.signnotes import format_proof, log_signer
from signing.statement import parse_statement
from signing.trust import TrustFile
from tests.fakes.world import World

FIRST, SECOND = "hub.example/log/1", "hub.example/log/2"


def rotate(world: World, origin: str = SECOND) -> int:
    """The network goes on under ``origin``; the index of the policy that says so."""
    old = next(line for line in world.witness_policy.splitlines() if line.startswith("log "))
    after = World(origin=origin)
    after.log_key = world.signing_key(origin)
    body = after.policy_body(witness_policy=f"{old}\n{after.witness_policy}")
    changed = {name: body[name] for name in ("origin", "log_key", "witness_policy")}
    base = {"origin": world.origin, "size": 1, "root": world.root(1).hex()}
    index = world.add_policy(**changed, base=base)
    world.origin, world.log_key = after.origin, after.log_key
    return index


def answer(world: World) -> dict[str, Any]:
    """What a hub answers to ``GET /v1/policy``, under its newest checkpoint."""
    chain = []
    for index, one in enumerate(world.statements):
        if one.kind in ("genesis", "policy"):
            proof = world.proof(index, world.checkpoint()).decode()
            told = {"statement": loads(one.document), "receipt": {"proof": proof}}
            later = world.policy_proofs.get(index)
            chain.append(told if later is None else told | {"policy_proof": later.decode()})
    return {"size": len(world.entries), "chain": chain}


@pytest.fixture
def world() -> World:
    """An award, a rotation after it, and a provider that came last."""
    world = World()
    provider = world.add_provider()
    world.admit(world.award(provider, world.add_neutral(provider)))
    rotate(world)
    world.add_provider("provider-b")
    return world


def origins(data: bytes, trust: TrustFile) -> list[str]:
    return list(followed(data, trust).log_keys)


def octets(told: object) -> bytes:
    return json.dumps(told).encode()


def refused(data: bytes, trust: TrustFile, code: str) -> str:
    with pytest.raises(SigningError) as caught:
        followed(data, trust)
    assert caught.value.code == code
    return str(caught.value)


def award_of(world: World) -> int:
    return next(index for index, one in enumerate(world.statements) if one.kind == "award")


def test_a_bundle_and_the_hubs_answer_lead_to_the_log_in_force(world: World) -> None:
    for data in (world.bundle(award_of(world)), octets(answer(world))):
        found = followed(data, world.trust())
        assert list(found.log_keys) == [FIRST, SECOND]
        assert found.log_keys[SECOND] == log_signer(SECOND, world.log_key).verifier
        assert found.witness_keys.keys() == world.witness_keys.keys()


def test_whoever_pinned_the_policy_that_rotates_needs_nothing_more(world: World) -> None:
    index = next(iter(world.policy_proofs))
    assert origins(octets(answer(world)), world.trust(index)) == [FIRST, SECOND]


def test_every_rotation_since_is_followed_also_where_old_logs_are_named_no_more(world: World) -> None:
    rotate(world, "hub.example/log/3")
    world.add_policy()
    for data in (world.bundle(award_of(world)), octets(answer(world))):
        assert origins(data, world.trust()) == [FIRST, SECOND, "hub.example/log/3"]


def test_a_log_that_ended_before_the_pinned_policy_is_not_trusted_again(world: World) -> None:
    index = world.add_policy()
    assert origins(octets(answer(world)), world.trust(index)) == [SECOND]


def test_a_policy_that_still_waits_for_its_proof_is_held_against_its_receipt(world: World) -> None:
    told = answer(world)
    told["chain"][1]["receipt"]["proof"] = told["chain"][1].pop("policy_proof")
    assert origins(octets(told), world.trust()) == [FIRST, SECOND]


def _another_network(told: dict[str, Any]) -> None:
    told["chain"][0] = answer(World(seed="other"))["chain"][0]


def _without_genesis(told: dict[str, Any]) -> None:
    del told["chain"][0]


def _empty(told: dict[str, Any]) -> None:
    told["chain"] = []


def _twice(told: dict[str, Any]) -> None:
    told["chain"].append(told["chain"][0])


def _other_entry(told: dict[str, Any]) -> None:
    """The receipt's entry and index are those of another statement; the policy's own proof is right."""
    told["chain"][1]["receipt"] = told["chain"][0]["receipt"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_another_network, "wrong_network"),
        (_without_genesis, "wrong_network"),
        (_empty, "wrong_network"),
        (_twice, "policy_chain_broken"),
        (_other_entry, "entry_mismatch"),
    ],
)
def test_a_chain_that_does_not_follow_is_refused(
    world: World, change: Callable[[dict[str, Any]], None], code: str
) -> None:
    told = answer(world)
    change(told)
    refused(octets(told), world.trust(), code)


def test_the_pinned_policy_must_be_among_them(world: World) -> None:
    trust = world.trust()
    for pinned in (replace(trust, policy="ab" * 32), replace(trust, index=1)):
        refused(octets(answer(world)), pinned, "pinned_policy_missing")


def test_a_link_that_was_left_out_is_noticed(world: World) -> None:
    world.add_policy()
    told = answer(world)
    del told["chain"][1]
    refused(octets(told), world.trust(), "policy_chain_broken")


def test_the_quorum_before_a_policy_must_have_seen_it() -> None:
    world = World()
    index = rotate(world)
    world.origin, world.log_key = FIRST, world.signing_key("log")
    world.policy_proofs[index] = world.proof(index, world.checkpoint(cosigners=["witness-1"]))
    assert f"index {index}" in refused(octets(answer(world)), world.trust(), "policy_unwitnessed")


def test_the_log_before_a_policy_must_have_signed_it() -> None:
    world = World()
    index = rotate(world)
    world.policy_proofs[index] = world.proof(index, world.checkpoint())
    refused(octets(answer(world)), world.trust(), "unknown_log")


def test_a_policy_stands_in_the_log_once_with_one_entry() -> None:
    """The old log shows the policy with another entry time, or at another place, than it is retold with."""
    world = World()
    index = rotate(world)
    told = answer(world)
    other = World()
    other.now += 1
    other.register(parse_statement(world.statements[index].document))
    told["chain"][1]["policy_proof"] = other.proof(index, other.checkpoint()).decode()
    assert "two different log entries" in refused(octets(told), world.trust(), "policy_chain_broken")
    moved = World()
    moved.register(moved.award(moved.add_provider(), moved.actor("neutral-x", "neutral")))
    place = moved.register(parse_statement(world.statements[index].document), time=world.times[index])
    assert moved.entries[place] == world.entries[index]
    told["chain"][1]["policy_proof"] = moved.proof(place, moved.checkpoint()).decode()
    assert "two different log entries" in refused(octets(told), world.trust(), "policy_chain_broken")


def test_a_proof_must_lead_to_the_checkpoint_that_was_cosigned(world: World) -> None:
    told = answer(world)
    proof = parse_proof(told["chain"][1]["policy_proof"].encode())
    wrong = replace(proof, hashes=tuple(bytes(32) for _ in proof.hashes))
    told["chain"][1]["policy_proof"] = format_proof(wrong).decode()
    refused(octets(told), world.trust(), "inclusion_proof_fails")


def test_the_officers_must_have_signed_it() -> None:
    """The witnesses have seen it, but one officer alone has signed."""
    world = World()
    body = world.policy_body(threshold=1)
    index = world.register(world.compose("policy", "coordinator", body, world.officer_signers(1)))
    world.policy_proofs[index] = world.proof(index, world.checkpoint())
    refused(octets(answer(world)), world.trust(), "threshold_not_met")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK", "unreadable_bundle"),
        (b"<html>", "not_json"),
        (b"[]", "bad_policies"),
        (b"{}", "bad_policies"),
        (b'{"chain":7}', "bad_policies"),
        (b'{"chain":[{"statement":{}}]}', "bad_policies"),
        (b'{"chain":[{"receipt":{"proof":1}}]}', "bad_policies"),
        (b'{"chain":[{"receipt":{"proof":""},"statement":{}}]}', "bad_proof"),
    ],
)
def test_anything_else_is_refused_as_what_it_is(data: bytes, code: str) -> None:
    refused(data, World().trust(), code)


def test_a_policy_without_the_members_of_its_kind_is_refused() -> None:
    world = World()
    body = world.policy_body()
    del body["witness_policy"]
    index = world.register(world.compose("policy", "coordinator", body, world.officer_signers(2)))
    world.policy_proofs[index] = world.proof(index, world.checkpoint())
    refused(octets(answer(world)), world.trust(), "bad_policies")
