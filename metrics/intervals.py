"""Intervals for shares, counts, ratios and ranks, two-sided, 95 % unless told otherwise.

Each returns (low, high). Names are those that the definitions of indicators use, so that a figure can say how its
interval was made. None of them corrects for looking at many figures at once.
"""

import math

import numpy as np
from scipy.special import bdtr, betaincinv, gammaincinv, ndtri

from metrics.errors import BadDataError
from metrics.survival import LEVEL

__all__ = ["byar", "clearance", "clopper_pearson", "log_ratio", "median_ranks", "poisson_exact", "wilson"]


def wilson(x: int, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's score interval of the share x/n: near its nominal level also for small n and extreme shares."""
    _check(x, n)
    z = float(ndtri(0.5 + level / 2))
    p, z2 = x / n, z * z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return (0.0 if x == 0 else middle - half), (1.0 if x == n else middle + half)


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
    """Byar's approximation of ``poisson_exact``, which public-health tables use; 0 has the lower limit 0."""
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


def median_ranks(n: int, level: float = LEVEL) -> tuple[int, int]:
    """Ranks (from 1) of the two ordered values that enclose the median with at least the level."""
    if n < 1:
        raise BadDataError("no_cases", "Nothing can be estimated from no cases.")
    tails = bdtr(np.arange(n), n, 0.5)  # P(at most k of n values lie below the median)
    low = max(1, int(np.searchsorted(tails, (1 - level) / 2)))
    return low, n - low + 1


def _check(x: int, n: int, least: int = 1) -> None:
    if n < least or not 0 <= x <= n:
        raise BadDataError(
            "not_a_share", "A share needs 0 <= x <= n and n above 0; a count is not below 0.", f"{x}/{n}"
        )
