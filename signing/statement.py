"""The statement: a JWS in General JSON Serialization with Ed25519 signatures (PROTOCOL §3, RFC 7515, RFC 9864).

::

    {"payload": <base64url of canonical JSON>,
     "signatures": [{"protected": <base64url of {"alg","iat","kid","role","typ"}>, "signature": …}, …]}

Invariants of every parsed statement: the payload octets are in canonical form; every protected header
has exactly five members; each kid stands once; the signatures are exactly those that ``signers``
announces, with the same roles, so that stripping or adding one is noticed. Parsing verifies no
signature; ``verify_signatures`` does, and says nothing about who may sign what.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from .encoding import JSON, b64u_decode, canonical, has_members, is_hex_digest, loads, loads_canonical, sha256_hex
from .errors import FormatError, SignatureError
from .keys import PublicKey

STATEMENT_TYPE = "odr-statement+jws"
MAX_PAYLOAD = 262_144
MAX_DOCUMENT = 400_000
_SIGNER = {"kid": str, "role": str}
_HEADER = {"alg": str, "iat": int, "kid": str, "role": str, "typ": str}
_ENVELOPE = {"body": dict, "id": str, "issued_at": str, "issuer": str, "kind": str, "signers": list, "version": int}
_ANNEX = {"sha256": str, "size": int}
_OTHERS = {"annex", "network", "previous", "salt"}
_KEPT = ("kind", "version", "network", "id", "issuer", "previous", "body")
_ACTOR = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


@dataclass(frozen=True, slots=True)
class Signature:
    """One parsed signature; ``protected`` is the header exactly as sent (base64url)."""

    kid: str
    role: str
    iat: int
    protected: str
    signature: str


@dataclass(frozen=True)
class Jws:
    """A parsed, not yet verified, document of the profile."""

    payload: dict[str, JSON]
    octets: bytes
    encoded: str = field(repr=False)
    signatures: tuple[Signature, ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the payload octets, hex."""
        return sha256_hex(self.octets)

    @cached_property
    def document(self) -> bytes:
        """The canonical form of the JWS with signatures sorted by kid."""
        ordered = sorted(self.signatures, key=lambda one: one.kid)
        signatures = [{"protected": one.protected, "signature": one.signature} for one in ordered]
        return canonical({"payload": self.encoded, "signatures": signatures})

    @cached_property
    def sigs(self) -> str:
        """SHA-256 of ``document``, hex: fixes which signatures were registered."""
        return sha256_hex(self.document)


@dataclass(frozen=True)
class Statement(Jws):
    """A parsed statement; its members are those of the payload's envelope."""

    kind: str
    version: int
    network: str | None
    id: str
    issuer: str
    issued_at: int
    previous: str | None
    salt: bytes | None
    body: dict[str, JSON]

    @property
    def roles(self) -> dict[str, str]:
        """The role of each signing kid."""
        return {one.kid: one.role for one in self.signatures}


def seconds(text: object, where: str = "") -> int:
    """POSIX seconds of ``YYYY-MM-DDThh:mm:ssZ``."""
    if isinstance(text, str) and _TIME.fullmatch(text):
        with suppress(ValueError):
            return int(datetime.fromisoformat(text).timestamp())
    raise FormatError("bad_time", f"{text!r} is not a time like 2026-01-31T12:00:00Z.", where)


def parse_jws(data: bytes, typ: str) -> Jws:
    """Parse a document of the profile whose headers name the type ``typ``; verify no signature."""
    outer = loads(data, max_bytes=MAX_DOCUMENT, max_depth=8)
    if not isinstance(outer, dict) or set(outer) != {"payload", "signatures"}:
        raise FormatError("bad_jws", "Expected a JWS with exactly payload and signatures.")
    octets = b64u_decode(outer["payload"], where="/payload")
    payload = loads_canonical(octets, max_bytes=MAX_PAYLOAD)
    entries = outer["signatures"]
    if not isinstance(entries, list) or not 1 <= len(entries) <= 16:
        raise FormatError("bad_jws", "A statement carries 1 to 16 signatures.", "/signatures")
    signatures = tuple(_parse_signature(one, typ, f"/signatures/{n}") for n, one in enumerate(entries))
    if len({one.kid for one in signatures}) != len(signatures):
        raise FormatError("duplicate_kid", "One key signs twice.", "/signatures")
    return Jws(payload, octets, outer["payload"], signatures)


def _parse_signature(entry: JSON, typ: str, where: str) -> Signature:
    if not isinstance(entry, dict) or set(entry) != {"protected", "signature"}:
        raise FormatError("bad_jws", "A signature has exactly protected and signature.", where)
    header = loads(b64u_decode(entry["protected"], where=where), max_bytes=1024, max_depth=1)
    if not has_members(header, _HEADER):
        raise FormatError("bad_header", "A protected header has exactly alg, iat, kid, role and typ.", where)
    if header["alg"] != "Ed25519":
        raise FormatError("bad_algorithm", f"The algorithm {header['alg']!r} is not Ed25519.", where)
    if header["typ"] != typ:
        raise FormatError("bad_type", f"The type {header['typ']!r} is not {typ}.", where)
    b64u_decode(header["kid"], 32, f"{where}/kid")
    b64u_decode(entry["signature"], 64, f"{where}/signature")
    return Signature(header["kid"], header["role"], header["iat"], entry["protected"], entry["signature"])


def parse_statement(data: bytes) -> Statement:
    """Parse a statement and its envelope, and hold the signatures against ``signers``; verify no signature."""
    jws = parse_jws(data, STATEMENT_TYPE)
    payload = jws.payload
    for name, kind in _ENVELOPE.items():
        if type(payload.get(name)) is not kind:
            raise FormatError("bad_envelope", f"The payload needs {name} as {kind.__name__}.", f"/{name}")
    if "network" not in payload:
        raise FormatError("bad_envelope", "The payload needs network, which is null in a genesis.", "/network")
    if unknown := set(payload) - set(_ENVELOPE) - _OTHERS:
        raise FormatError("bad_envelope", f"The payload has an unknown member {min(unknown)!r}.", f"/{min(unknown)}")
    if not _ACTOR.fullmatch(payload["issuer"]):
        raise FormatError("bad_envelope", "The issuer is not an actor id.", "/issuer")
    for name in ("network", "previous"):
        if payload.get(name) is not None and not is_hex_digest(payload[name]):
            raise FormatError("bad_envelope", f"{name} is neither null nor a digest.", f"/{name}")
    if "annex" in payload:
        _check_annex(payload["annex"])
    _hold_signers(jws)
    kept: dict[str, JSON] = {name: payload.get(name) for name in _KEPT}
    salt = b64u_decode(payload["salt"], 32, "/salt") if "salt" in payload else None
    return Statement(**vars(jws), **kept, salt=salt, issued_at=seconds(payload["issued_at"], "/issued_at"))


def _check_annex(annex: JSON) -> None:
    if not has_members(annex, _ANNEX) or not is_hex_digest(annex["sha256"]) or annex["size"] < 1:
        raise FormatError("bad_envelope", "An annex has exactly a sha256 and a size above zero.", "/annex")


def _hold_signers(jws: Jws) -> None:
    announced: dict[str, str] = {}
    for number, signer in enumerate(jws.payload["signers"]):
        if not has_members(signer, _SIGNER):
            raise FormatError("bad_signers", "A signer has exactly kid and role.", f"/signers/{number}")
        if signer["kid"] in announced:
            raise FormatError("duplicate_kid", "One key is announced twice.", f"/signers/{number}")
        announced[signer["kid"]] = signer["role"]
    signed = {one.kid: one.role for one in jws.signatures}
    if missing := announced.keys() - signed.keys():
        raise SignatureError("signature_missing", "An announced signer has not signed.", min(missing))
    if extra := signed.keys() - announced.keys():
        raise SignatureError("signature_extra", "A key has signed that the statement does not announce.", min(extra))
    for kid, role in announced.items():
        if signed[kid] != role:
            raise SignatureError("role_mismatch", f"The header says {signed[kid]!r}, the statement {role!r}.", kid)


def verify_signatures(jws: Jws, keys: Mapping[str, PublicKey]) -> None:
    """Verify every signature with the key of its kid; an unknown kid is refused before any is verified."""
    if unknown := [one.kid for one in jws.signatures if one.kid not in keys]:
        raise SignatureError("unknown_key", "A signature names a key that is not known here.", unknown[0])
    for one in jws.signatures:
        message = f"{one.protected}.{jws.encoded}".encode("ascii")
        try:
            keys[one.kid].verify(message, b64u_decode(one.signature, 64))
        except SignatureError as error:
            raise SignatureError(error.code, error.message, one.kid) from None
