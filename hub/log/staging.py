"""From an accepted statement to the entry that is stored for it."""

from hub.ownertags import OwnerTag, tag_under
from hub.storage.topics import POLICY_PROOF
from hub.storage.values import Annex, StagedEntry, StoredEffect
from registry.batch import Accepted
from signing.encoding import sha256_hex
from signing.merkle import leaf_hash
from signing.statement import Statement, tagged_entry

__all__ = ["amended_by", "documents_of", "rows_of", "stage", "subject_of"]


def stage(
    statement: Statement, accepted: Accepted, time: int, annex: bytes | None = None, tag: OwnerTag | None = None
) -> StagedEntry:
    """The entry of ``statement`` as the rules accepted it, with everything stored beside it.

    Args:
        statement: a verified statement.
        accepted: its index and decision.
        time: entry time, POSIX seconds.
        annex: octets of its annex, held against the statement before.
        tag: its owner tag, if that was made beforehand under the monitor key that counts here.
    """
    decision = accepted.decision
    octets = tagged_entry(statement, time, tag_under(statement, decision.monitor, tag), decision.ref)
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
        subject=subject_of(statement),
        amends=amended_by(statement),
        annex=None if annex is None else Annex(sha256_hex(annex), annex),
        documents=documents_of(statement),
        outbox=(POLICY_PROOF,) if statement.kind == "policy" else (),
    )


def rows_of(entry: StagedEntry, writes: int) -> int:
    """How many rows the entry costs, with ``writes`` keys of rule state."""
    return 3 + len(entry.effects) + len(entry.documents) + len(entry.outbox) + (entry.annex is not None) + writes


def documents_of(statement: Statement) -> tuple[str, ...]:
    """SHA-256 (hex) of the documents that the statement registers."""
    return (statement.body["manifestation"]["sha256"],) if statement.kind == "award" else ()


def amended_by(statement: Statement) -> str | None:
    """Digest (hex) of the registration that the statement amends."""
    return str(statement.body["award"]) if statement.kind == "award-review" else None


def subject_of(statement: Statement) -> str | None:
    """The actor or reference that the statement is about, by which directories find it."""
    if statement.kind in ("member", "neutral", "genesis", "policy"):
        return statement.issuer
    name = {"key": "owner", "accreditation": "subject", "reference": "id"}.get(statement.kind)
    return None if name is None else str(statement.body[name])
