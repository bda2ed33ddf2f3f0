"""Which entry bundles a log has added, a few at a time.

The size of a log is whatever its key signed: nothing here is as long as that before the bundles turn out to be there.
"""

from collections.abc import Iterator
from itertools import islice, takewhile

from signing.tiles import ENTRIES, TileId, tiles_for

__all__ = ["bundle_groups"]


def bundle_groups(size: int, since: int, count: int) -> Iterator[tuple[TileId, ...]]:
    """The bundles, as wide as they then are, that growing from ``since`` to ``size`` entries makes or widens.

    Args:
        size: of the log now.
        since: its size before.
        count: how many bundles come together, at most.
    """
    bundles = takewhile(lambda tile: tile.level == ENTRIES, tiles_for(size, since))
    while group := tuple(islice(bundles, count)):
        yield group
