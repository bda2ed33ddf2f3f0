"""What every table that follows the log is checked for: its rows, how many there are, and how far it was followed."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from hub.audit.findings import Findings
from hub.storage.audit import StoredEntry
from hub.storage.auditbeside import Cursor
from hub.storage.values import StoredEffect, StoredStatement

__all__ = ["Followed"]


class Followed:
    """Compares tables with what the log gives, and counts.

    Args:
        findings: what is told.
        cursor: how far the log was followed when this began.
    """

    def __init__(self, findings: Findings, cursor: Cursor) -> None:
        self._findings = findings
        self._cursor = cursor
        self._counted: Counter[str] = Counter()

    def below(
        self, entries: Sequence[StoredEntry], kinds: Collection[str]
    ) -> list[tuple[StoredStatement, tuple[StoredEffect, ...]]]:
        """The statements of these kinds that were followed, each with its readable effects."""
        return [
            (one.statement, tuple(effect for effect in one.effects if effect.data is not None))
            for one in entries
            if one.statement is not None and one.statement.kind in kinds and one.index < self._cursor.size
        ]

    def rows(self, table: str, expected: Mapping[Any, Any], found: Mapping[Any, Any]) -> None:
        """Every expected row must be there as it is expected; it is counted either way."""
        self._counted[table] += len(expected)
        for key, value in expected.items():
            if found.get(key) != value:
                self._findings.add("row_differs", "The row is missing, or not what the log gives.", f"{table} {key}")

    def number(self, table: str, found: int) -> None:
        """There must be as many rows as were expected."""
        if found != self._counted[table]:
            text = f"{found} rows are stored; the log gives {self._counted[table]}."
            self._findings.add("row_count", text, table)

    def cursor(self, signed: int, where: str, names: Collection[str] | None = None) -> None:
        """The cursor is nowhere beyond the log, nor before what was made of it; ``names`` are all that there may be."""
        one = self._cursor
        unknown = names is not None and not set(names).issuperset(one.names)
        if one.size > signed or one.newest >= max(one.size, 0) or unknown:
            text = f"{one.size} entries are said to be followed, which is not so."
            self._findings.add("cursor_differs", text, where)
