"""The tables of the signing desk: drafts, and who is to sign each. They are not logged and follow nothing."""

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from hub.storage.migrations.columns import text_column
from hub.storage.models import Base, HexDigest

__all__ = ["DraftRow", "DraftSignerRow"]


class DraftRow(Base):
    """A draft. Its texts (payload, annex, invitation, statement id) are NULL once they are deleted."""

    __tablename__ = "drafts"
    __table_args__ = (Index(None, "poster", "state"), Index(None, "state", "expires_at"), Index(None, "statement"))
    id: Mapped[str] = mapped_column(text_column(36), primary_key=True)
    poster: Mapped[str] = mapped_column(text_column(40))
    kind: Mapped[str] = mapped_column(text_column(40))
    issuer: Mapped[str] = mapped_column(text_column(40))
    state: Mapped[str] = mapped_column(text_column(12))
    digest: Mapped[str] = mapped_column(HexDigest)
    register: Mapped[bool]
    created_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    statement: Mapped[str | None] = mapped_column(text_column(120))
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    annex: Mapped[bytes | None] = mapped_column(LargeBinary)
    invitation: Mapped[str | None] = mapped_column(text_column())
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    declined_kid: Mapped[str | None] = mapped_column(text_column(43))
    decline_reason: Mapped[str | None] = mapped_column(text_column())
    result_index: Mapped[int | None] = mapped_column(BigInteger)
    problem: Mapped[str | None] = mapped_column(text_column())


class DraftSignerRow(Base):
    """Somebody whose signature a draft announces; an empty kid stands for who is invited."""

    __tablename__ = "draft_signers"
    __table_args__ = (Index(None, "owner"), {"sqlite_with_rowid": False})
    draft: Mapped[str] = mapped_column(text_column(36), ForeignKey("drafts.id"), primary_key=True)
    kid: Mapped[str] = mapped_column(text_column(43), primary_key=True)
    role: Mapped[str] = mapped_column(text_column(40))
    owner: Mapped[str | None] = mapped_column(text_column(40))
    signed: Mapped[bool]
    protected: Mapped[str | None] = mapped_column(text_column())
    signature: Mapped[str | None] = mapped_column(text_column(86))
    secret_hash: Mapped[str | None] = mapped_column(HexDigest)
