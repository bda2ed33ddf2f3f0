"""Facts turned into columns of days and ends, which the estimators take.

Cohorts are those of the indicators: cases *filed* in a period, cases that *entered a stage* in a period. A case is
followed to its end or to the freeze. Cases received by transfer belong to nobody's filing cohort but the one where
they were filed; their whole way is in the federation's figures.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from metrics.columns import Columns
from metrics.details import first_of_row
from metrics.facts import HANDED_OVER, OUTCOMES
from metrics.figures import Period
from metrics.names import ABSENT
from metrics.survival import Integers

__all__ = ["CAUSES", "ENDS", "HANDED_OVER", "OPEN", "Cohort", "Marks", "entered", "filed"]

ENDS = (*OUTCOMES, HANDED_OVER)
"""How a case can leave a provider; cause k is ENDS[k - 1], and CAUSES the way back."""
OPEN = 0
Marks = NDArray[np.bool_]
CAUSES = {name: number for number, name in enumerate(ENDS, 1)}


@dataclass(frozen=True)
class Cohort:
    """Cases, with the days they were followed and the cause of their end (``OPEN``: still open at the freeze).

    Attributes:
        lost: the causes whose cases were not followed to their end.
    """

    days: Integers
    causes: Integers
    lost: tuple[int, ...] = (OPEN,)

    @property
    def n(self) -> int:
        """How many cases."""
        return len(self.days)

    def count(self, *causes: int) -> int:
        """How many cases ended by one of the causes."""
        return int(self._by_cause[list(causes)].sum())

    def ended_by(self, *causes: int) -> Marks:
        """Of each case whether it ended by one of the causes."""
        chosen = np.zeros(len(CAUSES) + 1, dtype=np.bool_)
        chosen[list(causes)] = True
        marks: Marks = chosen[self.causes]
        return marks

    @cached_property
    def _by_cause(self) -> Integers:
        return np.bincount(self.causes, minlength=len(CAUSES) + 1)

    def followed(self, t: int) -> int:
        """How many cases were under observation until day t or ended before it."""
        return self.n - int((self.ended_by(*self.lost) & (self.days < t)).sum())

    def is_mature(self, t: int, at_risk: int, needed: int) -> bool:
        """Whether day t was reached: nobody was lost to the freeze before it, or enough are left to tell."""
        return at_risk >= needed or not bool(np.any((self.causes == OPEN) & (self.days < t)))


def filed(columns: Columns, period: Period, freeze: int) -> Cohort:
    """Cases filed in the period, each to its first end here."""
    rows = np.flatnonzero(period.holds(columns.filed))
    ended, ended_by = columns.ended[rows], columns.ended_by[rows]
    over = (ended != ABSENT) & (ended <= freeze)
    causes = np.zeros(len(rows), dtype=np.int64)
    for name, cause in CAUSES.items():
        causes[over & (ended_by == columns.code(name))] = cause
    days = columns.days(columns.opened[rows], np.where(over, ended, freeze), rows)
    return Cohort(days, causes, lost=(OPEN, CAUSES[HANDED_OVER]))


def entered(columns: Columns, stage: str, period: Period, freeze: int) -> tuple[Integers, Integers, Cohort]:
    """Cases that first entered the stage in the period, by row, and when they did.

    1 settled in it, 2 left it otherwise, 0 are in it.
    """
    spells = columns.stages.where(columns.stages.stage == columns.code(stage))
    firsts = first_of_row(spells.row)
    lasts = np.append(firsts[1:], len(spells))[: len(firsts)] - 1
    inside = period.holds(spells.entered[firsts])
    firsts, lasts = firsts[inside], lasts[inside]
    rows, left = spells.row[firsts], spells.left[lasts]
    over = (left != ABSENT) & (left <= freeze)
    settled = (columns.outcome[rows] == columns.code("settled")) & (columns.outcome_stage[rows] == columns.code(stage))
    since = spells.entered[firsts]
    days = columns.days(since, np.where(over, left, freeze), rows)
    return rows, since, Cohort(days, np.where(over, np.where(settled, 1, 2), OPEN))
