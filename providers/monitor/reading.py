"""Reading what was added to the log: every entry's octets, every hash tile, and the root that they must give.

The root is recomputed from the entries and the right edge of the last verified tree; so a log that took something back,
changed it or hides it gives another root, or none. When the root is another one, the hash tiles show why: if they prove
that the new tree does not begin with the old one, that is a fork, and the proof is kept; else the entries are altered.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from providers.bundles import bundle_groups
from providers.monitor.errors import ContradictionError, LogFaultError
from providers.monitor.head import Head, Position
from providers.monitor.ownership import Concern, Owner, concern
from providers.monitor.questions import Question
from providers.witness.submission import Submission, format_submission
from signing.consistency import check_consistency
from signing.errors import FormatError, SigningError
from signing.merkle import check_inclusion, leaf_hash
from signing.notes import TlogProof
from signing.signnotes import format_proof
from signing.tiles import ENTRIES, TILE_WIDTH, TileId, TileNodes, parse_entry_bundle, tile_path, tiles_for
from signing.tree import CompactRange, Node, consistency_path, inclusion_path, tree_root

__all__ = ["Files", "Reading", "read_growth"]

AHEAD = 8
"""How many bundles are asked for at once."""


class Files(Protocol):
    """Where a log's tiles come from."""

    async def file(self, tile: TileId) -> bytes | None:
        """The octets of a hash tile or entry bundle, None if the log's keeper says that it has none."""


@dataclass(slots=True)
class Reading:
    """What was read: the right edge, and what was found on the way. Nothing of it counts before the root agrees."""

    owner: Owner
    tree: CompactRange
    concerns: list[Concern] = field(default_factory=list)
    policies: dict[int, str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def take(self, n: int, data: bytes, width: int) -> bytes:
        """Go on with bundle ``n``; returns the hashes of all its entries. Long work: call it in a thread.

        Raises:
            FormatError: the bundle does not hold ``width`` entries; nothing is taken.
        """
        entries = parse_entry_bundle(data, width)
        hashes = [leaf_hash(octets) for octets in entries]
        since = self.tree.size - n * TILE_WIDTH
        for octets, leaf in zip(entries[since:], hashes[since:], strict=True):
            self._look_at(self.tree.size, octets)
            for level, index, value in self.tree.append(leaf):
                if level and level % 8 == 0:
                    self.nodes[level // 8, index] = value
        return b"".join(hashes)

    def fits(self, tile: TileId, hashes: bytes) -> bool:
        """Whether a tile above the lowest level holds the hashes that were computed here."""
        if len(hashes) != 32 * tile.width:
            return False
        places = {at: self.nodes.get((tile.level, tile.n * TILE_WIDTH + at)) for at in range(tile.width)}
        return all(value in (None, hashes[32 * at : 32 * at + 32]) for at, value in places.items())

    def _look_at(self, index: int, octets: bytes) -> None:
        found, entry = concern(index, octets, self.owner)
        if found is not None:
            self.concerns.append(found)
        if entry.get("kind") in ("genesis", "policy"):
            self.policies[index] = str(entry["digest"])
        own = found is not None and found.code == "entry_in_our_name"
        if own or entry.get("kind") == "key":
            told = str(entry["kind"]), str(entry["digest"]), str(entry["sigs"]), entry["time"]
            self.questions.append(Question(index, *told, own=own))


async def read_growth(files: Files, last: Position | None, head: Head, owner: Owner) -> Reading:
    """Read everything between ``last`` and ``head``, and hold it against the root of ``head``.

    Raises:
        LogFaultError: ``entries_withheld``, ``entries_altered``, ``tiles_withheld``, ``tiles_altered``.
        ContradictionError: ``log_forked``, with the proof.
        HubUnavailableError: as ``files`` says.
    """
    before = last.checkpoint.size if last else 0
    reading = Reading(owner, CompactRange(before, last.edges if last else ()))
    size = head.checkpoint.size
    faults = await _take_bundles(files, reading, size)
    if reading.tree.root() != head.checkpoint.root:
        raise await _contradiction(files, last, head)
    faults += await _check_upper_tiles(files, reading, before, size)
    if faults:
        raise faults[0]
    return reading


async def _take_bundles(files: Files, reading: Reading, size: int) -> list[LogFaultError]:
    """Every bundle, beside the hash tile of its entries; what is wrong about the tiles."""
    faults = []
    for group in bundle_groups(size, reading.tree.size, AHEAD):
        lowest = [TileId(0, one.n, one.width) for one in group]
        found = await asyncio.gather(*(files.file(one) for one in (*group, *lowest)))
        for bundle, tile, data, hashes in zip(group, lowest, found, found[len(group) :], strict=False):
            computed = await _taken(files, reading, bundle, data, size)
            faults += [] if hashes == computed else [_tile_fault(tile, hashes, size)]
    return faults


async def _taken(files: Files, reading: Reading, bundle: TileId, data: bytes | None, size: int) -> bytes:
    if data is None:
        first = bundle.n * TILE_WIDTH
        message = f"The log has signed {size} entries, but the hub does not show {first} to {first + bundle.width - 1}."
        raise LogFaultError("entries_withheld", message, tile_path(*bundle))
    try:
        return await asyncio.to_thread(reading.take, bundle.n, data, bundle.width)
    except FormatError:
        again = await files.file(bundle) or b""  # it may have been hurt on the way
    try:
        return await asyncio.to_thread(reading.take, bundle.n, again, bundle.width)
    except FormatError as error:
        raise LogFaultError("entries_altered", error.message, tile_path(*bundle)) from error


async def _check_upper_tiles(files: Files, reading: Reading, before: int, size: int) -> list[LogFaultError]:
    faults = []
    for tile in tiles_for(size, before):
        if tile.level > 0:
            hashes = await files.file(tile)
            if hashes is None or not reading.fits(tile, hashes):
                faults.append(_tile_fault(tile, hashes, size))
    return faults


def _tile_fault(tile: TileId, hashes: bytes | None, size: int) -> LogFaultError:
    if hashes is None:
        message = f"The log has signed {size} entries, but the hub does not show all their hashes."
        return LogFaultError("tiles_withheld", message, tile_path(*tile))
    return LogFaultError("tiles_altered", "A hash tile does not hold the hashes of the entries.", tile_path(*tile))


async def _contradiction(files: Files, last: Position | None, head: Head) -> LogFaultError:
    """Why the root is another one: a fork that the tiles prove, or entries that are not the signed ones."""
    loop = asyncio.get_running_loop()

    def read(tile: TileId) -> bytes:
        return asyncio.run_coroutine_threadsafe(files.file(tile), loop).result() or b""

    forked = await asyncio.to_thread(_forked, last, head, read) if last else None
    if forked is not None:
        return forked
    message = f"The {head.checkpoint.size} entries that the hub shows do not give the root that the log has signed."
    return LogFaultError("entries_altered", message)


def _forked(last: Position, head: Head, read: Callable[[TileId], bytes]) -> ContradictionError | None:
    old, new = last.checkpoint, head.checkpoint
    node = TileNodes(new.size, read)
    try:
        root, proof = tree_root(old.size, node), consistency_path(old.size, new.size, node)
        check_consistency(old.size, root, new.size, new.root, proof)
    except SigningError:
        return None  # the tiles prove nothing
    if root == old.root:
        return None
    evidence = {
        "first.note": last.note,
        "second.note": head.note,
        "growth.add-checkpoint": format_submission(Submission(old.size, tuple(proof), head.note)),
    }
    if (entry := _entry_proof(old.size - 1, head, node, read)) is not None:
        evidence["growth.tlog-proof"] = entry
    key = f"{new.origin}/{new.size}/{new.root.hex()}"
    message = f"The tree of {new.size} entries does not begin with the tree of {old.size} that the log signed before."
    return ContradictionError("log_forked", message, key=key, evidence=evidence)


def _entry_proof(index: int, head: Head, node: Node, read: Callable[[TileId], bytes]) -> bytes | None:
    """The tlog-proof of the last entry of the old tree in the new one, which leads to the other old root as well.

    None where the hub does not show an entry that fits.
    """
    n, size = index // TILE_WIDTH, head.checkpoint.size
    bundle = TileId(ENTRIES, n, min(TILE_WIDTH, size - n * TILE_WIDTH))
    try:
        octets = parse_entry_bundle(read(bundle), bundle.width)[index - n * TILE_WIDTH]
        path = inclusion_path(index, size, node)
        check_inclusion(leaf_hash(octets), index, size, path, head.checkpoint.root)
    except SigningError:
        return None
    return format_proof(TlogProof(index, tuple(path), head.note, octets))
