"""Merkle tree hashing and inclusion proofs (RFC 6962 §2.1, RFC 9162 §2.1).

A leaf hashes as SHA-256(0x00 ‖ entry), a node as SHA-256(0x01 ‖ left ‖ right); a tree of n > 1 leaves splits at the
largest power of two below n. Proofs list hashes from the bottom up, so the last one is the other half of the whole
tree: the checker takes it off and goes on in the half that remains, just as ``tree`` went when it made the proof.
"""

from collections.abc import Sequence
from hashlib import sha256

from .errors import ProofError

EMPTY_ROOT = sha256().digest()
MAX_SIZE = 2**63 - 1


def leaf_hash(entry: bytes) -> bytes:
    """Hash of one log entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two neighbouring subtrees, each given by its 32-byte hash."""
    return sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """How many leaves the left half of a tree of ``size`` > 1 has: the largest power of two below it."""
    return 1 << ((size - 1).bit_length() - 1)


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise ``ProofError`` unless the leaf hash ``leaf`` is number ``index`` of the ``size`` leaves under ``root``."""
    if not 0 <= index < size <= MAX_SIZE:
        raise ProofError("index_out_of_range", f"A log of {size} entries has no entry {index}.")
    if _root(index, size, [leaf, *proof]) != root:
        raise ProofError("inclusion_proof_fails", f"The proof does not lead from entry {index} to the root.")


def _root(index: int, size: int, path: list[bytes]) -> bytes:
    if (size == 1) != (len(path) == 1) or len(path[-1]) != 32:
        raise ProofError("proof_length", "The proof has too few or too many hashes, or one not of 32 bytes.")
    if size == 1:
        return path[0]
    half, rest, other = split(size), path[:-1], path[-1]
    if index < half:
        return node_hash(_root(index, half, rest), other)
    return node_hash(other, _root(index - half, size - half, rest))
