"""One award statement with two signatures, by fixed keys."""

import base64
import json
from typing import Any

from signing.compose import payload, sign_all
from signing.encoding import b64u_encode
from signing.secretkeys import SigningKey
from tests.fakes.world import award_body

NEUTRAL = SigningKey(bytes([1]) * 32)
PROVIDER = SigningKey(bytes([2]) * 32)
KEYS = {key.kid: key for key in (NEUTRAL, PROVIDER)}
NOW = 1_790_000_000


def award_document() -> bytes:
    """The statement as it is posted: canonical JWS, two signatures."""
    signers = [(NEUTRAL, "neutral"), (PROVIDER, "provider")]
    octets = payload(
        "award",
        "provider-a",
        award_body("provider-a"),
        [(key.kid, role) for key, role in signers],
        network="ab" * 32,
        now=NOW,
        salt=b64u_encode(bytes(32)),
        statement_id="urn:odr:provider-a:0197b1a0-0000-7000-8000-000000000002",
    )
    return sign_all(octets, signers, NOW)


def signed_parts(document: bytes) -> list[tuple[SigningKey, bytes, str]]:
    """For each signature: its key, the octets it covers, and its base64url text, taken apart without our parser."""
    outer: dict[str, Any] = json.loads(document)
    parts = []
    for one in outer["signatures"]:
        header = json.loads(_decode(one["protected"]))
        parts.append((KEYS[header["kid"]], f"{one['protected']}.{outer['payload']}".encode(), one["signature"]))
    return parts


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
