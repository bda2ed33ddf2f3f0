"""Bundles come in groups, in order, and none is left out; also of a log that only says that it is long."""

from itertools import chain, islice

from hypothesis import given
from hypothesis import strategies as st

from providers.bundles import bundle_groups
from signing.tiles import ENTRIES, TileId, tiles_for


@given(size=st.integers(0, 5_000), more=st.integers(0, 5_000), count=st.integers(1, 9))
def test_every_bundle_comes_once(size: int, more: int, count: int) -> None:
    groups = list(bundle_groups(size + more, size, count))
    assert list(chain(*groups)) == [tile for tile in tiles_for(size + more, size) if tile.level == ENTRIES]
    assert all(len(group) == count for group in groups[:-1])


def test_a_log_that_says_that_it_is_long_costs_nothing_yet() -> None:
    first = next(iter(bundle_groups(2**62, 3, 2)))
    assert first == (TileId(ENTRIES, 0), TileId(ENTRIES, 1))
    assert len(list(islice(bundle_groups(2**62, 3, 2), 5))) == 5
