import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.consistency import check_consistency
from signing.errors import ProofError
from signing.merkle import EMPTY_ROOT, MAX_SIZE, check_inclusion, leaf_hash, node_hash
from signing.tree import CompactRange, consistency_path, inclusion_path, tree_root
from tests.fakes.memorylog import MemoryTree

LEAVES = [leaf_hash(b"%d" % number) for number in range(200)]


class EqualLeaves:
    """A tree of any size whose leaves are all the same, so that every complete subtree of a level is too."""

    def __init__(self) -> None:
        self.levels = [leaf_hash(b"same")]
        while len(self.levels) < 64:
            self.levels.append(node_hash(self.levels[-1], self.levels[-1]))
        self.asked: list[tuple[int, int]] = []

    def __call__(self, level: int, index: int) -> bytes:
        self.asked.append((level, index))
        return self.levels[level]


sizes = st.integers(1, MAX_SIZE)


@given(st.data())
def test_proofs_in_trees_of_any_size_hold(data: st.DataObject) -> None:
    size = data.draw(sizes)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    node = EqualLeaves()
    root = tree_root(size, node)
    check_inclusion(node.levels[0], index, size, inclusion_path(index, size, node), root)
    check_consistency(old, tree_root(old, node), size, root, consistency_path(old, size, node))


@given(st.data())
def test_only_complete_subtrees_inside_the_tree_are_asked_for_each_once(data: st.DataObject) -> None:
    size = data.draw(sizes)
    node = EqualLeaves()
    inclusion_path(data.draw(st.integers(0, size - 1)), size, node)
    assert all((index + 1) << level <= size for level, index in node.asked)
    assert len(set(node.asked)) == len(node.asked)
    assert len(node.asked) <= 2 * size.bit_length()


def test_ten_million_leaves_take_at_most_46_nodes() -> None:
    most = 0
    for size in (10_000_000, 2**24 - 1, 2**23 + 1):
        for index in (0, 1, size // 2, size - 2, size - 1):
            node = EqualLeaves()
            inclusion_path(index, size, node)
            most = max(most, len(node.asked))
    assert most <= 46


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3), (0, MAX_SIZE + 1)])
def test_there_is_no_proof_for_an_entry_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ProofError, match="has no entry"):
        inclusion_path(index, size, EqualLeaves())


@pytest.mark.parametrize(("old", "new"), [(4, 3), (-1, 3), (0, MAX_SIZE + 1)])
def test_there_is_no_proof_for_a_log_that_shrinks(old: int, new: int) -> None:
    with pytest.raises(ProofError, match="does not grow to"):
        consistency_path(old, new, EqualLeaves())


def test_a_range_grows_leaf_by_leaf_to_the_same_root() -> None:
    growing = CompactRange()
    assert (growing.root(), growing.edges, growing.size) == (EMPTY_ROOT, (), 0)
    for size, leaf in enumerate(LEAVES, 1):
        growing.append(leaf)
        tree = MemoryTree(LEAVES[:size])
        assert growing.size == size
        assert growing.root() == tree_root(size, tree.node)
        assert len(growing.edges) == size.bit_count()


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_range_goes_on_from_its_edges(first: int, more: int) -> None:
    start = CompactRange.of(LEAVES[:first])
    resumed = CompactRange(start.size, start.edges)
    for leaf in LEAVES[first : first + more]:
        resumed.append(leaf)
    assert resumed.root() == CompactRange.of(LEAVES[: first + more]).root()


def test_appending_names_every_subtree_that_it_completes() -> None:
    growing = CompactRange.of(LEAVES[:7])
    completed = growing.append(LEAVES[7])
    assert [(level, index) for level, index, _ in completed] == [(0, 7), (1, 3), (2, 1), (3, 0)]
    assert completed[0][2] == LEAVES[7]
    assert completed[-1][2] == growing.root()


@pytest.mark.parametrize(
    ("size", "edges"),
    [(1, []), (0, [LEAVES[0]]), (3, [LEAVES[0]]), (1, [b"short"]), (-1, [LEAVES[0]]), (2**63, [LEAVES[0]])],
)
def test_an_edge_that_does_not_fit_the_size_is_refused(size: int, edges: list[bytes]) -> None:
    with pytest.raises(ProofError, match="right edge"):
        CompactRange(size, edges)
