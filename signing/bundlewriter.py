"""Writing the bundle that ``bundle`` reads: the same content always gives the same bytes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .bundle import pieces
from .notes import parse_proof

__all__ = ["Evidence", "write_bundle"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One statement to bundle: its JWS octets, its tlog-proof, and for a later policy the policy proof."""

    document: bytes
    proof: bytes
    policy_proof: bytes | None = None


def write_bundle(award: Evidence, evidence: Iterable[Evidence], status: bytes, documents: Mapping[str, bytes]) -> bytes:
    """The ZIP octets of a bundle.

    Args:
        award: the award's statement.
        evidence: what made its signers entitled, in any order.
        status: ``status.jws``.
        documents: file name -> octets; names without slashes.
    """
    members = _named("award/award", award) | {"status.jws": status}
    for one in evidence:
        members |= _named(f"evidence/{parse_proof(one.proof).index:08d}", one)
    members |= {f"documents/{name}": octets for name, octets in documents.items()}
    return b"".join(pieces(members))


def _named(name: str, one: Evidence) -> dict[str, bytes]:
    members = {f"{name}.jws": one.document, f"{name}.tlog-proof": one.proof}
    return members if one.policy_proof is None else members | {f"{name}.policy-proof": one.policy_proof}
