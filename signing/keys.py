"""Public keys: Ed25519 to verify, X25519 to agree; with ``secretkeys`` the only user of the crypto library.

Every key is checked when it enters: exact length, canonical encoding, not of small order
(cryptography and WebCrypto accept small-order keys, under which one signature fits many messages).
A key's name, ``kid``, is its RFC 7638 thumbprint. One suite exists; there is no algorithm to choose.
"""

import hashlib
from dataclasses import dataclass, field

from nacl import bindings
from nacl.exceptions import CryptoError

from .encoding import JSON, b64u_decode, b64u_encode, canonical
from .errors import FormatError, KeyRefusedError, SignatureError

PURPOSES = {"statement": "Ed25519", "http": "Ed25519", "witness": "Ed25519", "monitor": "X25519", "inbox": "X25519"}


def curve_for(purpose: str) -> str:
    """Name of the curve that keys of ``purpose`` use (PROTOCOL §6)."""
    if purpose not in PURPOSES:
        raise KeyRefusedError("wrong_purpose", f"{purpose!r} is no key purpose.")
    return PURPOSES[purpose]


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A checked public key; build it with ``from_jwk``, ``ed25519`` or ``x25519``."""

    curve: str
    x: bytes
    kid: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        _check_point(self.curve, self.x)
        object.__setattr__(self, "kid", b64u_encode(hashlib.sha256(canonical(self.jwk())).digest()))

    @classmethod
    def from_jwk(cls, jwk: object, where: str = "") -> "PublicKey":
        """Read a public JWK of exactly ``crv``, ``kty`` and ``x`` (RFC 8037)."""
        if not isinstance(jwk, dict) or set(jwk) != {"crv", "kty", "x"} or jwk["kty"] != "OKP":
            raise FormatError("bad_jwk", "Expected a public OKP key with exactly crv, kty and x.", where)
        if jwk["crv"] not in ("Ed25519", "X25519"):
            raise KeyRefusedError("bad_curve", f"The curve {jwk['crv']!r} is not accepted.", where)
        try:
            return cls(jwk["crv"], b64u_decode(jwk["x"], 32))
        except (FormatError, KeyRefusedError) as error:
            raise type(error)(error.code, error.message, where) from None

    def jwk(self) -> dict[str, JSON]:
        """The public JWK, members in canonical order."""
        return {"crv": self.curve, "kty": "OKP", "x": b64u_encode(self.x)}

    def verify(self, message: bytes, signature: bytes, where: str = "") -> None:
        """Raise ``SignatureError`` unless ``signature`` (64 bytes) over ``message`` is this key's."""
        if self.curve != "Ed25519":
            raise KeyRefusedError("wrong_purpose", "An X25519 key signs nothing.", self.kid)
        verify_raw(self.x, message, signature, where)


def verify_raw(x: bytes, message: bytes, signature: bytes, where: str = "") -> None:
    """Ed25519 verification (RFC 8032) by libsodium's strict rule; the key is one checked on entry."""
    if len(signature) != 64:
        raise SignatureError("bad_signature", f"A signature has 64 bytes, this one {len(signature)}.", where)
    try:
        bindings.crypto_sign_open(signature + message, x)
    except CryptoError:
        says = "The signature does not fit the key and the signed bytes."
        raise SignatureError("bad_signature", says, where) from None


def x25519(scalar: bytes, point: bytes) -> bytes:
    """X25519 (RFC 7748) of a 32-byte scalar and point; an all-zero shared secret is refused."""
    try:
        return bindings.crypto_scalarmult(scalar, point)
    except CryptoError:  # libsodium refuses the zero
        raise KeyRefusedError("small_order_key", "The key is of small order: the shared secret is zero.") from None


def x25519_base(scalar: bytes) -> bytes:
    """X25519 public value of a 32-byte scalar."""
    return bindings.crypto_scalarmult_base(scalar)


def _check_point(curve: str, x: bytes) -> None:
    if len(x) != 32:
        raise KeyRefusedError("bad_key_length", f"A key has 32 bytes, this one {len(x)}.")
    y = int.from_bytes(x, "little") & (2**255 - 1)
    if y >= 2**255 - 19 or (curve == "X25519" and x[31] & 0x80):
        raise KeyRefusedError("key_not_canonical", "The key is not encoded canonically.")
    if curve == "Ed25519" and not bindings.crypto_core_ed25519_is_valid_point(x):
        raise KeyRefusedError("small_order_key", "The key is of small order or not on the curve.")
    if curve == "X25519":
        x25519(b"\x01" * 32, x)
