"""Inclusion and consistency proofs from stored tiles.

A proof needs, at each level, the tile above the entry and the tile at the right edge: four to eight tiles for ten
million entries. A tile is expanded once into the hashes of all subtrees inside it; expanded tiles are kept, so
that the receipts of one batch share the work. Tiles above the lowest level are kept apart and read when the log opens:
each of them serves 256 times as many entries, and receipts from all over a long log would push them out again and
again. Of the lowest ones, which are too many, the middles stay.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from hub.log.errors import CorruptionError
from hub.log.middles import Heights, Middles, hash_at
from hub.storage.values import Tile
from signing.tiles import TILE_WIDTH, expand_tile
from signing.tree import consistency_path, inclusion_path, tree_root

__all__ = ["ProofMaker", "TileSource"]

_Key = tuple[int, int, int]


class TileSource(Protocol):
    """Where tiles come from; a tile may be wider than the tree that is asked about."""

    async def tiles(self, wanted: set[tuple[int, int]]) -> list[Tile]:
        """The tiles at these (level, n), as many as there are."""


def _none(_level: int, _n: int) -> None:
    """Every tile must be read."""


class ProofMaker:
    """Makes proofs; no size may be above that of the signed head, which the caller sees to.

    Args:
        source: the stored tiles.
        capacity: how many expanded tiles of the lowest level are kept, and how many of those above; 16 KiB each. As
            many middles are kept as there are tiles under the latter, 512 octets each.

    ``recent`` may be set to what answers (level, n) with a tile that needs no reading, or None.
    """

    def __init__(self, source: TileSource, *, capacity: int = 256) -> None:
        self.recent: Callable[[int, int], Tile | None] = _none
        self._source = source
        self._capacity = capacity
        self._newest = _Nodes(0, 0, {})
        self._edges: tuple[int, dict[int, bytes]] = 0, {}
        self._lowest, self._above = _Kept(capacity), _Kept(capacity)
        self._middles = Middles(capacity * TILE_WIDTH)
        self._loading = asyncio.Lock()

    def take(self, tile: Tile) -> None:
        """Keep a tile that was read in advance; one that is not full yet soon reads otherwise, and is not kept."""
        key = tile.level, tile.n, tile.width
        if tile.width == TILE_WIDTH and key not in self._kept(tile.level):
            self._keep(key, tile.hashes)

    async def read_above(self, size: int) -> None:
        """Read the full tiles above the lowest level of a log of ``size`` entries, the newest where they are many.

        Not checked: whether all are stored; a proof that needs one that is missing says so.
        """
        full = [(level, n) for level in range(1, 8) for n in range(size >> (8 * level + 8))]
        if full:
            for tile in await self._source.tiles(set(full[-self._capacity :])):
                self.take(tile)

    async def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """The path from entry ``index`` to the root over ``size`` entries."""
        nodes = await self._nodes(index, size)
        if self._edges[0] != size:
            self._edges = size, {}
        return tuple(inclusion_path(index, size, nodes, self._edges[1]))

    async def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """The proof that the tree of ``old`` entries is the beginning of that of ``new`` entries."""
        if old in (0, new):
            return ()
        return tuple(consistency_path(old, new, await self._nodes(old - 1, new)))

    async def root(self, size: int) -> bytes:
        """The root over the first ``size`` entries."""
        return tree_root(size, await self._nodes(size - 1, size))

    async def _nodes(self, index: int, size: int) -> "_Nodes":
        """What proofs about ``index`` look up; consecutive ones about entries of one tile share it."""
        first = index // TILE_WIDTH
        if (self._newest.size, self._newest.first) != (size, first):
            found = await self._expanded_tiles(list(_tiles_of(index, size)))
            self._newest = _Nodes(size, first, {key[:2]: tile for key, tile in found.items()})
        return self._newest

    async def _expanded_tiles(self, keys: Sequence[_Key]) -> dict[_Key, Heights]:
        found = self._found(keys)
        if len(found) < len(keys):
            async with self._loading:
                found |= self._found(keys)  # whoever waited here finds the tile that it wanted
                found |= await self._load([key for key in keys if key not in found])
        for kept in (self._lowest, self._above):
            kept.forget_oldest()
        return found

    def _found(self, keys: Sequence[_Key]) -> dict[_Key, Heights]:
        """Those that are kept. Whoever waits afterwards holds on to them: others may push them out meanwhile."""
        return {key: self._kept(key[0])[key] for key in keys if key in self._kept(key[0])}

    def _kept(self, level: int) -> "_Kept":
        return self._above if level else self._lowest

    async def _load(self, keys: Sequence[_Key]) -> dict[_Key, Heights]:
        known = {(level, n): tile for level, n, _ in keys if (tile := self.recent(level, n)) is not None}
        missing = {(level, n) for level, n, width in keys if (level, n) not in known or known[level, n].width < width}
        if missing:
            known |= {(tile.level, tile.n): tile for tile in await self._source.tiles(missing)}
        loaded: dict[_Key, Heights] = {}
        for level, n, width in keys:
            tile = known.get((level, n))
            if tile is None or tile.width < width:
                raise CorruptionError("tile_missing", f"Tile {n} of level {level} is not stored to width {width}.")
            loaded[level, n, width] = self._keep((level, n, width), tile.hashes)
        return loaded

    def _keep(self, key: _Key, hashes: bytes) -> Heights:
        level, n, width = key
        lowest = level == 0 and width == TILE_WIDTH
        heights = self._middles.heights(n, hashes) if lowest else expand_tile(hashes[: 32 * width])
        self._kept(level)[key] = heights
        return heights


class _Kept(OrderedDict[_Key, Heights]):
    """Expanded tiles, those looked up last at the end; more than ``capacity`` only until ``forget_oldest``."""

    def __init__(self, capacity: int) -> None:
        super().__init__()
        self._capacity = capacity

    def __getitem__(self, key: _Key) -> Heights:
        self.move_to_end(key)
        return super().__getitem__(key)

    def forget_oldest(self) -> None:
        """Keep as many as there is room for."""
        while len(self) > self._capacity:
            self.popitem(last=False)


@dataclass(frozen=True, slots=True)
class _Nodes:
    """Looks up complete subtrees of a tree of ``size`` leaves, in the tiles that proofs about tile ``first`` need.

    Levels count from the leaves, 8 tree levels to a tile.
    """

    size: int
    first: int
    tiles: dict[tuple[int, int], Heights]

    def __call__(self, level: int, index: int) -> bytes:
        tile_level, inside = divmod(level, 8)
        bits = 8 - inside
        return hash_at(self.tiles[tile_level, index >> bits], inside, index & ((1 << bits) - 1))


def _tiles_of(index: int, size: int) -> Iterator[_Key]:
    """(level, n, width) of the tiles that proofs about ``index`` in a tree of ``size`` entries read."""
    level, count = 0, size
    while count:
        last, partial = divmod(count, TILE_WIDTH)
        n = index >> (8 * (level + 1))
        if n < last:
            yield level, n, TILE_WIDTH
        if partial:
            yield level, last, partial
        count, level = last, level + 1
