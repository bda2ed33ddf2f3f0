"""The write order of the log, which makes a signed checkpoint true whatever happens.

::

    1 transaction A   entries, statements, effects, rule state, tiles; the head moves by compare-and-swap
    2 read again      entries and tiles as stored; leaf hashes and root recomputed from those bytes
    3 sign            the irrevocable act: only over a root that was recomputed
    4 transaction B   the note; the head's signed size moves by compare-and-swap

An error anywhere here ends the committer for good: after an error of a commit nobody knows whether it took
place, and only recovery, on a fresh start, may look.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

from hub.log.edge import RightEdge
from hub.log.errors import CorruptionError, SequencerStopped
from hub.storage.log_store import LogSession
from hub.storage.values import Head, StagedBatch, StagedEntry, Tile
from signing.encoding import JSON
from signing.merkle import leaf_hash
from signing.notes import Checkpoint
from signing.signnotes import NoteSigner, sign_checkpoint
from signing.tiles import TILE_WIDTH, expand_tile

__all__ = ["Committer", "recomputed_root"]


class Committer:
    """Appends batches to one log; the only object that signs checkpoints.

    Args:
        signer: the log's key under its origin.
        head: where the log ends, signed to its end.
        edge: the right edge at that head.
        signed_time: entry time of the newest entry that a signed head covers, where that is not the last of ``head``.
    """

    def __init__(self, signer: NoteSigner, head: Head, edge: RightEdge, signed_time: int | None = None) -> None:
        self._signer = signer
        self._edge = edge
        self.head = head
        self.signed_time = head.time if signed_time is None else signed_time
        self._closed: SequencerStopped | None = None
        self._signing = threading.Lock()

    def close(self, reason: SequencerStopped) -> None:
        """Sign nothing any more, from the moment when this returns; called from another thread than ``commit``.

        A batch that has its signature by then is finished. One that has not is begun no more, or left without: its
        entries are stored, no head covers them, and the next start decides about them (``recover``), as after a crash.
        """
        with self._signing:
            self._closed = reason

    def prepare(self, entries: Sequence[StagedEntry], writes: Mapping[str, tuple[JSON, int]]) -> StagedBatch:
        """The batch of ``entries`` with the tiles and the head that follow from them; touches nothing (CPU only)."""
        self._grown, tiles = self._edge.extended([entry.leaf_hash for entry in entries])
        head = replace(self.head, size=self._grown.size, root=self._grown.root(), time=entries[-1].time)
        return StagedBatch(tuple(entries), writes, tiles, head)

    def commit(self, log: LogSession, batch: StagedBatch) -> Head:
        """Write, read again, sign, write the signature; returns the signed head.

        Raises:
            ConflictError: somebody else moved the head.
            CorruptionError: what was stored is not what was written; nothing was signed.
            SequencerStopped: ``close`` was called; nothing was signed.
        """
        self._require_open()
        log.append(self.head, batch)
        signed = self.sign_tail(log, self.head, batch.head)
        self._edge = self._grown
        return signed

    def sign_tail(self, log: LogSession, signed: Head, tail: Head) -> Head:
        """Steps 2 to 4 for the stored entries between ``signed`` and ``tail``."""
        octets, tiles = log.read_back(signed.signed_size, tail.size)
        if recomputed_root(signed.signed_size, tail.size, octets, tiles) != tail.root:
            raise CorruptionError("root_differs", f"The stored entries up to {tail.size} do not give the root to sign.")
        with self._signing:  # between the look and the signature nobody closes
            self._require_open()
            note = sign_checkpoint(Checkpoint(tail.origin, tail.size, tail.root), self._signer)
        head = replace(tail, signed_size=tail.size, note=note)
        log.record_signature(tail, head)
        self.head, self.signed_time = head, head.time
        return head

    def _require_open(self) -> None:
        if self._closed is not None:
            raise self._closed.with_traceback(None)


def recomputed_root(first: int, size: int, octets: Sequence[bytes], tiles: Sequence[Tile]) -> bytes:
    """The root over ``size`` entries from stored bytes alone.

    Checks that entries [first, size) are there and are the leaves that the tiles hold, and that every tile filled
    by them is the one its parent names. Tiles filled before ``first`` were checked when they were.

    Raises:
        CorruptionError: naming the entry or tile that is not as it should be.
    """
    stored = {(tile.level, tile.n): tile.hashes for tile in tiles}
    if len(octets) != size - first:
        raise CorruptionError("entries_missing", f"{len(octets)} of the entries [{first}, {size}) are stored.")
    for index, entry in enumerate(octets, first):
        if _hash_at(stored, 0, index) != leaf_hash(entry):
            raise CorruptionError("leaf_differs", f"Entry {index} is not the leaf that its tile holds.")
    level, begin, end = 0, first, size
    while end:
        for n in range(begin // TILE_WIDTH, end // TILE_WIDTH):
            hashes = stored.get((level, n), b"")
            if len(hashes) != 32 * TILE_WIDTH or expand_tile(hashes)[-1] != _hash_at(stored, level + 1, n):
                raise CorruptionError("tile_differs", f"Tile {n} of level {level} is not the one its parent names.")
        level, begin, end = level + 1, begin // TILE_WIDTH, end // TILE_WIDTH
    return RightEdge.from_tiles(size, tiles).root()


def _hash_at(stored: Mapping[tuple[int, int], bytes], level: int, index: int) -> bytes:
    n, place = divmod(index, TILE_WIDTH)
    return stored.get((level, n), b"")[32 * place : 32 * place + 32]
