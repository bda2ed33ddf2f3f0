"""The verifier's fold: what it admits, and what it refuses of a log that no honest hub would write."""

from __future__ import annotations

from typing import Any

import pytest

from signing.authority import Dispute
from signing.encoding import b64u_encode, canonical, loads
from signing.errors import AuthorityError, KeyRefusedError, ProofError, SignatureError, SigningError, TrustError
from signing.notes import parse_proof
from signing.replay import Replay, check_registered
from signing.statement import parse_statement
from tests.fakes.refusals import refused as refusal
from tests.fakes.world import PDF, World, award_body, public_key

SALT = b64u_encode(b"salt" * 8)


@pytest.fixture
def world() -> World:
    return World()


def refused(world: World, statement: bytes, kind: type[SigningError], code: str) -> str:
    with pytest.raises(kind) as caught:
        world.admit(statement)
    assert caught.value.code == code, caught.value
    return str(caught.value)


def test_genesis_must_be_the_network_itself(world: World) -> None:
    replay = Replay("00" * 32)
    with pytest.raises(TrustError) as caught:
        replay.admit(world.genesis, 0, world.entries[0])
    assert caught.value.code == "wrong_network"
    assert caught.value.where == world.genesis.digest


def test_statement_of_another_network(world: World) -> None:
    provider = world.actor("provider-a", "provider")
    body = {"type": "provider", "profile": {}, "keys": provider.entries("statement")}
    signers = [(provider.statement, "introduced"), *world.officer_signers()]
    other = world.compose("member", "provider-a", body, signers, network="11" * 32)
    refused(world, other, TrustError, "wrong_network")


def test_entry_of_another_statement(world: World) -> None:
    world.add_provider()
    replay = Replay(world.network)
    replay.admit(world.statements[0], 0, world.entries[0])
    with pytest.raises(ProofError) as caught:
        replay.admit(world.statements[1], 1, world.entries[2])
    assert (caught.value.code, caught.value.where) == ("entry_mismatch", "index 1")


def test_signer_nobody_introduced(world: World) -> None:
    stranger = world.actor("provider-x", "provider")
    body = {"action": "retire", "owner": "provider-x", "kid": stranger.statement.kid}
    refused(
        world,
        world.compose("key", "provider-x", body, [(stranger.statement, "provider")]),
        ProofError,
        "evidence_missing",
    )


def test_introduced_key_must_sign(world: World) -> None:
    provider = world.actor("provider-a", "provider")
    body = {"type": "provider", "profile": {}, "keys": provider.entries("statement", "http")}
    signers = [(provider.statement, "introduced"), *world.officer_signers()]
    message = refused(world, world.compose("member", "provider-a", body, signers), SignatureError, "signature_missing")
    assert message == f"An introduced key has not signed. ({provider.http.kid})"


def test_key_of_somebody_else_cannot_be_introduced(world: World) -> None:
    first = world.add_provider()
    body = {"type": "provider", "profile": {}, "keys": [public_key("statement", first.statement, "provider-b")]}
    signers = [(first.statement, "provider"), *world.officer_signers()]
    refused(world, world.compose("member", "provider-b", body, signers), SignatureError, "key_known")


def test_registered_key_does_not_sign_as_introduced(world: World) -> None:
    first = world.add_provider()
    body = {"action": "add", "owner": first.id, "key": public_key("statement", first.statement, first.id)}
    signers = [(first.statement, "introduced")]
    refused(world, world.compose("key", first.id, body, signers), AuthorityError, "role_mismatch")


@pytest.mark.parametrize("owner", ["odr-hub", "coordinator", "officer-a", "officer-b"])
@pytest.mark.parametrize("action", ["add", "revoke"])
def test_keys_of_the_network_change_by_policy_only(world: World, owner: str, action: str) -> None:
    officers = world.policy_body()["officers"][:1]
    world.add_policy(officers=officers, threshold=1)  # officer-b is dismissed, and still has no keys of its own
    new = world.signing_key("new")
    body = {"action": "add", "owner": owner, "key": public_key("statement", new, owner)}
    signers = [*world.officer_signers(), (new, "introduced")]
    if action == "revoke":
        kid = next(iter(world.replay.rings[owner]))
        body, signers = {"action": "revoke", "owner": owner, "kid": kid, "reason": "lost"}, signers[:1]
    statement = world.compose("key", "coordinator", body, signers)
    says = "Keys of officers, hub and coordinator change by policy only."
    with refusal(AuthorityError, "policy_keys_only", says, "/body/owner"):
        world.admit(statement)


def test_an_officer_adds_no_key_to_itself(world: World) -> None:
    new, officer = world.signing_key("new"), world.officers[0]
    body = {"action": "add", "owner": officer.id, "key": public_key("statement", new, officer.id)}
    statement = world.compose("key", officer.id, body, [(officer.statement, "officer"), (new, "introduced")])
    with refusal(AuthorityError, "policy_keys_only", "change by policy only.", "/body/owner"):
        world.admit(statement)


@pytest.mark.parametrize("kind", ["member", "neutral"])
def test_only_the_first_statement_carries_keys(world: World, kind: str) -> None:
    provider = world.add_provider()
    actor = provider if kind == "member" else world.add_neutral(provider)
    new = world.signing_key("new")
    body = dict(next(one for one in world.replay.told(kind) if one.statement.issuer == actor.id).statement.body) | {
        "keys": [public_key("statement", new, actor.id)]
    }
    signers = [(new, "introduced"), (provider.statement, "provider"), *world.officer_signers()]
    statement = world.compose(kind, actor.id, body, signers)
    says = f"{actor.id} is registered; its keys change by key statements only."
    with refusal(AuthorityError, "keys_not_allowed", says, "/body/keys"):
        world.admit(statement)


def test_it_is_never_in_doubt_which_key_introduced_another(world: World) -> None:
    provider = world.add_provider()
    second, third = world.add_key(provider, "second"), world.signing_key("third")
    body = {"action": "add", "owner": provider.id, "key": public_key("statement", third, provider.id)}
    both = [(provider.statement, "provider"), (second, "provider"), (third, "introduced")]
    statement = world.compose("key", provider.id, body, both)
    with refusal(AuthorityError, "one_key_of_owner", "One key of the owner signs", "/signers"):
        world.admit(statement)


def test_a_review_is_issued_by_one_who_must_sign_it(world: World) -> None:
    provider = world.add_provider()
    neutral = world.add_neutral(provider)
    second = world.add_key(provider, "second")
    award = world.statements[world.admit(world.award(provider, neutral))]
    world.change_key(provider, "revoke", provider.statement, reason="compromised", invalid_from=0)
    world.change_key(provider, "confirm", second)
    stranger = world.add_provider("provider-b")
    says = "A review is issued by one of those who must sign it."
    with refusal(AuthorityError, "issuer_not_involved", says, "/issuer"):
        world.review(award, "reject", [(second, "provider")], stranger.id)


def test_forged_signature(world: World) -> None:
    provider = world.add_provider()
    honest = loads(world.award_signed([(provider.statement, "provider")], provider.id), max_depth=8)
    honest["signatures"][0]["signature"] = b64u_encode(bytes(64))
    refused(world, canonical(honest), SignatureError, "bad_signature")


def test_revoked_key(world: World) -> None:
    provider = world.add_provider()
    neutral = world.add_neutral(provider)
    second = world.add_key(provider, "second")
    world.change_key(provider, "revoke", provider.statement, second, reason="compromised")
    refused(world, world.award(provider, neutral), KeyRefusedError, "key_revoked")


def test_key_chain_is_held_and_revocations_are_never_stale(world: World) -> None:
    provider = world.add_provider()
    second = world.add_key(provider, "second")
    body = {"action": "retire", "owner": provider.id, "kid": provider.statement.kid}
    stale = world.compose("key", provider.id, body, [(second, "provider")], previous=None)
    message = refused(world, stale, ProofError, "evidence_missing")
    assert message.startswith("A link of the owner's chain of keys is missing.")
    revoke = {"action": "revoke", "owner": provider.id, "kid": provider.statement.kid, "reason": "lost"}
    world.admit(world.compose("key", provider.id, revoke, [(second, "provider")], previous=None))


def test_review_without_a_dispute_has_no_authority(world: World) -> None:
    provider = world.add_provider()
    neutral = world.add_neutral(provider)
    award = world.statements[world.admit(world.award(provider, neutral))]
    with pytest.raises(SigningError) as caught:
        world.review(award, "confirm", [(provider.statement, "provider"), (neutral.statement, "neutral")], provider.id)
    assert caught.value.code == "unknown_kind"


def test_doubt_ends_with_a_review_and_returns_with_the_next_revocation(world: World) -> None:
    provider = world.add_provider()
    neutral = world.add_neutral(provider)
    second, third = world.add_key(provider, "second"), world.add_key(provider, "third")
    signers = [(neutral.statement, "neutral"), (second, "provider")]
    world.admit(world.award_signed(signers, provider.id))
    (registered,) = world.replay.told("award")
    both = {provider.id, neutral.id}
    assert world.replay.doubt(registered, len(world.entries)) is None
    world.change_key(provider, "revoke", second, reason="compromised", invalid_from=registered.index)
    assert world.replay.doubt(registered, len(world.entries)) == Dispute(both, {provider.id})
    assert world.replay.doubt(registered, registered.index + 1) is None  # not yet, at that size
    world.review(registered.statement, "confirm", [(neutral.statement, "neutral"), (third, "provider")], provider.id)
    assert world.replay.doubt(registered, len(world.entries)) is None
    renewed = world.signing_key("neutral-a/renewed")
    body = {"action": "add", "owner": neutral.id, "key": public_key("statement", renewed, neutral.id)}
    world.admit(world.compose("key", neutral.id, body, [(neutral.statement, "neutral"), (renewed, "introduced")]))
    world.change_key(neutral, "revoke", neutral.statement, reason="compromised", invalid_from=0)
    assert world.replay.doubt(registered, len(world.entries)) == Dispute(both, {neutral.id})


def test_receipt_stands_under_its_checkpoint_only(world: World) -> None:
    provider = world.add_provider()
    head = world.checkpoint()
    proof = parse_proof(world.proof(1, head))
    from signing.notes import Checkpoint

    size = len(world.entries)
    assert check_registered(proof, Checkpoint(world.origin, size, world.root())) == world.entries[1]
    with pytest.raises(ProofError):
        check_registered(proof, Checkpoint(world.origin, size, world.root(size - 1)))
    assert provider.id in world.replay.rings


def test_policy_that_drops_an_officer_ends_their_keys(world: World) -> None:
    gone = world.officers[1]
    officers = world.policy_body()["officers"][:1]
    world.add_policy(officers=officers, threshold=1)
    provider = world.actor("provider-a", "provider")
    body: dict[str, Any] = {"type": "provider", "profile": {}, "keys": provider.entries("statement")}
    signers = [(provider.statement, "introduced"), (gone.statement, "officer")]
    refused(world, world.compose("member", "provider-a", body, signers), KeyRefusedError, "key_revoked")


def test_statements_are_parsed_before_they_are_admitted(world: World) -> None:
    octets = world.compose(
        "award", "provider-a", award_body("provider-a", PDF), [(world.hub.statement, "hub")], salt=SALT
    )
    assert parse_statement(octets).kind == "award"
    with pytest.raises(KeyRefusedError) as caught:  # no monitor key, no owner tag, no entry
        world.register(octets)
    assert caught.value.code == "no_monitor_key"
