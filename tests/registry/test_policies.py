"""Genesis and policy."""

from typing import Any

import pytest

from registry import state as spaces
from signing.secretkeys import SigningKey
from tests.registry.network import (
    HUB,
    Network,
    agreement_entry,
    agreement_key,
    founded,
    introduced,
    log_key,
    officer,
    officers,
    policy_body,
    populated,
    refuses,
    signing_key,
    statement_entry,
    urn,
    witness_policy,
)

WITNESS = "witness"
NEW = introduced("dan", "dan http")


def with_dan(**changes: Any) -> dict[str, Any]:
    """A policy in which dan takes cem's place."""
    return policy_body(("ann", "bob", "dan")) | changes


def test_a_genesis_founds_the_network() -> None:
    net = Network()
    statement = net.genesis()
    decision = net.submit(statement)
    assert decision.ends_batch
    assert net.state.get("policy")["network"] == statement.digest
    assert {net.state.get(spaces.actor(name))["role"] for name in ("ann", "bob", "cem")} == {"officer"}
    ring = net.state.get(spaces.keyring("ann"))
    assert {record["purpose"] for record in ring.values()} == {"statement", "http"}
    assert [record["active_from"] for record in ring.values()] == [0, 0]


def test_the_hub_issues_the_genesis() -> None:
    net = Network()
    refuses(net, net.genesis(issuer="coordinator"), "wrong_issuer", "/issuer")


def test_every_key_of_a_genesis_signs_it() -> None:
    net = Network()
    missing_one = introduced("hub", "hub http", "ann", "ann http", "bob", "bob http", "cem")
    refuses(net, net.genesis(signers=missing_one), "introduced_key_silent", "/signers")
    stranger = [
        *introduced("hub", "hub http", "ann", "ann http", "bob", "bob http", "cem", "cem http"),
        *officers("zed"),
    ]
    refuses(net, net.genesis(signers=stranger), "unknown_key", "/signers/8")


@pytest.mark.parametrize("threshold", [0, 4])
def test_a_threshold_that_officers_can_reach(threshold: int) -> None:
    net = Network()
    refuses(net, net.genesis(policy_body(threshold=threshold)), "threshold_impossible", "/body/threshold")


@pytest.mark.parametrize(
    "body",
    [
        policy_body(("ann", "ann", "bob")),
        policy_body() | {"coordinator": policy_body()["coordinator"] | {"id": HUB}},
        policy_body(("ann", "hub")),
    ],
)
def test_one_id_stands_for_one_actor(body: dict[str, Any]) -> None:
    net = Network()
    refuses(net, net.genesis(body), "duplicate_actor", "/body/officers")


@pytest.mark.parametrize("purpose", ["statement", "http", "monitor", "inbox"])
def test_a_hub_has_a_key_for_each_purpose(purpose: str) -> None:
    body = policy_body()
    body["hub"]["keys"] = [key for key in body["hub"]["keys"] if key["purpose"] != purpose]
    net = Network()
    refuses(net, net.genesis(body), "policy_key_missing", "/body/hub/keys", f"hub needs a {purpose} key")


def test_officers_sign_and_the_coordinator_does_not() -> None:
    body = policy_body()
    body["officers"][1]["keys"] = body["officers"][1]["keys"][1:]
    net = Network()
    refuses(net, net.genesis(body), "policy_key_missing", "/body/officers/1/keys", "bob needs a statement key")
    body = policy_body()
    body["coordinator"]["keys"] = [agreement_entry(agreement_key("c"), "inbox")]
    refuses(net, net.genesis(body), "policy_key_missing", "/body/coordinator/keys", "monitor")
    body = policy_body()
    body["coordinator"]["keys"].append(statement_entry(signing_key("c")))
    refuses(net, net.genesis(body), "coordinator_signs_nothing", "/body/coordinator/keys")


def test_a_log_key_that_reads() -> None:
    net = Network()
    refuses(net, net.genesis(policy_body(log_key="log+1+2")), "bad_log_key", "/body/log_key", "base64")
    refuses(net, net.genesis(policy_body(origin="hub.example/log/2")), "log_key_not_origin", "/body/log_key")


def test_a_witness_policy_that_reads_and_names_this_log() -> None:
    net = Network()
    refuses(net, net.genesis(policy_body(witness_policy="quorum\n")), "bad_witness_policy", "/body/witness_policy")
    other = policy_body(witness_policy=witness_policy(log="log 2"))
    refuses(net, net.genesis(other), "witness_policy_other_log", "/body/witness_policy")
    itself = policy_body(witness_policy=witness_policy(witness="log"))
    refuses(net, net.genesis(itself), "bad_witness_policy", "/body/witness_policy", "the key is there already")


@pytest.mark.parametrize(("name", "code"), [("log", "key_of_log"), (WITNESS, "key_of_witness")])
def test_no_actor_uses_the_key_of_the_log_or_of_a_witness(name: str, code: str) -> None:
    net = founded()
    keys = [statement_entry(signing_key(name)), agreement_entry(agreement_key("acme monitor"), "monitor")]
    refuses(net, net.member("acme", keys=keys, signers=[*introduced(name), *officers("ann")]), code, "/body")
    body = policy_body()
    body["officers"][0]["keys"][0] = statement_entry(signing_key(name))
    refuses(Network(), Network().genesis(body), code, "/body")


def test_a_member_registers_its_own_witness_key() -> None:
    net = founded()
    keys = [
        statement_entry(signing_key("acme")),
        statement_entry(signing_key(WITNESS), "witness"),
        agreement_entry(agreement_key("acme monitor"), "monitor"),
    ]
    net.submit(net.member("acme", keys=keys, signers=[*introduced("acme", WITNESS), *officers("ann")]))


# later policies


def test_a_policy_takes_the_previous_threshold_and_binds_from_the_next_index() -> None:
    net = founded()
    assert net.submit(net.policy(with_dan(), [*officers("ann", "cem"), *NEW])).ends_batch
    refuses(net, net.member("acme", signers=[*introduced("acme"), *officers("cem")]), "key_revoked", "/signers/1")
    net.submit(net.member("acme", signers=[*introduced("acme"), *officers("dan")]))
    assert net.state.get(spaces.actor("cem"))["active"] is False
    assert net.state.get("policy")["index"] == 1


def test_a_policy_without_the_previous_threshold() -> None:
    net = founded()
    refuses(net, net.policy(with_dan(threshold=1), [*officers("ann"), *NEW]), "threshold_not_met", "/signers", "2 of")


def test_two_keys_of_one_officer_are_one_officer() -> None:
    net = founded()
    body = policy_body()
    body["officers"][0]["keys"].append(statement_entry(signing_key("ann 2")))
    net.submit(net.policy(body, [*officers("ann", "bob"), *introduced("ann 2")]))
    both = officers("ann", "ann 2")
    refuses(net, net.policy(policy_body(), both), "threshold_not_met", "/signers", "1 did")


def test_new_keys_of_a_policy_sign_it() -> None:
    net = founded()
    refuses(net, net.policy(with_dan(), [*officers("ann", "bob"), NEW[0]]), "introduced_key_silent", "/signers")


def test_a_policy_is_issued_by_the_coordinator() -> None:
    net = founded()
    refuses(net, net.policy(with_dan(), [*officers("ann", "bob"), *NEW], issuer=HUB), "wrong_issuer", "/issuer")


def test_others_have_no_part_in_a_policy() -> None:
    net = populated()
    signers = [*officers("ann", "bob"), *NEW, (signing_key("acme"), "provider")]
    refuses(net, net.policy(with_dan(), signers), "signer_extra", "/signers", "acme")


def test_policies_are_chained() -> None:
    net = founded()
    stale = net.policy(policy_body(threshold=1), officers("ann", "bob"))
    net.submit(net.policy(policy_body(threshold=3), officers("ann", "bob")))
    refuses(net, stale, "stale_previous", "/previous")


def test_a_log_keeps_its_origin_and_key() -> None:
    net = founded()
    other = policy_body(log_key=log_key("log 2"), witness_policy=witness_policy(log="log 2"))
    refuses(net, net.policy(other, officers("ann", "bob")), "log_identity_fixed", "/body/origin")


def test_a_new_witness_uses_no_registered_key() -> None:
    net = populated()
    taken = policy_body(witness_policy=witness_policy(witness="acme"))
    refuses(net, net.policy(taken, officers("ann", "bob")), "witness_key_in_use", "/body/witness_policy", "by acme")
    add = {"action": "add", "key": statement_entry(signing_key("acme w"), "witness")}
    net.submit(net.key("acme", add, [(signing_key("acme"), "provider"), *introduced("acme w")]))
    own = policy_body(witness_policy=witness_policy(witness="acme w"))
    net.submit(net.policy(own, officers("ann", "bob")))


def test_a_dropped_key_never_returns() -> None:
    net = founded()
    net.submit(net.policy(with_dan(), [*officers("ann", "bob"), *NEW]))
    refuses(net, net.policy(policy_body(), officers("ann", "bob")), "actor_id_taken", "/body/officers/2/id", "cem")
    body = with_dan()
    body["officers"][0]["keys"].append(statement_entry(signing_key("ann 2")))
    net.submit(net.policy(body, [*officers("ann", "bob"), *introduced("ann 2")]))
    net.submit(net.policy(with_dan(), officers("ann", "bob")))
    refuses(net, net.policy(body, [*officers("ann", "bob"), *introduced("ann 2")]), "key_known", "/body")


def test_a_key_keeps_its_owner_and_its_purpose() -> None:
    net = founded()
    body = policy_body()
    body["officers"][0]["keys"], body["officers"][1]["keys"] = (
        body["officers"][1]["keys"],
        body["officers"][0]["keys"],
    )
    refuses(net, net.policy(body, officers("ann", "bob")), "key_known", "/body")
    body = policy_body()
    body["officers"][0]["keys"] = [
        statement_entry(signing_key("ann http")),
        statement_entry(signing_key("ann"), "http"),
    ]
    refuses(net, net.policy(body, officers("ann", "bob")), "purpose_changed", "/body")


def test_an_officer_takes_no_id_of_a_member() -> None:
    net = populated()
    body = policy_body(("ann", "bob", "acme"))
    body["officers"][2] = officer("dan") | {"id": "acme"}
    refuses(net, net.policy(body, [*officers("ann", "bob"), *NEW]), "actor_id_taken", "/body/officers/2/id", "acme")


def test_a_policy_refuses_malformed_and_repeated_keys() -> None:
    net = founded()
    body = policy_body()
    body["officers"][0]["keys"].append(body["officers"][0]["keys"][0])
    refuses(net, net.policy(body, officers("ann", "bob")), "duplicate_key", "/body/officers/0/keys/2")


def test_the_hub_renews_its_keys_by_policy() -> None:
    net = founded()
    new = SigningKey(bytes(32))
    body = policy_body()
    body["hub"]["keys"][0] = statement_entry(new)
    net.submit(net.policy(body, [*officers("ann", "bob"), (new, "introduced")]))
    ring = net.state.get(spaces.keyring(HUB))
    assert ring[signing_key("hub").kid]["revoked_at"] == 1
    assert ring[new.kid]["revoked_at"] is None


def test_ids_of_policies_belong_to_the_coordinator() -> None:
    net = founded()
    policy = net.policy(policy_body(), officers("ann", "bob"), statement_id=urn(HUB, 3))
    refuses(net, policy, "id_of_other_issuer", "/id")
