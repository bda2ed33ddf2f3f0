"""What the log holds for a statement (PROTOCOL §4).

A public statement is entered in clear (kind, issuer, digest). A confidential one is *sealed*: a
commitment to its digest, and two tags. The *owner tag* lets its issuer alone find entries made in
its own name; the *reference tag* lets holders of an amended award alone recognise the amendment.
Nobody else can count, link or guess anything.
"""

import hashlib
import hmac

from .encoding import JSON, b64u_encode, canonical, loads_canonical, sha256_hex
from .errors import FormatError, KeyRefusedError
from .keys import PublicKey, x25519, x25519_base
from .statement import Statement

MAX_ENTRY = 4096
_TAG_CONTEXT = b"odr-tag/1"
_REFERENCE_CONTEXT = b"odr-ref/1"


def commitment(digest: str) -> str:
    """SHA-256 of the 32 digest octets, hex; opens only to who holds the statement."""
    return sha256_hex(bytes.fromhex(digest))


def reference_tag(salt: bytes) -> str:
    """HMAC-SHA-256 under the original registration's salt, hex; the ``ref`` of each of its amendments."""
    return hmac.digest(salt, _REFERENCE_CONTEXT, "sha256").hex()


def owner_tag(salt: bytes, monitor: PublicKey) -> str:
    """The owner tag E ‖ SHA-256(context ‖ e·M)[:16] as base64url; M is the issuer's monitor key."""
    if monitor.curve != "X25519":
        raise KeyRefusedError("wrong_purpose", "The owner tag needs an X25519 monitor key.", monitor.kid)
    scalar = hashlib.sha512(_TAG_CONTEXT + salt).digest()[:32]  # X25519 clamps it
    shared = x25519(scalar, monitor.x)
    return b64u_encode(x25519_base(scalar) + hashlib.sha256(_TAG_CONTEXT + shared).digest()[:16])


def entry_octets(statement: Statement, time: int, monitor: PublicKey | None = None, ref: str | None = None) -> bytes:
    """The log entry of a statement registered at ``time`` (POSIX seconds).

    Args:
        statement: a parsed statement; a salt makes it confidential.
        time: entry time.
        monitor: the issuer's monitor key; needed exactly for confidential statements.
        ref: reference tag of the amended registration (confidential), or digest amended (public).
    """
    entry: dict[str, JSON] = {"v": 1, "sigs": statement.sigs, "time": time}
    if statement.salt is None:
        entry |= {"kind": statement.kind, "issuer": statement.issuer, "digest": statement.digest}
    elif monitor is None:
        raise KeyRefusedError("no_monitor_key", "The issuer has no current monitor key.", statement.issuer)
    else:
        tag = owner_tag(statement.salt, monitor)
        entry |= {"kind": "sealed", "commitment": commitment(statement.digest), "tag": tag}
    if ref is not None:
        entry["ref"] = ref
    return canonical(entry)


def entry_time(octets: bytes) -> int:
    """The time (POSIX seconds) that an entry carries; its other members are held by making the entry again."""
    time = loads_canonical(octets, max_bytes=MAX_ENTRY).get("time")
    if type(time) is not int or time < 0:
        raise FormatError("bad_entry", "The log entry has no time.", "/time")
    return time
