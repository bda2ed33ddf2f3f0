"""Hashes of a tile at its nine heights, and how few of them a path needs.

A full tile has 255 hashes above its own. A path through it asks for one at each height, which all follow from 247 of
them. With the 16 in the *middle*, at height 4, 22 do: eleven below the middle and eleven above it. Middles take 512
octets a tile and are kept long after all else was forgotten, so that in a long log as in a short one only the first
receipt under a tile hashes it whole.
"""

from collections import OrderedDict
from typing import TypeAlias

from signing.tiles import TILE_WIDTH, expand_tile, hash_in

__all__ = ["Heights", "Middles", "hash_at"]

Heights: TypeAlias = tuple[bytes, ...]
"""A tile's hashes at each height, as ``expand_tile`` gives them; empty where they are worked out of those below."""

_MIDDLE = 4


def hash_at(tile: Heights, height: int, index: int) -> bytes:
    """The hash at ``index`` of a height of a tile, which has one there."""
    known = height
    while not tile[known]:
        known -= 1
    if known == height:
        return hash_in(tile[height], index)
    size = 32 << (height - known)
    return expand_tile(tile[known][index * size : (index + 1) * size])[-1]


class Middles:
    """The middles of full tiles of one level, those looked up last at the end.

    Args:
        capacity: how many are kept.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[int, bytes] = OrderedDict()

    def heights(self, n: int, hashes: bytes) -> Heights:
        """What a path through full tile ``n`` needs; all of its hashes, the first time that it is asked for."""
        if len(hashes) != 32 * TILE_WIDTH:
            raise ValueError(f"Tile {n} is not full.")
        if (middle := self._kept.get(n)) is not None:
            self._kept.move_to_end(n)
            return (hashes, b"", b"", b"", middle, b"", b"", b"", b"")
        heights = expand_tile(hashes)
        self._kept[n] = heights[_MIDDLE]
        if len(self._kept) > self._capacity:
            self._kept.popitem(last=False)
        return heights
