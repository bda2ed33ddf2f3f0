"""The growing side of the tree: the partial tile of each level, from which root and new tiles follow.

Tile n of level l holds the hashes of 256 subtrees of 256^l leaves (C2SP tlog-tiles); a hash enters level l+1
when its tile of level l is full. The root needs no other tile than the partial ones.
"""

from collections.abc import Iterable, Iterator, Sequence

from hub.log.errors import CorruptionError
from hub.storage.values import Tile
from signing.tiles import TILE_WIDTH, expand_tile
from signing.tree import CompactRange

__all__ = ["RightEdge"]


class RightEdge:
    """The right edge of a tree of ``size`` leaves."""

    def __init__(self) -> None:
        self.size = 0
        self._levels: list[list[bytes]] = [[]]
        self._range = CompactRange()

    @classmethod
    def from_tiles(cls, size: int, tiles: Iterable[Tile]) -> "RightEdge":
        """The edge of a tree of ``size`` leaves from stored tiles, which may be wider than ``size`` implies.

        Raises:
            CorruptionError: a tile of the edge is missing or too narrow. Hashes are not checked.
        """
        edge = cls()
        edge.size = size
        stored = {(tile.level, tile.n): tile.hashes for tile in tiles}
        edge._levels = []
        count, level = size, 0
        while count or level == 0:
            width = count % TILE_WIDTH
            hashes = stored.get((level, count // TILE_WIDTH), b"")[: 32 * width]
            if len(hashes) != 32 * width:
                raise CorruptionError(
                    "tile_missing", f"Tile {count // TILE_WIDTH} of level {level} is not stored in full."
                )
            edge._levels.append([hashes[at : at + 32] for at in range(0, len(hashes), 32)])
            count, level = count // TILE_WIDTH, level + 1
        edge._range = CompactRange(size, [one for hashes in reversed(edge._levels) for one in _complete(hashes)])
        return edge

    def extended(self, leaves: Sequence[bytes]) -> tuple["RightEdge", tuple[Tile, ...]]:
        """The edge after appending leaf hashes, and every tile that changed, as wide as it is then."""
        grown = RightEdge()
        grown.size = self.size + len(leaves)
        grown._levels = []
        tiles: list[Tile] = []
        count, added, level = self.size, list(leaves), 0
        while added or level < len(self._levels):
            partial = self._levels[level] if level < len(self._levels) else []
            hashes, n = partial + added, count // TILE_WIDTH
            full = len(hashes) // TILE_WIDTH
            pieces = [hashes[at : at + TILE_WIDTH] for at in range(0, len(hashes), TILE_WIDTH)] if added else []
            changed = [Tile(level, n + number, b"".join(piece)) for number, piece in enumerate(pieces)]
            tiles += changed
            grown._levels.append(hashes[full * TILE_WIDTH :])
            added = [expand_tile(tile.hashes)[-1] for tile in changed[:full]]
            count, level = count // TILE_WIDTH, level + 1
        grown._range = CompactRange(self.size, self._range.edges)
        for leaf in leaves:
            grown._range.append(leaf)
        return grown, tuple(tiles)

    def root(self) -> bytes:
        """The Merkle root over all leaves."""
        return self._range.root()


def _complete(hashes: Sequence[bytes]) -> Iterator[bytes]:
    """The roots of the complete subtrees of a tile that its width in binary names, largest first."""
    start = 0
    for span in (1 << bit for bit in reversed(range(len(hashes).bit_length()))):
        if len(hashes) & span:
            yield expand_tile(b"".join(hashes[start : start + span]))[-1]
            start += span
