"""The right edge against an independent tree, for every size and any split."""

import random

import pytest

from hub.log.edge import RightEdge
from hub.log.errors import CorruptionError
from hub.storage.values import Tile
from signing.merkle import EMPTY_ROOT, leaf_hash
from signing.tiles import tiles_for
from signing.tree import CompactRange


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % n) for n in range(count)]


def test_an_empty_edge_has_the_empty_root() -> None:
    assert RightEdge().root() == EMPTY_ROOT
    assert RightEdge.from_tiles(0, []).root() == EMPTY_ROOT


def test_roots_at_every_size_to_600() -> None:
    edge, tree = RightEdge(), CompactRange()
    for leaf in leaves(600):
        edge, _ = edge.extended([leaf])
        tree.append(leaf)
        assert edge.root() == tree.root()


@pytest.mark.parametrize("seed", range(5))
def test_any_split_gives_the_same_tiles(seed: int) -> None:
    chance = random.Random(seed)
    whole, rest = leaves(66_000), 0
    _, tiles = RightEdge().extended(whole)
    expected = {(tile.level, tile.n): tile for tile in tiles}
    edge, found = RightEdge(), {}
    while rest < len(whole):
        step = chance.choice([1, 2, 255, 256, 257, 5000, 40_000])
        edge, changed = edge.extended(whole[rest : rest + step])
        found.update({(tile.level, tile.n): tile for tile in changed})
        rest += step
    assert found == expected
    assert edge.root() == CompactRange.of(whole).root()
    named = {(one.level, one.n): one.width for one in tiles_for(66_000) if one.level >= 0}
    assert {key: tile.width for key, tile in found.items()} == named


@pytest.mark.parametrize("size", [1, 255, 256, 257, 511, 512, 700])
def test_an_edge_is_read_back_from_wider_tiles(size: int) -> None:
    _, tiles = RightEdge().extended(leaves(700))
    edge = RightEdge.from_tiles(size, tiles)
    assert edge.root() == CompactRange.of(leaves(size)).root()
    grown, _ = edge.extended(leaves(700)[size:])
    assert grown.root() == CompactRange.of(leaves(700)).root()


def test_a_tile_too_narrow_is_noticed() -> None:
    _, tiles = RightEdge().extended(leaves(20))
    with pytest.raises(CorruptionError, match="Tile 0 of level 0 is not stored in full"):
        RightEdge.from_tiles(21, tiles)
    with pytest.raises(CorruptionError, match="Tile 1 of level 0 is not stored in full"):
        RightEdge.from_tiles(257, [Tile(0, 0, bytes(32 * 256)), Tile(1, 0, bytes(32))])
