"""Proofs from tiles, held against the checker."""

import asyncio
import random
from collections import Counter
from collections.abc import Collection

import pytest

from hub.log.edge import RightEdge
from hub.log.errors import CorruptionError
from hub.log.proofs import ProofMaker
from hub.log.publication import Publication, SignedHead
from hub.storage.values import Head, StagedBatch, Tile
from signing.consistency import check_consistency
from signing.merkle import check_inclusion, leaf_hash
from signing.tree import CompactRange

SIZE = 66_000


class Shelf:
    """Tiles in memory, and how often they were asked for."""

    def __init__(self, leaves: list[bytes]) -> None:
        _, tiles = RightEdge().extended(leaves)
        self.stored = {(tile.level, tile.n): tile for tile in tiles}
        self.reads = 0
        self.asked: Counter[tuple[int, int]] = Counter()

    async def tiles(self, wanted: Collection[tuple[int, int]]) -> list[Tile]:
        self.reads += 1
        self.asked.update(wanted)
        await asyncio.sleep(0)
        return [self.stored[one] for one in wanted if one in self.stored]


@pytest.fixture(scope="module")
def leaves() -> list[bytes]:
    return [leaf_hash(b"%d" % n) for n in range(SIZE)]


def root(leaves: list[bytes], size: int) -> bytes:
    return CompactRange.of(leaves[:size]).root()


async def test_every_entry_at_every_size_to_80(leaves: list[bytes]) -> None:
    maker = ProofMaker(Shelf(leaves[:80]))
    for size in range(1, 81):
        for index in range(size):
            check_inclusion(leaves[index], index, size, await maker.inclusion(index, size), root(leaves, size))


async def test_consistency_of_every_pair_to_60(leaves: list[bytes]) -> None:
    maker = ProofMaker(Shelf(leaves[:60]))
    for new in range(1, 61):
        for old in range(new + 1):
            proof = await maker.consistency(old, new)
            check_consistency(old, root(leaves, old), new, root(leaves, new), proof)


async def test_the_root_of_every_size_to_80(leaves: list[bytes]) -> None:
    maker = ProofMaker(Shelf(leaves[:80]))
    for size in range(1, 81):
        assert await maker.root(size) == root(leaves, size)


@pytest.mark.parametrize("size", [256, 257, 65_535, 65_536, 65_537, SIZE])
async def test_sizes_around_tile_borders(leaves: list[bytes], size: int) -> None:
    maker, chance, whole = ProofMaker(Shelf(leaves)), random.Random(size), root(leaves, size)
    assert await maker.root(size) == whole
    for index in [0, 255, size - 1, *(chance.randrange(size) for _ in range(40))]:
        check_inclusion(leaves[index], index, size, await maker.inclusion(index, size), whole)
    for old in [255, 256, size - 1, chance.randrange(1, size)]:
        check_consistency(old, root(leaves, old), size, whole, await maker.consistency(old, size))


async def test_receipts_of_a_batch_across_a_tile_border_read_no_tile(leaves: list[bytes]) -> None:
    """Both tiles that it touched were just written, and their hashes are still there."""
    shelf, publication, edge = Shelf(leaves), Publication(SignedHead(0, b"", b"")), RightEdge()
    maker = ProofMaker(shelf)
    maker.recent = publication.tile
    for size in (240, 270, 500, 530):
        first, (edge, tiles) = edge.size, edge.extended(leaves[edge.size : size])
        head = Head("log.example", size, edge.root(), 0, size, b"")
        await publication.publish_signed(SignedHead(size, edge.root(), b""), StagedBatch((), {}, tuple(tiles), head))
        for index in range(first, size):
            check_inclusion(leaves[index], index, size, await maker.inclusion(index, size), root(leaves, size))
    assert shelf.reads == 0
    assert publication.tile(0, 0) is None, "older tiles are not kept"


async def test_receipts_of_one_batch_share_their_tiles(leaves: list[bytes]) -> None:
    shelf = Shelf(leaves)
    maker = ProofMaker(shelf)
    await asyncio.gather(*(maker.inclusion(index, SIZE) for index in range(SIZE - 64, SIZE)))
    assert shelf.reads == 1


async def test_only_so_many_tiles_are_kept_also_of_a_log_that_rests(leaves: list[bytes]) -> None:
    maker, whole = ProofMaker(Shelf(leaves), capacity=4), root(leaves, SIZE)
    for index in range(0, SIZE, 256):
        check_inclusion(leaves[index], index, SIZE, await maker.inclusion(index, SIZE), whole)
        assert len(maker._lowest) <= 4
        assert len(maker._above) <= 4


async def test_tiles_that_every_proof_needs_are_read_once(leaves: list[bytes]) -> None:
    """Those of the right edge and above stay, whatever else is asked for."""
    shelf = Shelf(leaves)
    maker = ProofMaker(shelf, capacity=8)
    for index in range(0, SIZE - 256, 256):
        await maker.inclusion(index, SIZE)
    assert shelf.asked[0, 0] == 1
    assert shelf.asked[1, 0] == shelf.asked[1, 1] == shelf.asked[2, 0] == shelf.asked[0, SIZE // 256] == 1


async def test_lowest_tiles_push_out_none_above_them(leaves: list[bytes]) -> None:
    """The proof in the middle needs four other tiles, as many as are kept of the lowest ones."""
    shelf = Shelf(leaves)
    maker = ProofMaker(shelf, capacity=4)
    for index in (0, 65_536, 300):
        await maker.inclusion(index, SIZE)
    assert shelf.asked[1, 0] == 1


class SlowShelf(Shelf):
    """A shelf that answers once it is let."""

    def __init__(self, leaves: list[bytes]) -> None:
        super().__init__(leaves)
        self.asked_for, self.let = asyncio.Event(), asyncio.Event()
        self.let.set()

    async def tiles(self, wanted: Collection[tuple[int, int]]) -> list[Tile]:
        self.asked_for.set()
        await self.let.wait()
        return await super().tiles(wanted)


async def test_a_tile_that_others_push_out_meanwhile_is_not_missed(leaves: list[bytes]) -> None:
    """A proof that has one of its tiles and waits for another, while proofs about other tiles go on."""
    shelf, whole = SlowShelf(leaves), root(leaves, SIZE)
    maker = ProofMaker(shelf, capacity=2)
    await maker.inclusion(SIZE - 1, SIZE)  # the right edge is there
    maker.take(shelf.stored[0, 0])
    shelf.let.clear()
    shelf.asked_for.clear()
    waiting = asyncio.create_task(maker.inclusion(5, SIZE))
    await shelf.asked_for.wait()
    maker.take(shelf.stored[0, 256])
    await maker.inclusion(65_536, SIZE)
    assert (0, 0, 256) not in maker._lowest, "pushed out"
    shelf.let.set()
    check_inclusion(leaves[5], 5, SIZE, await waiting, whole)


async def test_a_tile_that_came_with_its_entry_is_not_read_again(leaves: list[bytes]) -> None:
    shelf, whole = Shelf(leaves), root(leaves, SIZE)
    maker = ProofMaker(shelf)
    await maker.inclusion(SIZE - 1, SIZE)  # the right edge is there
    before = shelf.asked.total()
    maker.take(shelf.stored[0, 7])
    check_inclusion(leaves[7 * 256 + 3], 7 * 256 + 3, SIZE, await maker.inclusion(7 * 256 + 3, SIZE), whole)
    assert shelf.asked.total() - before == 1, "the tile above alone"


async def test_a_tile_that_still_grows_is_not_kept(leaves: list[bytes]) -> None:
    shelf = Shelf(leaves)
    maker = ProofMaker(shelf)
    maker.take(Tile(0, 3, b"".join(leaves[768:800])))
    await maker.inclusion(770, SIZE)
    assert shelf.asked[0, 3] == 1


async def test_tiles_above_the_lowest_level_are_read_in_advance(leaves: list[bytes]) -> None:
    """The right edge is read with the first proof."""
    shelf, whole = Shelf(leaves), root(leaves, SIZE)
    maker = ProofMaker(shelf)
    await maker.read_above(SIZE)
    assert shelf.asked == {(1, 0): 1}
    await maker.inclusion(SIZE - 1, SIZE)
    before = shelf.asked.total()
    for index in range(0, 65_536, 6_553):
        maker.take(shelf.stored[0, index // 256])
        check_inclusion(leaves[index], index, SIZE, await maker.inclusion(index, SIZE), whole)
    assert shelf.asked.total() == before


async def test_of_many_tiles_above_the_newest_are_read_in_advance() -> None:
    shelf = Shelf([])
    await ProofMaker(shelf, capacity=4).read_above(5 * 65_536 + 300)
    assert shelf.asked == {(1, n): 1 for n in range(1, 5)}
    await ProofMaker(shelf, capacity=4).read_above(65_535)
    assert shelf.reads == 1, "of a short log none"


async def test_proofs_are_the_same_when_only_middles_are_left(leaves: list[bytes]) -> None:
    """The second time around, every tile was pushed out, and its middle was kept."""
    shelf, whole = Shelf(leaves), root(leaves, SIZE)
    maker = ProofMaker(shelf, capacity=2)
    for turn in range(2):
        for index in range(5, 65_536, 1_111):
            check_inclusion(leaves[index], index, SIZE, await maker.inclusion(index, SIZE), whole)
            lean = not maker._lowest[0, index // 256, 256][1]
            assert lean is bool(turn)


async def test_a_missing_tile_is_named(leaves: list[bytes]) -> None:
    shelf = Shelf(leaves)
    del shelf.stored[0, 7]
    with pytest.raises(CorruptionError, match="Tile 7 of level 0 is not stored to width 256"):
        await ProofMaker(shelf).inclusion(7 * 256, SIZE)
