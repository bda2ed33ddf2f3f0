"""Whether a log only grew, shown by one inclusion proof (RFC 6962 §2.1.1).

The inclusion proof of the *last* entry of a smaller tree in a larger one holds all that the smaller tree consists of:
the hashes that stand left of the entry are the complete subtrees that the smaller size names in binary. So the proof
leads to two roots: to the larger one, by which it is verified, and to the root that the first ``index + 1`` entries
have under it. Every receipt (C2SP tlog-proof) is such a proof, and ``from_tiles`` makes one of what a log serves.

Unlike a consistency proof it decides both ways, for all sizes: where it holds, the smaller root either is the one that
was signed, or the two signed roots contradict each other.
"""

from collections.abc import Callable, Sequence

from .errors import FormatError, ProofError
from .merkle import check_inclusion, leaf_hash, node_hash, split
from .notes import TlogProof
from .tiles import ENTRIES, TILE_WIDTH, TileId, TileNodes, parse_entry_bundle, tile_path
from .tree import inclusion_path

__all__ = ["Fetch", "from_tiles", "prefix_root"]

Fetch = Callable[[str], bytes]
"""Gets the octets below a log's address, such as ``tile/0/000``; raises ``ProofError`` where there is nothing."""


def prefix_root(proof: TlogProof, size: int, root: bytes) -> bytes:
    """The root over the first ``proof.index + 1`` of the ``size`` leaves under ``root``.

    Checks that the proof's entry is included there. Does not look at the proof's own checkpoint.

    Raises:
        ProofError: the proof carries no entry, or does not lead to ``root``.
    """
    if proof.extra is None:
        raise ProofError("entry_missing", "The proof does not carry the log entry.", f"index {proof.index}")
    leaf = leaf_hash(proof.extra)
    check_inclusion(leaf, proof.index, size, proof.hashes, root)
    return _prefix(proof.index, size, [leaf, *proof.hashes])


def _prefix(index: int, size: int, path: Sequence[bytes]) -> bytes:
    if size == 1:
        return path[0]
    half, rest, other = split(size), path[:-1], path[-1]
    if index < half:  # ``other`` came later
        return _prefix(index, half, rest)
    return node_hash(other, _prefix(index - half, size - half, rest))


def from_tiles(fetch: Fetch, index: int, size: int, note: bytes) -> TlogProof:
    """The proof of entry ``index`` of the first ``size``, from tiles (C2SP tlog-tiles) that are not believed.

    Args:
        fetch: gets tiles; where a partial tile is gone, the full one serves.
        index: log index, below ``size``.
        size: size of the checkpoint that the proof is to lead to.
        note: that checkpoint.

    Nothing is verified: ``prefix_root`` does that.

    Raises:
        ProofError: the log can't be read.
        FormatError: a tile is not one.
    """
    hashes = inclusion_path(index, size, TileNodes(size, lambda tile: _hashes(fetch, tile)))
    return TlogProof(index, tuple(hashes), note, _entry(fetch, index, size))


def _hashes(fetch: Fetch, tile: TileId) -> bytes:
    try:
        return fetch(tile_path(*tile))
    except ProofError:
        if tile.width == TILE_WIDTH:
            raise
        return fetch(tile_path(tile.level, tile.n))[: 32 * tile.width]


def _entry(fetch: Fetch, index: int, size: int) -> bytes:
    n, place = divmod(index, TILE_WIDTH)
    width = min(TILE_WIDTH, size - n * TILE_WIDTH)
    try:
        return parse_entry_bundle(fetch(tile_path(ENTRIES, n, width)), width)[place]
    except (ProofError, FormatError):
        if width == TILE_WIDTH:
            raise
        return parse_entry_bundle(fetch(tile_path(ENTRIES, n)), TILE_WIDTH)[place]
