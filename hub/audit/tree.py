"""Hash tiles: grown again from the leaf hashes and compared, none missing, none too many."""

from collections.abc import Sequence

from hub.audit.findings import Findings
from hub.log.edge import RightEdge
from hub.storage.audit import Audit
from hub.storage.values import Tile

__all__ = ["TreeAudit"]

_FULL = 256


class TreeAudit:
    """The tree over the entries so far; what is held in memory is its right edge."""

    def __init__(self, audit: Audit, findings: Findings) -> None:
        self._audit = audit
        self._findings = findings
        self._edge = RightEdge()
        self._partial: dict[tuple[int, int], Tile] = {}
        self._full = 0

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return self._edge.size

    def root(self) -> bytes:
        """The root over them."""
        return self._edge.root()

    async def grow(self, leaves: Sequence[bytes]) -> None:
        """Append leaf hashes; tiles that this fills are compared."""
        self._edge, tiles = self._edge.extended(leaves)
        full = [tile for tile in tiles if tile.width == _FULL]
        for tile in full:
            self._partial.pop((tile.level, tile.n), None)
        self._partial.update(((tile.level, tile.n), tile) for tile in tiles if tile.width < _FULL)
        self._full += len(full)
        await self._compare(full)

    async def finish(self) -> None:
        """Compare the tiles of the right edge, and how many there are."""
        await self._compare(list(self._partial.values()))
        expected, found = self._full + len(self._partial), await self._audit.tile_count()
        if found != expected:
            self._findings.add("tile_count", f"{found} tiles are stored; the entries give {expected}.", "tiles")

    async def _compare(self, expected: Sequence[Tile]) -> None:
        stored = await self._audit.tiles([(tile.level, tile.n) for tile in expected]) if expected else {}
        for tile in expected:
            if stored.get((tile.level, tile.n)) != (tile.width, tile.hashes):
                where = f"tile {tile.level}/{tile.n}"
                self._findings.add("tile_differs", "The tile is not the one that the entries give.", where)
