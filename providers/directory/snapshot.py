"""A snapshot of the directory, verified: by whom it is signed, of which checkpoint it is, how long it counts.

Its payload, under ``typ`` odr-directory+jws::

    {"v": 1, "network", "size", "root", "time", "next", "checkpoint": note, "entries": {"count", "digest"}}

``digest`` is the SHA-256 over the SHA-256 digests of the entries' lines, by actor id; times are POSIX seconds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from providers.errors import UntrustedAnswerError
from providers.network import Network
from signing.encoding import JSON, is_hex_digest
from signing.errors import SigningError
from signing.statement import Jws, has_members, parse_jws, verify_signatures

__all__ = ["DIRECTORY_TYPE", "Snapshot", "digest_of", "verified_snapshot"]

DIRECTORY_TYPE = "odr-directory+jws"
SKEW_SECONDS = 300
LONGEST_SECONDS = 7 * 86_400
"""Longest time for which a snapshot may say that it counts."""

_MEMBERS: dict[str, type] = {
    "v": int, "network": str, "size": int, "root": str, "time": int, "next": int, "checkpoint": str, "entries": dict,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the hub says of the directory at a log size.

    Args:
        size: log size.
        root: root of the log's tree at that size, hex.
        time: when it was signed (POSIX seconds).
        next: until when it counts.
        count: how many entries there are.
        digest: over the entries, hex.
    """

    size: int
    root: str
    time: int
    next: int
    count: int
    digest: str


def verified_snapshot(network: Network, document: bytes, now: int) -> Snapshot:
    """What ``document`` says, if the hub of ``network`` signed it over a checkpoint that the quorum cosigned.

    Checks the signature by the hub's current statement key, the network, that the checkpoint is of the log, meets the
    quorum and is of the size and root that are named, and that the times make sense. Does not check whether it still
    counts, nor any entry.

    Args:
        network: verified policies, with the hub's keys.
        document: the JWS.
        now: POSIX seconds.

    Raises:
        UntrustedAnswerError: with the code of the check that failed.
    """
    try:
        jws = parse_jws(document, DIRECTORY_TYPE)
        keys = {kid: network.require_key(kid, network.hub, "statement", now) for kid in jws.roles}
        verify_signatures(jws, keys)
    except SigningError as error:
        raise UntrustedAnswerError(error.code, f"The snapshot does not verify: {error.message}", error.where) from error
    found = _read(jws)
    if jws.payload["network"] != network.id:
        raise _untrusted("wrong_network", "The snapshot is of another network.")
    head = network.check_checkpoint(jws.payload["checkpoint"].encode())
    if (head.size, head.root.hex()) != (found.size, found.root):
        raise _untrusted("snapshot_mismatch", "The snapshot names another size or root than its checkpoint has.")
    if found.time > now + SKEW_SECONDS:
        raise _untrusted("snapshot_early", "The snapshot was signed in the future; check the clocks.")
    if not 0 < found.next - found.time <= LONGEST_SECONDS:
        raise _untrusted("snapshot_too_long", "The snapshot does not say for how long it counts, or for too long.")
    return found


def digest_of(lines: Iterable[bytes]) -> str:
    """The digest over the entries' lines, which come by actor id; hex."""
    whole = sha256()
    for line in lines:
        whole.update(sha256(line).digest())
    return whole.hexdigest()


def _read(jws: Jws) -> Snapshot:
    told: dict[str, JSON] = jws.payload
    if not has_members(told, _MEMBERS) or not has_members(told["entries"], {"count": int, "digest": str}):
        raise _untrusted("bad_snapshot", "The snapshot does not have exactly the members of its form.")
    entries = told["entries"]
    numbers = (told["size"], told["time"], told["next"], entries["count"])
    if told["v"] != 1 or min(numbers) < 0 or not (is_hex_digest(told["root"]) and is_hex_digest(entries["digest"])):
        raise _untrusted("bad_snapshot", "A member of the snapshot is not of its form.")
    return Snapshot(told["size"], told["root"], told["time"], told["next"], entries["count"], entries["digest"])


def _untrusted(code: str, message: str) -> UntrustedAnswerError:
    return UntrustedAnswerError(code, message, actor="hub")
