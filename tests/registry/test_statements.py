"""Judgements that every kind shares."""

from dataclasses import replace

import pytest

from registry import state as spaces
from registry.errors import NotLoaded
from registry.rules import REGISTRY, At
from registry.state import Loaded
from signing.secretkeys import tag_point
from signing.statement import Statement, entry_octets, owner_tag, parse_statement
from tests.registry.network import (
    COORDINATOR,
    DAY,
    START,
    Network,
    agreement_key,
    founded,
    officers,
    populated,
    refuses,
    salt_of,
    signing_key,
    urn,
)


def test_nothing_comes_before_the_genesis() -> None:
    net = Network()
    refuses(net, net.member("acme", network="0" * 64), "no_genesis", saying="no genesis")


def test_a_genesis_stands_at_index_zero_only() -> None:
    net = Network(index=1)
    refuses(net, net.genesis(), "genesis_not_first", "/kind")
    net = founded()
    net.index = 0
    refuses(net, net.genesis(network=None), "genesis_not_first", "/kind", "this log has begun")


@pytest.mark.parametrize("network", ["0" * 64, None])
def test_another_network(network: str | None) -> None:
    net = founded()
    refuses(net, net.member("acme", network=network), "wrong_network", "/network", "another network")


def test_a_genesis_names_no_network() -> None:
    net = Network()
    refuses(net, net.genesis(network="0" * 64), "wrong_network", "/network")


def test_the_window_of_issued_at_includes_its_ends() -> None:
    net = founded()
    refuses(net, net.member("acme", now=START - 30 * DAY - 1), "issued_too_early", "/issued_at", "30 days")
    refuses(net, net.member("acme", now=START + 301), "issued_in_future", "/issued_at", "5 minutes")
    net.submit(net.member("acme", now=START - 30 * DAY))
    net.submit(net.member("brio", now=START + 300))


@pytest.mark.parametrize("name", [urn("brio", 1), urn("acme-2", 1), "urn:odr:acme"])
def test_a_statement_id_names_its_issuer(name: str) -> None:
    net = founded()
    refuses(net, net.member("acme", statement_id=name), "id_of_other_issuer", "/id", "urn:odr:acme:")


def test_the_same_statement_again_and_another_under_its_id() -> None:
    net = founded()
    first = net.member("acme", statement_id=urn("acme", 1))
    net.submit(first)
    refuses(net, first, "already_registered")
    other = net.member_update("acme", statement_id=urn("acme", 1))
    refusal = refuses(net, other, "id_conflict", "/id")
    assert first.digest not in str(refusal)


def test_an_id_is_free_for_each_issuer() -> None:
    net = populated()
    net.submit(net.award(statement_id=urn("acme", 99)))
    net.submit(net.member("brio", statement_id=urn("brio", 99)))


def test_an_unknown_issuer() -> None:
    net = founded()
    refuses(net, net.award(), "unknown_issuer", "/issuer", "id acme")
    refuses(net, net.award("coordinator2"), "unknown_issuer", "/issuer")


def test_an_unknown_kind() -> None:
    net = founded()
    refuses(net, net.make("feedback", "hub", {}, officers("ann")), "unknown_kind", "/kind")
    assert spaces.POLICY in REGISTRY.needs(net.make("feedback", "hub", {}, officers("ann")))


def test_previous_is_the_head_of_the_chain() -> None:
    net = founded()
    refuses(net, net.member("acme", previous="0" * 64), "stale_previous", "/previous", "name it as previous")
    net.submit(net.member("acme"))
    update = net.member_update("acme")
    refuses(net, replace(update, previous=None), "stale_previous", "/previous")
    stale = net.member_update("acme")
    net.submit(update)
    refuses(net, stale, "stale_previous", "/previous")


def test_an_issuer_without_monitor_key_seals_nothing() -> None:
    net = populated()
    award = net.submit(net.award())
    revoked = {"action": "revoke", "kid": agreement_key("acme monitor").kid, "reason": "lost"}
    net.submit(net.key("acme", revoked, [(signing_key("acme"), "provider")]))
    assert award.monitor is not None
    refuses(net, net.award(), "no_monitor_key", "/issuer", "acme has no current monitor key")


def test_the_newest_current_monitor_key_seals() -> None:
    net = populated()
    new = agreement_key("acme monitor 2")
    body = {"action": "add", "key": {"purpose": "monitor", "jwk": new.public.jwk(), "possession": "A" * 43}}
    assert net.submit(net.award()).monitor == agreement_key("acme monitor").public
    net.submit(net.key("acme", body, [(signing_key("acme"), "provider")]))
    assert net.submit(net.award()).monitor == new.public


def test_a_salt_seals_once_so_an_owner_tag_point_stands_once() -> None:
    net = populated()
    first = net.submit(net.award(salt=salt_of(1)))
    assert first.monitor is not None
    refuses(net, net.award(salt=salt_of(1)), "salt_reused", "/salt", "draw a new one")
    one, two = (owner_tag(bytes(32), agreement_key(name).public) for name in ("acme monitor", "brio monitor"))
    assert tag_point(one) == tag_point(two)  # E depends on the salt alone, as the refusal assumes


def test_no_effect_and_no_state_holds_a_salt() -> None:
    net = populated()
    net.submit(net.award(salt=salt_of(7)))
    assert salt_of(7) not in repr(net.effects) + repr(net.state.values)


def test_a_decision_is_all_an_entry_needs() -> None:
    net = populated()
    award = net.award()
    decision = net.submit(award)
    assert b'"kind":"sealed"' in entry_octets(award, net.now, decision.monitor, decision.ref)
    member = net.member("brio")
    decision = net.submit(member)
    assert decision.monitor is None
    assert b'"kind":"member"' in entry_octets(member, net.now, decision.monitor, decision.ref)


def test_a_rule_says_which_state_it_misses_and_changes_nothing() -> None:
    net = populated()
    award = net.award()
    loaded = Loaded({key: net.state.get(key) for key in REGISTRY.needs(award)})
    asked: list[frozenset[str]] = []
    while (missing := missed(award, loaded, net)) is not None:
        asked.append(missing)
        loaded.add({key: net.state.get(key) for key in missing})
    assert asked == [
        frozenset({"keyring/noor"}),
        frozenset({"actor/noor"}),
        frozenset({"accreditation/noor"}),
    ]


def missed(statement: Statement, state: Loaded, net: Network) -> frozenset[str] | None:
    try:
        REGISTRY.decide(statement, state, net.at())
    except NotLoaded as error:
        return error.keys
    return None


def test_the_same_judgement_for_the_posted_and_the_stored_form() -> None:
    net = populated()
    award = net.award(neutrals=("noor",))
    stored = parse_statement(award.document)
    at = At(net.index, net.now)
    assert REGISTRY.decide(award, net.state, at) == REGISTRY.decide(stored, net.state, at)


def test_a_dismissed_actor_issues_nothing() -> None:
    net = founded()
    net.state.values[spaces.actor(COORDINATOR)]["active"] = False
    refuses(net, net.accreditation("acme", "listed"), "unknown_issuer", "/issuer", "coordinator")
