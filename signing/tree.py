"""Making Merkle proofs, and growing a tree at its right edge (RFC 6962 §2.1, RFC 9162 §2.1).

The tree itself is somewhere else: every function asks for the *complete* subtrees it needs through a callback
``node(level, index)``, the root over leaves ``[index·2^level, (index+1)·2^level)``; level 0 is a leaf hash. The
recursions are those of the checkers in ``merkle``. A proof in a log of ten million entries asks for at most 23 nodes
beside the path and 23 along the right edge, all but a few of them in tiles that every proof shares.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from .errors import ProofError
from .merkle import EMPTY_ROOT, MAX_SIZE, node_hash, split

__all__ = ["CompactRange", "Node", "consistency_path", "inclusion_path", "tree_root"]

Node: TypeAlias = Callable[[int, int], bytes]
"""``node(level, index)``: the root of a complete subtree of 2^level leaves; may raise what it likes."""


def inclusion_path(index: int, size: int, node: Node, edges: dict[int, bytes] | None = None) -> list[bytes]:
    """The proof that leaf ``index`` is in the tree of ``size`` leaves, as ``check_inclusion`` takes it.

    At each level the path holds the subtree beside the one that has the leaf. One of them may be incomplete, at the
    right edge: ``edges`` keeps its root, by its first leaf, for the next path in the same tree.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise ProofError("index_out_of_range", f"A log of {size} entries has no entry {index}.")
    path, edges = [], {} if edges is None else edges
    for level in range((size - 1).bit_length()):
        beside = (index >> level) ^ 1
        start = beside << level
        if start + (1 << level) <= size:
            path.append(node(level, beside))
        elif start < size:
            path.append(edges.get(start) or edges.setdefault(start, _root(start, size, node)))
    return path


def consistency_path(old: int, new: int, node: Node) -> list[bytes]:
    """The proof that the tree of ``new`` leaves begins with that of ``old``, as ``check_consistency`` takes it."""
    if not 0 <= old <= new <= MAX_SIZE:
        raise ProofError("size_out_of_range", f"A log of {old} entries does not grow to {new}.")
    return [] if old in (0, new) else _consistency(old, 0, new, node)


def tree_root(size: int, node: Node) -> bytes:
    """The root over the first ``size`` leaves."""
    return _root(0, size, node) if size else EMPTY_ROOT


def _root(start: int, end: int, node: Node) -> bytes:
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node(level, start >> level)
    middle = start + split(size)
    return node_hash(_root(start, middle, node), _root(middle, end, node))


def _consistency(old: int, start: int, end: int, node: Node) -> list[bytes]:
    if old == end:  # a left edge reached without leaving it is the old root, which the checker has
        return [_root(start, end, node)] if start else []
    middle = start + split(end - start)
    if old <= middle:
        return [*_consistency(old, start, middle, node), _root(middle, end, node)]
    return [*_consistency(old, middle, end, node), _root(start, middle, node)]


class CompactRange:
    """The right edge of a tree: the roots of the complete subtrees that its size in binary names, largest first.

    It is all that appending and the root need: at most 63 hashes.
    """

    def __init__(self, size: int = 0, edges: Sequence[bytes] = ()) -> None:
        if not 0 <= size <= MAX_SIZE or len(edges) != size.bit_count() or any(len(edge) != 32 for edge in edges):
            raise ProofError("bad_edge", f"The right edge of {size} entries has one 32-byte hash for each 1 bit.")
        self._size = size
        self._edges = list(edges)

    @classmethod
    def of(cls, leaves: Iterable[bytes]) -> "CompactRange":
        """The range over all of ``leaves`` (leaf hashes)."""
        whole = cls()
        for leaf in leaves:
            whole.append(leaf)
        return whole

    @property
    def size(self) -> int:
        """How many leaves were appended."""
        return self._size

    @property
    def edges(self) -> tuple[bytes, ...]:
        """The roots of the complete subtrees, largest first."""
        return tuple(self._edges)

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Append a leaf hash; returns every subtree this completes as (level, index, hash), the leaf's own first."""
        completed = [(0, self._size, leaf)]
        level, index = 0, self._size
        while index & 1:
            leaf = node_hash(self._edges.pop(), leaf)
            level, index = level + 1, index >> 1
            completed.append((level, index, leaf))
        self._edges.append(leaf)
        self._size += 1
        return completed

    def root(self) -> bytes:
        """The Merkle root over all leaves."""
        if not self._edges:
            return EMPTY_ROOT
        root = self._edges[-1]
        for edge in reversed(self._edges[:-1]):
            root = node_hash(edge, root)
        return root
