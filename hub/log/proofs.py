"""Inclusion and consistency proofs from stored tiles.

A proof needs, at each level, the tile above the entry and the tile at the right edge: four to eight tiles for ten
million entries. A tile is expanded once into the hashes of all subtrees inside it; expanded tiles are kept, so
that the receipts of one batch share the work.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from typing import Protocol

from hub.log.errors import CorruptionError
from hub.storage.values import Tile
from signing.tiles import expand_tile
from signing.tree import consistency_path, inclusion_path

__all__ = ["ProofMaker", "TileSource"]

_Expanded = tuple[tuple[bytes, ...], ...]
_Key = tuple[int, int, int]


class TileSource(Protocol):
    """Where tiles come from; a tile may be wider than the tree that is asked about."""

    async def tiles(self, wanted: set[tuple[int, int]]) -> list[Tile]:
        """The tiles at these (level, n), as many as there are."""


class ProofMaker:
    """Makes proofs; sizes must be those of signed heads, which the caller sees to.

    Args:
        source: the stored tiles.
        capacity: how many expanded tiles are kept, 32 KiB each.
    """

    def __init__(self, source: TileSource, *, capacity: int = 256) -> None:
        self._source = source
        self._capacity = capacity
        self._expanded: OrderedDict[_Key, _Expanded] = OrderedDict()
        self._loading = asyncio.Lock()

    async def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """The path from entry ``index`` to the root over ``size`` entries."""
        return tuple(inclusion_path(index, size, await self._nodes(index, size)))

    async def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """The proof that the tree of ``old`` entries is the beginning of that of ``new`` entries."""
        if old in (0, new):
            return ()
        return tuple(consistency_path(old, new, await self._nodes(old - 1, new)))

    async def _nodes(self, index: int, size: int) -> "_Nodes":
        keys = set(_tiles_of(index, size))
        if not keys <= self._expanded.keys():
            async with self._loading:  # whoever waited here finds the tile that it wanted
                await self._load(keys - self._expanded.keys())
        found = {key: self._expanded[key] for key in keys}
        for key in keys:
            self._expanded.move_to_end(key)
        while len(self._expanded) > self._capacity:
            self._expanded.popitem(last=False)
        return _Nodes(found)

    async def _load(self, keys: set[_Key]) -> None:
        if not keys:
            return
        stored = {(tile.level, tile.n): tile for tile in await self._source.tiles({(level, n) for level, n, _ in keys})}
        for level, n, width in keys:
            tile = stored.get((level, n))
            if tile is None or tile.width < width:
                raise CorruptionError("tile_missing", f"Tile {n} of level {level} is not stored to width {width}.")
            self._expanded[level, n, width] = expand_tile(tile.hashes[: 32 * width])


class _Nodes:
    """Looks up complete subtrees: ``level`` counts from the leaves, 8 tree levels to a tile."""

    def __init__(self, tiles: dict[_Key, _Expanded]) -> None:
        self._tiles = {(level, n): tile for (level, n, _), tile in tiles.items()}

    def __call__(self, level: int, index: int) -> bytes:
        tile_level, inside = divmod(level, 8)
        bits = 8 - inside
        return self._tiles[tile_level, index >> bits][inside][index & ((1 << bits) - 1)]


def _tiles_of(index: int, size: int) -> Iterator[_Key]:
    """(level, n, width) of the tiles that proofs about ``index`` in a tree of ``size`` entries read."""
    level, count = 0, size
    while count:
        last, partial = divmod(count, 256)
        n = index >> (8 * (level + 1))
        if n < last:
            yield level, n, 256
        if partial:
            yield level, last, partial
        count, level = last, level + 1
