"""One inclusion proof gives two roots: of the whole tree, and of the tree that ended with the entry."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.errors import FormatError, ProofError
from signing.merkle import leaf_hash
from signing.notes import TlogProof
from signing.prefix import from_tiles, prefix_root
from tests.fakes.refusals import refused
from tests.fakes.servedlog import serving
from tests.fakes.world import path, tree_root

ENTRIES = [b"entry %d" % number for number in range(70)]
LEAVES = [leaf_hash(one) for one in ENTRIES]


def proof(index: int, size: int) -> TlogProof:
    return TlogProof(index, tuple(path(index, LEAVES[:size])), b"note", ENTRIES[index])


def test_every_smaller_root_follows_in_every_tree() -> None:
    for size in range(1, len(ENTRIES) + 1):
        for index in range(size):
            found = prefix_root(proof(index, size), size, tree_root(LEAVES[:size]))
            assert found == tree_root(LEAVES[: index + 1]), (index, size)


@given(st.data())
def test_a_proof_in_which_anything_is_changed_gives_no_root(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, len(ENTRIES)))
    index = data.draw(st.integers(0, size - 1))
    right = proof(index, size)
    place = data.draw(st.integers(-1, len(right.hashes) - 1))
    if place < 0:
        wrong = replace(right, extra=b"another entry")
    else:
        hashes = list(right.hashes)
        hashes[place] = bytes(32)
        wrong = replace(right, hashes=tuple(hashes))
    with pytest.raises(ProofError, match="does not lead from entry"):
        prefix_root(wrong, size, tree_root(LEAVES[:size]))


def test_a_proof_of_another_length_or_without_entry_gives_no_root() -> None:
    right, root = proof(4, 7), tree_root(LEAVES[:7])
    with refused(ProofError, "proof_length", "too few or too many"):
        prefix_root(replace(right, hashes=right.hashes[1:]), 7, root)
    with refused(ProofError, "index_out_of_range", "has no entry 7"):
        prefix_root(replace(right, index=7), 7, root)
    with refused(ProofError, "entry_missing", "does not carry the log entry", "index 4"):
        prefix_root(replace(right, extra=None), 7, root)


MANY = [b"%d" % number for number in range(600)]


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 513, 600])
def test_tiles_give_the_proof(size: int) -> None:
    leaves = [leaf_hash(one) for one in MANY[:size]]
    for index in {0, size // 2, size - 1}:
        found = from_tiles(serving(MANY, b""), index, size, b"note")
        assert (found.index, found.hashes, found.extra) == (index, tuple(path(index, leaves)), MANY[index])
        assert prefix_root(found, size, tree_root(leaves)) == tree_root(leaves[: index + 1])


def test_the_full_tile_serves_where_the_partial_one_is_gone() -> None:
    pruned = serving(MANY, b"", partial=False)
    for index in (0, 270, 299):
        assert from_tiles(pruned, index, 300, b"note") == from_tiles(serving(MANY, b""), index, 300, b"note")
    with refused(ProofError, "log_unreachable", "404", "tile/0/002"):
        from_tiles(pruned, 513, 514, b"note")


def test_what_is_no_tile_is_refused() -> None:
    def short(path: str) -> bytes:
        return serving(MANY, b"")(path)[:-1]

    with pytest.raises(FormatError, match="not as wide as its name says"):
        from_tiles(short, 3, 300, b"note")

    def foreign(path: str) -> bytes:
        return b"<html>" if "entries" in path else serving(MANY, b"")(path)

    with pytest.raises(FormatError, match="The bundle"):
        from_tiles(foreign, 3, 600, b"note")
