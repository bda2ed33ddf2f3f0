from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.consistency import check_consistency
from signing.errors import FormatError
from signing.merkle import check_inclusion, leaf_hash
from signing.notes import VerifierKey, open_checkpoint, parse_note
from signing.tiles import (
    ENTRIES,
    TileId,
    TileNodes,
    entry_bundle,
    expand_tile,
    hash_in,
    parse_entry_bundle,
    parse_tile_path,
    tile_path,
    tiles_for,
)
from signing.tree import consistency_path, inclusion_path, tree_root
from tests.fakes.memorylog import MemoryLog, MemoryTree, b64, vectors

tile_ids = st.builds(TileId, st.integers(-1, 63), st.integers(0, 2**63 - 1), st.integers(1, 256))


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (TileId(0, 0), "tile/0/000"),
        (TileId(0, 5), "tile/0/005"),
        (TileId(1, 1000), "tile/1/x001/000"),
        (TileId(0, 1234067), "tile/0/x001/x234/067"),
        (TileId(63, 273, 112), "tile/63/273.p/112"),
        (TileId(ENTRIES, 0, 1), "tile/entries/000.p/1"),
        (TileId(ENTRIES, 999999, 255), "tile/entries/x999/999.p/255"),
    ],
)
def test_paths_of_the_specification(tile: TileId, path: str) -> None:
    assert tile_path(*tile) == path
    assert parse_tile_path(path) == tile


@given(tile_ids)
def test_a_path_is_read_as_it_was_written(tile: TileId) -> None:
    assert parse_tile_path(tile_path(*tile)) == tile


@given(tile_ids, st.data())
def test_whatever_is_accepted_is_written_the_same_way(tile: TileId, data: st.DataObject) -> None:
    path = tile_path(*tile)
    place = data.draw(st.integers(0, len(path)))
    path = path[:place] + data.draw(st.sampled_from(["0", "x", "/", ".p/", "1", "", "x000/"])) + path[place + 1 :]
    try:
        accepted = parse_tile_path(path)
    except FormatError:
        return
    assert tile_path(*accepted) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/8/0/000/",
        "/tile/0/000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/data/000",
        "tile/entries/000\n",
        "tile/0/\u0660\u0660\u0660",
        "tile/0/../000",
        "tile/0/" + "x999/" * 50 + "999",
    ],
)
def test_what_no_tile_path_looks_like_is_refused(path: str) -> None:
    with pytest.raises(FormatError):
        parse_tile_path(path)


@pytest.mark.parametrize("tile", [(-2, 0, 1), (64, 0, 1), (0, -1, 1), (0, 2**63, 1), (0, 0, 0), (0, 0, 257)])
def test_a_tile_that_cannot_be_has_no_path(tile: tuple[int, int, int]) -> None:
    with pytest.raises(FormatError, match="There is no tile"):
        tile_path(*tile)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_is_read_as_it_was_written(entries: list[bytes]) -> None:
    assert parse_entry_bundle(entry_bundle(entries), len(entries)) == tuple(entries)


@given(st.binary(max_size=60), st.integers(0, 5))
def test_whatever_bundle_is_accepted_is_written_the_same_way(data: bytes, width: int) -> None:
    try:
        entries = parse_entry_bundle(data, width)
    except FormatError:
        return
    assert entry_bundle(entries) == data


@pytest.mark.parametrize(
    ("data", "width"), [(b"", 1), (b"\0", 1), (b"\0\1", 1), (b"\0\0", 2), (b"\0\0\0", 1), (b"\0\0", 0)]
)
def test_a_bundle_of_another_length_is_refused(data: bytes, width: int) -> None:
    with pytest.raises(FormatError, match="The bundle"):
        parse_entry_bundle(data, width)


def test_entries_have_at_most_65535_bytes() -> None:
    assert len(entry_bundle([b"x" * 65_535])) == 65_537
    with pytest.raises(FormatError, match="65536"):
        entry_bundle([b"x" * 65_536])


def test_size_256_has_one_full_tile_and_one_partial_above_it() -> None:
    assert {tile_path(*tile) for tile in tiles_for(256)} == {"tile/0/000", "tile/1/000.p/1", "tile/entries/000"}


def test_size_70000_has_551_files() -> None:
    tiles = list(tiles_for(70_000))
    assert len(tiles) == len(set(tiles)) == 551
    paths = {tile_path(*tile) for tile in tiles}
    assert {"tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1", "tile/entries/273.p/112"} <= paths
    assert Counter(tile.level for tile in tiles) == {ENTRIES: 274, 0: 274, 1: 2, 2: 1}


@given(st.integers(0, 140_000), st.integers(0, 140_000))
def test_growing_makes_exactly_the_tiles_that_were_not_there(one: int, other: int) -> None:
    old, new = sorted((one, other))
    assert set(tiles_for(new, old)) == set(tiles_for(new)) - set(tiles_for(old))


def test_an_empty_log_has_no_tiles() -> None:
    assert list(tiles_for(0)) == []


def test_a_tile_expands_to_its_complete_subtrees() -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(256)]
    tree = MemoryTree(leaves)
    for width in (1, 2, 3, 255, 256):
        expanded = expand_tile(b"".join(leaves[:width]))
        for level, hashes in enumerate(expanded):
            count = width >> level
            assert [hash_in(hashes, index) for index in range(count)] == [tree.node(level, at) for at in range(count)]
            with pytest.raises(IndexError):
                hash_in(hashes, count)
    assert len(expand_tile(b"".join(leaves))) == 9


@pytest.mark.parametrize("hashes", [b"", b"x" * 31, b"x" * 33, b"x" * (32 * 257)])
def test_what_is_no_tile_does_not_expand(hashes: bytes) -> None:
    with pytest.raises(FormatError, match="1-256 hashes"):
        expand_tile(hashes)


def test_proofs_from_tiles_hold_across_tile_borders() -> None:
    log = MemoryLog()
    log.grow_to(66_000)
    for size in (1, 255, 256, 257, 65_535, 65_536, 65_537, 66_000):
        nodes = TileNodes(size, log.tile)
        root = log.tree.root(size)
        assert tree_root(size, nodes) == root
        for index in {0, size // 2, size - 1}:
            check_inclusion(log.tree.node(0, index), index, size, inclusion_path(index, size, nodes), root)
            check_consistency(index, log.tree.root(index), size, root, consistency_path(index, size, nodes))


def test_tiles_are_read_once_while_they_are_kept() -> None:
    log = MemoryLog()
    log.grow_to(600)
    read: Counter[TileId] = Counter()

    def reading(tile: TileId) -> bytes:
        read[tile] += 1
        return log.tile(tile)

    kept, forgetful = TileNodes(600, reading), TileNodes(600, reading, capacity=1)
    for _ in range(3):
        inclusion_path(5, 600, kept)
    assert set(read.values()) == {1}
    for _ in range(3):
        inclusion_path(5, 600, forgetful)
    assert read[TileId(0, 0)] == 4


def test_a_tile_of_the_wrong_width_is_refused() -> None:
    log = MemoryLog()
    log.grow_to(300)
    with pytest.raises(FormatError, match=r"not as wide as its name says. \(tile/0/001.p/44\)"):
        inclusion_path(0, 300, TileNodes(300, lambda tile: log.tile(tile)[: 32 * 43 if tile.n else None]))


def test_the_log_of_tessera_opens_with_our_keys_tiles_and_proofs() -> None:
    given_ = vectors("tessera-log.json")
    key = VerifierKey.parse(given_["vkey"])
    files = {path: b64(text) for path, text in given_["tiles"].items()}
    tree = MemoryTree(leaf_hash(leaf.encode()) for leaf in given_["leaves"])
    for size in range(1, 16):
        head = open_checkpoint(parse_note(given_["checkpoints"][f"checkpoint.{size}"].encode()), key)
        assert (head.size, head.root) == (size, tree.root(size))
        bundle = parse_entry_bundle(files[tile_path(ENTRIES, 0, size)], size)
        assert [entry.decode() for entry in bundle] == given_["leaves"][:size]
        nodes = TileNodes(size, lambda tile: files[tile_path(*tile)])
        for index in range(size):
            check_inclusion(leaf_hash(bundle[index]), index, size, inclusion_path(index, size, nodes), head.root)
