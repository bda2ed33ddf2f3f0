"""Curves as anybody may see them: on a coarse grid of days, from rounded counts, and only where enough cases are left.

A curve by the day gives people away: the height of a step tells how many cases there are, its place when one ended.
So days are those of a grid (each 7 days up to day 84, then day 90 and each 30 days), counts on it are rounded to the
middle of their group of six (1 to 6 become 3, 7 to 12 become 9; 0 stays 0), and shares are computed anew from the
rounded counts. A curve stops where fewer than ten cases are still followed. Outcomes of fewer than ten cases are shown
together with others.

Within a step of the grid, cases whose following ends count for half of it (the actuarial estimate of Cutler and
Ederer, 1958); their effect on ten cases or more is below what rounding does. What is *not* guarded against:
differences between overlapping periods, as in ``metrics.disclosure``.

So shares differ from those of the figures: in simulations by up to 14 percentage points of 30 cases, 6 of 100 and 2 of
1,000 (``DIFFERENCE``), which the page says.

Source of the rounding: OpenSAFELY's rule for steps of Kaplan-Meier curves ("midpoint 6").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from metrics.cohorts import CAUSES, ENDS, HANDED_OVER, OPEN, Cohort
from metrics.survival import LEVEL, Floats

__all__ = [
    "DIFFERENCE",
    "FEWEST",
    "LEAST",
    "OTHERS",
    "PublishedCurves",
    "PublishedOutcomes",
    "PublishedTime",
    "grid",
    "midpoint",
    "outcomes",
    "time",
]

FEWEST = 30
"""Cases of a cohort of which a curve is shown."""
LEAST = 10
"""Cases still followed where a curve goes on, and cases of an outcome that is shown by itself."""
DIFFERENCE = {30: 0.14, 100: 0.06, 1000: 0.02}
"""By how much a share differs from that of the figures at most, by the number of cases; the page says the same."""
OTHERS = "others"
"""Outcomes that are shown together."""
_GROUP = 6
_WEEKS, _QUARTER, _MONTH = 84, 90, 30


@dataclass(frozen=True, slots=True)
class PublishedTime:
    """The share of cases still open: 1 on day 0, then after each day of the grid.

    Attributes:
        n: cases of the cohort.
        low: of the interval (Greenwood's variance of the rounded counts, on the log-log scale).
        at_risk: cases still followed, from the rounded counts.
    """

    n: int
    days: tuple[int, ...]
    share: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    at_risk: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PublishedOutcomes:
    """The share of cases that ended by each outcome, after each day of the grid; none on day 0.

    Attributes:
        shares: outcome (of ``metrics.cohorts.ENDS``, or ``OTHERS``) -> shares; with what is open they add up to 1.
    """

    n: int
    days: tuple[int, ...]
    shares: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class PublishedCurves:
    """Both, as far as there are cases enough."""

    time: PublishedTime | None
    outcomes: PublishedOutcomes | None

    @classmethod
    def of(cls, cohort: Cohort) -> "PublishedCurves":
        """The curves of the cases filed in a period."""
        return cls(time(cohort), outcomes(cohort))


def midpoint(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each count as the middle of its group of six; 0 stays 0."""
    return np.where(counts > 0, _GROUP * -(-counts // _GROUP) - _GROUP // 2, 0)


def grid(last: int) -> tuple[int, ...]:
    """Days on which curves are shown, up to ``last``; day 0 is the first."""
    days = (*range(0, _WEEKS + 1, 7), *range(_QUARTER, max(last, _QUARTER) + 1, _MONTH))
    return tuple(day for day in days if day <= last)


def time(cohort: Cohort) -> PublishedTime | None:
    """How long cases stay open, where one that is handed over is followed no longer; None where there are too few."""
    ends = [number for number in CAUSES.values() if number != CAUSES[HANDED_OVER]]
    days = _days(cohort)
    if cohort.count(*ends) < LEAST or len(days) < 2:
        return None
    ended, lost = _cumulative(cohort, ends, days), _cumulative(cohort, [OPEN, CAUSES[HANDED_OVER]], days)
    days, at_risk, exposed = _followed(cohort.n, days, ended, lost)
    if len(days) < 2:
        return None
    steps = np.diff(ended)[: len(exposed)]
    share = np.concatenate([[1.0], np.cumprod(1 - steps / exposed)])
    left = np.maximum(exposed - steps, 1e-9)
    sums = np.concatenate([[0.0], np.cumsum(np.where(steps < exposed, steps / (exposed * left), 0.0))])
    low, high = _band(share, sums)
    return PublishedTime(cohort.n, days, _told(share), _told(low), _told(high), at_risk)


def outcomes(cohort: Cohort) -> PublishedOutcomes | None:
    """By which outcome cases end, handing over among them; None where there are too few cases."""
    days, groups = _days(cohort), _groups(cohort)
    if not groups or len(days) < 2:
        return None
    counts = {name: _cumulative(cohort, causes, days) for name, causes in groups.items()}
    ended: NDArray[np.int64] = np.sum(list(counts.values()), axis=0)
    days, _, exposed = _followed(cohort.n, days, ended, _cumulative(cohort, [OPEN], days))
    if len(days) < 2:
        return None
    length = len(exposed)
    before = np.concatenate([[1.0], np.cumprod(1 - np.diff(ended)[:length] / exposed)])[:length]
    shares = {
        name: _told(np.concatenate([[0.0], np.cumsum(before * np.diff(one)[:length] / exposed)]))
        for name, one in counts.items()
    }
    return PublishedOutcomes(cohort.n, days, shares)


def _days(cohort: Cohort) -> tuple[int, ...]:
    """The grid as far as enough cases are followed; empty where the cohort is too small."""
    if cohort.n < FEWEST:
        return ()
    return tuple(day for day in grid(int(cohort.days.max())) if int((cohort.days >= day).sum()) >= LEAST)


def _groups(cohort: Cohort) -> dict[str, list[int]]:
    """Outcomes to be shown and the causes in each; those of a few cases go together until they are not a few."""
    counts = {name: cohort.count(CAUSES[name]) for name in ENDS}
    alone = [name for name in ENDS if counts[name] >= LEAST]
    together = [name for name in ENDS if 0 < counts[name] < LEAST]
    while together and sum(counts[name] for name in together) < LEAST and alone:
        together.append(alone.pop(alone.index(min(alone, key=lambda name: counts[name]))))
    if together and sum(counts[name] for name in together) < LEAST:
        return {}
    groups = {name: [CAUSES[name]] for name in alone}
    return groups | ({OTHERS: [CAUSES[name] for name in together]} if together else {})


def _cumulative(cohort: Cohort, causes: Sequence[int], days: Sequence[int]) -> NDArray[np.int64]:
    """How many cases ended by one of the causes up to each day of the grid, rounded; none at the first."""
    own = np.sort(cohort.days[np.isin(cohort.causes, causes)])
    counts = np.searchsorted(own, np.asarray(days), side="right").astype(np.int64)
    counts[0] = 0  # what ends on day 0 is in the first step
    return midpoint(counts)


def _followed(
    n: int, days: Sequence[int], ended: NDArray[np.int64], lost: NDArray[np.int64]
) -> tuple[tuple[int, ...], tuple[int, ...], Floats]:
    """The days as far as the rounded counts leave enough cases, these, and for each step how many were exposed."""
    at_risk = n - ended - lost
    exposed = at_risk[:-1] - np.diff(lost) / 2
    enough = (at_risk[:-1] >= LEAST) & (exposed >= np.maximum(np.diff(ended), LEAST / 2))
    steps = len(enough) if enough.all() else int(np.argmin(enough))
    kept = np.maximum(at_risk[: steps + 1], 0)
    return tuple(days[: steps + 1]), tuple(int(one) for one in kept), exposed[:steps].astype(np.float64)


def _band(share: Floats, sums: Floats) -> tuple[Floats, Floats]:
    inside = (share > 0) & (share < 1) & (sums > 0)
    s = np.where(inside, share, 0.5)
    spread = np.exp(float(ndtri(0.5 + LEVEL / 2)) * np.sqrt(sums) / np.log(s))
    return np.where(inside, s ** (1 / spread), share), np.where(inside, s**spread, share)


def _told(values: Floats) -> tuple[float, ...]:
    return tuple(float(one) for one in np.clip(values, 0.0, 1.0))
