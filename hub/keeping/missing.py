"""The entries that a restored old backup lacks: fetched from an export or a mirror, and believed only when they fit.

::

    1 checkpoint   by this log's key, and cosigned by the quorum that the newest policy stored here asks for
    2 entries      bundles from the end of what is stored to the size of the checkpoint
    3 root         the stored tree, grown over these entries, has the root of the checkpoint

So nobody who serves them need be trusted. The entries are kept beside the database, in the layout in which they came,
until the statements that they stand for are there as well.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hub.keeping.errors import CompletionError
from hub.log.edge import RightEdge
from hub.log.policies import PolicyChain
from hub.storage.values import Head
from signing.errors import SigningError
from signing.merkle import leaf_hash
from signing.notes import Checkpoint, Note, VerifierKey, open_checkpoint, parse_note
from signing.scan import http_fetch
from signing.tiles import ENTRIES, TILE_WIDTH, TileId, parse_entry_bundle, tile_path

__all__ = ["Fetch", "Missing", "fetch_missing", "reader_of"]

Fetch = Callable[[str], bytes]
"""Gets an object by its name below the log's address; raises ``SigningError`` or ``CompletionError``."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Entries [first, checkpoint.size) of the log, verified; ``bundles`` are the objects that they came in."""

    checkpoint: Checkpoint
    note: bytes
    first: int
    entries: tuple[bytes, ...] = field(repr=False)
    bundles: tuple[tuple[str, bytes], ...] = field(repr=False)


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


def fetch_missing(fetch: Fetch, head: Head, edge: RightEdge, chain: PolicyChain, log_key: VerifierKey) -> Missing:
    """Fetch and verify what is beyond ``head``.

    Args:
        fetch: reads objects.
        head: where the stored log ends; nothing is missing where the checkpoint ends there too.
        edge: the right edge there.
        chain: the policies in force there.
        log_key: the log's key.

    Raises:
        CompletionError: not_this_log, not_witnessed, nothing_missing, does_not_continue, or object_missing.
        SigningError: the source can't be reached.
    """
    note = fetch("checkpoint")
    checkpoint = _opened(note, chain, log_key)
    if checkpoint.size < head.size:
        message = f"It has {checkpoint.size} entries; {head.size} are stored here. It can't tell what is missing."
        raise CompletionError("nothing_missing", message, "checkpoint")
    bundles: list[tuple[str, bytes]] = []
    entries: list[bytes] = []
    for n in range(head.size // TILE_WIDTH, -(-checkpoint.size // TILE_WIDTH)):
        width = min(TILE_WIDTH, checkpoint.size - n * TILE_WIDTH)
        found = _bundle(fetch, n, width)
        bundles.append((tile_path(ENTRIES, n, width), found[0]))
        entries += found[1][max(0, head.size - n * TILE_WIDTH) :]
    grown, _ = edge.extended([leaf_hash(entry) for entry in entries])
    if grown.root() != checkpoint.root:
        message = (
            "The entries there do not continue the log that is stored here up to their checkpoint: they are damaged,"
            " or this directory holds another history."
        )
        raise CompletionError("does_not_continue", message, f"entries {head.size} to {checkpoint.size}")
    return Missing(checkpoint, note, head.size, tuple(entries), tuple(bundles))


def _opened(octets: bytes, chain: PolicyChain, log_key: VerifierKey) -> Checkpoint:
    try:
        note: Note = parse_note(octets)
        checkpoint = open_checkpoint(note, log_key)
        verdict = chain.judge(note, checkpoint.size)
    except SigningError as error:
        message = f"The checkpoint there is not one of this log: {error.message}"
        raise CompletionError("not_this_log", message, "checkpoint") from None
    if not verdict.witnessed:
        message = (
            "The checkpoint there does not meet the quorum that the newest policy stored here asks for. Take an export"
            " from before the witnesses were changed, complete to it, then go on."
        )
        raise CompletionError("not_witnessed", message, "checkpoint")
    return checkpoint


def _bundle(fetch: Fetch, n: int, width: int) -> tuple[bytes, tuple[bytes, ...]]:
    """The octets of a bundle and its entries; a mirror that has grown since may have the full one only."""
    name = tile_path(ENTRIES, n, width)
    try:
        octets = fetch(name)
    except (CompletionError, SigningError):
        if width == TILE_WIDTH:
            raise
        octets = _cut(fetch(tile_path(*TileId(ENTRIES, n))), width)
    try:
        return octets, parse_entry_bundle(octets, width)
    except SigningError as error:
        raise CompletionError("does_not_continue", error.message, name) from None


def _cut(full: bytes, width: int) -> bytes:
    """The first ``width`` entries of a full bundle, as they stand there."""
    end = 0
    for _ in range(width):
        end += 2 + int.from_bytes(full[end : end + 2], "big")
    return full[:end]
