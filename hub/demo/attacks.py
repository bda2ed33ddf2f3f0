"""Tampering with what is public: documents, signatures and bundles.

These functions need no secret of anybody else; each makes what one forgery of the story hands to the court.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from signing.bundle import pieces
from signing.compose import sign
from signing.encoding import b64u_decode, b64u_encode, canonical
from signing.secretkeys import SigningKey
from signing.statement import STATEMENT_TYPE

__all__ = [
    "SMALL_ORDER_KEY",
    "changed_byte",
    "members_of",
    "signature_for_everything",
    "with_members",
    "with_signature",
    "without_role",
]

SMALL_ORDER_KEY = bytes([1]) + bytes(31)
"""The neutral element of Ed25519: under it one signature fits every message, for libraries that allow it."""

SMALL_ORDER_JWK = {"crv": "Ed25519", "kty": "OKP", "x": b64u_encode(SMALL_ORDER_KEY)}
SMALL_ORDER_KID = b64u_encode(hashlib.sha256(canonical(SMALL_ORDER_JWK)).digest())
_AWARD = "award/award.jws"


def changed_byte(document: bytes) -> bytes:
    """The document with one bit of one byte in its middle flipped."""
    place = len(document) // 2
    return document[:place] + bytes([document[place] ^ 1]) + document[place + 1 :]


def members_of(bundle: bytes) -> dict[str, bytes]:
    """Name -> octets of everything in a bundle."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_members(bundle: bytes, changed: Mapping[str, bytes]) -> bytes:
    """The bundle with members replaced or added, written as bundles are."""
    return b"".join(pieces({**members_of(bundle), **changed}))


def without_role(bundle: bytes, role: str) -> bytes:
    """The bundle whose award has lost the signatures of one role."""

    def strip(award: dict[str, Any]) -> None:
        award["signatures"] = [one for one in award["signatures"] if _header(one)["role"] != role]

    return _award_changed(bundle, strip)


def with_signature(bundle: bytes, key: SigningKey, role: str, now: int) -> bytes:
    """The bundle whose award carries one more signature, correct in itself, by ``key``."""

    def add(award: dict[str, Any]) -> None:
        award["signatures"].append(sign(b64u_decode(award["payload"]), key, role, now))

    return _award_changed(bundle, add)


def signature_for_everything(role: str, now: int) -> dict[str, Any]:
    """A signature object that verifies for any message under the small-order key, where such keys are allowed."""
    header = {"alg": "Ed25519", "iat": now, "kid": SMALL_ORDER_KID, "role": role, "typ": STATEMENT_TYPE}
    signature = SMALL_ORDER_KEY + bytes(32)
    return {"protected": b64u_encode(canonical(header)), "signature": b64u_encode(signature)}


def _header(signature: Mapping[str, str]) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(b64u_decode(signature["protected"]))
    return header


def _award_changed(bundle: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    award = json.loads(members_of(bundle)[_AWARD])
    change(award)
    return with_members(bundle, {_AWARD: canonical(award)})
