"""Exporting the log as static files (C2SP tlog-tiles), which any web server or bucket can serve without the hub.

::

    1 head         the newest checkpoint that a quorum cosigned; the newest signed one where the policy asks for none
    2 target       empty, or an earlier export of this very log: never back, never another history
    3 objects      bundles, hash tiles, the partial tiles of this size and the proofs of later policies, each created,
                   none overwritten
    4 read back    entries and tiles as they lie there now give the root of the checkpoint
    5 checkpoint   in place of the one that was read in step 2, and only of that one

A run that is killed leaves objects without a checkpoint over them; the next run finds and compares them. Partial tiles
of earlier sizes stay: who has fetched an earlier checkpoint may still ask for them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

from hub.keeping.errors import ExportError
from hub.keeping.objectstore import ObjectStore, Stored
from hub.keeping.policyproofs import put_policy_proofs
from hub.log.edge import RightEdge
from hub.log.errors import CorruptionError
from hub.log.publication import with_lines
from hub.log.service import policy_chain
from hub.log.signedheads import edge_at
from hub.storage.directory import Directory
from hub.storage.engine import Database
from hub.storage.log_reads import LogReads
from hub.storage.values import Head, Tile
from signing.encoding import JSON
from signing.errors import SigningError
from signing.merkle import leaf_hash
from signing.notes import Checkpoint, VerifierKey, open_checkpoint, parse_note
from signing.tiles import ENTRIES, TILE_WIDTH, TileId, entry_bundle, parse_entry_bundle, tile_path, tiles_for

__all__ = ["CHECKPOINT", "Exported", "export", "object_count"]

T = TypeVar("T")
CHECKPOINT = "checkpoint"
_AT_ONCE = 16
"""Requests that wait for the target at a time."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export did: sizes before and after, bundles and tiles written, and those that were there already."""

    origin: str
    before: int
    size: int
    written: int
    present: int

    def json(self) -> dict[str, JSON]:
        """The result for a machine."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A checkpoint to export and its note with every cosignature."""

    checkpoint: Checkpoint
    note: bytes


async def export(
    database: Database,
    head: Head,
    log_key: VerifierKey,
    store: ObjectStore,
    progress: Callable[[int], None] = lambda _: None,
) -> Exported:
    """Bring the static files in ``store`` up to the newest published checkpoint.

    Args:
        database: the hub's tables; the hub may be running.
        head: where the log ends now; only what is published is exported.
        log_key: the log's key, from outside the database.
        store: where the files go.
        progress: called with the number of objects written, then read back, so far; ``object_count`` is their most.

    Raises:
        ExportError: no_checkpoint, target_foreign, target_ahead, target_forked, object_differs, readback_differs,
            target_moved, or what the store says.
        CorruptionError: what is stored in the database is not what was signed.
    """
    reads = LogReads(database)
    shown = await _shown(Directory(database), reads, head, log_key)
    before = await store.get(CHECKPOINT)
    old = await _continued(before, shown.checkpoint, reads, log_key)
    wanted = list(tiles_for(shown.checkpoint.size, old))
    work = _Work(reads, store, progress)
    await work.create(wanted)
    await put_policy_proofs(Directory(database), reads, shown.checkpoint.size, store)
    await store.flush()
    await work.read_back(await edge_at(old, reads), shown.checkpoint, wanted)
    await _publish(store, shown.note, before)
    return Exported(shown.checkpoint.origin, old, shown.checkpoint.size, work.written, len(wanted) - work.written)


def object_count(size: int) -> int:
    """How many objects an export of ``size`` entries into an empty place writes and reads back."""
    return 2 * sum(1 for _ in tiles_for(size))


async def _shown(directory: Directory, reads: LogReads, head: Head, log_key: VerifierKey) -> _Shown:
    """Step 1."""
    chain = await policy_chain(directory, reads, head.size)
    stored = await (reads.checkpoint(head.signed_size) if chain.quorum_none else reads.newest_witnessed())
    if stored is None or stored.size == 0:
        raise ExportError("no_checkpoint", "No checkpoint has been cosigned by a quorum of witnesses yet.")
    try:
        checkpoint = open_checkpoint(parse_note(stored.note), log_key)
    except SigningError as error:
        raise CorruptionError(error.code, f"The newest checkpoint is not by this log's key: {error}") from None
    return _Shown(checkpoint, with_lines(stored.note, stored.lines.values()))


async def _continued(before: Stored | None, new: Checkpoint, reads: LogReads, log_key: VerifierKey) -> int:
    """Step 2: the size that was exported before, 0 where nothing was."""
    if before is None:
        return 0
    try:
        old = open_checkpoint(parse_note(before.data), log_key)
    except SigningError as error:
        message = f"What lies there is no checkpoint of this log, so nothing is written: {error.message}"
        raise ExportError("target_foreign", message, CHECKPOINT) from None
    if old.size > new.size:
        message = (
            f"The checkpoint there is of {old.size} entries, the newest published here of {new.size}: an export never"
            " goes back. If this hub was restored from a backup, complete it first (odr-hub complete)."
        )
        raise ExportError("target_ahead", message, CHECKPOINT)
    if (await edge_at(old.size, reads)).root() != old.root:
        message = (
            f"The checkpoint there, of {old.size} entries, is of another history than the log stored here, under the"
            " same name and key. Keep both: this is evidence that the log was forked."
        )
        raise ExportError("target_forked", message, CHECKPOINT)
    return old.size


class _Work:
    """Steps 3 and 4."""

    def __init__(self, reads: LogReads, store: ObjectStore, progress: Callable[[int], None]) -> None:
        self._reads = reads
        self._store = store
        self._progress = progress
        self._done = 0
        self.written = 0

    async def create(self, wanted: Sequence[TileId]) -> None:
        """Create each object, or find the same octets there."""
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            self.written += sum(await _all(self._create(tile) for tile in some))
            self._advance(len(some))

    async def read_back(self, edge: RightEdge, head: Checkpoint, wanted: Sequence[TileId]) -> None:
        """Grow the tree from ``edge`` over the entries as they lie there; hold every tile and the root against it."""
        expected: dict[tuple[int, int], Tile] = {}
        bundles = [tile for tile in wanted if tile.level == ENTRIES]
        for start in range(0, len(bundles), _AT_ONCE):
            some = bundles[start : start + _AT_ONCE]
            for one, entries in zip(some, await _all(map(self._entries, some)), strict=True):
                leaves = [leaf_hash(entry) for entry in entries]
                edge, tiles = edge.extended(leaves[edge.size - one.n * TILE_WIDTH :])
                expected.update(((tile.level, tile.n), tile) for tile in tiles)
                if expected[0, one.n].hashes != b"".join(leaves):
                    raise _differs(one)
            full = [tile for tile in expected.values() if tile.width == TILE_WIDTH]
            await self._compare(full)
            for tile in full:
                del expected[tile.level, tile.n]
            self._advance(len(some))
        await self._compare(list(expected.values()))
        if (edge.size, edge.root()) != (head.size, head.root):
            raise ExportError("readback_differs", "The entries there do not give the root of the checkpoint.")

    async def _create(self, tile: TileId) -> bool:
        name, data = tile_path(*tile), await self._octets(tile)
        if await self._store.create(name, data):
            return True
        found = await self._store.get(name)
        if found is None or found.data != data:
            message = (
                "There is another object under this name; it is not overwritten. Look into it, or use a new place."
            )
            raise ExportError("object_differs", message, name)
        return False

    async def _octets(self, tile: TileId) -> bytes:
        if tile.level == ENTRIES:
            start = tile.n * TILE_WIDTH
            entries = await self._reads.entries(start, start + tile.width)
            if len(entries) == tile.width:
                return entry_bundle(entries)
        else:
            found = await self._reads.tiles({(tile.level, tile.n)})
            if found and found[0].width >= tile.width:
                return found[0].hashes[: 32 * tile.width]
        raise CorruptionError("tile_missing", "The database has not all of this tile.", tile_path(*tile))

    async def _entries(self, tile: TileId) -> tuple[bytes, ...]:
        found = await self._store.get(tile_path(*tile))
        try:
            return parse_entry_bundle(found.data if found else b"", tile.width)
        except SigningError:
            raise _differs(tile) from None

    async def _compare(self, tiles: Sequence[Tile]) -> None:
        names = [tile_path(tile.level, tile.n, tile.width) for tile in tiles]
        for tile, found in zip(tiles, await _all(map(self._store.get, names)), strict=True):
            if found is None or found.data != tile.hashes:
                raise _differs(TileId(tile.level, tile.n, tile.width))
        self._advance(len(tiles))

    def _advance(self, count: int) -> None:
        self._done += count
        self._progress(self._done)


async def _all(calls: Iterable[Awaitable[T]]) -> list[T]:
    """What all of the calls return; when one fails, the others have ended before its error is raised."""
    found = await asyncio.gather(*calls, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException):
            raise one
    return [one for one in found if not isinstance(one, BaseException)]


def _differs(tile: TileId) -> ExportError:
    return ExportError("readback_differs", "What lies there is not what was written.", tile_path(*tile))


async def _publish(store: ObjectStore, note: bytes, before: Stored | None) -> None:
    """Step 5."""
    if before is not None and before.data == note:
        return
    await store.replace(CHECKPOINT, note, before)
    found = await store.get(CHECKPOINT)  # also right where the answer to our own write was lost and it was sent again
    if found is None or found.data != note:
        raise ExportError("target_moved", "Another export wrote its checkpoint there meanwhile; run this again.")
