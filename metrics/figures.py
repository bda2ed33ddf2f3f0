"""A figure: one value of one indicator for one subject and period, never without its n.

The type enforces what a reader must be able to rely on: a value exists exactly when the status is ``value``, a
share has its numerator and denominator, an interval lies around its value, and n is always there. What is withheld
carries no value that a page could show by mistake.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from metrics.errors import BadFigureError, BadPeriodError
from metrics.events import DAY_SECONDS
from metrics.names import ABSENT

__all__ = ["STATUSES", "UNITS", "Figure", "Interval", "Period", "Status"]

Status = Literal["value", "too_few", "immature", "not_reported"]
STATUSES: dict[Status, str] = {
    "value": "The value is shown.",
    "too_few": "There are fewer cases than the indicator needs.",
    "immature": "The cases have not been followed long enough.",
    "not_reported": "The provider has reported nothing that this could be computed from.",
}
UNITS = ("cases", "days", "share", "ratio", "of_claim", "points", "index", "neutrals")
"""``of_claim``: parts of the claim; ``points``: a difference of two shares; ``index``: from 0 to 1, of no counts."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Between which limits the true value lies, at the level; a limit beyond the data is None."""

    low: float | None
    high: float | None
    method: str
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days from ``start`` to before ``end`` (POSIX seconds at 00:00 UTC), none of them before 1970."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.start < 0:
            raise BadPeriodError(
                "period_too_early", "A period begins on 1970-01-01 or later.", f"{self.start}-{self.end}"
            )
        if self.start >= self.end:
            raise BadPeriodError("period_reversed", "A period ends after it begins.", f"{self.start}-{self.end}")
        if self.start % DAY_SECONDS or self.end % DAY_SECONDS:
            raise BadPeriodError("period_broken", "A period is made of whole days.", f"{self.start}-{self.end}")

    @classmethod
    def of(cls, first: date, last: date) -> "Period":
        """The period from the first day to the last, both included."""
        midnight = [int(datetime(one.year, one.month, one.day, tzinfo=UTC).timestamp()) for one in (first, last)]
        return cls(midnight[0], midnight[1] + DAY_SECONDS)

    @property
    def days(self) -> int:
        """Its length."""
        return (self.end - self.start) // DAY_SECONDS

    def __contains__(self, instant: int) -> bool:
        return self.start <= instant < self.end

    def holds(self, instants: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Of each instant of a column whether it is in the period; what is absent is in none."""
        marks: NDArray[np.bool_] = (instants != ABSENT) & (instants >= self.start) & (instants < self.end)
        return marks

    def __str__(self) -> str:
        first, last = (datetime.fromtimestamp(one, UTC).date() for one in (self.start, self.end - DAY_SECONDS))
        return f"{first} to {last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One value and all that is needed to judge it.

    Attributes:
        indicator: id of its definition; ``part`` says which of several values it is ("" if there is one).
        subject: a provider, or ``federation``.
        n: how many cases (or deadlines) the value rests on.
        numerator: of a share or ratio; with cases still open the value of an estimate is not
            numerator/denominator, because these have not been followed to their end.
        counts: what n is made of, for the supervised view only.
        minimum: n that the public view needs; a value with a smaller n is ``small``.
        in_public: what the public view says however large n is: of an estimate that was read off a curve where few
            cases were left under observation, why there is no value.
    """

    indicator: str
    subject: str
    part: str = ""
    period: Period
    freeze: int
    unit: str
    status: Status
    n: int
    minimum: int
    in_public: Status = "value"
    value: float | None = None
    numerator: int | None = None
    denominator: int | None = None
    interval: Interval | None = None
    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        where = f"{self.indicator} {self.part} {self.subject}".strip()
        if self.status not in STATUSES or self.unit not in UNITS or self.n < 0:
            raise BadFigureError("bad_figure", "A figure has a known status and unit and an n not below 0.", where)
        if (self.value is None) == (self.status == "value"):
            raise BadFigureError("value_and_status", "A value stands exactly where the status says so.", where)
        if self.value is None and (self.interval, self.numerator, self.denominator) != (None, None, None):
            raise BadFigureError("withheld_shown", "What is withheld has no interval and no parts.", where)
        if self.value is not None:
            self._check_value(self.value, where)

    def _check_value(self, value: float, where: str) -> None:
        if self.unit in {"share", "ratio"} and (self.numerator is None or not self.denominator or not self.n):
            raise BadFigureError("rate_without_n", "A rate has a numerator, a denominator and an n above 0.", where)
        if self.unit == "share" and not 0 <= value <= 1:
            raise BadFigureError("share_outside", "A share lies between 0 and 1.", where)
        low, high = (self.interval.low, self.interval.high) if self.interval else (None, None)
        if (low is not None and low > value + 1e-9) or (high is not None and high < value - 1e-9):
            raise BadFigureError("interval_elsewhere", "An interval lies around its value.", where)

    @property
    def small(self) -> bool:
        """Whether the public view must not show the value."""
        return self.n < self.minimum or self.in_public != "value"
