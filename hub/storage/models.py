"""Every table of the hub, portable between SQLite and PostgreSQL.

Log tables (entries, statements, effects, tiles, checkpoints) are only ever appended to; ``bodies`` and
``annexes`` stand apart because they may be deleted while everything else stays provable. ``rule_state``
is the fold of ``effects`` and can be rebuilt. What follows the log (``cursors``, ``transfers``,
``transfer_statements``, ``inbox``, ``case_events``, ``case_facts``) can be read from it again. Times are POSIX seconds,
digests 32 octets.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from hub.storage.migrations.columns import text_column

__all__ = [
    "AnnexRow",
    "Base",
    "BodyRow",
    "CaseEventRow",
    "CheckpointRow",
    "CosignatureRow",
    "CursorRow",
    "DeletionRow",
    "DocumentRow",
    "EffectRow",
    "EndedCheckpointRow",
    "EntryRow",
    "HeadRow",
    "HexDigest",
    "InboxReadRow",
    "InboxRow",
    "NonceRow",
    "OutboxRow",
    "PackageRow",
    "PolicyProofRow",
    "RuleStateRow",
    "StatementRow",
    "TileRow",
    "TransferRow",
    "TransferStatementRow",
    "UploadRow",
]

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
Position = BigInteger().with_variant(Integer, "sqlite")  # INTEGER PRIMARY KEY is SQLite's rowid: no second tree


class HexDigest(TypeDecorator[str]):
    """SHA-256 as lowercase hex in Python and as 32 octets in the table."""

    impl = LargeBinary(32)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """Hex to octets."""
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:  # noqa: ANN401, ARG002
        """Octets to hex."""
        return None if value is None else bytes(value).hex()


class Base(DeclarativeBase):
    """The one metadata; constraint names are derived, so migrations can name them."""

    metadata = MetaData(naming_convention=_NAMES)


class EntryRow(Base):
    """A log entry: the octets whose hash is a leaf of the tree."""

    __tablename__ = "entries"
    index: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=False)
    octets: Mapped[bytes] = mapped_column(LargeBinary)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    time: Mapped[int] = mapped_column(BigInteger)


_HAS_SUBJECT, _AMENDS = text("subject IS NOT NULL"), text("amends IS NOT NULL")


class StatementRow(Base):
    """What an entry stands for; ``subject`` is the actor it is about, ``amends`` the registration it amends."""

    __tablename__ = "statements"
    __table_args__ = (
        UniqueConstraint("issuer", "id"),
        Index(None, "kind", "subject", "index", sqlite_where=_HAS_SUBJECT, postgresql_where=_HAS_SUBJECT),
        Index(None, "amends", "index", sqlite_where=_AMENDS, postgresql_where=_AMENDS),
    )
    index: Mapped[int] = mapped_column(Position, ForeignKey("entries.index"), primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(HexDigest, unique=True)
    issuer: Mapped[str] = mapped_column(text_column(40))
    id: Mapped[str] = mapped_column(text_column(120))
    kind: Mapped[str] = mapped_column(text_column(40))
    version: Mapped[int] = mapped_column(Integer)
    confidential: Mapped[bool]
    subject: Mapped[str | None] = mapped_column(text_column(40))
    amends: Mapped[str | None] = mapped_column(HexDigest)


class BodyRow(Base):
    """The statement's JWS in canonical form; deletable when the statement was sealed."""

    __tablename__ = "bodies"
    __table_args__ = ({"postgresql_with": {"toast_tuple_target": "8160"}},)  # an award stays in its row, uncompressed
    index: Mapped[int] = mapped_column(Position, ForeignKey("statements.index"), primary_key=True, autoincrement=False)
    document: Mapped[bytes] = mapped_column(LargeBinary)


class AnnexRow(Base):
    """The restricted document that a statement names by hash."""

    __tablename__ = "annexes"
    index: Mapped[int] = mapped_column(Position, ForeignKey("statements.index"), primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(HexDigest)
    octets: Mapped[bytes] = mapped_column(LargeBinary)


class DocumentRow(Base):
    """The hash of a registered document, for whoever holds the document and looks for its award."""

    __tablename__ = "documents"
    sha256: Mapped[str] = mapped_column(HexDigest, primary_key=True)
    index: Mapped[int] = mapped_column(Position, ForeignKey("statements.index"), primary_key=True, autoincrement=False)


class EffectRow(Base):
    """What an entry changed, in order; ``data`` is JSON of classes C0-C1."""

    __tablename__ = "effects"
    __table_args__ = ({"sqlite_with_rowid": False},)
    index: Mapped[int] = mapped_column(Position, ForeignKey("entries.index"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    type: Mapped[str] = mapped_column(text_column(60))
    version: Mapped[int] = mapped_column(Integer)
    data: Mapped[str] = mapped_column(text_column())


class RuleStateRow(Base):
    """What the rules read: the fold of all effects, by key; ``updated`` is the last entry that wrote it."""

    __tablename__ = "rule_state"
    __table_args__ = ({"sqlite_with_rowid": False},)
    key: Mapped[str] = mapped_column(text_column(255), primary_key=True)
    value: Mapped[str] = mapped_column(text_column())
    updated: Mapped[int] = mapped_column(BigInteger)


class OutboxRow(Base):
    """Work that an entry asks for outside the database; the row goes when it is done.

    A few topics are no work but say of an entry what was left out or deleted on purpose; these rows stay.
    """

    __tablename__ = "outbox"
    index: Mapped[int] = mapped_column(Position, ForeignKey("entries.index"), primary_key=True, autoincrement=False)
    topic: Mapped[str] = mapped_column(text_column(40), primary_key=True)


class TileRow(Base):
    """A hash tile (C2SP tlog-tiles): up to 256 hashes of subtrees of 256^level leaves."""

    __tablename__ = "tiles"
    level: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    width: Mapped[int] = mapped_column(Integer)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)


class HeadRow(Base):
    """The one row that decides where the log ends; moved by compare-and-swap only.

    ``size`` and ``root`` move in transaction A, ``signed_size`` and ``note`` follow in transaction B.
    """

    __tablename__ = "head"
    origin: Mapped[str] = mapped_column(text_column(255), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    time: Mapped[int] = mapped_column(BigInteger)
    signed_size: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[bytes] = mapped_column(LargeBinary)


class CheckpointRow(Base):
    """A checkpoint as the log signed it, and whether its witnesses' cosignatures meet the quorum."""

    __tablename__ = "checkpoints"
    __table_args__ = (Index(None, "witnessed", "size"),)
    size: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    note: Mapped[bytes] = mapped_column(LargeBinary)
    witnessed: Mapped[bool]


class EndedCheckpointRow(Base):
    """A checkpoint of a log that has ended: the note with every cosignature line that was stored for it."""

    __tablename__ = "ended_checkpoints"
    origin: Mapped[str] = mapped_column(text_column(255), primary_key=True)
    size: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    note: Mapped[bytes] = mapped_column(LargeBinary)


class CosignatureRow(Base):
    """One verified cosignature line of a checkpoint; ``witness`` is the label of the key, as ``label_of`` makes it."""

    __tablename__ = "cosignatures"
    size: Mapped[int] = mapped_column(Position, ForeignKey("checkpoints.size"), primary_key=True, autoincrement=False)
    witness: Mapped[str] = mapped_column(text_column(255), primary_key=True)
    line: Mapped[str] = mapped_column(text_column())


class PolicyProofRow(Base):
    """The first checkpoint beyond a policy statement that also met the previous policy's quorum."""

    __tablename__ = "policy_proofs"
    index: Mapped[int] = mapped_column(Position, ForeignKey("entries.index"), primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[bytes] = mapped_column(LargeBinary)


class NonceRow(Base):
    """A nonce of an HTTP signature that was already used."""

    __tablename__ = "nonces"
    __table_args__ = ({"sqlite_with_rowid": False},)
    keyid: Mapped[str] = mapped_column(text_column(64), primary_key=True)
    nonce: Mapped[str] = mapped_column(text_column(128), primary_key=True)
    expires: Mapped[int] = mapped_column(BigInteger, index=True)


_UNFINISHED, _UNFINISHED_PG = text("complete IS 0"), text("complete IS false")


class UploadRow(Base):
    """An upload: what was announced, and how many octets have arrived and are on disk."""

    __tablename__ = "uploads"
    __table_args__ = (
        Index(None, "owner", sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED_PG),
        {"sqlite_with_rowid": False},
    )
    id: Mapped[str] = mapped_column(text_column(43), primary_key=True)
    owner: Mapped[str] = mapped_column(text_column(40))
    purpose: Mapped[str] = mapped_column(text_column(10))
    transfer: Mapped[str] = mapped_column(text_column(120))
    recipient: Mapped[str] = mapped_column(text_column(40))
    sha256: Mapped[str] = mapped_column(HexDigest)
    size: Mapped[int] = mapped_column(BigInteger)
    offset: Mapped[int] = mapped_column(BigInteger)
    created: Mapped[int] = mapped_column(BigInteger)
    expires: Mapped[int] = mapped_column(BigInteger, index=True)
    complete: Mapped[bool]


class PackageRow(Base):
    """An encrypted brief or package that is stored, or was: the row outlives the file."""

    __tablename__ = "packages"
    __table_args__ = (
        Index(None, "transfer"),
        Index(None, "owner", "deleted_at"),
        Index(None, "deleted_at", "stored_at"),
        {"sqlite_with_rowid": False},
    )
    sha256: Mapped[str] = mapped_column(HexDigest, primary_key=True)
    owner: Mapped[str] = mapped_column(text_column(40), primary_key=True)
    recipient: Mapped[str] = mapped_column(text_column(40), primary_key=True)
    transfer: Mapped[str] = mapped_column(text_column(120), primary_key=True)
    purpose: Mapped[str] = mapped_column(text_column(10))
    size: Mapped[int] = mapped_column(BigInteger)
    stored_at: Mapped[int] = mapped_column(BigInteger)
    deleted_at: Mapped[int | None] = mapped_column(BigInteger)
    held_at: Mapped[int | None] = mapped_column(BigInteger)
    hold_reason: Mapped[str | None] = mapped_column(text_column())
    released_at: Mapped[int | None] = mapped_column(BigInteger)


class DeletionRow(Base):
    """The signed record of a deletion, kept for ever."""

    __tablename__ = "deletions"
    __table_args__ = ({"sqlite_with_rowid": False},)
    sha256: Mapped[str] = mapped_column(HexDigest, primary_key=True)
    owner: Mapped[str] = mapped_column(text_column(40), primary_key=True)
    recipient: Mapped[str] = mapped_column(text_column(40), primary_key=True)
    transfer: Mapped[str] = mapped_column(text_column(120), primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger)
    record: Mapped[bytes] = mapped_column(LargeBinary)


class CursorRow(Base):
    """How many entries a follower of the log has taken in."""

    __tablename__ = "cursors"
    name: Mapped[str] = mapped_column(text_column(40), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)


_IS_OPEN, _KEEPS_TEXT = text("due IS NOT NULL"), text("ended IS NOT NULL AND cleared IS NULL")


class TransferRow(Base):
    """A transfer as the entries followed so far have made it; ``record`` is its stored form.

    ``due`` is when its present state lapses, ``ended`` when it came to its end, ``cleared`` when the texts of its
    statements were deleted; ``brief`` and ``ciphertext`` name the files that it claims.
    """

    __tablename__ = "transfers"
    __table_args__ = (
        Index(None, "due", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        Index(None, "ended", sqlite_where=_KEEPS_TEXT, postgresql_where=_KEEPS_TEXT),
        {"sqlite_with_rowid": False},
    )
    transfer: Mapped[str] = mapped_column(text_column(120), primary_key=True)
    index: Mapped[int] = mapped_column(BigInteger)
    sender: Mapped[str] = mapped_column(text_column(40))
    recipient: Mapped[str] = mapped_column(text_column(40))
    state: Mapped[str] = mapped_column(text_column(20))
    due: Mapped[int | None] = mapped_column(BigInteger)
    ended: Mapped[int | None] = mapped_column(BigInteger)
    cleared: Mapped[int | None] = mapped_column(BigInteger)
    brief: Mapped[str] = mapped_column(HexDigest)
    ciphertext: Mapped[str | None] = mapped_column(HexDigest)
    record: Mapped[str] = mapped_column(text_column())


class TransferStatementRow(Base):
    """A statement about a transfer; ``event`` only for evidence."""

    __tablename__ = "transfer_statements"
    __table_args__ = ({"sqlite_with_rowid": False},)
    transfer: Mapped[str] = mapped_column(text_column(120), primary_key=True)
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(text_column(40))
    event: Mapped[str | None] = mapped_column(text_column(40))


class InboxRow(Base):
    """A statement that concerns a member."""

    __tablename__ = "inbox"
    __table_args__ = ({"sqlite_with_rowid": False},)
    member: Mapped[str] = mapped_column(text_column(40), primary_key=True)
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(text_column(40))
    transfer: Mapped[str] = mapped_column(text_column(120))


class InboxReadRow(Base):
    """The newest entry of its inbox that a member has fetched, as its requests for what comes after say."""

    __tablename__ = "inbox_read"
    __table_args__ = ({"sqlite_with_rowid": False},)
    member: Mapped[str] = mapped_column(text_column(40), primary_key=True)
    index: Mapped[int] = mapped_column(BigInteger)


class CaseEventRow(Base):
    """An event that a provider reported of a case, by pseudonym; ``attributes`` is JSON."""

    __tablename__ = "case_events"
    __table_args__ = ({"sqlite_with_rowid": False},)
    provider: Mapped[str] = mapped_column(text_column(40), primary_key=True)
    case: Mapped[str] = mapped_column(text_column(43), primary_key=True)
    sequence: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    type: Mapped[str] = mapped_column(text_column(40))
    at: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[int] = mapped_column(BigInteger)
    attributes: Mapped[str] = mapped_column(text_column())
