"""``odr-gateway witness check``: recompute a mirror from its entries, and hold everything stored against them.

Entries → leaf hashes → every hash tile → root → signed checkpoint; and the trees that the witness cosigned last and
that the log published must be the beginning of what is stored. Nothing is changed, and the witness may be running.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from providers.witness.config import MIRROR_FOLDER, STATE_FILE, is_mirror
from providers.witness.errors import WitnessError
from providers.witness.mirrored import MirroredLog
from providers.witness.store import Head, WitnessStore
from signing.errors import FormatError
from signing.merkle import leaf_hash
from signing.notes import VerifierKey
from signing.tiles import ENTRIES, TileId, parse_entry_bundle, tile_path, tiles_for
from signing.tree import CompactRange

__all__ = ["Checked", "check_mirror"]


@dataclass(frozen=True, slots=True)
class Checked:
    """One mirrored log: how many entries are stored, and what is wrong with them."""

    origin: str
    size: int
    faults: tuple[str, ...]


def check_mirror(directory: Path) -> Iterator[Checked]:
    """Check every log that the witness in ``directory`` mirrors, one after another.

    Raises:
        WitnessError: ``no_mirror``, ``no_state``, or the state can't be read.
    """
    if not is_mirror(directory):
        raise WitnessError("no_mirror", "This witness does not mirror: it stores no entries.", str(directory))
    store = WitnessStore(directory / STATE_FILE)
    try:
        for key in store.logs():
            yield _checked(directory / MIRROR_FOLDER, key, store.head(key.name))
    finally:
        store.close()


def _checked(mirror: Path, key: VerifierKey, head: Head) -> Checked:
    try:
        log = MirroredLog(mirror, key)
        return Checked(key.name, log.size, tuple(_faults(log, head)))
    except WitnessError as error:
        return Checked(key.name, 0, (error.message,))


def _faults(log: MirroredLog, head: Head) -> Iterator[str]:
    tree, nodes = CompactRange(), dict[tuple[int, int], bytes]()
    tiles = list(tiles_for(log.size))
    for tile in tiles:
        if tile.level != ENTRIES:
            continue
        try:
            entries = parse_entry_bundle(log.read(tile) or b"", tile.width)
        except (FormatError, WitnessError) as error:
            yield f"{error.message} ({tile_path(*tile)})"
            return  # what follows can't be placed
        for octets in entries:
            nodes |= {(level // 8, at): value for level, at, value in tree.append(leaf_hash(octets)) if level % 8 == 0}
    for tile in tiles:
        if tile.level != ENTRIES:
            first = tile.n * 256
            wanted = b"".join(nodes[tile.level, at] for at in range(first, first + tile.width))
            if _read(log, tile) != wanted:
                yield f"A hash tile does not hold the hashes of the entries ({tile_path(*tile)})."
    if log.checkpoint is not None and tree.root() != log.checkpoint.root:
        yield "The stored entries do not give the root of the stored checkpoint."
    yield from _against(log, head)


def _read(log: MirroredLog, tile: TileId) -> bytes | None:
    try:
        return log.read(tile)
    except WitnessError:
        return None


def _against(log: MirroredLog, head: Head) -> Iterator[str]:
    if head.size > log.size:
        yield f"The witness has cosigned {head.size} entries, and {log.size} are stored."
    elif head.size and log.root(head.size) != head.root:
        yield "The tree that the witness cosigned last is not the beginning of the stored one."
    published = log.published
    if published is not None and (published.size > log.size or log.root(published.size) != published.root):
        yield "The checkpoint that the log published is not of the stored tree."
