"""The files of one mirrored log (C2SP tlog-tiles), and how they grow.

::

    DIR/mirror/<hex SHA-256 of origin>/stored                the newest signed note whose every entry is stored
                                       checkpoint            the newest one that the log has published since
                                       tile/entries/<n>[.p/<w>]
                                       tile/<level>/<n>[.p/<w>]

Tiles are written first, each whole or not at all (temporary file, fsync, rename, fsync of the folder), then ``stored``:
what it covers is on disk whenever the process or the machine stops. ``checkpoint`` carries the cosignatures of the
others, so that ``checkpoint`` and ``tile/`` are the log as anybody relies on it. Of a tile that is not full only the
parts are kept that these two notes imply; narrower ones are cut from wider ones. What lies beyond ``stored`` means
nothing yet: it is used again after a stop, and believed only when it gives the root of a signed checkpoint. An origin
never becomes a path.
"""

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from providers.durable import sync_folder, write_whole
from providers.witness.errors import WitnessError
from providers.witness.store import origin_hash
from signing.errors import FormatError, SigningError
from signing.merkle import leaf_hash
from signing.notes import Checkpoint, VerifierKey, open_checkpoint, parse_note
from signing.tiles import (
    ENTRIES,
    TILE_WIDTH,
    TileId,
    TileNodes,
    parse_entry_bundle,
    parse_tile_path,
    tile_path,
    tiles_for,
)
from signing.tree import CompactRange, tree_root

__all__ = ["Growth", "MirroredLog", "first_entries"]


class MirroredLog:
    """One mirrored log. It grows in one thread at a time; ``read`` and ``publish`` may come in between.

    Args:
        mirror: the folder of all mirrored logs.
        key: of the log.

    Raises:
        WitnessError: ``mirror_damaged``, what is stored does not give the root of its checkpoint.
    """

    def __init__(self, mirror: Path, key: VerifierKey) -> None:
        self.key = key
        self.directory = mirror / origin_hash(key.name)
        self._changing = threading.Lock()
        self.note, self.checkpoint = self._opened("stored")
        self.published = self._opened("checkpoint")[1]
        size = self.checkpoint.size if self.checkpoint else 0
        self.tree = CompactRange(size, [self.nodes(level, index) for level, index in _edges(size)])
        if self.checkpoint is not None and self.tree.root() != self.checkpoint.root:
            raise self.damaged("The stored tiles do not give the root of the stored checkpoint.")

    @property
    def size(self) -> int:
        """How many entries are stored and verified."""
        return self.checkpoint.size if self.checkpoint else 0

    def nodes(self, level: int, index: int) -> bytes:
        """The root of a complete subtree, from the stored hash tiles (see ``signing.tree``)."""
        return TileNodes(self.size, self._required, capacity=4)(level, index)

    def root(self, size: int) -> bytes:
        """The root over the first ``size`` stored entries."""
        return self.tree.root() if size == self.size else tree_root(size, TileNodes(self.size, self._required))

    def read(self, tile: TileId) -> bytes | None:
        """A stored tile or bundle, None beyond what is stored and verified.

        Raises:
            WitnessError: ``mirror_damaged``.
        """
        covered = self.size >> (8 * max(tile.level, 0)) if tile.level < 8 else 0
        if tile.n * TILE_WIDTH + tile.width > covered:
            return None
        return self._required(tile)

    def published_note(self) -> bytes | None:
        """The newest note that the log has published; None before the first."""
        with suppress(FileNotFoundError):
            return (self.directory / "checkpoint").read_bytes()
        return None

    def stored(self, tile: TileId) -> bytes | None:
        """A tile of exactly this width that lies there, verified or not."""
        with suppress(FileNotFoundError):
            return (self.directory / tile_path(*tile)).read_bytes()
        return None

    def keep(self, tile: TileId, data: bytes) -> None:
        """Write a tile; on disk when this returns."""
        _write(self.directory / tile_path(*tile), data, self.directory.parent)

    def commit(self, note: bytes, checkpoint: Checkpoint, tree: CompactRange) -> None:
        """From now on everything below ``checkpoint`` is stored; its tiles are written already."""
        with self._changing:
            before = self.size
            _write(self.directory / "stored", note, self.directory.parent)
            self.note, self.checkpoint, self.tree = note, checkpoint, tree
            for tile in tiles_for(checkpoint.size, before):
                self._prune(tile)

    def publish(self, note: bytes, checkpoint: Checkpoint) -> None:
        """Keep a note that the log has published, with the lines of others, if it is newer and stored already.

        Checked by the caller: that the log signed it, and that its root is that of what is stored.
        """
        with self._changing:
            before = self.published
            if not 0 < checkpoint.size <= self.size or (before is not None and checkpoint.size < before.size):
                return
            for tile in _partial(checkpoint.size):
                if self.stored(tile) is None:
                    self.keep(tile, self._required(tile))
            _write(self.directory / "checkpoint", note, self.directory.parent)
            self.published = checkpoint
            for tile in _partial(before.size if before else 0):
                self._prune(tile)

    def drop_unverified(self) -> None:
        """Forget full bundles beyond the checkpoint: they did not give a signed root."""
        for path in list((self.directory / "tile" / "entries").rglob("[0-9][0-9][0-9]")):
            tile = parse_tile_path(path.relative_to(self.directory).as_posix())  # a part of 100 or more is named so too
            if tile.width == TILE_WIDTH and (tile.n + 1) * TILE_WIDTH > self.size:
                path.unlink()

    def damaged(self, message: str) -> WitnessError:
        """The error that says so."""
        return WitnessError("mirror_damaged", message, str(self.directory), actor="operator")

    def _opened(self, name: str) -> tuple[bytes | None, Checkpoint | None]:
        try:
            data = (self.directory / name).read_bytes()
            return data, open_checkpoint(parse_note(data), self.key)
        except FileNotFoundError:
            return None, None
        except SigningError as error:
            raise self.damaged(f"The stored checkpoint can't be used: {error.message}") from error

    def _required(self, tile: TileId) -> bytes:
        # The widest part that ``stored`` covers; wider ones only after it was replaced under a reader's feet.
        widest = _width(tile, self.size)
        for width in (widest, *(part for part in self._parts(tile) if part > widest), TILE_WIDTH):
            if (data := self.stored(tile._replace(width=width))) is not None:
                try:
                    return _first(tile, data) if width > tile.width else data
                except FormatError as error:
                    raise self.damaged(error.message) from error
        raise self.damaged(f"A stored tile is missing: {tile_path(*tile)}.")

    def _parts(self, tile: TileId) -> list[int]:
        folder = (self.directory / tile_path(*tile._replace(width=1))).parent
        return sorted(int(path.name) for path in folder.glob("[0-9]*"))

    def _prune(self, tile: TileId) -> None:
        """Remove the parts of a tile that neither note implies."""
        implied = {_width(tile, self.size), _width(tile, self.published.size if self.published else 0)}
        for width in self._parts(tile):
            if width not in implied:
                (self.directory / tile_path(*tile._replace(width=width))).unlink(missing_ok=True)


class Growth:
    """Entries on their way into a mirrored log: hashed and written, not yet believed."""

    def __init__(self, log: MirroredLog) -> None:
        self.log = log
        self.tree = CompactRange(log.size, log.tree.edges)
        self._nodes: dict[tuple[int, int], bytes] = {}

    def take(self, tile: TileId, data: bytes) -> None:
        """Hash a bundle, and write it with the tile of its hashes.

        Raises:
            FormatError: it does not hold as many entries as it should; nothing is written.
            OSError: as the disk says.
        """
        hashes = [leaf_hash(entry) for entry in parse_entry_bundle(data, tile.width)]
        self.log.keep(tile, data)
        self.log.keep(TileId(0, tile.n, tile.width), b"".join(hashes))
        for leaf in hashes[self.tree.size - tile.n * TILE_WIDTH :]:
            for level, index, value in self.tree.append(leaf):
                if level and level % 8 == 0:
                    self._nodes[level // 8, index] = value

    def finish(self, note: bytes, checkpoint: Checkpoint) -> bool:
        """Write the upper tiles and commit, if the entries give the checkpoint's root; says whether they do."""
        if self.tree.root() != checkpoint.root:
            return False
        for tile in tiles_for(checkpoint.size, self.log.size):
            if tile.level > 0:
                self.log.keep(tile, b"".join(self._tile(tile)))
        self.log.commit(note, checkpoint, self.tree)
        return True

    def _tile(self, tile: TileId) -> Iterator[bytes]:
        for index in range(tile.n * TILE_WIDTH, tile.n * TILE_WIDTH + tile.width):
            node = self._nodes.get((tile.level, index))
            yield self.log.nodes(8 * tile.level, index) if node is None else node


def first_entries(data: bytes, width: int) -> bytes:
    """The first ``width`` entries of a bundle that holds more, as a bundle."""
    at = 0
    for _ in range(width):
        at += 2 + int.from_bytes(data[at : at + 2], "big")
    if at > len(data):
        raise FormatError("bad_entry_bundle", f"The bundle ends before its {width} entries do.")
    return data[:at]


def _first(tile: TileId, data: bytes) -> bytes:
    return first_entries(data, tile.width) if tile.level == ENTRIES else data[: 32 * tile.width]


def _width(tile: TileId, size: int) -> int:
    """How wide the tile is in a log of ``size`` entries."""
    return max(0, min(TILE_WIDTH, (size >> (8 * max(tile.level, 0))) - tile.n * TILE_WIDTH))


def _partial(size: int) -> Iterator[TileId]:
    """The bundle and the tiles of a log of ``size`` entries that are not full: one of each level."""
    for level in range(ENTRIES, 8):
        covered = size >> (8 * max(level, 0))
        if width := covered % TILE_WIDTH:
            yield TileId(level, covered // TILE_WIDTH, width)


def _edges(size: int) -> Iterator[tuple[int, int]]:
    """(level, index) of the complete subtrees that ``size`` in binary names, largest first."""
    start = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            yield level, start >> level
            start += 1 << level


def _write(path: Path, data: bytes, root: Path) -> None:
    _make(path.parent, root)
    write_whole(path, data, 0o644)


def _make(folder: Path, root: Path) -> None:
    """Make a folder and those above it, down from ``root``; their names are on disk when this returns."""
    if folder == root or folder.is_dir():
        return
    _make(folder.parent, root)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)
