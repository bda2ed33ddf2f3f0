"""Intervals for shares, counts, ratios, differences and ranks, two-sided, 95 % unless told otherwise.

Each returns (low, high). Names are those that the definitions of indicators use, so that a figure can say how its
interval was made. None of them corrects for looking at many figures at once, and none is a limit for comparing
providers: those are in ``metrics.comparison.limits``.

``manski`` is no interval of chance: it says what a share may be when some answers are not known.
"""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, betaincinv, gammaincinv, ndtri

from metrics.errors import BadDataError
from metrics.survival import LEVEL

__all__ = [
    "byar",
    "clearance",
    "clopper_pearson",
    "effective_number",
    "log_ratio",
    "manski",
    "median_ranks",
    "newcombe",
    "newcombe_of",
    "poisson_exact",
    "quantile_limits",
    "quantile_ranks",
    "wilson",
    "wilson_weighted",
]


def wilson(x: int, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's score interval of the share x/n: near its nominal level also for small n and extreme shares."""
    _check(x, n)
    low, high = _score(x / n, n, level)
    return (0.0 if x == 0 else low), (1.0 if x == n else high)


def wilson_weighted(share: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's interval of a weighted share that rests on ``n`` answers in effect (``effective_number``)."""
    if not (0 <= share <= 1 and n > 0):
        raise BadDataError("not_a_share", "A share lies between 0 and 1 and rests on more than 0 answers.", f"{share}")
    low, high = _score(share, n, level)
    return max(0.0, low), min(1.0, high)


def effective_number(weights: ArrayLike) -> float:
    """How many answers of equal weight tell as much as these: (sum w)^2 / sum w^2 (Kish's design effect)."""
    known = np.asarray(weights, dtype=np.float64)
    if known.size == 0 or not np.all(np.isfinite(known)) or known.min() < 0 or known.max() == 0:
        raise BadDataError("not_weights", "Weights are finite, not below 0, and one at least is above 0.")
    return float(known.sum() ** 2 / np.sum(known**2))


def clopper_pearson(x: int, n: int, level: float = LEVEL) -> tuple[float, float]:
    """The exact binomial interval of the share x/n: at least its nominal level, for every n."""
    _check(x, n)
    tail = (1 - level) / 2
    low = 0.0 if x == 0 else float(betaincinv(x, n - x + 1, tail))
    high = 1.0 if x == n else float(betaincinv(x + 1, n - x, 1 - tail))
    return low, high


def clearance(resolved: int, incoming: int, level: float = LEVEL) -> tuple[float, float | None]:
    """Interval of R/I: given R + I, R is binomial with p = ratio / (1 + ratio); the exact one, transformed.

    The upper limit is None when nothing came in.
    """
    low, high = clopper_pearson(resolved, resolved + incoming, level)
    return low / (1 - low) if low < 1 else 0.0, (high / (1 - high) if high < 1 else None)


def poisson_exact(count: int, level: float = LEVEL) -> tuple[float, float]:
    """The exact interval of the mean of a Poisson count."""
    _check(0, count, least=0)
    tail = (1 - level) / 2
    low = 0.0 if count == 0 else float(gammaincinv(count, tail))
    return low, float(gammaincinv(count + 1, 1 - tail))


def byar(count: int, level: float = LEVEL) -> tuple[float, float]:
    """Byar's approximation of ``poisson_exact``, which public-health tables use; 0 has the lower limit 0.

    No page uses it: it is there for releases, which are to be held against tables of others.
    """
    _check(0, count, least=0)
    z = float(ndtri(0.5 + level / 2))

    def limit(o: int, shift: float) -> float:
        return o * (1 - 1 / (9 * o) + shift / (3 * math.sqrt(o))) ** 3 if o else 0.0

    return limit(count, -z), limit(count + 1, z)


def log_ratio(x: int, y: int, level: float = LEVEL) -> tuple[float, float]:
    """Interval of x/y for two independent counts above 0: delta method on the log, variance 1/x + 1/y."""
    if x < 1 or y < 1:
        raise BadDataError("count_zero", "The interval of a ratio needs two counts above 0.", f"{x}/{y}")
    factor = math.exp(float(ndtri(0.5 + level / 2)) * math.sqrt(1 / x + 1 / y))
    return x / y / factor, x / y * factor


def newcombe(first: tuple[int, int], second: tuple[int, int], level: float = LEVEL) -> tuple[float, float]:
    """Interval of x1/n1 - x2/n2, two independent shares given as (x, n): Newcombe's hybrid of Wilson's intervals."""
    return newcombe_of(*((x / n, wilson(x, n, level)) for x, n in map(_checked, (first, second))))


def newcombe_of(
    first: tuple[float, tuple[float, float]], second: tuple[float, tuple[float, float]]
) -> tuple[float, float]:
    """The same of two shares that are given with the limits of each, as of weighted ones."""
    (p1, (low1, high1)), (p2, (low2, high2)) = first, second
    difference = p1 - p2
    return difference - math.hypot(p1 - low1, high2 - p2), difference + math.hypot(high1 - p1, p2 - low2)


def manski(x: int, known: int, unknown: int) -> tuple[float, float]:
    """What a share may be when ``x`` of ``known`` are counted and of ``unknown`` more nobody knows: none, or all.

    These bounds hold whatever the reason of not knowing is; they are no interval of chance.
    """
    n = known + unknown
    if min(known, unknown) < 0 or not 0 <= x <= known or n == 0:
        raise BadDataError(
            "not_a_share", "Bounds need 0 <= x <= known and at least one case.", f"{x}/{known}+{unknown}"
        )
    return x / n, (x + unknown) / n


def median_ranks(n: int, level: float = LEVEL) -> tuple[int, int]:
    """Ranks (from 1) of the two ordered values that enclose the median with at least the level.

    No page uses it, ``quantile_ranks`` does the same for any quantile: it is there for releases, as Byar's limits are.
    """
    if n < 1:
        raise BadDataError("no_cases", "Nothing can be estimated from no cases.")
    tails = bdtr(np.arange(n), n, 0.5)  # P(at most k of n values lie below the median)
    low = max(1, int(np.searchsorted(tails, (1 - level) / 2)))
    return low, n - low + 1


def quantile_ranks(n: int, q: float, level: float = LEVEL) -> tuple[int | None, int | None]:
    """Ranks (from 1) of the two ordered values that enclose the quantile ``q``, each tail at most (1 - level)/2.

    None where so few values can't tell: then the limit lies beyond the smallest, or the largest, of them.
    """
    if n < 1 or not 0 < q < 1:
        raise BadDataError("no_quantile", "A quantile lies between 0 and 1 and needs a case.", f"{q} of {n}")
    tail = (1 - level) / 2
    tails = bdtr(np.arange(n), n, q)  # P(at most k of n values lie below the quantile)
    low = int(np.searchsorted(tails, tail, side="right"))  # the largest rank with P(fewer lie below) <= tail
    high = int(np.searchsorted(tails, 1 - tail)) + 1  # the smallest rank with P(at least so many lie below) <= tail
    return low or None, high if high <= n else None


def quantile_limits(values: ArrayLike, q: float, level: float = LEVEL) -> tuple[float | None, float | None]:
    """Interval of the quantile ``q`` of these values, by order statistics; None for a limit beyond the data."""
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    low, high = quantile_ranks(len(ordered), q, level)
    return None if low is None else float(ordered[low - 1]), None if high is None else float(ordered[high - 1])


def _score(p: float, n: float, level: float) -> tuple[float, float]:
    z = float(ndtri(0.5 + level / 2))
    z2 = z * z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return middle - half, middle + half


def _checked(share: tuple[int, int]) -> tuple[int, int]:
    _check(*share)
    return share


def _check(x: int, n: int, least: int = 1) -> None:
    if n < least or not 0 <= x <= n:
        raise BadDataError(
            "not_a_share", "A share needs 0 <= x <= n and n above 0; a count is not below 0.", f"{x}/{n}"
        )
