"""The growing side of the tree: the partial tile of each level, from which root and new tiles follow.

Tile n of level l holds the hashes of 256 subtrees of 256^l leaves (C2SP tlog-tiles); a hash enters level l+1
when its tile of level l is full. The root needs no other tile than the partial ones.
"""

from collections.abc import Iterable, Sequence

from hub.log.errors import CorruptionError
from hub.storage.values import Tile
from signing.merkle import EMPTY_ROOT, node_hash

__all__ = ["RightEdge", "subtree_root"]

WIDTH = 256


class RightEdge:
    """The right edge of a tree of ``size`` leaves."""

    def __init__(self) -> None:
        self.size = 0
        self._levels: list[list[bytes]] = [[]]

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
            width = count % WIDTH
            hashes = stored.get((level, count // WIDTH), b"")[: 32 * width]
            if len(hashes) != 32 * width:
                raise CorruptionError("tile_missing", f"Tile {count // WIDTH} of level {level} is not stored in full.")
            edge._levels.append([hashes[at : at + 32] for at in range(0, len(hashes), 32)])
            count, level = count // WIDTH, level + 1
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
            hashes, n = partial + added, count // WIDTH
            full = len(hashes) // WIDTH
            if added:
                pieces = (hashes[at : at + WIDTH] for at in range(0, len(hashes), WIDTH))
                tiles += [Tile(level, n + number, b"".join(piece)) for number, piece in enumerate(pieces)]
            grown._levels.append(hashes[full * WIDTH :])
            added = [subtree_root(hashes[at * WIDTH : (at + 1) * WIDTH]) for at in range(full)]
            count, level = count // WIDTH, level + 1
        return grown, tuple(tiles)

    def root(self) -> bytes:
        """The Merkle root over all leaves."""
        root: bytes | None = None
        for hashes in self._levels:
            end = len(hashes)
            while end:
                span = end & -end  # the smallest complete subtree on the right
                subtree = subtree_root(hashes[end - span : end])
                root = subtree if root is None else node_hash(subtree, root)
                end -= span
        return EMPTY_ROOT if root is None else root


def subtree_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(level[at], level[at + 1]) for at in range(0, len(level), 2)]
    return level[0]
