"""The fixed texts of charts and how numbers are written; everything else that a chart says comes from its caller.

``ENGLISH`` is the list of texts; ``hub.web.charttext`` has them in the reader's language.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

__all__ = ["ENGLISH", "UNITS", "Unit", "Words"]

Unit = Literal["share", "ratio", "days", "cases", "score"]
UNITS: tuple[Unit, ...] = ("share", "ratio", "days", "cases", "score")
"""``share`` lies within 0 and 1 and is written in per cent; a ``ratio`` is what was found over what was expected."""

ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "provider": "Provider",
        "group": "Group",
        "cases": "Cases",
        "value": "Value",
        "from": "from",
        "to": "to",
        "day": "Day",
        "period": "Period",
        "at_risk": "Still followed",
        "mark": "Mark",
        "none": "as expected",
        "note": "to note",
        "enquiry": "for enquiry",
        "own": "own figures",
        "unnamed": "another provider",
        "target": "Reference value",
        "limits": "%(level)s limits",
        "interval": "%(level)s interval",
        "rank_interval": "%(level)s rank interval",
        "ranks": "%(first)s\N{EN DASH}%(last)s",
        "ranks_in_words": "%(first)s to %(last)s of %(all)s",
        "ranks_named": "ranks %(first)s\N{EN DASH}%(last)s",
        "ranks_of": "Ranks, of %(all)s",
        "percent": "%(number)s %%",
        "n": "(n = %(count)s)",
        "logarithmic": "%(name)s, logarithmic scale",
        "not_zero": "%(name)s; the axis does not begin at 0",
        "piece": "%(title)s, part %(number)s of %(count)s",
        "both": "%(one)s, %(other)s",
        "names_in_table": "Names that found no room are in the table.",
        "no_value": "no value, see the table",
    }
)
"""Code -> English."""


@dataclass(frozen=True, slots=True)
class Words:
    """How charts speak to a reader.

    Attributes:
        said: the texts of ``ENGLISH`` in the reader's language.
        number: a number with so many decimal places.
        measure: a value with its unit.
    """

    said: Mapping[str, str]
    number: Callable[[float, int], str]
    measure: Callable[[float, Unit], str]

    def __getitem__(self, code: str) -> str:
        return self.said[code]

    def filled(self, code: str, **told: str) -> str:
        """The text with what it has places for."""
        return self.said[code] % told

    def percent(self, value: float, places: int = 0) -> str:
        """A share of 1 in per cent."""
        return self.filled("percent", number=self.number(100 * value, places))

    def tick(self, value: float, unit: Unit, places: int) -> str:
        """A value beside an axis; ``places`` are those that the steps of the axis need."""
        return self.percent(value, max(0, places - 2)) if unit == "share" else self.number(value, places)

    def count(self, value: int) -> str:
        """A whole number."""
        return self.number(value, 0)

    def with_cases(self, label: str, count: int) -> str:
        """A label and how many cases stand behind it, which no line break takes apart."""
        return f"{label} {self.filled('n', count=self.count(count)).replace(' ', chr(0xA0))}".lstrip(" ")
