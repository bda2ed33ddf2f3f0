"""Signed heads of this log that somebody else holds: does one of them contradict what is stored?

Witnesses hold heads that they cosigned, the published checkpoint may lie in a place of its own, and alarms keep the
heads that raised them. A head counts only if this log's own key has signed it; then it binds: an entry that it covers
may neither be missing here (*behind*) nor be another one (*differs*), or going on would fork the log.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from hub.log.edge import RightEdge
from hub.log.proofs import ProofMaker
from hub.storage.log_reads import LogReads
from hub.storage.values import Head
from signing.equivocation import format_pair, pair_of
from signing.errors import SigningError
from signing.notes import MAX_BYTES, Checkpoint, TlogProof, VerifierKey, open_checkpoint, parse_note
from signing.signnotes import format_proof

__all__ = ["BEHIND", "DIFFERS", "Contradiction", "contradiction", "edge_at", "evidence_of", "published_checkpoint"]

LOG = logging.getLogger("hub.log")
BEHIND, DIFFERS = "store_behind", "store_differs"
SECONDS = 5.0
_WIDTH = 256


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A signed head that what is stored contradicts: ``code`` is ``BEHIND`` or ``DIFFERS``, ``note`` the head."""

    code: str
    reason: str
    note: bytes
    seen: Checkpoint


async def contradiction(
    head: Head, reads: LogReads, log_key: VerifierKey, known: Mapping[str, bytes]
) -> Contradiction | None:
    """Why the log must not go on, if somebody holds a signed head that the stored entries contradict.

    One that differs comes before one that is ahead: no entries that could be brought back mend it.

    Args:
        head: the stored head.
        reads: reads tiles.
        log_key: the log's key; a note that it did not sign says nothing.
        known: by who shows it, as a sentence begins ("The witness w has seen"), a checkpoint of this log.
    """
    behind = None
    for who, note in sorted(known.items()):
        try:
            seen = open_checkpoint(parse_note(note), log_key)
        except SigningError as error:
            LOG.warning("%s no checkpoint of this log: %s", who, error)
            continue
        if seen.size > head.size:
            reason = f"{who} {seen.size} entries of this log; only {head.size} are stored here."
            behind = behind or Contradiction(BEHIND, reason, note, seen)
        elif seen.size and (await edge_at(seen.size, reads)).root() != seen.root:
            return Contradiction(DIFFERS, f"{who} another log of {seen.size} entries under this name.", note, seen)
    return behind


async def evidence_of(found: Contradiction, head: Head, reads: LogReads) -> bytes:
    """The pair of heads (``odr-heads/1``) that shows a contradiction to others: the other head, and ours.

    Ours is the one of the same size if the log signed one there, else the newest, with the proof that decides. A head
    that is ahead of ours makes a pair that proves nothing yet: whether it continues ours only its entries can tell.
    """
    same = await reads.checkpoint(found.seen.size)
    if same is not None and same.root != found.seen.root:
        return format_pair(pair_of(found.note, same.note))
    proof = None
    if 0 < found.seen.size < head.signed_size:
        last = found.seen.size - 1
        hashes = await ProofMaker(reads).inclusion(last, head.signed_size)
        (entry,) = await reads.entries(last, last + 1)
        proof = format_proof(TlogProof(last, hashes, head.note, entry))
    return format_pair(pair_of(found.note, head.note, proof))


async def published_checkpoint(session: aiohttp.ClientSession, where: str, data: Path) -> bytes | None:
    """The checkpoint that was exported to ``where``: a URL, or a path, below ``data`` unless it is absolute.

    None if it can't be read, which is logged: what nobody shows contradicts nothing.
    """
    try:
        if not where.startswith(("http://", "https://")):
            return (data / where).read_bytes()[:MAX_BYTES]
        timeout = aiohttp.ClientTimeout(SECONDS)
        async with session.get(where, timeout=timeout, allow_redirects=False) as response:
            response.raise_for_status()
            return await response.content.read(MAX_BYTES)
    except (OSError, TimeoutError, aiohttp.ClientError) as error:
        LOG.warning("the published checkpoint can't be read, so it is not compared: %s: %s", where, error)
        return None


async def edge_at(size: int, reads: LogReads) -> RightEdge:
    """The right edge of the first ``size`` entries, from its stored tiles; hashes are not checked.

    Raises:
        CorruptionError: a tile is missing or too narrow.
    """
    wanted, level, count = set(), 0, size
    while count:
        wanted.add((level, count // _WIDTH))
        level, count = level + 1, count // _WIDTH
    return RightEdge.from_tiles(size, await reads.tiles(wanted))
