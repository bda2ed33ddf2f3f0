"""Secret keys: signing, key agreement, proof of possession, and finding one's own log entries.

Not part of the court's reading set. Secrets never appear in ``repr`` or in messages.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from nacl import bindings

from .encoding import b64u_decode, b64u_encode
from .errors import KeyRefusedError
from .keys import PublicKey, x25519, x25519_base

__all__ = ["AgreementKey", "SigningKey", "check_possession", "owns_tag", "possession", "tag_point"]

_POSSESSION_CONTEXT = b"odr-pop/1"
_TAG_CONTEXT = b"odr-tag/1"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 secret key, held as its 32-byte seed (RFC 8032)."""

    seed: bytes = field(repr=False)
    public: PublicKey = field(init=False)
    _secret: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.seed) != 32:
            raise KeyRefusedError("bad_key_length", "An Ed25519 seed has 32 bytes.")
        public, secret = bindings.crypto_sign_seed_keypair(self.seed)
        object.__setattr__(self, "public", PublicKey("Ed25519", public))
        object.__setattr__(self, "_secret", secret)

    @classmethod
    def generate(cls) -> "SigningKey":
        """A new key from the operating system's random source."""
        return cls(secrets.token_bytes(32))

    @property
    def kid(self) -> str:
        """RFC 7638 thumbprint of the public key."""
        return self.public.kid

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature over ``message``; the caller gives it a context of its own."""
        return bindings.crypto_sign(message, self._secret)[:64]


@dataclass(frozen=True, slots=True)
class AgreementKey:
    """An X25519 secret key (RFC 7748)."""

    secret: bytes = field(repr=False)
    public: PublicKey = field(init=False)

    def __post_init__(self) -> None:
        if len(self.secret) != 32:
            raise KeyRefusedError("bad_key_length", "An X25519 secret has 32 bytes.")
        object.__setattr__(self, "public", PublicKey("X25519", x25519_base(self.secret)))

    @classmethod
    def generate(cls) -> "AgreementKey":
        """A new key from the operating system's random source."""
        return cls(secrets.token_bytes(32))

    @property
    def kid(self) -> str:
        """RFC 7638 thumbprint of the public key."""
        return self.public.kid

    def exchange(self, peer: PublicKey) -> bytes:
        """The 32-byte shared secret with ``peer``; never all zero."""
        if peer.curve != "X25519":
            raise KeyRefusedError("wrong_purpose", "Only an X25519 key agrees on a secret.", peer.kid)
        return x25519(self.secret, peer.x)


def possession(new: AgreementKey, hub_inbox: PublicKey, network: str, owner: str) -> str:
    """Proof, for the hub alone, that its maker holds ``new``'s secret (PROTOCOL §6), as base64url."""
    return b64u_encode(_possession(new.exchange(hub_inbox), network, owner, new.kid))


def check_possession(hub_inbox: AgreementKey, key: PublicKey, network: str, owner: str, proof: str) -> None:
    """Raise ``KeyRefusedError`` unless ``proof`` was made with ``key``'s secret for this owner and network."""
    expected = _possession(hub_inbox.exchange(key), network, owner, key.kid)
    if not hmac.compare_digest(expected, b64u_decode(proof, 32)):
        raise KeyRefusedError("possession_not_proven", "The proof of possession does not fit the new key.", key.kid)


def _possession(shared: bytes, network: str, owner: str, kid: str) -> bytes:
    return hmac.digest(shared, _POSSESSION_CONTEXT + (network + owner + kid).encode("ascii"), "sha256")


def owns_tag(tag: str, monitor: AgreementKey) -> bool:
    """Whether a sealed entry with this owner tag stands in the name of the ``monitor`` key's owner (PROTOCOL §4)."""
    data = b64u_decode(tag, 48)
    try:
        shared = x25519(monitor.secret, data[:32])
    except KeyRefusedError:
        return False
    return hmac.compare_digest(data[32:], hashlib.sha256(_TAG_CONTEXT + shared).digest()[:16])


def tag_point(tag: str) -> str:
    """The part E of an owner tag, base64url; it may appear in the log once."""
    return b64u_encode(b64u_decode(tag, 48)[:32])
