"""Members, and the keys that first statements introduce."""

import pytest

from registry import state as spaces
from signing.encoding import b64u_encode
from signing.secretkeys import SigningKey
from tests.registry.network import (
    agreement_entry,
    agreement_key,
    founded,
    introduced,
    officers,
    populated,
    refuses,
    signing_key,
    statement_entry,
)

MONITOR = agreement_entry(agreement_key("acme monitor"), "monitor")
STATEMENT = statement_entry(signing_key("acme"))


@pytest.mark.parametrize("role", ["provider", "court", "observer"])
def test_admission_and_update(role: str) -> None:
    net = founded()
    net.submit(net.member("acme", role))
    decision = net.submit(net.member_update("acme", role))
    assert [effect.type for effect in decision.effects] == ["statement.registered", "chain.extended", "actor.updated"]
    assert net.state.get(spaces.actor("acme"))["role"] == role


def test_an_observer_needs_no_monitor_key() -> None:
    net = founded()
    net.submit(net.member("obs", "observer", keys=[statement_entry(signing_key("obs"))]))


@pytest.mark.parametrize("role", ["provider", "court"])
def test_providers_and_courts_need_a_monitor_key(role: str) -> None:
    net = founded()
    refuses(net, net.member("acme", role, keys=[STATEMENT]), "monitor_key_missing", "/body/keys")


def test_a_first_statement_carries_a_statement_key() -> None:
    net = founded()
    http = net.member("acme", keys=[statement_entry(signing_key("acme"), "http"), MONITOR])
    refuses(net, http, "statement_key_missing", "/body/keys", "acme")
    refuses(net, net.member_update("acme"), "keys_missing", "/body", "must carry its keys")


def test_later_statements_carry_no_keys() -> None:
    net = founded()
    net.submit(net.member("acme"))
    again = net.member_update("acme", body={"keys": [statement_entry(signing_key("acme 2"))]})
    refuses(net, again, "keys_not_allowed", "/body/keys", "by key statements only")


def test_a_member_keeps_its_type() -> None:
    net = populated()
    refuses(net, net.member_update("acme", "court"), "member_type_fixed", "/body/type")


@pytest.mark.parametrize("name", ["noor", "ann", "hub", "coordinator"])
def test_an_id_is_never_reused(name: str) -> None:
    net = populated()
    signers = [*introduced("acme 2"), *officers("bob")]
    keys = [statement_entry(signing_key("acme 2")), agreement_entry(agreement_key("acme 2"), "monitor")]
    refuses(net, net.member(name, keys=keys, signers=signers), "actor_id_taken", "/issuer", name)


def test_admission_needs_an_officer_and_every_new_ed25519_key() -> None:
    net = founded()
    refuses(net, net.member("acme", signers=introduced("acme")), "threshold_not_met", "/signers", "0 did")
    refuses(net, net.member("acme", signers=officers("ann")), "introduced_key_silent", "/signers")
    keys = [STATEMENT, MONITOR, statement_entry(signing_key("acme http"), "http")]
    half = [*introduced("acme"), *officers("ann")]
    refuses(net, net.member("acme", keys=keys, signers=half), "introduced_key_silent", "/signers")
    net.submit(net.member("acme", keys=keys, signers=[*half, *introduced("acme http")]))


def test_a_new_key_signs_as_introduced_only() -> None:
    net = founded()
    claimed = [(signing_key("acme"), "provider"), *officers("ann")]
    refuses(net, net.member("acme", signers=claimed), "introduced_key_silent", "/signers")


def test_a_stranger_signs_nothing() -> None:
    net = founded()
    extra = [*introduced("acme", "zed"), *officers("ann")]
    refuses(net, net.member("acme", signers=extra), "unknown_key", "/signers/1")


def test_an_update_needs_the_member_and_an_officer() -> None:
    net = populated()
    refuses(net, net.member_update("acme", signers=officers("ann")), "signer_missing", "/signers", "acme must sign")
    alone = net.member_update("acme", signers=[(signing_key("acme"), "provider")])
    refuses(net, alone, "threshold_not_met", "/signers")
    net.submit(net.member("brio"))
    third = [(signing_key("acme"), "provider"), (signing_key("brio"), "provider"), *officers("ann")]
    refuses(net, net.member_update("acme", signers=third), "signer_extra", "/signers", "brio")


def test_a_known_key_is_introduced_by_nobody_again() -> None:
    net = founded()
    net.submit(net.member("acme"))
    stolen = net.member("brio", keys=[STATEMENT, agreement_entry(agreement_key("brio monitor"), "monitor")],
                        signers=[*introduced("acme"), *officers("ann")])  # fmt: skip
    refuses(net, stolen, "key_known", "/body")
    monitor = net.member("brio", keys=[statement_entry(signing_key("brio")), MONITOR])
    refuses(net, monitor, "key_known", "/body")


def test_an_agreement_key_brings_a_proof_of_possession() -> None:
    net = founded()
    bare = agreement_entry(agreement_key("acme monitor"), "monitor", possession=False)
    refuses(net, net.member("acme", keys=[STATEMENT, bare]), "possession_missing", "/body")


def jwk(x: bytes, crv: str = "Ed25519") -> dict[str, str]:
    return {"crv": crv, "kty": "OKP", "x": b64u_encode(x)}


@pytest.mark.parametrize(
    ("entry", "code", "where"),
    [
        ({"purpose": "http", "jwk": jwk(bytes(32))}, "small_order_key", "/body/keys/2/jwk"),
        ({"purpose": "inbox", "jwk": jwk(bytes(32), "X25519")}, "small_order_key", "/body/keys/2/jwk"),
        ({"purpose": "http", "jwk": jwk(b"\xff" * 32)}, "key_not_canonical", "/body/keys/2/jwk"),
        ({"purpose": "http", "jwk": jwk(bytes(31))}, "bad_length", "/body/keys/2/jwk"),
        ({"purpose": "http", "jwk": jwk(bytes(32)) | {"x": "!"}}, "bad_base64url", "/body/keys/2/jwk"),
        ({"purpose": "http", "jwk": jwk(bytes(32), "P-256")}, "bad_curve", "/body/keys/2/jwk"),
        ({"purpose": "http", "jwk": {"kty": "OKP"}}, "bad_jwk", "/body/keys/2/jwk"),
        ({"purpose": "inbox", "jwk": SigningKey(bytes(32)).public.jwk()}, "wrong_purpose", "/body/keys/2"),
        (STATEMENT, "duplicate_key", "/body/keys/2"),
    ],
)
def test_keys_are_checked_when_they_enter(entry: dict[str, object], code: str, where: str) -> None:
    net = founded()
    refuses(net, net.member("acme", keys=[STATEMENT, MONITOR, entry]), code, where)


def test_a_body_that_no_schema_would_pass() -> None:
    net = founded()
    refuses(net, net.member("acme", body={"keys": None}), "bad_body", "/body", "member statement")


def test_profiles_are_for_directories_not_for_rules() -> None:
    net = founded()
    effects = net.submit(net.member("acme")).effects
    assert next(effect for effect in effects if effect.type == "actor.admitted").data["profile"]["legal_name"] == "acme"
    assert "profile" not in net.state.get(spaces.actor("acme"))
