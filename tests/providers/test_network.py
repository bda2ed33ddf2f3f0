"""The verified network: what a gateway may rely on, and every lie it must notice."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from providers.errors import UntrustedAnswerError
from providers.network import Network
from providers.receipts import Receipt, Registration
from signing.statement import parse_statement
from tests.fakes.world import World


def both(world: World, index: int, checkpoint: bytes | None = None) -> Registration:
    statement = world.statements[index]
    proof = world.proof(index, checkpoint or world.checkpoint()).decode()
    policy_proof = world.policy_proofs.get(index)
    receipt = Receipt(statement.digest, index, proof, "witnessed")
    return Registration(statement, receipt, policy_proof.decode() if policy_proof else None)


def chain(world: World, checkpoint: bytes | None = None) -> list[Registration]:
    kinds = ("genesis", "policy")
    return [both(world, n, checkpoint) for n, one in enumerate(world.statements) if one.kind in kinds]


def refused(action: Callable[[], object]) -> UntrustedAnswerError:
    with pytest.raises(UntrustedAnswerError) as caught:
        action()
    assert caught.value.actor == "hub"
    return caught.value


def test_the_pinned_genesis_is_followed_to_the_newest_policy() -> None:
    world = World()
    world.add_provider()
    world.add_policy(threshold=1)
    network = Network.verified(world.trust(), chain(world))
    assert network.id == world.network
    assert network.policy.body["threshold"] == 1


def test_a_policy_pinned_later_is_enough() -> None:
    world = World()
    index = world.add_policy(threshold=1)
    world.add_policy()
    assert Network.verified(world.trust(index), chain(world)).policy.index == 2


def test_another_network_is_refused() -> None:
    error = refused(lambda: Network.verified(World(seed="mine").trust(), chain(World(seed="theirs"))))
    assert error.code == "wrong_network"


def test_a_chain_without_the_pinned_policy_is_refused() -> None:
    world = World()
    index = world.add_policy(threshold=1)
    trust = replace(world.trust(index), policy="ab" * 32)
    assert refused(lambda: Network.verified(trust, chain(world))).code == "pinned_policy_missing"


def test_a_policy_left_out_in_the_middle_is_noticed() -> None:
    world = World()
    world.add_policy(threshold=1)
    world.add_policy(threshold=1)
    shortened = [one for one in chain(world) if one.receipt.index != 1]
    assert refused(lambda: Network.verified(world.trust(), shortened)).code == "policy_chain_broken"


def test_a_policy_that_the_quorum_before_it_never_saw_is_refused() -> None:
    world = World()
    index = world.add_policy(threshold=1)
    world.policy_proofs[index] = world.proof(index, world.checkpoint(cosigners=["witness-1"]))
    error = refused(lambda: Network.verified(world.trust(), chain(world)))
    assert error.code == "unwitnessed"
    assert "1 known ones did" in str(error)


def test_a_policy_without_the_threshold_is_refused() -> None:
    world = World()
    index = world.register(world.compose("policy", world.coordinator.id, world.policy_body(), world.officer_signers(1)))
    world.policy_proofs[index] = world.proof(index, world.checkpoint())
    assert refused(lambda: Network.verified(world.trust(), chain(world))).code == "threshold_not_met"


def test_an_unwitnessed_chain_is_refused() -> None:
    world = World()
    lonely = chain(world, world.checkpoint(cosigners=["witness-2"]))
    assert refused(lambda: Network.verified(world.trust(), lonely)).code == "unwitnessed"


def test_a_network_without_witnesses_is_followed_but_nothing_counts_as_witnessed() -> None:
    world = World(quorum=None)
    network = Network.verified(world.trust(), chain(world))
    assert not network.check(both(world, 0)).witnessed


def test_a_receipt_of_a_sealed_award_is_checked_with_the_monitor_key() -> None:
    world = World()
    provider = world.add_provider()
    index = world.admit(world.award(provider, world.add_neutral(provider)))
    network = Network.verified(world.trust(), chain(world))
    standing = network.check(both(world, index), provider.monitor.public)
    assert (standing.index, standing.size, standing.witnessed) == (index, index + 1, True)
    assert set(standing.witnesses) == set(world.witness_keys)


@pytest.fixture(scope="module")
def registered() -> tuple[World, Network, int]:
    world = World()
    world.add_provider()
    return world, Network.verified(world.trust(), chain(world)), 1


def _other_leaf(world: World, one: Registration) -> Registration:
    return replace(one, receipt=both(world, 2).receipt)


def _other_digest(world: World, one: Registration) -> Registration:
    return replace(one, statement=world.statements[2])


def _other_index(_: World, one: Registration) -> Registration:
    return replace(one, receipt=replace(one.receipt, index=one.receipt.index + 1))


def _wrong_root(world: World, one: Registration) -> Registration:
    return both(world, one.receipt.index, world.checkpoint(root=b"\x07" * 32))


def _forged_log(world: World, one: Registration) -> Registration:
    other = World(seed="forger")
    other.entries, other.statements = world.entries, world.statements
    return both(other, one.receipt.index)


def _stripped_signature(world: World, one: Registration) -> Registration:
    again = world.compose(
        "member", one.statement.issuer, one.statement.body, [(world.officers[0].statement, "officer")]
    )
    return replace(one, statement=parse_statement(again))


def _no_entry(_: World, one: Registration) -> Registration:
    lines = [line for line in one.receipt.proof.split("\n") if not line.startswith("extra ")]
    return replace(one, receipt=replace(one.receipt, proof="\n".join(lines)))


@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (_other_leaf, "receipt_mismatch"),
        (_other_digest, "receipt_mismatch"),
        (_other_index, "receipt_mismatch"),
        (_stripped_signature, "receipt_mismatch"),
        (_wrong_root, "inclusion_proof_fails"),
        (_forged_log, "signature_missing"),
        (_no_entry, "entry_missing"),
    ],
)
def test_a_false_receipt_is_refused(
    registered: tuple[World, Network, int],
    forge: Callable[[World, Registration], Registration],
    code: str,
) -> None:
    world, network, index = registered
    network.check(both(world, index))
    error = refused(lambda: network.check(forge(world, both(world, index))))
    assert error.code == code
    assert str(error).startswith("What the hub sent does not verify: ")


def test_a_checkpoint_that_was_verified_vouches_for_no_other_octets() -> None:
    """Signatures of a checkpoint are verified once; another one is another question, also after many of them."""
    world = World()
    world.add_provider()
    network = Network.verified(world.trust(), chain(world))
    good = world.checkpoint()
    assert network.check(both(world, 1, good)) == network.check(both(world, 1, good))
    forged = good[:-8] + (b"AAAAAA=\n" if good[-8:] != b"AAAAAA=\n" else b"BBBBBB=\n")
    for _ in range(2):
        assert not network.check(both(world, 1, world.checkpoint(cosigners=[]))).witnessed
        refused(lambda: network.check(both(world, 1, forged)))
    for _ in range(40):
        world.now += 1
        assert network.check(both(world, 1, world.checkpoint())).witnessed
    assert len(network._opened) == 16
    refused(lambda: network.check(both(world, 1, forged)))


def test_the_same_payload_with_other_signatures_is_not_what_the_log_holds(
    registered: tuple[World, Network, int],
) -> None:
    world, network, index = registered
    one = both(world, index)
    members: dict[str, Any] = json.loads(one.statement.document)
    members["signatures"][0]["signature"] = members["signatures"][1]["signature"]
    forged = replace(one, statement=parse_statement(json.dumps(members).encode()))
    assert refused(lambda: network.check(forged)).code == "entry_mismatch"


def test_introduced_keys_answer_and_others_do_not() -> None:
    world = World()
    provider = world.add_provider()
    neutral = world.add_neutral(provider)
    network = Network.verified(world.trust(), chain(world))
    assert not network.knows(neutral.statement.kid)
    network.introduce([both(world, n) for n, one in enumerate(world.statements) if one.kind in ("member", "neutral")])
    assert network.knows(neutral.statement.kid)
    assert network.require_key(neutral.statement.kid, neutral.id, "statement", world.now) == neutral.statement.public
    assert refused(lambda: network.require_key("x", neutral.id, "statement", world.now)).code == "unknown_key"
    error = refused(lambda: network.require_key(provider.http.kid, provider.id, "statement", world.now))
    assert error.code == "wrong_purpose"


def test_a_neutral_whose_nominator_nothing_shows_is_not_introduced() -> None:
    world = World()
    world.add_neutral(world.add_provider())
    network = Network.verified(world.trust(), chain(world))
    only = [both(world, n) for n, one in enumerate(world.statements) if one.kind == "neutral"]
    assert refused(lambda: network.introduce(only)).code == "evidence_missing"


def test_a_revoked_key_is_refused() -> None:
    world = World()
    provider = world.add_provider()
    world.change_key(provider, "revoke", provider.statement, provider.statement, reason="lost")
    network = Network.verified(world.trust(), chain(world))
    network.introduce([both(world, n) for n, one in enumerate(world.statements) if one.kind in ("member", "key")])
    error = refused(lambda: network.require_key(provider.statement.kid, provider.id, "statement", world.now))
    assert error.code == "key_revoked"


BODIES = {
    "empty": {},
    "a number": {"witness_policy": 7, "origin": "hub.example/log/1"},
    "no origin": {"witness_policy": "quorum none\n"},
    "text that is no policy": {"witness_policy": "x", "origin": "hub.example/log/1"},
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_policy_that_is_none_and_that_no_officer_signed_is_refused(body: dict[str, Any]) -> None:
    """Only the hub stands behind it, and the quorum has seen it like everything that the log holds."""
    world = World()
    said = world.compose("policy", world.coordinator.id, body, [(world.hub.statement, "officer")])
    index = world.register(said)
    world.policy_proofs[index] = world.proof(index, world.checkpoint())
    error = refused(lambda: Network.verified(world.trust(), chain(world)))
    assert error.code in ("bad_body", "bad_policy")
    assert str(error).startswith("What the hub sent does not verify: ")


@pytest.mark.parametrize("more", [{}, {"officers": [7]}, {"threshold": "2"}, {"hub": []}])
def test_a_policy_whose_further_members_are_not_in_order_is_refused(more: dict[str, Any]) -> None:
    world = World()
    body = {"witness_policy": world.witness_policy, "origin": world.origin, **more}
    index = world.register(world.compose("policy", world.coordinator.id, body, world.officer_signers(2)))
    world.policy_proofs[index] = world.proof(index, world.checkpoint())
    assert refused(lambda: Network.verified(world.trust(), chain(world))).code == "bad_body"


@pytest.mark.parametrize("body", [{}, {"owner": []}, {"owner": "provider-a"}, {"owner": "provider-a", "action": "add"}])
def test_a_key_statement_that_is_none_is_refused(body: dict[str, Any]) -> None:
    world = World()
    provider = world.add_provider()
    world.register(world.compose("key", provider.id, body, [(provider.statement, "provider")], previous=None))
    network = Network.verified(world.trust(), chain(world))
    error = refused(lambda: network.introduce([both(world, 1), both(world, len(world.statements) - 1)]))
    assert error.code == "bad_body"
