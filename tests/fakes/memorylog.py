"""A log in memory on the real formats, honest or not: what witnesses and clients of witnesses are tested against."""

import base64
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from signing.merkle import leaf_hash
from signing.notes import Checkpoint
from signing.secretkeys import SigningKey
from signing.signnotes import log_signer, sign_checkpoint
from signing.tiles import ENTRIES, TILE_WIDTH, TileId, entry_bundle
from signing.tree import CompactRange, consistency_path, inclusion_path, tree_root

VECTORS = Path(__file__).parents[1] / "vectors" / "tlog"


def vectors(name: str) -> Any:
    """A JSON file of tests/vectors/tlog."""
    return json.loads((VECTORS / name).read_text("utf-8"))


def b64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


class MemoryTree:
    """Every complete subtree of a growing tree."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.range = CompactRange()
        for leaf in leaves:
            self.append(leaf)

    def append(self, leaf: bytes) -> None:
        for level, index, value in self.range.append(leaf):
            self.nodes[level, index] = value

    def node(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]

    @property
    def size(self) -> int:
        return self.range.size

    def root(self, size: int | None = None) -> bytes:
        return self.range.root() if size is None else tree_root(size, self.node)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        return inclusion_path(index, size, self.node)

    def consistency(self, old: int, new: int) -> list[bytes]:
        return consistency_path(old, new, self.node)


class MemoryLog:
    """A signing log; a second one with the same seed and other entries is its fork."""

    def __init__(
        self, origin: str = "hub.example/log/1", seed: bytes = b"L" * 32, entries: Sequence[bytes] = ()
    ) -> None:
        self.signer = log_signer(origin, SigningKey(seed))
        self.entries: list[bytes] = []
        self.tree = MemoryTree()
        self.extend(entries)

    @property
    def origin(self) -> str:
        return self.signer.name

    @property
    def vkey(self) -> str:
        return self.signer.verifier.format()

    def extend(self, entries: Iterable[bytes]) -> None:
        for entry in entries:
            self.entries.append(entry)
            self.tree.append(leaf_hash(entry))

    def grow_to(self, size: int) -> None:
        self.extend(b"entry %d" % number for number in range(self.tree.size, size))

    def checkpoint(self, size: int | None = None, *, root: bytes | None = None) -> bytes:
        """The log-signed note at ``size``, over ``root`` if the log is to lie."""
        size = self.tree.size if size is None else size
        return sign_checkpoint(Checkpoint(self.origin, size, root or self.tree.root(size)), self.signer)

    def tile(self, tile: TileId) -> bytes:
        start, end = tile.n * TILE_WIDTH, tile.n * TILE_WIDTH + tile.width
        if tile.level == ENTRIES:
            return entry_bundle(self.entries[start:end])
        return b"".join(self.tree.node(8 * tile.level, index) for index in range(start, end))
