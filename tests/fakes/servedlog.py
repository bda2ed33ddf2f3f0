"""A log as its address would serve it: checkpoint, hash tiles and entry bundles of the entries it is given."""

from collections.abc import Callable, Sequence

from signing.errors import ProofError
from signing.merkle import leaf_hash
from signing.tiles import ENTRIES, TILE_WIDTH, entry_bundle, parse_tile_path
from tests.fakes.world import tree_root

__all__ = ["serving"]


def serving(entries: Sequence[bytes], note: bytes, *, partial: bool = True) -> Callable[[str], bytes]:
    """Gets what is below the address, tiles beyond the entries not; ``partial`` ones of the lowest level if wanted."""
    leaves = [leaf_hash(one) for one in entries]

    def fetch(path: str) -> bytes:
        if path == "checkpoint":
            return note
        level, n, width = parse_tile_path(path)
        span = TILE_WIDTH ** max(level, 0)
        if (n * TILE_WIDTH + width) * span > len(entries) or (width < TILE_WIDTH and level < 1 and not partial):
            raise ProofError("log_unreachable", "The log could not be read: HTTP Error 404: Not Found.", path)
        first = n * TILE_WIDTH
        if level == ENTRIES:
            return entry_bundle(entries[first : first + width])
        return b"".join(tree_root(leaves[at * span : (at + 1) * span]) for at in range(first, first + width))

    return fetch
