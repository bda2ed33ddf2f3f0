"""The statement, and what the log holds for it (PROTOCOL §§3-4, RFC 7515, RFC 9864).

A statement is a JWS in General JSON Serialization with Ed25519 signatures::

    {"payload": <base64url of canonical JSON>,
     "signatures": [{"protected": <base64url of {"alg","iat","kid","role","typ"}>, "signature": …}, …]}

Invariants of every parsed statement: the payload octets are canonical; a protected header has exactly five members;
each kid stands once; the signatures are exactly those that ``signers`` announces, with the same roles, so that removing
or adding one is noticed. Parsing verifies none; ``verify_signatures`` does, and says nothing about who may sign what.

The log entry shows a public statement in clear. A confidential one is *sealed*: a commitment to its digest, and two
tags. The *owner tag* lets its issuer alone find entries in its own name; the *reference tag* lets holders of an amended
award alone recognise the amendment. Nobody else can count, link or guess anything.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from .encoding import JSON, b64u_decode, b64u_encode, canonical, is_hex_digest, loads, loads_canonical, sha256_hex
from .errors import FormatError, KeyRefusedError, SignatureError
from .keys import PublicKey, x25519, x25519_base

STATEMENT_TYPE, _TAG_CONTEXT = "odr-statement+jws", b"odr-tag/1"
MAX_PAYLOAD, MAX_DOCUMENT, MAX_ENTRY = 262_144, 400_000, 4096
_ENVELOPE = {"body": dict, "id": str, "issued_at": str, "issuer": str, "kind": str, "signers": list, "version": int}
_KEPT = ("kind", "version", "network", "id", "issuer", "previous", "body")
IN_FORCE = frozenset({"listed", "conditional", "concern", "referred"})  # statuses that count as accredited


@dataclass(frozen=True, slots=True)
class Signature:
    """One parsed signature; ``protected`` is the header exactly as sent (base64url)."""

    kid: str
    role: str
    protected: str
    signature: str


@dataclass(frozen=True)
class Jws:
    """A parsed, not yet verified, document of the profile."""

    payload: dict[str, JSON]
    octets: bytes
    digest: str  # SHA-256 of the payload octets, hex
    encoded: str = field(repr=False)
    signatures: tuple[Signature, ...]
    roles: dict[str, str]  # of each signing kid

    @cached_property
    def document(self) -> bytes:
        """The canonical form of the JWS with signatures sorted by kid; an entry's ``sigs`` is its SHA-256."""
        ordered = sorted(self.signatures, key=lambda one: one.kid)
        signed = ",".join(f'{{"protected":"{one.protected}","signature":"{one.signature}"}}' for one in ordered)
        return f'{{"payload":"{self.encoded}","signatures":[{signed}]}}'.encode("ascii")  # base64url escapes nothing


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


def seconds(text: object, where: str = "") -> int:
    """POSIX seconds of ``YYYY-MM-DDThh:mm:ssZ``."""
    if isinstance(text, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text, re.ASCII):
        with suppress(ValueError):
            return int(datetime.fromisoformat(text).timestamp())
    raise FormatError("bad_time", f"{text!r} is not a time like 2026-01-31T12:00:00Z.", where)


def validity(status: str, begins: int, ends: int, time: int) -> str:
    """``pending`` before it begins, ``valid`` until it ends, then ``lapsed``; ``never`` for a status not in force."""
    return "never" if status not in IN_FORCE else "pending" if time < begins else "valid" if time < ends else "lapsed"


def has_members(value: JSON, types: dict[str, type]) -> bool:
    """Whether ``value`` is an object of exactly these members, each of exactly this type (true is no integer)."""
    return isinstance(value, dict) and {name: type(member) for name, member in value.items()} == types


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
    roles = {one.kid: one.role for one in signatures}
    if len(roles) != len(signatures):
        raise FormatError("duplicate_kid", "One key signs twice.", "/signatures")
    return Jws(payload, octets, sha256_hex(octets), outer["payload"], signatures, roles)


def _parse_signature(entry: JSON, typ: str, where: str) -> Signature:
    if not isinstance(entry, dict) or set(entry) != {"protected", "signature"}:
        raise FormatError("bad_jws", "A signature has exactly protected and signature.", where)
    header = loads(b64u_decode(entry["protected"], where=where), max_bytes=1024, max_depth=1)
    if not has_members(header, {"alg": str, "iat": int, "kid": str, "role": str, "typ": str}):
        raise FormatError("bad_header", "A protected header has exactly alg, iat, kid, role and typ.", where)
    if header["alg"] != "Ed25519":
        raise FormatError("bad_algorithm", f"The algorithm {header['alg']!r} is not Ed25519.", where)
    if header["typ"] != typ:
        raise FormatError("bad_type", f"The type {header['typ']!r} is not {typ}.", where)
    b64u_decode(header["kid"], 32, f"{where}/kid")
    b64u_decode(entry["signature"], 64, f"{where}/signature")
    return Signature(header["kid"], header["role"], entry["protected"], entry["signature"])


def parse_statement(data: bytes) -> Statement:
    """Parse a statement and its envelope, and hold the signatures against ``signers``; verify no signature."""
    jws = parse_jws(data, STATEMENT_TYPE)
    payload = jws.payload
    for name, kind in _ENVELOPE.items():
        if type(payload.get(name)) is not kind:
            raise FormatError("bad_envelope", f"The payload needs {name} as {kind.__name__}.", f"/{name}")
    if "network" not in payload:
        raise FormatError("bad_envelope", "The payload needs network, which is null in a genesis.", "/network")
    if unknown := set(payload) - set(_ENVELOPE) - {"annex", "network", "previous", "salt"}:
        raise FormatError("bad_envelope", f"The payload has an unknown member {min(unknown)!r}.", f"/{min(unknown)}")
    if not re.fullmatch("[a-z][a-z0-9-]{1,38}[a-z0-9]", payload["issuer"]):
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
    if not has_members(annex, {"sha256": str, "size": int}) or not is_hex_digest(annex["sha256"]) or annex["size"] < 1:
        raise FormatError("bad_envelope", "An annex has exactly a sha256 and a size above zero.", "/annex")


def _hold_signers(jws: Jws) -> None:
    announced: dict[str, str] = {}
    for number, signer in enumerate(jws.payload["signers"]):
        if not has_members(signer, {"kid": str, "role": str}):
            raise FormatError("bad_signers", "A signer has exactly kid and role.", f"/signers/{number}")
        if signer["kid"] in announced:
            raise FormatError("duplicate_kid", "One key is announced twice.", f"/signers/{number}")
        announced[signer["kid"]] = signer["role"]
    if missing := announced.keys() - jws.roles.keys():
        raise SignatureError("signature_missing", "An announced signer has not signed.", min(missing))
    if extra := jws.roles.keys() - announced.keys():
        raise SignatureError("signature_extra", "A key has signed that the statement does not announce.", min(extra))
    for kid, role in announced.items():
        if jws.roles[kid] != role:
            raise SignatureError("role_mismatch", f"The header says {jws.roles[kid]!r}, the statement {role!r}.", kid)


def verify_signatures(jws: Jws, keys: Mapping[str, PublicKey]) -> None:
    """Verify every signature with the key of its kid; an unknown kid is refused before any is verified."""
    if unknown := [one.kid for one in jws.signatures if one.kid not in keys]:
        raise SignatureError("unknown_key", "A signature names a key that is not known here.", unknown[0])
    for one in jws.signatures:
        message = f"{one.protected}.{jws.encoded}".encode("ascii")
        keys[one.kid].verify(message, b64u_decode(one.signature, 64), one.kid)


def reference_tag(salt: bytes) -> str:
    """HMAC-SHA-256 under the original registration's salt, hex; the ``ref`` of each of its amendments."""
    return hmac.new(salt, b"odr-ref/1", "sha256").hexdigest()  # hmac.digest would let go of the interpreter


def owner_tag(salt: bytes, monitor: PublicKey) -> str:
    """The owner tag E ‖ SHA-256(context ‖ e·M)[:16] as base64url; M is the issuer's monitor key."""
    if monitor.curve != "X25519":
        raise KeyRefusedError("wrong_purpose", "The owner tag needs an X25519 monitor key.", monitor.kid)
    scalar = hashlib.sha512(_TAG_CONTEXT + salt).digest()[:32]  # X25519 clamps it
    shared = x25519(scalar, monitor.x)
    return b64u_encode(x25519_base(scalar) + hashlib.sha256(_TAG_CONTEXT + shared).digest()[:16])


def entry_octets(statement: Statement, time: int, monitor: PublicKey | None = None, ref: str | None = None) -> bytes:
    """The log entry of a statement registered at ``time`` (POSIX seconds).

    A salt makes it confidential; exactly then it needs ``monitor``, the issuer's monitor key. ``ref`` is the reference
    tag of the amended registration (confidential), or the digest amended (public).
    """
    tag = owner_tag(statement.salt, monitor) if statement.salt is not None and monitor is not None else None
    return tagged_entry(statement, time, tag, ref)


def tagged_entry(statement: Statement, time: int, tag: str | None, ref: str | None) -> bytes:
    """``entry_octets`` with the owner tag made before; only for a confidential statement there is one."""
    entry: dict[str, JSON] = {"v": 1, "sigs": sha256_hex(statement.document), "time": time}
    if statement.salt is None:
        entry |= {"kind": statement.kind, "issuer": statement.issuer, "digest": statement.digest}
    elif tag is None:
        raise KeyRefusedError("no_monitor_key", "The issuer has no current monitor key.", statement.issuer)
    else:
        hidden = sha256_hex(bytes.fromhex(statement.digest))  # opens only to who holds the statement
        entry |= {"kind": "sealed", "commitment": hidden, "tag": tag}
    if ref is not None:
        entry["ref"] = ref
    return canonical(entry)


def entry_time(octets: bytes) -> int:
    """The time (POSIX seconds) that an entry carries; its other members are held by making the entry again."""
    time = loads_canonical(octets, max_bytes=MAX_ENTRY).get("time")
    if type(time) is not int or time < 0:
        raise FormatError("bad_entry", "The log entry has no time.", "/time")
    return time
