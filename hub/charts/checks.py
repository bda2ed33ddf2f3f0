"""What no chart may show: a value without its cases, outside of its unit, or outside of its own interval.

Each raises ``ChartError``; ``where`` is the label of what was wrong.
"""

import math
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from hub.charts.levels import LEVELS
from hub.charts.words import UNITS
from hub.errors import ChartError

__all__ = ["TOUCH", "by_name", "by_value", "interval", "known", "name_order", "named", "rests_on", "rising", "within"]

TOUCH = 1e-9
"""Rounding that is allowed where sums and limits are compared."""


def named(title: str, description: str) -> None:
    """A chart has a title and a description in words: some readers have nothing else."""
    if not title.strip() or not description.strip():
        raise ChartError("chart_unnamed", "A chart has a title and a description.", title)


def rests_on(n: object, where: str) -> None:
    """A value says on how many cases it rests."""
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        raise ChartError("value_without_n", "A value says on how many cases it rests, at least one.", where)


def within(value: float, unit: str, where: str) -> None:
    """A value is a number that its unit allows: a share lies within 0 and 1, and nothing is below 0 but a score."""
    if unit not in UNITS:
        raise ChartError("unknown_unit", f"A unit is one of {', '.join(UNITS)}.", unit)
    if not math.isfinite(value):
        raise ChartError("value_not_finite", "A value is a finite number.", where)
    if (unit != "score" and value < 0) or (unit == "share" and value > 1):
        raise ChartError("value_outside", "A share lies within 0 and 1, and no count or time is below 0.", where)


def interval(low: float, value: float, high: float, where: str) -> None:
    """An interval holds its value."""
    if not low - TOUCH <= value <= high + TOUCH:
        raise ChartError("interval_elsewhere", "An interval holds its value.", where)


def known(level: str, where: str) -> None:
    """A level is one of three."""
    if level not in LEVELS:
        raise ChartError("unknown_level", f"A level is one of {', '.join(LEVELS)}.", where)


def rising(places: Sequence[float], what: str, where: str) -> None:
    """Days, or numbers of cases, each larger than the one before."""
    if not places or any(later <= earlier for earlier, later in pairwise(places)):
        raise ChartError(
            "not_rising", f"There is at least one of {what}, and each is larger than the one before.", where
        )


def name_order(label: str) -> tuple[str, str]:
    """By what names are put in order: without regard to capitals and forms of letters, then as they are written."""
    return unicodedata.normalize("NFKC", label).casefold(), label


def by_value(rows: Sequence[tuple[float, tuple[int, int] | None]], labels: Sequence[str]) -> None:
    """An order by value is one in which every row says between which ranks it lies; rank 1 has the smallest value."""
    for (_, ranks), label in zip(rows, labels, strict=True):
        if ranks is None or not 1 <= ranks[0] <= ranks[1] <= len(rows):
            raise ChartError("rank_unknown", "In an order by value every row has the interval of its rank.", label)
    if any(later[0] < earlier[0] for earlier, later in pairwise(rows)):
        raise ChartError("not_by_value", "Rows that have ranks are in order of value, the smallest first.", "")


def by_name(labels: Sequence[str]) -> None:
    """Names are in order of name, so that no order of merit is shown."""
    if list(labels) != sorted(labels, key=name_order):
        raise ChartError("not_by_name", "Without ranks providers are shown in order of name, never of value.", "")
