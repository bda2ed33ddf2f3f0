"""Rows of the bench's table."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Row", "show"]


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, the figures, the raw limit of the same run, and the ratio between them."""

    what: str
    figures: str
    limit: str
    ratio: str


def show(row: Row) -> str:
    """The row as lines of text."""
    lines = [f"{row.what}: {row.figures}"]
    if row.limit:
        lines.append(f"    limit: {row.limit}{f'; {row.ratio}' if row.ratio else ''}")
    return "\n".join(lines)
