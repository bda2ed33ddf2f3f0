"""Passphrase-protected key files (PROTOCOL §9), readable by this program and by WebCrypto in a browser.

A key file is one canonical JSON object with exactly these members::

    {"ciphertext": …, "iterations": 600000, "jwk": {"crv", "kty", "x"}, "kid": …, "nonce": …, "salt": …, "v": 1}

``ciphertext`` is AES-256-GCM over the 48-byte PKCS#8 form of the secret (RFC 8410). Its key is
PBKDF2-HMAC-SHA-256 of the passphrase's UTF-8 bytes; its additional data is ``odr-key/1`` followed by
the kid, so the public half cannot be exchanged unnoticed. Version 1 fixes every cost and length:
nothing in a file decides how much work opening it takes.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass

from nacl import bindings
from nacl.exceptions import CryptoError, UnavailableError

from .encoding import JSON, b64u_decode, b64u_encode, canonical, loads
from .errors import FormatError, KeyRefusedError
from .keys import PublicKey
from .secretkeys import AgreementKey, SigningKey

__all__ = ["ITERATIONS", "KeyFile", "from_pkcs8", "open_keyfile", "parse_keyfile", "seal", "to_pkcs8"]

ITERATIONS = 600_000
"""Rounds of PBKDF2-HMAC-SHA-256; a part of version 1, not a setting."""

_CONTEXT = b"odr-key/1"
_MAX_BYTES = 4_096
_MEMBERS = {"v", "kid", "jwk", "iterations", "salt", "nonce", "ciphertext"}
_SALT_BYTES, _NONCE_BYTES, _SECRET_BYTES, _TAG_BYTES = 16, 12, 48, 16
_PKCS8_PREFIX = {
    "Ed25519": bytes.fromhex("302e020100300506032b657004220420"),
    "X25519": bytes.fromhex("302e020100300506032b656e04220420"),
}


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A parsed, still locked key file. ``public`` is what the file *says*; opening it proves it."""

    public: PublicKey
    salt: bytes
    nonce: bytes
    ciphertext: bytes

    def open(self, passphrase: str) -> SigningKey | AgreementKey:
        """Unlock the secret; takes about 0.3 s of processor time on purpose.

        Checks the authentication tag (hence passphrase, kid and every ciphertext bit) and that the
        secret belongs to the public key in the file.

        Raises:
            KeyRefusedError: ``wrong_passphrase``, ``aes_unavailable`` or ``key_mismatch``.
            FormatError: ``bad_pkcs8``.
        """
        key = from_pkcs8(_decrypt(self, _stretch(passphrase, self.salt)))
        if key.public != self.public:
            raise KeyRefusedError("key_mismatch", "The secret in this key file does not belong to its public key.")
        return key


def seal(key: SigningKey | AgreementKey, passphrase: str) -> bytes:
    """The bytes of a new key file for ``key``; salt and nonce are fresh random bytes.

    Refuses an empty passphrase; does not judge a weak one.

    Raises:
        KeyRefusedError: ``empty_passphrase`` or ``aes_unavailable``.
    """
    if not passphrase:
        raise KeyRefusedError("empty_passphrase", "A key file needs a passphrase.")
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    public = key.public
    try:
        ciphertext = bindings.crypto_aead_aes256gcm_encrypt(
            to_pkcs8(key), _additional_data(public.kid), nonce, _stretch(passphrase, salt)
        )
    except UnavailableError:
        raise _no_aes() from None
    members: dict[str, JSON] = {
        "v": 1,
        "kid": public.kid,
        "jwk": public.jwk(),
        "iterations": ITERATIONS,
        "salt": b64u_encode(salt),
        "nonce": b64u_encode(nonce),
        "ciphertext": b64u_encode(ciphertext),
    }
    return canonical(members) + b"\n"


def parse_keyfile(data: bytes) -> KeyFile:
    """Read a key file without its passphrase.

    Checks the exact members, version, iteration count, every length, the public key's entry checks
    and that ``kid`` is its thumbprint. White space between the members is accepted.

    Raises:
        FormatError: ``bad_key_file`` or the code of the strict JSON rule that is broken.
        KeyRefusedError: the public key is not acceptable.
    """
    value = loads(data, max_bytes=_MAX_BYTES, max_depth=2)
    if not isinstance(value, Mapping) or set(value) != _MEMBERS:
        raise FormatError("bad_key_file", f"A key file has exactly the members {', '.join(sorted(_MEMBERS))}.")
    if type(value["v"]) is not int or value["v"] != 1:
        raise FormatError("bad_key_file", "Only version 1 of the key file format is known.", "/v")
    if type(value["iterations"]) is not int or value["iterations"] != ITERATIONS:
        raise FormatError("bad_key_file", f"Version 1 uses exactly {ITERATIONS} iterations.", "/iterations")
    public = PublicKey.from_jwk(value["jwk"], "/jwk")
    if value["kid"] != public.kid:
        raise FormatError("bad_key_file", "The kid is not the thumbprint of the public key.", "/kid")
    return KeyFile(
        public,
        b64u_decode(value["salt"], _SALT_BYTES, "/salt"),
        b64u_decode(value["nonce"], _NONCE_BYTES, "/nonce"),
        b64u_decode(value["ciphertext"], _SECRET_BYTES + _TAG_BYTES, "/ciphertext"),
    )


def open_keyfile(data: bytes, passphrase: str) -> SigningKey | AgreementKey:
    """Parse and unlock a key file; errors as in ``parse_keyfile`` and ``KeyFile.open``."""
    return parse_keyfile(data).open(passphrase)


def to_pkcs8(key: SigningKey | AgreementKey) -> bytes:
    """The 48-byte PKCS#8 form (RFC 8410 §7) of a secret key, unencrypted."""
    secret = key.seed if isinstance(key, SigningKey) else key.secret
    return _PKCS8_PREFIX[key.public.curve] + secret


def from_pkcs8(data: bytes) -> SigningKey | AgreementKey:
    """Read the one accepted PKCS#8 form (version 0, no attributes) of an Ed25519 or X25519 secret."""
    prefix, secret = data[:16], data[16:]
    if len(data) == _SECRET_BYTES and prefix == _PKCS8_PREFIX["Ed25519"]:
        return SigningKey(secret)
    if len(data) == _SECRET_BYTES and prefix == _PKCS8_PREFIX["X25519"]:
        return AgreementKey(secret)
    raise FormatError("bad_pkcs8", "This is not the 48-byte PKCS#8 form of an Ed25519 or X25519 key.")


def _decrypt(file: KeyFile, key: bytes) -> bytes:
    try:
        return bindings.crypto_aead_aes256gcm_decrypt(
            file.ciphertext, _additional_data(file.public.kid), file.nonce, key
        )
    except UnavailableError:
        raise _no_aes() from None
    except CryptoError:
        message = "The passphrase is wrong, or the key file has been changed."
        raise KeyRefusedError("wrong_passphrase", message, file.public.kid) from None


def _stretch(passphrase: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", passphrase.encode("utf-8"), salt, ITERATIONS, 32)


def _additional_data(kid: str) -> bytes:
    return _CONTEXT + kid.encode("ascii")


def _no_aes() -> KeyRefusedError:
    message = "This processor has no AES instructions, which key files need; use another machine or the signing page."
    return KeyRefusedError("aes_unavailable", message)
