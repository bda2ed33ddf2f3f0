"""Where the entries of a log are read from: an export or a mirror, by address or as a folder, or what was kept of one.

Nothing that is read here is verified.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hub.keeping.errors import CompletionError
from signing.errors import SigningError
from signing.notes import parse_checkpoint, parse_note
from signing.scan import http_fetch
from signing.tiles import ENTRIES, TILE_WIDTH, TileId, parse_entry_bundle, tile_path

__all__ = ["STORED", "Fetch", "fetch_entries", "reader_of"]

STORED = "stored"
"""In the folder of a mirror, the newest head whose entries it has; its ``checkpoint`` comes a little later."""

Fetch = Callable[[str], bytes]
"""Gets an object by its name below the log's address; raises ``SigningError`` or ``CompletionError``."""


def reader_of(source: str) -> Fetch:
    """Reads from ``source``: the address of a log (http or https), or a directory in the same layout."""
    if "://" in source:
        return http_fetch(source)
    root = Path(source)

    def read(name: str) -> bytes:
        try:
            return (root / name).read_bytes()
        except OSError as error:
            raise CompletionError("object_missing", f"It can't be read: {error.strerror}.", name) from None

    return read


def fetch_entries(fetch: Fetch, first: int, end: int) -> tuple[list[tuple[str, bytes]], list[bytes]]:
    """The bundles that hold the entries [first, end), each with its name, and these entries.

    Raises:
        CompletionError: object_missing, or does_not_continue, of a bundle that can't be read.
        SigningError: the source can't be reached.
    """
    bundles: list[tuple[str, bytes]] = []
    entries: list[bytes] = []
    for n in range(first // TILE_WIDTH, -(-end // TILE_WIDTH)):
        width = min(TILE_WIDTH, end - n * TILE_WIDTH)
        found = _bundle(fetch, n, width)
        bundles.append((tile_path(ENTRIES, n, width), found[0]))
        entries += found[1][max(0, first - n * TILE_WIDTH) :]
    return bundles, entries


def _bundle(fetch: Fetch, n: int, width: int) -> tuple[bytes, tuple[bytes, ...]]:
    """The octets of a bundle and its entries; a mirror that has grown since may have a wider one only."""
    name = tile_path(ENTRIES, n, width)
    try:
        octets = fetch(name)
    except (CompletionError, SigningError):
        if width == TILE_WIDTH:
            raise
        octets = _cut(_wider(fetch, n), width)
    try:
        return octets, parse_entry_bundle(octets, width)
    except SigningError as error:
        raise CompletionError("does_not_continue", error.message, name) from None


def _wider(fetch: Fetch, n: int) -> bytes:
    """The full bundle; or the part in the folder of a mirror that has stored more than it has published."""
    try:
        return fetch(tile_path(*TileId(ENTRIES, n)))
    except (CompletionError, SigningError) as missing:
        with suppress(CompletionError, SigningError):
            size = parse_checkpoint(parse_note(fetch(STORED)).text).size
            if 0 < size - n * TILE_WIDTH < TILE_WIDTH:
                return fetch(tile_path(ENTRIES, n, size - n * TILE_WIDTH))
        raise missing from None


def _cut(full: bytes, width: int) -> bytes:
    """The first ``width`` entries of a full bundle, as they stand there."""
    end = 0
    for _ in range(width):
        end += 2 + int.from_bytes(full[end : end + 2], "big")
    return full[:end]
