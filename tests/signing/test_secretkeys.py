"""Secret keys: published vectors, proof of possession, and finding one's own entries."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.encoding import b64u_decode, b64u_encode
from signing.errors import FormatError, KeyRefusedError
from signing.keys import PublicKey
from signing.secretkeys import AgreementKey, SigningKey, check_possession, owns_tag, possession
from signing.statement import owner_tag
from tests.fakes.refusals import refused

VECTORS = Path(__file__).parents[1] / "vectors"
NETWORK = "ab" * 32
SECRETS = st.binary(min_size=32, max_size=32)
HUB, NEW, OTHER = (AgreementKey(bytes([n]) * 32) for n in (1, 2, 3))


def vectors(name: str) -> Any:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


# --- published vectors -----------------------------------------------------------------------------


@pytest.mark.parametrize("vector", vectors("rfc8032/ed25519.json")["vectors"], ids=lambda one: one["name"])
def test_rfc_8032_keys_and_signatures(vector: dict[str, str]) -> None:
    key = SigningKey(bytes.fromhex(vector["secret"]))
    assert key.public.x.hex() == vector["public"]
    assert key.sign(bytes.fromhex(vector["message"])).hex() == vector["signature"]


def test_rfc_8037_key_thumbprint_and_signature() -> None:
    vector = vectors("rfc8037/ed25519.json")
    key = SigningKey(b64u_decode(vector["d"], 32))
    assert (b64u_encode(key.public.x), key.kid) == (vector["x"], vector["thumbprint"])
    assert b64u_encode(key.sign(vector["signing_input"].encode())) == vector["signature"]


def test_rfc_7748_agreement() -> None:
    vector = {name: bytes.fromhex(v) for name, v in vectors("rfc7748/x25519.json").items() if name != "source"}
    alice, bob = AgreementKey(vector["alice_secret"]), AgreementKey(vector["bob_secret"])
    assert (alice.public.x, bob.public.x) == (vector["alice_public"], vector["bob_public"])
    assert alice.exchange(bob.public) == bob.exchange(alice.public) == vector["shared"]


# --- keys ------------------------------------------------------------------------------------------


@given(SECRETS, st.binary(max_size=100))
def test_what_is_signed_verifies(seed: bytes, message: bytes) -> None:
    key = SigningKey(seed)
    key.public.verify(message, key.sign(message))
    assert key.kid == key.public.kid


@given(SECRETS, SECRETS)
def test_both_sides_agree_on_the_secret(one: bytes, two: bytes) -> None:
    first, second = AgreementKey(one), AgreementKey(two)
    assert first.exchange(second.public) == second.exchange(first.public)
    assert first.kid == first.public.kid


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_secret_of_another_length_is_refused(length: int) -> None:
    with refused(KeyRefusedError, "bad_key_length", "An Ed25519 seed has 32 bytes."):
        SigningKey(b"\x01" * length)
    with refused(KeyRefusedError, "bad_key_length", "An X25519 secret has 32 bytes."):
        AgreementKey(b"\x01" * length)


def test_an_ed25519_key_agrees_on_nothing() -> None:
    peer = SigningKey(bytes(32)).public
    with refused(KeyRefusedError, "wrong_purpose", "Only an X25519 key agrees on a secret.", peer.kid):
        NEW.exchange(peer)


def test_generated_keys_are_fresh() -> None:
    assert len({SigningKey.generate().kid for _ in range(20)}) == 20
    assert len({AgreementKey.generate().kid for _ in range(20)}) == 20


@pytest.mark.parametrize("key", [SigningKey(b"\x5a" * 32), AgreementKey(b"\x5a" * 32)], ids=["Ed25519", "X25519"])
def test_a_secret_is_not_in_the_repr(key: SigningKey | AgreementKey) -> None:
    assert "Z" * 8 not in repr(key)
    assert repr(b"\x5a" * 32) not in repr(key)
    assert "seed" not in repr(key)
    assert "secret" not in repr(key)


# --- possession ------------------------------------------------------------------------------------


@given(SECRETS, SECRETS)
def test_the_hub_accepts_the_holder(new: bytes, inbox: bytes) -> None:
    key, hub = AgreementKey(new), AgreementKey(inbox)
    check_possession(hub, key.public, NETWORK, "provider-a", possession(key, hub.public, NETWORK, "provider-a"))


def test_possession_is_the_hmac_that_the_protocol_defines() -> None:
    import hmac

    message = b"odr-pop/1" + NETWORK.encode() + b"provider-a" + NEW.kid.encode()
    expected = hmac.digest(HUB.exchange(NEW.public), message, "sha256")
    assert possession(NEW, HUB.public, NETWORK, "provider-a") == b64u_encode(expected)


@pytest.mark.parametrize(
    ("hub", "key", "network", "owner"),
    [
        (OTHER, NEW, NETWORK, "provider-a"),
        (HUB, OTHER, NETWORK, "provider-a"),
        (HUB, NEW, "cd" * 32, "provider-a"),
        (HUB, NEW, NETWORK, "provider-b"),
    ],
    ids=["another hub", "another key", "another network", "another owner"],
)
def test_a_proof_made_for_something_else_is_refused(
    hub: AgreementKey, key: AgreementKey, network: str, owner: str
) -> None:
    proof = possession(NEW, HUB.public, NETWORK, "provider-a")
    with refused(KeyRefusedError, "possession_not_proven", "does not fit the new key", key.kid):
        check_possession(hub, key.public, network, owner, proof)


def test_a_proof_of_another_length_is_refused() -> None:
    with refused(FormatError, "bad_length", "Expected 32 bytes, found 31."):
        check_possession(HUB, NEW.public, NETWORK, "provider-a", b64u_encode(bytes(31)))


def test_possession_of_an_ed25519_key_is_no_question() -> None:
    with refused(KeyRefusedError, "wrong_purpose", "Only an X25519 key", SigningKey(bytes(32)).kid):
        check_possession(HUB, SigningKey(bytes(32)).public, NETWORK, "provider-a", b64u_encode(bytes(32)))


# --- owner tags ------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(SECRETS, SECRETS, st.lists(SECRETS, max_size=4, unique=True))
def test_the_owner_finds_its_tag_and_nobody_else_does(salt: bytes, monitor: bytes, others: list[bytes]) -> None:
    owner = AgreementKey(monitor)
    tag = owner_tag(salt, owner.public)
    assert owns_tag(tag, owner)
    strangers = [AgreementKey(one) for one in others]
    assert not any(owns_tag(tag, one) for one in strangers if one.public != owner.public)


@given(st.integers(0, 48 * 8 - 1))
def test_a_changed_tag_is_nobodys(bit: int) -> None:
    tag = bytearray(b64u_decode(owner_tag(b"\x07" * 32, NEW.public), 48))
    tag[bit // 8] ^= 1 << bit % 8
    if bit != 255:  # X25519 ignores the highest bit of a point
        assert not owns_tag(b64u_encode(bytes(tag)), NEW)


def test_a_tag_of_small_order_is_nobodys() -> None:
    for x in vectors("points/refused.json")["x25519"]["small_order"]:
        assert not owns_tag(b64u_encode(bytes.fromhex(x) + bytes(16)), NEW)


def test_a_tag_of_another_length_is_refused() -> None:
    with refused(FormatError, "bad_length", "Expected 48 bytes, found 47."):
        owns_tag(b64u_encode(bytes(47)), NEW)


def test_a_tag_needs_an_agreement_key() -> None:
    assert isinstance(NEW.public, PublicKey)
    with refused(KeyRefusedError, "wrong_purpose", "needs an X25519 monitor key", SigningKey(bytes(32)).kid):
        owner_tag(bytes(32), SigningKey(bytes(32)).public)
