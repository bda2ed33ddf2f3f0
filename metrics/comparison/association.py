"""Does a result go with volume, or with the mix of cases? Asked before a comparison is released.

The correlation of results, as exact chances, with the ranks of the other thing, and a two-sided p-value by Student's
t. If results go with volume, providers differ for a reason that the comparison does not know (small ones are younger,
or take other cases), and a page must say so. Results are not ranked: where most providers have no event at all, their
chances differ by n alone and hardly at all, and ranks would make an order of that.
"""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from metrics.comparison.judgements import Association
from metrics.errors import BadDataError
from metrics.survival import Floats

__all__ = ["association"]


def association(results: ArrayLike, second: ArrayLike) -> Association:
    """Of two values of each provider; with fewer than four, or where one list does not vary, nothing is found.

    Args:
        results: from 0 to 1; correlated as they are.
        second: of which the order alone counts.
    """
    one, other = (np.asarray(values, dtype=np.float64) for values in (results, second))
    if one.shape != other.shape or one.ndim != 1:
        raise BadDataError("lengths_differ", "Each provider needs two values.")
    n = len(one)
    ranks = _ranks(other)
    if n < 4 or min(float(np.ptp(each)) for each in (one, ranks)) == 0:
        return Association(0.0, 1.0, n)
    rho = float(np.clip(np.corrcoef(one, ranks)[0, 1], -1, 1))
    if 1 - rho * rho < 1e-15:
        return Association(rho, 0.0, n)
    t = abs(rho) * math.sqrt((n - 2) / (1 - rho * rho))
    return Association(rho, float(2 * stdtr(n - 2, -t)), n)


def _ranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of theirs."""
    _, places, sizes = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(sizes)
    return np.asarray((ends - (sizes - 1) / 2)[places], dtype=np.float64)
