"""Writing the bundle that ``bundle`` reads: the same content always gives the same bytes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .bundle import MEMBER_NAME, pieces
from .notes import parse_proof

__all__ = ["Evidence", "document_name", "write_bundle"]

SAFE_NAME = "award.pdf"


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
        documents: file name -> octets; names as ``document_name`` gives them.
    """
    members = _named("award/award", award) | {"status.jws": status}
    for one in evidence:
        members |= _named(f"evidence/{parse_proof(one.proof).index:08d}", one)
    members |= {f"documents/{name}": octets for name, octets in documents.items()}
    return b"".join(pieces(members))


def document_name(name: str) -> str:
    """The name under which a bundle holds a file: its own, or another where a bundle can't hold that one.

    A name may begin with a dot, hold a backslash or a line end, or be no Unicode; none of these is in a bundle.
    """
    unicode = name.encode("utf-8", "replace").decode("utf-8") == name  # a name from the system may be octets
    return name if unicode and MEMBER_NAME.fullmatch(f"documents/{name}") else SAFE_NAME


def _named(name: str, one: Evidence) -> dict[str, bytes]:
    members = {f"{name}.jws": one.document, f"{name}.tlog-proof": one.proof}
    return members if one.policy_proof is None else members | {f"{name}.policy-proof": one.policy_proof}
