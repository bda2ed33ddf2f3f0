"""Kaplan-Meier: the share of cases still open after so many days, with cases that are still open counted rightly.

Kaplan and Meier (1958); variance by Greenwood; pointwise intervals on the log(-log S) scale, which stay inside
[0, 1], or on the log S scale, which R prints by default; quantiles are min{t : S(t) <= q} with the interval of
Brookmeyer and Crowley (1982). Programs differ in two of these choices, so they are fixed here: where S meets q
exactly, R takes the middle of the step and statsmodels its end, we take its first day.

Days are whole and day 0 counts: a case may end on the day it began. A case that ends and one that is censored on
the same day: the end comes first.

Example::

    curve = kaplan_meier(days, ended)
    curve.at(90)                  # share still open after day 90
    curve.quantile(0.5).day       # median
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from metrics.errors import BadDataError

__all__ = ["LEVEL", "Curve", "Floats", "Integers", "Quantile", "daily_counts", "kaplan_meier"]

LEVEL = 0.95
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_LONGEST = 100_000
"""Days; a longer duration (274 years) is a mistake, and would cost memory."""
_TOUCH = 1e-12
"""Rounding allowed when S is compared with a quantile."""


@dataclass(frozen=True, slots=True)
class Quantile:
    """The first day on which at most the share q is open; None where the data don't reach it.

    Attributes:
        low: None only together with ``day``; ``high`` is None when the upper limit is beyond the data.
        at_risk: cases under observation just before that day.
    """

    day: int | None
    low: int | None
    high: int | None
    at_risk: int


@dataclass(frozen=True)
class Curve:
    """S(t) for t = 0, 1, ..., the longest duration.

    Attributes:
        survival: S(t), the share open after day t.
        hazard_sum: Greenwood's sum of d / (n (n - d)) up to day t; the standard error of S is S times its root.
        at_risk: cases under observation just before day t.
        ended: cases that end on day t.
    """

    survival: Floats
    hazard_sum: Floats
    at_risk: Integers
    ended: Integers

    @cached_property
    def standard_error(self) -> Floats:
        """Greenwood's standard error of S(t); 0 where S is 0 or 1."""
        return self.survival * np.sqrt(self.hazard_sum)

    def at(self, t: int) -> float:
        """S(t); after the last day it stays what it was."""
        return float(self.survival[self._place(t)])

    def risk_at(self, t: int) -> int:
        """Cases under observation just before day t."""
        return risk_at(self.at_risk, t)

    def interval(self, t: int, level: float = LEVEL, scale: str = "loglog") -> tuple[float, float]:
        """Pointwise interval of S(t) on the ``loglog`` or ``log`` scale."""
        low, high = self.band(level, scale)
        place = self._place(t)
        return float(low[place]), float(high[place])

    def band(self, level: float = LEVEL, scale: str = "loglog") -> tuple[Floats, Floats]:
        """Pointwise intervals for every day; [S, S] where S is 1 (nothing has happened) or 0 (everything has)."""
        z = float(ndtri(0.5 + level / 2))
        inside = (self.survival > 0) & (self.survival < 1)
        s = np.where(inside, self.survival, 0.5)
        if scale == "loglog":
            spread = np.exp(z * np.sqrt(self.hazard_sum) / np.log(s))
            low, high = s ** (1 / spread), s**spread
        elif scale == "log":
            factor = np.exp(z * np.sqrt(self.hazard_sum))
            low, high = s / factor, np.minimum(s * factor, 1.0)
        else:
            raise BadDataError("unknown_scale", "An interval of S is made on the scale loglog or log.", scale)
        return np.where(inside, low, self.survival), np.where(inside, high, self.survival)

    def quantile(self, q: float, level: float = LEVEL, scale: str = "loglog") -> Quantile:
        """The first day with S <= q, and the days whose S may be q after all (Brookmeyer-Crowley)."""
        low, high = self.band(level, scale)
        found = _first(self.survival, q)
        if found is None:
            return Quantile(None, None, None, int(self.at_risk[-1]))
        return Quantile(found, _first(low, q), _first(high, q), int(self.at_risk[found]))

    def restricted_mean(self, tau: int) -> tuple[float, float]:
        """Mean days open within the first ``tau`` days, and its standard error (Greenwood's integral).

        The mean is the sum of S(t) for t < tau; the variance the sum over days of (area under S from that
        day to tau)^2 d / (n (n - d)).
        """
        s = np.concatenate([self.survival, np.full(max(0, tau - len(self.survival)), self.survival[-1])])[:tau]
        area = np.cumsum(s[::-1])[::-1]  # from day t to tau
        steps = np.diff(self.hazard_sum, prepend=0.0)[:tau]
        return float(s.sum()), float(np.sqrt(np.sum(area[: len(steps)] ** 2 * steps)))

    def _place(self, t: int) -> int:
        if t < 0:
            raise BadDataError("negative_duration", "A duration is not below 0 days.", str(t))
        return min(t, len(self.survival) - 1)


def kaplan_meier(days: ArrayLike, ended: ArrayLike) -> Curve:
    """The curve of cases followed for ``days`` whole days, at the end of which they ended or were censored.

    Raises:
        BadDataError: no case, a negative, broken or absurdly long duration, a mark other than 0 and 1, or lists of
            different lengths.
    """
    durations, marks = whole_days(days), np.asarray(ended)
    if marks.shape != durations.shape:
        raise BadDataError("lengths_differ", "Each duration needs exactly one mark.")
    at_risk, counts = daily_counts(durations, zeros_and_ones(marks), 1)
    deaths = counts[0]
    left = at_risk - deaths
    # Where nobody is left S is 0 and exactly known: the sum stands still instead of becoming infinite.
    steps = np.divide(deaths, at_risk * left.astype(np.float64), out=np.zeros(len(left)), where=left > 0)
    return Curve(np.cumprod(1 - deaths / at_risk), np.cumsum(steps), at_risk, deaths)


def whole_days(days: ArrayLike) -> Integers:
    """The durations as whole numbers, checked."""
    durations = np.asarray(days)
    if durations.size == 0:
        raise BadDataError("no_cases", "Nothing can be estimated from no cases.")
    if durations.ndim != 1:
        raise BadDataError("not_a_list", "Durations are one list.")
    if not np.issubdtype(durations.dtype, np.integer):
        if not np.all(durations == np.floor(durations)):
            raise BadDataError("broken_duration", "Durations are whole days.")
        durations = durations.astype(np.int64)
    if int(durations.min()) < 0:
        raise BadDataError("negative_duration", "A duration is not below 0 days.", str(durations.min()))
    if int(durations.max()) > _LONGEST:
        raise BadDataError("absurd_duration", f"A duration is longer than {_LONGEST} days.", str(durations.max()))
    return durations


def zeros_and_ones(marks: NDArray[Any]) -> Integers:
    """The marks of cases that ended (1) or were censored (0), checked."""
    if marks.dtype != np.bool_ and not ((marks == 0) | (marks == 1)).all():
        raise BadDataError("unknown_mark", "A case has ended (1) or was censored (0).")
    return marks.astype(np.int64)


def daily_counts(durations: Integers, causes: Integers, kinds: int) -> tuple[Integers, NDArray[Any]]:
    """For each day: cases under observation just before it, and of each cause 1..kinds how many ended on it."""
    length = int(durations.max()) + 1
    flat = np.bincount(durations * (kinds + 1) + causes, minlength=length * (kinds + 1))
    table = flat.reshape(length, kinds + 1)
    at_risk = np.cumsum(table.sum(axis=1)[::-1])[::-1]
    return at_risk, table[:, 1:].T


def risk_at(at_risk: Integers, t: int) -> int:
    """Cases under observation just before day t; none after the last day."""
    return int(at_risk[t]) if t < len(at_risk) else 0


def _first(values: Floats, q: float) -> int | None:
    """The first day on which the values are at or below q."""
    below = np.flatnonzero(values <= q + _TOUCH)
    return int(below[0]) if below.size else None
