"""Consistency proofs: that a log only grew (RFC 6962 §2.1.2, RFC 9162 §2.1.4).

Witnesses and clients who follow a log ask for them. A court looks at one checkpoint, which the witnesses compared
with those before it, so this module is not part of the reading set. It walks like ``merkle``: the last hash of a
proof is the other half of the whole tree.
"""

from collections.abc import Sequence

from .errors import ProofError
from .merkle import EMPTY_ROOT, MAX_SIZE, node_hash, split

__all__ = ["check_consistency"]


def check_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raise ``ProofError`` unless the tree under ``new_root`` begins with the whole tree under ``old_root``."""
    if not 0 <= old_size <= new_size <= MAX_SIZE:
        raise ProofError("size_out_of_range", f"A log of {old_size} entries does not grow to {new_size}.")
    if old_size == 0:  # the empty tree begins every tree, by an empty proof (C2SP tlog-witness)
        roots = (EMPTY_ROOT, EMPTY_ROOT if new_size == 0 else new_root)
    else:  # a tree of a power of two leaves is a left half later on: its root starts the path and is not sent
        start = [old_root] if old_size == new_size or old_size & (old_size - 1) == 0 else []
        roots = _roots(old_size, new_size, [*start, *proof])
    if roots != (old_root, new_root) or len(new_root) != 32 or (old_size == 0 and proof):
        raise ProofError("consistency_proof_fails", f"The logs of {old_size} and {new_size} entries disagree.")


def _roots(old: int, new: int, path: list[bytes]) -> tuple[bytes, bytes]:
    if (old == new) != (len(path) < 2) or len(path[-1]) != 32:
        raise ProofError("proof_length", "The proof has too few or too many hashes, or one not of 32 bytes.")
    if old == new:
        return path[0], path[0]
    half, rest, other = split(new), path[:-1], path[-1]
    if old <= half:
        before, after = _roots(old, half, rest)
        return before, node_hash(after, other)
    before, after = _roots(old - half, new - half, rest)
    return node_hash(other, before), node_hash(other, after)
