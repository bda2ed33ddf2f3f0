"""Public keys: published vectors, and every spelling of a key that must not come in."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl import bindings

from signing.encoding import b64u_decode, b64u_encode
from signing.errors import FormatError, KeyRefusedError, SignatureError
from signing.keys import PURPOSES, PublicKey, curve_for, verify_raw, x25519, x25519_base
from signing.secretkeys import SigningKey
from tests.fakes.refusals import refused

VECTORS = Path(__file__).parents[1] / "vectors"
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
KEY = SigningKey(bytes(range(32)))


def vectors(name: str) -> Any:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


REFUSED = vectors("points/refused.json")
RFC8032 = vectors("rfc8032/ed25519.json")["vectors"]
RFC8037 = vectors("rfc8037/ed25519.json")


def jwk(curve: str, x: str) -> dict[str, str]:
    return {"crv": curve, "kty": "OKP", "x": b64u_encode(bytes.fromhex(x))}


# --- published vectors -----------------------------------------------------------------------------


@pytest.mark.parametrize("vector", RFC8032, ids=lambda one: one["name"])
def test_rfc_8032_signatures_verify(vector: dict[str, str]) -> None:
    public = PublicKey("Ed25519", bytes.fromhex(vector["public"]))
    public.verify(bytes.fromhex(vector["message"]), bytes.fromhex(vector["signature"]))


def test_rfc_8037_thumbprint_and_signature() -> None:
    public = PublicKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": RFC8037["x"]})
    assert public.kid == RFC8037["thumbprint"]
    assert public.jwk() == {"crv": "Ed25519", "kty": "OKP", "x": RFC8037["x"]}
    public.verify(RFC8037["signing_input"].encode(), b64u_decode(RFC8037["signature"], 64))


def test_rfc_7748_shared_secret() -> None:
    vector = {name: bytes.fromhex(v) for name, v in vectors("rfc7748/x25519.json").items() if name != "source"}
    assert x25519_base(vector["alice_secret"]) == vector["alice_public"]
    assert x25519_base(vector["bob_secret"]) == vector["bob_public"]
    assert x25519(vector["alice_secret"], vector["bob_public"]) == vector["shared"]
    assert x25519(vector["bob_secret"], vector["alice_public"]) == vector["shared"]


# --- signatures ------------------------------------------------------------------------------------


@given(st.integers(0, 511), st.binary(max_size=40))
def test_a_signature_with_one_bit_changed_is_refused(bit: int, message: bytes) -> None:
    signature = bytearray(KEY.sign(message))
    KEY.public.verify(message, bytes(signature))
    signature[bit // 8] ^= 1 << bit % 8
    with refused(SignatureError, "bad_signature", "does not fit the key and the signed bytes"):
        KEY.public.verify(message, bytes(signature))


def test_another_message_and_another_key_are_refused() -> None:
    signature = KEY.sign(b"message")
    with refused(SignatureError, "bad_signature", "does not fit"):
        KEY.public.verify(b"massage", signature)
    with refused(SignatureError, "bad_signature", "does not fit"):
        SigningKey(bytes(32)).public.verify(b"message", signature)


@pytest.mark.parametrize("length", [0, 63, 65, 128])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    signature = (KEY.sign(b"message") * 2)[:length]
    with refused(SignatureError, "bad_signature", f"A signature has 64 bytes, this one {length}."):
        KEY.public.verify(b"message", signature)


def test_bytes_that_move_between_signature_and_message_are_refused() -> None:
    signature = KEY.sign(b"message")
    with refused(SignatureError, "bad_signature", "has 64 bytes, this one 63"):
        verify_raw(KEY.public.x, signature[63:] + b"message", signature[:63])


def test_a_signature_with_the_group_order_added_is_refused() -> None:
    signature = KEY.sign(b"message")
    shifted = int.from_bytes(signature[32:], "little") + GROUP_ORDER
    with refused(SignatureError, "bad_signature", "does not fit"):
        KEY.public.verify(b"message", signature[:32] + shifted.to_bytes(32, "little"))


def test_an_x25519_key_signs_nothing() -> None:
    public = PublicKey("X25519", x25519_base(b"\x07" * 32))
    with refused(KeyRefusedError, "wrong_purpose", "An X25519 key signs nothing.", public.kid):
        public.verify(b"message", KEY.sign(b"message"))


# --- points that must not come in ------------------------------------------------------------------


def test_the_eight_listed_points_are_the_points_of_small_order() -> None:
    assert len(set(REFUSED["ed25519"]["small_order"])) == 8
    identity = bytes.fromhex(REFUSED["ed25519"]["small_order"][0])
    for x in REFUSED["ed25519"]["small_order"]:
        point = bytes.fromhex(x)
        for _ in range(3):
            point = bindings.crypto_core_ed25519_add(point, point)
        assert point == identity


@pytest.mark.parametrize("x", [*REFUSED["ed25519"]["small_order"], *REFUSED["ed25519"]["sign_of_zero"]])
def test_an_ed25519_key_of_small_order_is_refused(x: str) -> None:
    with refused(KeyRefusedError, "small_order_key", "of small order or not on the curve", "/jwk"):
        PublicKey.from_jwk(jwk("Ed25519", x), "/jwk")


@pytest.mark.parametrize("x", REFUSED["x25519"]["small_order"])
def test_an_x25519_key_of_small_order_is_refused(x: str) -> None:
    with refused(KeyRefusedError, "small_order_key", "the shared secret is zero", "/jwk"):
        PublicKey.from_jwk(jwk("X25519", x), "/jwk")


@pytest.mark.parametrize("x", REFUSED["x25519"]["small_order"])
def test_an_all_zero_shared_secret_is_refused(x: str) -> None:
    with refused(KeyRefusedError, "small_order_key", "the shared secret is zero"):
        x25519(b"\x09" * 32, bytes.fromhex(x))


@pytest.mark.parametrize("curve", ["Ed25519", "X25519"])
def test_a_key_that_is_not_encoded_canonically_is_refused(curve: str) -> None:
    for x in REFUSED[curve.lower()]["not_canonical"]:
        with refused(KeyRefusedError, "key_not_canonical", "not encoded canonically", "/jwk"):
            PublicKey.from_jwk(jwk(curve, x), "/jwk")


def test_a_point_off_the_curve_is_refused() -> None:
    with refused(KeyRefusedError, "small_order_key", "not on the curve"):
        PublicKey("Ed25519", b"\x02" + bytes(31))


@pytest.mark.parametrize("torsion", REFUSED["ed25519"]["small_order"][1:])
def test_a_point_with_a_part_of_small_order_is_refused(torsion: str) -> None:
    mixed = bindings.crypto_core_ed25519_add(KEY.public.x, bytes.fromhex(torsion))
    with refused(KeyRefusedError, "small_order_key", "of small order"):
        PublicKey("Ed25519", mixed)


@pytest.mark.parametrize("curve", ["Ed25519", "X25519"])
@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_of_another_length_is_refused(curve: str, length: int) -> None:
    with refused(KeyRefusedError, "bad_key_length", f"A key has 32 bytes, this one {length}."):
        PublicKey(curve, (KEY.public.x * 2)[:length])
    with refused(FormatError, "bad_length", f"Expected 32 bytes, found {length}.", "/jwk"):
        PublicKey.from_jwk(jwk(curve, (KEY.public.x * 2)[:length].hex()), "/jwk")


# --- JWK -------------------------------------------------------------------------------------------


@given(st.binary(min_size=32, max_size=32), st.sampled_from(["Ed25519", "X25519"]))
def test_a_jwk_is_read_back_as_the_same_key(seed: bytes, curve: str) -> None:
    key = PublicKey(curve, SigningKey(seed).public.x if curve == "Ed25519" else x25519_base(seed))
    assert PublicKey.from_jwk(key.jwk()) == key
    assert len(b64u_decode(key.kid, 32)) == 32


GOOD = KEY.public.jwk()


@pytest.mark.parametrize(
    "value",
    [
        None, "jwk", [], {}, list(GOOD), GOOD | {"kty": "EC"}, GOOD | {"kid": "a"}, GOOD | {"d": "AA"},
        {name: GOOD[name] for name in ("crv", "x")}, {name: GOOD[name] for name in ("crv", "kty")},
    ],
)  # fmt: skip
def test_what_is_not_exactly_a_public_okp_key_is_refused(value: object) -> None:
    with refused(FormatError, "bad_jwk", "Expected a public OKP key with exactly crv, kty and x.", "/keys/0"):
        PublicKey.from_jwk(value, "/keys/0")


@pytest.mark.parametrize("curve", ["Ed448", "X448", "P-256", "ed25519", "", None, 1, ["Ed25519"]])
def test_another_curve_is_refused(curve: object) -> None:
    with refused(KeyRefusedError, "bad_curve", f"The curve {curve!r} is not accepted.", "/keys/0"):
        PublicKey.from_jwk(GOOD | {"crv": curve}, "/keys/0")


@pytest.mark.parametrize("x", ["", "A", GOOD["x"] + "=", None, 1, GOOD["x"][:-1] + "9"])
def test_a_coordinate_that_is_not_32_bytes_in_base64url_is_refused(x: object) -> None:
    with pytest.raises(FormatError, match=r"base64url|Expected 32 bytes") as caught:
        PublicKey.from_jwk(GOOD | {"x": x}, "/keys/0")
    assert caught.value.where == "/keys/0"


def test_the_kid_separates_curves_and_is_no_part_of_equality() -> None:
    secret = b"\x07" * 32
    ed, agree = PublicKey("Ed25519", KEY.public.x), PublicKey("X25519", x25519_base(secret))
    assert ed == KEY.public
    assert ed.kid != agree.kid


# --- purposes --------------------------------------------------------------------------------------


def test_every_purpose_has_its_curve() -> None:
    assert {purpose: curve_for(purpose) for purpose in PURPOSES} == {
        "statement": "Ed25519", "http": "Ed25519", "witness": "Ed25519", "monitor": "X25519", "inbox": "X25519",
    }  # fmt: skip


@pytest.mark.parametrize("purpose", ["", "log", "Statement"])
def test_another_purpose_is_refused(purpose: str) -> None:
    with refused(KeyRefusedError, "wrong_purpose", f"{purpose!r} is no key purpose."):
        curve_for(purpose)
