"""The table of applications for membership, which are not logged."""

from sqlalchemy import BigInteger, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.storage.migrations.columns import text_column
from hub.storage.models import Base, HexDigest

__all__ = ["ApplicationRow"]

_OPEN = text("ended IS NULL")


class ApplicationRow(Base):
    """An application; texts are there until it ends, ``statement`` from then on; ``seal`` is the hash of the others."""

    __tablename__ = "applications"
    __table_args__ = (
        Index("ix_applications_open_kid", "kid", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_applications_statement", "statement"),
        {"sqlite_with_rowid": False},
    )
    id: Mapped[str] = mapped_column(text_column(36), primary_key=True)
    kid: Mapped[str] = mapped_column(text_column(43))
    http_key: Mapped[bytes] = mapped_column(LargeBinary(32))
    actor: Mapped[str] = mapped_column(text_column(40))
    type: Mapped[str] = mapped_column(text_column(20))
    state: Mapped[str] = mapped_column(text_column(20))
    received: Mapped[int] = mapped_column(BigInteger)
    expires: Mapped[int] = mapped_column(BigInteger)
    ended: Mapped[int | None] = mapped_column(BigInteger)
    ended_by: Mapped[str | None] = mapped_column(text_column(40))
    reason: Mapped[str | None] = mapped_column(text_column())
    form: Mapped[str | None] = mapped_column(text_column())
    challenge: Mapped[str | None] = mapped_column(text_column())
    outcomes: Mapped[str | None] = mapped_column(text_column())
    statement: Mapped[str | None] = mapped_column(text_column(120))
    seal: Mapped[str] = mapped_column(HexDigest)
