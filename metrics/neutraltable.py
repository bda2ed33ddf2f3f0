"""Active neutrals by field of practice and language: indicator 28, crossed.

Active is who was appointed at least once in the period; fields and languages are those of the register. A neutral who
works in several is counted in each, so that cells don't add up to anything. A cell about one to nine neutrals is not
told, nor is anything where fewer than the indicator's minimum are active at all.

For the public, ``NeutralTable.public`` also leaves out a cell that lacks one to nine of all: it would tell what these
few don't do; and empty cells unless 30 neutrals are active, because beside a cell about a few an empty one tells what
else these don't do. What is *not* guarded against: differences between periods (``metrics.disclosure``).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from metrics.columns import Columns
from metrics.context import Context, NeutralFact, base_language
from metrics.definitions import definition
from metrics.errors import BadFigureError
from metrics.figures import Period
from metrics.names import ABSENT

__all__ = ["EMPTY", "LEAST", "NeutralTable", "neutral_table"]

LEAST = 10
"""Neutrals of a cell that is told."""
EMPTY = 30
"""Active neutrals from which on the public may see that a cell is empty."""
_INDICATOR = "appointments"


@dataclass(frozen=True, slots=True)
class NeutralTable:
    """The table.

    Attributes:
        neutrals: how many are active; at least the minimum of the indicator.
        fields, languages: its heads, sorted.
        cells: (field, language) -> how many neutrals work in both; None where that is about a few.
        elsewhere: active neutrals of whom the register lacks fields or languages; None where they are a few.
    """

    neutrals: int
    fields: tuple[str, ...]
    languages: tuple[str, ...]
    cells: Mapping[tuple[str, str], int | None]
    elsewhere: int | None

    def __post_init__(self) -> None:
        if set(self.cells) != {(field, language) for field in self.fields for language in self.languages}:
            raise BadFigureError("cells_missing", "Each field and language has one cell.", _INDICATOR)
        if self.neutrals < definition(_INDICATOR).minimum or any(map(_few, (*self.cells.values(), self.elsewhere))):
            raise BadFigureError("withheld_shown", "What is about a few neutrals is not told.", _INDICATOR)

    def public(self) -> "NeutralTable":
        """The table as anybody may see it."""
        cells = {pair: self._open(count) for pair, count in self.cells.items()}
        return replace(self, cells=cells, elsewhere=self._open(self.elsewhere))

    def _open(self, count: int | None) -> int | None:
        if count is None or _few(self.neutrals - count) or (count == 0 and self.neutrals < EMPTY):
            return None
        return count


def neutral_table(columns: Columns, context: Context, period: Period) -> NeutralTable | None:
    """The table of all providers together; None where too few neutrals are active, or none is registered.

    Args:
        columns: facts of all providers.
        context: holds the register.
        period: when they were appointed.
    """
    made = columns.appointments
    appointed = np.unique(made.neutral[period.holds(made.at) & (made.neutral != ABSENT)])
    known = [context.neutrals.get(str(columns.names.name(int(code)))) for code in appointed]
    pairs = [_pairs(one) for one in known if one is not None]
    if len(known) < definition(_INDICATOR).minimum or not any(pairs):
        return None
    counted = Counter(pair for one in pairs for pair in one)
    fields, languages = (tuple(sorted({pair[place] for pair in counted})) for place in (0, 1))
    cells = {(field, language): _told(counted[field, language]) for field in fields for language in languages}
    return NeutralTable(len(known), fields, languages, cells, _told(len(known) - sum(map(bool, pairs))))


def _pairs(one: NeutralFact) -> set[tuple[str, str]]:
    return {(field, base_language(tag)) for field in one.fields for tag in one.languages}


def _few(count: int | None) -> bool:
    return count is not None and 0 < count < LEAST


def _told(count: int) -> int | None:
    return None if _few(count) else count
