"""Tiles: how a log's hashes and entries are cut into immutable files (C2SP tlog-tiles v0.1.0).

Hash tile n of level l holds the roots of up to 256 subtrees of 256^l leaves each; a hash enters level l+1 only when
its tile of level l is full. An entry bundle holds up to 256 entries, each after its length as two bytes. Paths::

    tile/<level>/<n>          full          tile/entries/<n>          full
    tile/<level>/<n>.p/<w>    w of 256      tile/entries/<n>.p/<w>    w of 256

with n in groups of three digits, all but the last marked by ``x``: 1234067 is ``x001/x234/067``. Nothing here
authenticates anything: a tile is worth what the root computed from it is worth.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import NamedTuple

from .errors import FormatError

__all__ = [
    "ENTRIES",
    "TILE_WIDTH",
    "TileId",
    "TileNodes",
    "entry_bundle",
    "expand_tile",
    "hash_in",
    "parse_entry_bundle",
    "parse_tile_path",
    "tile_path",
    "tiles_for",
]

TILE_WIDTH = 256
ENTRIES = -1
"""The level under which entry bundles are named here; in paths it reads ``entries``."""

MAX_ENTRY = 65_535
_PATH = re.compile(r"tile/(entries|0|[1-9]\d?)/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII)


class TileId(NamedTuple):
    """Which tile: its level (or ``ENTRIES``), its number, and how many of its 256 places are filled."""

    level: int
    n: int
    width: int = TILE_WIDTH


def tile_path(level: int, n: int, width: int = TILE_WIDTH) -> str:
    """The path of a tile below the log's prefix."""
    if not ENTRIES <= level <= 63 or not 0 <= n < 2**63 or not 1 <= width <= TILE_WIDTH:
        raise FormatError("bad_tile", f"There is no tile {n} of level {level} and width {width}.")
    digits = str(n)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{'entries' if level == ENTRIES else level}/{name}{partial}"


def parse_tile_path(path: str) -> TileId:
    """Read a path as ``tile_path`` writes it. Not checked: whether a log of some size has that tile."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise FormatError("bad_tile_path", "This is not the path of a tile.", path[:100])
    level = ENTRIES if match[1] == "entries" else int(match[1])
    tile = TileId(level, int(re.sub("[x/]", "", match[2])[:30]), int(match[3] or TILE_WIDTH))
    if tile_path(*tile) != path:
        raise FormatError("bad_tile_path", "A tile's path has no other zeros than it needs.", path[:100])
    return tile


def entry_bundle(entries: Iterable[bytes]) -> bytes:
    """The octets of an entry bundle."""
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise FormatError("entry_too_large", f"An entry has at most {MAX_ENTRY} bytes, this one {len(entry)}.")
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def parse_entry_bundle(data: bytes, width: int) -> tuple[bytes, ...]:
    """The ``width`` entries of a bundle; refuses one that holds fewer, or anything more."""
    entries, at = [], 0
    for _ in range(width):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        entries.append(data[start:at])
        if at > len(data) or start > len(data):
            raise FormatError("bad_entry_bundle", f"The bundle ends before its {width} entries do.")
    if at != len(data):
        raise FormatError("bad_entry_bundle", f"The bundle holds more than its {width} entries.")
    return tuple(entries)


def tiles_for(size: int, since: int = 0) -> Iterator[TileId]:
    """Every tile and bundle, as wide as it then is, that growing from ``since`` to ``size`` leaves makes or widens."""
    yield from (TileId(ENTRIES, n, width) for n, width in _grown(since, size))
    level = 0
    while size:
        yield from (TileId(level, n, width) for n, width in _grown(since, size))
        level, since, size = level + 1, since // TILE_WIDTH, size // TILE_WIDTH


def _grown(since: int, size: int) -> Iterator[tuple[int, int]]:
    for n in range(since // TILE_WIDTH, -(-size // TILE_WIDTH) if size > since else 0):
        yield n, min(TILE_WIDTH, size - n * TILE_WIDTH)


def expand_tile(hashes: bytes) -> tuple[bytes, ...]:
    """A hash tile's own hashes, then the roots of the complete pairs, fours, … among them, up to 8 levels above.

    Each level is one string of 32-byte hashes (``hash_in``).
    """
    if not hashes or len(hashes) % 32 or len(hashes) > 32 * TILE_WIDTH:
        raise FormatError("bad_tile", "A hash tile holds 1-256 hashes of 32 bytes.")
    levels = [hashes]
    while len(levels[-1]) > 32:
        below = levels[-1]
        # node_hash, written out: two hashes lie side by side already, and a full tile has 255 of them
        pairs = range(0, len(below) - 32, 64)
        levels.append(b"".join([sha256(b"\x01" + below[at : at + 64]).digest() for at in pairs]))
    return tuple(levels)


def hash_in(level: bytes, index: int) -> bytes:
    """The hash at ``index`` of one level of an expanded tile; ``IndexError`` where that has fewer."""
    found = level[32 * index : 32 * index + 32]
    if not found:
        raise IndexError(index)
    return found


class TileNodes:
    """The ``node`` callback of ``tree`` over the hash tiles of a log of ``size`` leaves.

    Args:
        size: number of leaves; decides how wide the last tile of each level is.
        read: fetches the octets of one hash tile.
        capacity: how many expanded tiles (16 KiB each) are kept.
    """

    def __init__(self, size: int, read: Callable[[TileId], bytes], *, capacity: int = 64) -> None:
        self._size = size
        self._read = read
        self._capacity = capacity
        self._expanded: OrderedDict[TileId, tuple[bytes, ...]] = OrderedDict()

    def __call__(self, level: int, index: int) -> bytes:
        """The root of the complete subtree ``index`` of 2^``level`` leaves."""
        tile_level, inside = divmod(level, 8)
        n, at = divmod(index, TILE_WIDTH >> inside)
        width = min(TILE_WIDTH, (self._size >> (8 * tile_level)) - n * TILE_WIDTH)
        return hash_in(self._tile(TileId(tile_level, n, width))[inside], at)

    def _tile(self, tile: TileId) -> tuple[bytes, ...]:
        if tile not in self._expanded:
            hashes = self._read(tile)
            if len(hashes) != 32 * tile.width:
                raise FormatError("bad_tile", "The tile is not as wide as its name says.", tile_path(*tile))
            self._expanded[tile] = expand_tile(hashes)
            if len(self._expanded) > self._capacity:
                self._expanded.popitem(last=False)
        self._expanded.move_to_end(tile)
        return self._expanded[tile]
