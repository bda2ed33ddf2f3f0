"""Limits between which a provider's result is expected to lie, if it does not differ from a target.

A limit of prediction belongs to the target and to n; it is not the interval of the provider's own value, which may
not be used for this. ``p`` is the share of results expected below the limit: 0.025 and 0.975 for the inner pair,
0.001 and 0.999 for the outer one.

- ``binomial``, ``poisson``: exact, interpolated between whole numbers (Spiegelhalter 2005). With F the distribution
  and f its steps, r the smallest number with F(r) >= p and a = (F(r) - p) / f(r), the limit is (r - a) / n.
- ``score``: t +- z sqrt(t (1 - t) / n), the funnel that English public-health profiles call Wilson's.
- ``chi_square``: limits of O / E from the chi-squared distribution; ``ratio_class`` judges O against E by it.

None of them knows of overdispersion: ``metrics.comparison.overdispersion``.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, chdtri, ndtri, pdtr

from metrics.errors import BadDataError
from metrics.survival import Floats, Integers

__all__ = ["INNER", "OUTER", "Class", "binomial", "chi_square", "clipped", "poisson", "ratio_class", "score"]

INNER, OUTER = (0.025, 0.975), (0.001, 0.999)
"""What lies below the two limits of 95 % and of 99.8 %."""

Class = Literal["low", "as_expected", "high"]


def binomial(n: ArrayLike, target: ArrayLike, p: float) -> Floats:
    """Exact limit of a share of ``n`` with the target share; interpolation may put it outside [0, 1]."""
    counts, shares = np.broadcast_arrays(np.asarray(n, dtype=np.int64), np.asarray(target, dtype=np.float64))
    if counts.size == 0 or counts.min() < 1 or not np.all((shares > 0) & (shares < 1)):
        raise BadDataError("no_limit", "A limit of a share needs n above 0 and a target between 0 and 1.")
    _check(p)
    return np.asarray(_interpolated(lambda r: np.asarray(bdtr(r, counts, shares)), counts, p) / counts)


def poisson(expected: ArrayLike, p: float) -> Floats:
    """Exact limit of O / E for a count O of which E are expected."""
    means = _expected(expected)
    _check(p)
    top = np.ceil(means + 12 * np.sqrt(means) + 40).astype(np.int64)
    return np.asarray(_interpolated(lambda r: np.asarray(pdtr(r, means)), top, p) / means)


def score(n: ArrayLike, target: float, p: float) -> Floats:
    """Limit by the normal approximation with the target's own variance; not clipped."""
    _check(p)
    return np.asarray(target + ndtri(p) * np.sqrt(target * (1 - target) / np.asarray(n, dtype=np.float64)))


def chi_square(expected: ArrayLike, p: float) -> Floats:
    """Limit of O / E: the exact interval of a Poisson mean, read at O = E."""
    means = _expected(expected)
    _check(p)
    freedom = 2 * means if p < 0.5 else 2 * (means + 1)
    return np.asarray(chdtri(freedom, 1 - p) / 2 / means)


def ratio_class(observed: int, expected: float, p: float = INNER[1]) -> Class:
    """Whether O is high or low against E: E lies outside the exact interval of the mean that O comes from.

    ``p`` is the share below the upper limit: 0.975 or 0.999.
    """
    _check(p)
    if observed < 0 or expected <= 0:
        raise BadDataError("no_limit", "A count is not below 0, and what is expected is above 0.", f"{observed}")
    if observed > 0 and chdtri(2 * observed, p) / 2 > expected:
        return "high"
    return "low" if chdtri(2 * observed + 2, 1 - p) / 2 < expected else "as_expected"


def clipped(limits: ArrayLike) -> Floats:
    """Limits of a share as they are drawn: within [0, 1]."""
    return np.clip(np.asarray(limits, dtype=np.float64), 0.0, 1.0)


def _interpolated(cumulative: Callable[[Integers], Floats], top: Integers, p: float) -> Floats:
    """Of the smallest whole r with F(r) >= p, found by halving: r - (F(r) - p) / f(r)."""
    low, high = np.zeros(top.shape, dtype=np.int64), top.copy()
    while np.any(low < high):
        middle = (low + high) // 2
        reached = cumulative(middle) >= p
        high = np.where(reached, middle, high)
        low = np.where(reached, low, np.minimum(middle + 1, high))
    here = cumulative(low)
    before = np.where(low > 0, cumulative(np.maximum(low - 1, 0)), 0.0)
    return np.asarray(low - (here - p) / (here - before), dtype=np.float64)


def _expected(expected: ArrayLike) -> Floats:
    means = np.asarray(expected, dtype=np.float64)
    if means.size == 0 or not np.all(np.isfinite(means)) or means.min() <= 0:
        raise BadDataError("no_limit", "A limit of O/E needs an expected number above 0.")
    return means


def _check(p: float) -> None:
    if not 0 < p < 1:
        raise BadDataError("no_limit", "A limit lies where a share between 0 and 1 is below it.", str(p))
