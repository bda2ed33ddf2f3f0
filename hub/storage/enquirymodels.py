"""The table of enquiries: what officers asked providers, and what these said. It is not logged."""

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from hub.storage.migrations.columns import text_column
from hub.storage.models import Base, HexDigest

__all__ = ["EnquiryRow"]


class EnquiryRow(Base):
    """An enquiry; about one matter of one period a provider is asked once. ``seal`` is the hash of all else."""

    __tablename__ = "enquiries"
    __table_args__ = (
        Index("ix_enquiries_matter", "provider", "about", "code", "period_start", unique=True),
        Index("ix_enquiries_asked_at", "asked_at"),
        {"sqlite_with_rowid": False},
    )
    id: Mapped[str] = mapped_column(text_column(36), primary_key=True)
    provider: Mapped[str] = mapped_column(text_column(40))
    about: Mapped[str] = mapped_column(text_column(12))
    code: Mapped[str] = mapped_column(text_column(64))
    period_start: Mapped[int] = mapped_column(BigInteger)
    period_end: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(text_column())
    evidence: Mapped[str] = mapped_column(text_column())
    asked_by: Mapped[str] = mapped_column(text_column(40))
    asked_at: Mapped[int] = mapped_column(BigInteger)
    due: Mapped[int] = mapped_column(BigInteger)
    comment: Mapped[str | None] = mapped_column(text_column())
    commented_at: Mapped[int | None] = mapped_column(BigInteger)
    seal: Mapped[str] = mapped_column(HexDigest)
