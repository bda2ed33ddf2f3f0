"""The tables of feedback: slots that were issued to providers, which are not logged, and what was answered."""

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from hub.storage.migrations.columns import text_column
from hub.storage.models import Base, HexDigest

__all__ = ["FeedbackAnswerRow", "FeedbackSlotRow"]


class FeedbackSlotRow(Base):
    """A slot; ``token`` is the hash of its secret until it is forgotten, ``seal`` the hash of all other columns."""

    __tablename__ = "feedback_slots"
    __table_args__ = (
        Index("ix_feedback_slots_token", "token", unique=True),
        Index("ix_feedback_slots_expires", "expires"),
        {"sqlite_with_rowid": False},
    )
    provider: Mapped[str] = mapped_column(text_column(40), primary_key=True)
    case: Mapped[str] = mapped_column(text_column(43), primary_key=True)
    role: Mapped[str] = mapped_column(text_column(12), primary_key=True)
    token: Mapped[str | None] = mapped_column(HexDigest)
    issued: Mapped[int] = mapped_column(BigInteger)
    expires: Mapped[int] = mapped_column(BigInteger)
    seal: Mapped[str] = mapped_column(HexDigest)


class FeedbackAnswerRow(Base):
    """An answer; of one slot at most one of each source. ``seal`` is the hash of all other columns but ``index``.

    ``index`` is that of the entry that holds it; None while it waits to be registered.
    """

    __tablename__ = "feedback_answers"
    __table_args__ = (
        Index("ix_feedback_answers_index", "index"),
        {"sqlite_with_rowid": False},
    )
    provider: Mapped[str] = mapped_column(text_column(40), primary_key=True)
    case: Mapped[str] = mapped_column(text_column(43), primary_key=True)
    role: Mapped[str] = mapped_column(text_column(12), primary_key=True)
    source: Mapped[str] = mapped_column(text_column(8), primary_key=True)
    outcome_side: Mapped[str] = mapped_column(text_column(12))
    scores: Mapped[str] = mapped_column(text_column())
    day: Mapped[int] = mapped_column(BigInteger)
    seal: Mapped[str] = mapped_column(HexDigest)
    index: Mapped[int | None] = mapped_column(BigInteger)
