"""The table of the directory: every version of every member and neutral, as the log has made them."""

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hub.storage.migrations.columns import text_column
from hub.storage.models import Base, Position, StatementRow

__all__ = ["DirectoryVersionRow"]


class DirectoryVersionRow(Base):
    """A member or neutral from the entry at ``index`` on, until the next row of the same ``subject``.

    ``record`` is canonical JSON of class C0; ``annex`` is the index of the entry whose annex still holds, if any.
    """

    __tablename__ = "directory_versions"
    __table_args__ = (Index(None, "subject", "index"),)
    index: Mapped[int] = mapped_column(Position, ForeignKey(StatementRow.index), primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(text_column(40))
    annex: Mapped[int | None] = mapped_column(BigInteger)
    record: Mapped[str] = mapped_column(text_column())
