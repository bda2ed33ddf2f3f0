"""The table of facts about cases, folded from the case events that providers reported."""

from sqlalchemy import BigInteger, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from hub.storage.migrations.columns import text_column
from hub.storage.models import Base

__all__ = ["CaseFactRow"]


class CaseFactRow(Base):
    """A case at a provider as its events tell it; ``fact`` is JSON.

    ``index`` is the newest log entry that told of it, ``form`` the number of the form and of the folding.
    """

    __tablename__ = "case_facts"
    __table_args__ = (Index("ix_case_facts_form_index", "form", "index"), {"sqlite_with_rowid": False})
    provider: Mapped[str] = mapped_column(text_column(40), primary_key=True)
    case: Mapped[str] = mapped_column(text_column(43), primary_key=True)
    index: Mapped[int] = mapped_column(BigInteger)
    form: Mapped[int] = mapped_column(Integer)
    fact: Mapped[str] = mapped_column(text_column())
