"""Where each result stands among those that chance would give: the exact mid-p, which does not go with n by itself.

With z on the scale asin sqrt, none of a few expected is a number that depends on n alone, so that rare events make z go
with volume where providers don't differ at all. Of mid-p the mean is a half whatever n and the share are, exactly.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr

from metrics.comparison.scales import moved
from metrics.survival import Floats, Integers

__all__ = ["chances"]

_STEPS = 40
"""Halvings of a right angle, after which nothing is left to be found."""


def chances(numerator: ArrayLike, n: ArrayLike, share: ArrayLike) -> Floats:
    """The chance of fewer than were found and half that of as many, when all are on the mean as expected.

    Args:
        numerator: how many count.
        n: of how many.
        share: how large a share was expected. All are moved alike on the scale asin sqrt until the mean of the chances
            is a half: a large provider that differs would otherwise make all others seem to, the larger the more.
    """
    found, expected = (np.asarray(one, dtype=np.float64) for one in (numerator, share))
    of = np.asarray(n, dtype=np.int64)
    low, high = -np.pi / 2, np.pi / 2
    for _ in range(_STEPS):
        middle = (low + high) / 2
        above = float(_mid_p(found, of, moved(expected, middle)).mean()) > 0.5
        low, high = (middle, high) if above else (low, middle)
    return _mid_p(found, of, moved(expected, low))


def _mid_p(found: Floats, n: Integers, share: Floats) -> Floats:
    fewer = np.where(found > 0, bdtr(np.maximum(found - 1, 0), n, share), 0.0)
    return np.asarray((fewer + bdtr(found, n, share)) / 2)
