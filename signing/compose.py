"""Making statements: payloads, identifiers and signatures (the producing side of ``statement``)."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from .encoding import JSON, b64u_encode, canonical, sha256_hex
from .secretkeys import SigningKey
from .statement import STATEMENT_TYPE

__all__ = ["annex_member", "assemble", "new_id", "new_salt", "payload", "sign", "sign_all", "timestamp", "uuid7"]

CHAINED = frozenset({"genesis", "policy", "member", "key", "neutral", "accreditation"})


def timestamp(time: int) -> str:
    """``YYYY-MM-DDThh:mm:ssZ`` of POSIX seconds."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def uuid7(time_ms: int) -> str:
    """A UUID of version 7 (RFC 9562) for POSIX milliseconds."""
    value = (time_ms & (2**48 - 1)) << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_id(actor: str, now: int) -> str:
    """A new ``urn:odr:<actor>:<uuid7>``."""
    return f"urn:odr:{actor}:{uuid7(now * 1000 + secrets.randbelow(1000))}"


def new_salt() -> str:
    """32 random bytes as base64url."""
    return b64u_encode(secrets.token_bytes(32))


def annex_member(octets: bytes) -> dict[str, JSON]:
    """What a statement says of its annex: SHA-256 and size in bytes of the annex octets."""
    return {"sha256": sha256_hex(octets), "size": len(octets)}


def payload(  # noqa: PLR0913 - the envelope has this many members
    kind: str,
    issuer: str,
    body: Mapping[str, JSON],
    signers: Iterable[tuple[str, str]],
    *,
    network: str | None,
    now: int,
    previous: str | None = None,
    salt: str | None = None,
    annex: bytes | None = None,
    statement_id: str | None = None,
    version: int = 1,
) -> bytes:
    """Canonical payload octets of a statement.

    Args:
        kind: statement kind; chained kinds get ``previous``.
        issuer: actor id.
        body: the kind's content.
        signers: (kid, role) of everybody who is to sign.
        network: network digest, None in genesis.
        now: POSIX seconds, becomes ``issued_at``.
        previous: digest of the latest statement of the chain, or None.
        salt: base64url of 32 bytes for confidential kinds.
        annex: octets of the annex, if there is one.
        statement_id: URN; a new one when None.
        version: schema version.
    """
    members: dict[str, JSON] = {
        "kind": kind,
        "version": version,
        "network": network,
        "id": statement_id or new_id(issuer, now),
        "issuer": issuer,
        "issued_at": timestamp(now),
        "signers": [{"kid": kid, "role": role} for kid, role in signers],
        "body": dict(body),
    }
    if kind in CHAINED:
        members["previous"] = previous
    if salt is not None:
        members["salt"] = salt
    if annex is not None:
        members["annex"] = annex_member(annex)
    return canonical(members)


def sign(octets: bytes, key: SigningKey, role: str, iat: int, typ: str = STATEMENT_TYPE) -> dict[str, JSON]:
    """One JWS signature object over payload ``octets`` at ``iat`` (POSIX seconds)."""
    header = canonical({"alg": "Ed25519", "kid": key.kid, "typ": typ, "role": role, "iat": iat})
    protected = b64u_encode(header)
    signature = key.sign(f"{protected}.{b64u_encode(octets)}".encode("ascii"))
    return {"protected": protected, "signature": b64u_encode(signature)}


def assemble(octets: bytes, signatures: Sequence[Mapping[str, JSON]]) -> bytes:
    """The JWS of payload ``octets`` and signature objects, in canonical JSON."""
    return canonical({"payload": b64u_encode(octets), "signatures": [dict(one) for one in signatures]})


def sign_all(octets: bytes, keys: Iterable[tuple[SigningKey, str]], iat: int, typ: str = STATEMENT_TYPE) -> bytes:
    """The JWS of ``octets`` signed by every (key, role)."""
    return assemble(octets, [sign(octets, key, role, iat, typ) for key, role in keys])
