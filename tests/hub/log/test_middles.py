"""Hashes inside a tile, held against the tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.log.middles import Middles, hash_at
from signing.merkle import leaf_hash, node_hash
from signing.tiles import expand_tile

LEAVES = [leaf_hash(b"%d" % number) for number in range(1024)]


def tile(n: int) -> bytes:
    return b"".join(LEAVES[256 * n : 256 * (n + 1)])


def node(n: int, height: int, index: int) -> bytes:
    """By definition."""
    if height == 0:
        return LEAVES[256 * n + index]
    return node_hash(node(n, height - 1, 2 * index), node(n, height - 1, 2 * index + 1))


@pytest.mark.parametrize("times", [1, 2, 3])
def test_every_hash_of_a_tile_however_often_it_was_asked_for(times: int) -> None:
    middles = Middles(4)
    found = [middles.heights(2, tile(2)) for _ in range(times)][-1]
    for height in range(9):
        assert [hash_at(found, height, at) for at in range(256 >> height)] == [
            node(2, height, at) for at in range(256 >> height)
        ]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 8), st.integers(0, 255)), max_size=20), st.integers(1, 4))
def test_tiles_in_any_order_are_not_confused(asked: list[tuple[int, int, int]], capacity: int) -> None:
    middles = Middles(capacity)
    for n, height, at in asked:
        index = at >> height
        assert hash_at(middles.heights(n, tile(n)), height, index) == node(n, height, index)


def test_a_tile_is_hashed_whole_once() -> None:
    middles = Middles(2)
    assert middles.heights(0, tile(0)) == expand_tile(tile(0))
    leaves, *below, middle, _, _, _, _ = middles.heights(0, tile(0))
    assert (leaves, below, middle) == (tile(0), [b"", b"", b""], expand_tile(tile(0))[4])


def test_the_middle_that_was_looked_up_longest_ago_goes() -> None:
    middles = Middles(2)
    for n in (0, 1, 0, 2):
        middles.heights(n, tile(n))
    assert not middles.heights(0, tile(0))[1]
    assert middles.heights(1, tile(1))[1], "hashed again"


@pytest.mark.parametrize("hashes", [tile(0)[:-32], tile(0)[:512], b"", tile(0) + bytes(32)])
def test_only_full_tiles_have_a_middle(hashes: bytes) -> None:
    with pytest.raises(ValueError, match="Tile 0 is not full"):
        Middles(2).heights(0, hashes)


def test_there_is_no_hash_beyond_the_tile() -> None:
    with pytest.raises(IndexError):
        hash_at(expand_tile(tile(0)), 3, 32)
