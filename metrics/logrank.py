"""The log-rank test: whether the cases of several groups end at the same pace.

Mantel (1966), for k groups. On a day when d of the n cases under observation end, a group that has n_k of them is
expected to see d n_k / n ends. Observed less expected ends, summed over the days, have the hypergeometric covariance

    sum of d (n - d) / (n - 1) * n_k / n * ([k = l] - n_l / n).

Each end weighs the same, whenever it comes. Groups whose curves cross may pass for alike: the test asks about the
pace over the whole time, not about the share after so many days. With several outcomes that exclude each other it
compares how fast cases end at all; for one of the outcomes take ``metrics.gray``.

Example::

    logrank(days, ended, providers).p
"""

import numpy as np
from numpy.typing import ArrayLike

from metrics.groups import GroupTest, grouped, ratio

__all__ = ["logrank"]


def logrank(days: ArrayLike, ended: ArrayLike, groups: ArrayLike) -> GroupTest:
    """Compares cases followed for ``days`` whole days, at the end of which they ended (1) or were censored (0).

    Raises:
        BadDataError: what ``grouped`` refuses, or ends that compare no two groups.
    """
    counts = grouped(days, ended, groups, 1)
    n, d = counts.at_risk.sum(axis=0), counts.ended[:, 0].sum(axis=0)
    share = ratio(counts.at_risk, n)
    spread = ratio(d * (n - d), n - 1)  # of the last case alone n - 1 is 0, and so is its spread
    covariance = np.diag(share @ spread) - (share * spread) @ share.T
    return counts.test(1, share @ d, covariance)
