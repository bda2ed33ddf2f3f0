"""Groups compared: cases counted by group and day, and the result that every test of equal groups gives.

A test of equal groups sums, for each group, the ends observed less those expected if all groups were alike. These
scores z have a covariance V and add up to 0; z' V^+ z is about chi-squared, with the rank of V as its degrees of
freedom. The rank is the number of groups less one, and lower where a group was under observation with no other one
when a case ended: such a group tells nothing and costs nothing.

A small p says that groups differ, never why: nothing here knows what kinds of cases they have.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from metrics.errors import BadDataError
from metrics.survival import Floats, Integers, daily_counts, whole_days

__all__ = ["GroupTest", "Grouped", "grouped", "ratio"]

_NOTHING = 1e-10
"""A direction with less than this share of the largest variance holds rounding errors only."""


@dataclass(frozen=True, slots=True)
class GroupTest:
    """What a test of equal groups found.

    Attributes:
        groups: their names in ascending order, which the other lists follow.
        observed: ends in each group.
        expected: ends in each group if all were alike; as many in total.
        chi2: the statistic.
        df: its degrees of freedom.
    """

    groups: tuple[str, ...]
    observed: tuple[int, ...]
    expected: tuple[float, ...]
    chi2: float
    df: int

    @property
    def p(self) -> float:
        """The probability of a statistic at least this large when all groups are alike."""
        return float(chdtrc(self.df, self.chi2))


@dataclass(frozen=True, slots=True)
class Grouped:
    """Counts for each group and each day 0, 1, ..., the longest duration of all.

    Attributes:
        names: the groups in ascending order.
        at_risk: cases under observation just before the day, one row for each group.
        ended: ends on the day by group, cause (the first is at 0) and day.
    """

    names: tuple[str, ...]
    at_risk: Integers
    ended: NDArray[np.int64]

    def test(self, cause: int, expected: Floats, covariance: Floats) -> GroupTest:
        """The result, from the ends expected in each group and the covariance of observed less expected.

        Raises:
            BadDataError: no case ended for this cause, or none while two groups were under observation.
        """
        observed = self.ended[:, cause - 1].sum(axis=1)
        if not observed.any():
            raise BadDataError("no_ends", "Groups are compared by ends, and no case has ended.")
        variances, directions = np.linalg.eigh(covariance)
        known = variances > _NOTHING * max(float(variances[-1]), _NOTHING)
        if not known.any():
            raise BadDataError("no_overlap", "No case ended while two groups were under observation.")
        scores = (observed - expected) @ directions[:, known]
        chi2 = float(np.sum(scores**2 / variances[known]))
        return GroupTest(self.names, tuple(observed.tolist()), tuple(expected.tolist()), chi2, int(known.sum()))


def grouped(days: ArrayLike, causes: ArrayLike, groups: ArrayLike, kinds: int) -> Grouped:
    """Cases counted by group, cause and day; causes are 1..kinds, 0 means censored.

    Raises:
        BadDataError: durations that are none, lists of different lengths, a cause outside 0..kinds, names that are
            neither whole numbers nor words, or fewer than two groups.
    """
    durations, marks, labels = whole_days(days), np.asarray(causes), np.asarray(groups)
    if marks.shape != durations.shape or labels.shape != durations.shape:
        raise BadDataError("lengths_differ", "Each duration needs exactly one cause and one group.")
    if not np.isin(marks, np.arange(kinds + 1)).all():
        raise BadDataError("unknown_cause", f"A cause is not within 0 and {kinds}.")
    if labels.dtype.kind not in "biuU":
        raise BadDataError("bad_group", "A group is named by a whole number or a word.")
    names, places = np.unique(labels, return_inverse=True)
    if len(names) < 2:
        raise BadDataError("one_group", "A comparison needs at least two groups.", str(names[0]))
    cells = 1 + places * (kinds + 1) + marks.astype(np.int64)  # numbered from 1, as causes are
    _, table = daily_counts(durations, cells, len(names) * (kinds + 1))
    counts = table.reshape(len(names), kinds + 1, -1)
    at_risk = np.cumsum(counts.sum(axis=1)[:, ::-1], axis=1)[:, ::-1]
    return Grouped(tuple(names.astype(str).tolist()), at_risk, counts[:, 1:])


def ratio(a: ArrayLike, b: ArrayLike) -> Floats:
    """The ratio a / b in each place, 0 where b is 0."""
    above, below = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(b, np.float64))
    found: Floats = np.divide(above, below, out=np.zeros(above.shape), where=below != 0)
    return found
