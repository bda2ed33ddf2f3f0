"""References: versions that follow each other, published by the threshold."""

import pytest

from registry import state as spaces
from registry.rules import REGISTRY
from tests.registry.network import HUB, founded, officers, policy_body, refuses, signing_key, statement_entry


def test_each_version_is_kept_and_the_newest_is_known() -> None:
    net = founded()
    first = net.reference()
    assert REGISTRY.needs(first) >= {spaces.reference("fair-play")}
    net.submit(first)
    net.submit(net.reference("other"))
    second = net.reference(version=2, codes=("open", "fair", "quick"))
    net.submit(second)
    assert net.state.get(spaces.reference("fair-play")) == {
        "type": "criteria_set", "version": 2, "digest": second.digest, "index": 3,
    }  # fmt: skip
    assert net.state.get(spaces.criteria("fair-play", 1)) == {
        "codes": ["open", "fair"], "digest": first.digest, "index": 1,
    }  # fmt: skip
    assert net.state.get(spaces.criteria("fair-play", 2))["codes"] == ["open", "fair", "quick"]


def test_a_reference_without_criteria_of_its_own_is_kept_like_any_other() -> None:
    net = founded()
    net.submit(net.reference(codes=()))
    assert net.state.get(spaces.criteria("fair-play", 1))["codes"] == []


@pytest.mark.parametrize("version", [1, 3])
def test_versions_follow_each_other(version: int) -> None:
    net = founded()
    refuses(net, net.reference(version=2), "reference_version_not_next", "/body/version", "is 1.")
    net.submit(net.reference())
    refuses(net, net.reference(version=version), "reference_version_not_next", "/body/version", "is 2.")


def test_a_reference_keeps_its_type() -> None:
    net = founded()
    net.submit(net.reference())
    other = net.reference(version=2, body={"type": "rule_profile"})
    refuses(net, other, "reference_type_fixed", "/body/type", "is a criteria_set")


def test_a_code_stands_for_one_criterion() -> None:
    net = founded()
    twice = net.reference(codes=("open", "fair", "open"))
    refuses(net, twice, "criterion_twice", "/body/criteria", "criterion open stands twice")


RATES = {
    "type": "currency_rates", "date": "2026-06-30", "base": "USD",
    "rates": [{"currency": "EUR", "rate": "0.8"}, {"currency": "CNY", "rate": "7.1"}],
}  # fmt: skip


def test_rates_are_a_reference_and_no_criteria() -> None:
    net = founded()
    net.submit(net.reference("rates", codes=(), body=RATES))
    assert net.state.get(spaces.reference("rates"))["type"] == "currency_rates"
    refuses(net, net.reference("rates", version=2), "reference_type_fixed", "/body/type", "is a currency_rates")


@pytest.mark.parametrize("currency", ["EUR", "USD"])
def test_a_currency_has_one_rate_and_the_base_none(currency: str) -> None:
    net = founded()
    twice = RATES | {"rates": [*RATES["rates"], {"currency": currency, "rate": "1.5"}]}
    refuses(net, net.reference("rates", codes=(), body=twice), "rate_twice", "/body/rates", f"rate for {currency};")


def test_the_threshold_of_officers_publishes() -> None:
    net = founded()
    net.submit(net.member("acme"))
    acme = (signing_key("acme"), "provider")
    refuses(net, net.reference(signers=officers("ann")), "threshold_not_met", "/signers")
    refuses(net, net.reference(issuer=HUB), "wrong_issuer", "/issuer")
    refuses(net, net.reference(issuer="acme", signers=[acme]), "wrong_issuer", "/issuer")
    refuses(net, net.reference(signers=[*officers("ann", "bob"), acme]), "signer_extra", "/signers")
    refuses(net, net.reference(signers=[*officers("ann"), (signing_key("hub"), "hub")]), "signer_extra", "/signers")
    refuses(net, net.reference(signers=officers("ann", "stranger")), "unknown_key", "/signers/1")
    mistaken = [*officers("ann"), (signing_key("bob http"), "officer")]
    refuses(net, net.reference(signers=mistaken), "wrong_purpose", "/signers/1")
    claimed = [*officers("ann"), (signing_key("bob"), "provider")]
    refuses(net, net.reference(signers=claimed), "role_mismatch", "/signers/1")
    net.submit(net.reference(signers=officers("bob", "cem")))


def test_two_keys_of_one_officer_count_once() -> None:
    net = founded()
    body = policy_body()
    body["officers"][0]["keys"].append(statement_entry(signing_key("ann two")))
    net.submit(net.policy(body, [*officers("ann", "bob"), (signing_key("ann two"), "introduced")]))
    refuses(net, net.reference(signers=officers("ann", "ann two")), "threshold_not_met", "/signers")
    net.submit(net.reference(signers=officers("ann", "ann two", "cem")))


def test_an_officer_who_left_counts_no_more() -> None:
    net = founded()
    net.submit(net.policy(policy_body(("ann", "bob")), officers("ann", "bob")))
    refuses(net, net.reference(signers=officers("ann", "cem")), "key_revoked", "/signers/1")
