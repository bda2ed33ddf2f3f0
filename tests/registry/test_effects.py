"""Effects: stored form and folding."""

import json

import pytest

from registry.effects import Effect
from registry.errors import NotLoaded
from registry.rules import REGISTRY
from registry.state import Loaded
from tests.registry.network import FullState, Network, introduced, officers, policy_body, populated, signing_key


def eventful() -> Network:
    """Every kind of effect."""
    net = populated()
    net.submit(net.member_update("acme"))
    net.submit(net.add_key("acme", "acme 2", "acme"))
    award = net.award()
    net.submit(award)
    for body in (
        {"action": "revoke", "kid": signing_key("acme").kid, "reason": "lost", "invalid_from": 0},
        {"action": "confirm", "kid": signing_key("acme 2").kid},
        {"action": "retire", "kid": signing_key("acme 2").kid},
    ):
        net.submit(net.officers_key("acme", body))
    net.submit(net.review(award.digest))
    body = policy_body(("ann", "bob", "dan"))
    net.submit(net.policy(body, [*officers("ann", "bob"), *introduced("dan", "dan http")]))
    return net


def test_folding_stored_effects_from_nothing_gives_the_same_state() -> None:
    net = eventful()
    rebuilt = FullState()
    for group in net.effects:
        text = json.dumps([effect.to_json() for effect in group])
        rebuilt.values.update(REGISTRY.fold([Effect.from_json(value) for value in json.loads(text)], rebuilt))
    assert rebuilt.values == net.state.values


def test_every_type_of_effect_occurs() -> None:
    seen = {effect.type for group in eventful().effects for effect in group}
    assert seen == {
        "statement.registered", "chain.extended", "policy.adopted", "actor.admitted", "actor.updated",
        "actor.dismissed", "key.recorded", "accreditation.decided", "award.registered", "award.reviewed",
    }  # fmt: skip


def test_key_effects_say_what_happened() -> None:
    seen = [effect.data["change"] for group in eventful().effects for effect in group if effect.type == "key.recorded"]
    assert set(seen) == {"introduced", "retired", "revoked", "confirmed", "dropped"}


def test_json_round_trip() -> None:
    for effect in (effect for group in eventful().effects for effect in group):
        assert Effect.from_json(json.loads(json.dumps(effect.to_json()))) == effect


def test_folding_changes_no_value_in_place() -> None:
    net = populated()
    before = json.dumps(net.state.values, sort_keys=True)
    REGISTRY.fold(net.submit(net.add_key("acme", "acme 2", "acme")).effects, FullState(json.loads(before)))
    state = FullState(json.loads(before))
    ring = state.get("keyring/acme")
    REGISTRY.fold(net.effects[-1], state)
    assert state.get("keyring/acme") is ring
    assert json.dumps(state.values, sort_keys=True) == before


def test_an_effect_of_a_newer_release_is_no_silent_nothing() -> None:
    with pytest.raises(KeyError):
        REGISTRY.apply(Effect("award.registered", 99, {}), FullState())


def test_folding_says_which_state_it_misses() -> None:
    effect = next(effect for effect in eventful().effects[-1] if effect.type == "actor.dismissed")
    with pytest.raises(NotLoaded, match=r"actor/cem"):
        REGISTRY.apply(effect, Loaded())
