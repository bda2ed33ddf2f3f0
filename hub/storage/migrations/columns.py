"""Kinds of columns that mean the same on both databases, for the migrations and the declared tables."""

from sqlalchemy import String, Text
from sqlalchemy.types import TypeEngine

__all__ = ["text_column"]


def text_column(length: int | None = None) -> TypeEngine[str]:
    """Text that sorts by its octets on both: PostgreSQL would sort it by the language of its database.

    Args:
        length: the most characters; None for any number.
    """
    kind = Text if length is None else String
    return kind(length).with_variant(kind(length, collation="C"), "postgresql")
