"""From an accepted statement to the entry that is stored for it."""

from hub.storage.values import Annex, StagedEntry, StoredEffect
from registry.batch import Accepted
from signing.encoding import sha256_hex
from signing.merkle import leaf_hash
from signing.statement import Statement, entry_octets

__all__ = ["POLICY_PROOF", "rows_of", "stage"]

POLICY_PROOF = "policy-proof"
"""Outbox topic: the policy at this index awaits a checkpoint that also meets the quorum before it."""


def stage(statement: Statement, accepted: Accepted, time: int, annex: bytes | None = None) -> StagedEntry:
    """The entry of ``statement`` as the rules accepted it, with everything stored beside it.

    Args:
        statement: a verified statement.
        accepted: its index and decision.
        time: entry time, POSIX seconds.
        annex: octets of its annex, held against the statement before.
    """
    decision = accepted.decision
    octets = entry_octets(statement, time, decision.monitor, decision.ref)
    return StagedEntry(
        index=accepted.index,
        octets=octets,
        leaf_hash=leaf_hash(octets),
        time=time,
        digest=statement.digest,
        issuer=statement.issuer,
        id=statement.id,
        kind=statement.kind,
        version=statement.version,
        confidential=statement.salt is not None,
        document=statement.document,
        effects=tuple(StoredEffect(one.type, one.version, dict(one.data)) for one in decision.effects),
        subject=_subject(statement),
        amends=statement.body["award"] if statement.kind == "award-review" else None,
        annex=None if annex is None else Annex(sha256_hex(annex), annex),
        documents=(statement.body["manifestation"]["sha256"],) if statement.kind == "award" else (),
        outbox=(POLICY_PROOF,) if statement.kind == "policy" else (),
    )


def rows_of(entry: StagedEntry, writes: int) -> int:
    """How many rows the entry costs, with ``writes`` keys of rule state."""
    return 3 + len(entry.effects) + len(entry.documents) + len(entry.outbox) + (entry.annex is not None) + writes


def _subject(statement: Statement) -> str | None:
    """The actor that the statement is about, by which directories find it."""
    if statement.kind in ("member", "neutral", "genesis", "policy"):
        return statement.issuer
    name = {"key": "owner", "accreditation": "subject"}.get(statement.kind)
    return None if name is None else str(statement.body[name])
