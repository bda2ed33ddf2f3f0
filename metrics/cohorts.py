"""Facts turned into columns of days and ends, which the estimators take.

Cohorts are those of the indicators: cases *filed* in a period, cases that *entered a stage* in a period. A case is
followed to its end or to the freeze. Cases received by transfer belong to nobody's filing cohort but the one where
they were filed; their whole way is in the federation's figures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.facts import OUTCOMES, CaseFact
from metrics.figures import Period
from metrics.survival import Integers

__all__ = ["CAUSES", "ENDS", "HANDED_OVER", "OPEN", "Cohort", "Marks", "entered", "filed"]

HANDED_OVER = "transfer_out"
ENDS = (*OUTCOMES, HANDED_OVER)
"""How a case can leave a provider; cause k is ENDS[k - 1], and CAUSES the way back."""
OPEN = 0
Marks = NDArray[np.bool_]
CAUSES = {name: number for number, name in enumerate(ENDS, 1)}


@dataclass(frozen=True)
class Cohort:
    """Cases, with the days they were followed and the cause of their end (``OPEN``: still open at the freeze)."""

    days: Integers
    causes: Integers

    @property
    def n(self) -> int:
        """How many cases."""
        return len(self.days)

    def count(self, *causes: int) -> int:
        """How many cases ended by one of the causes."""
        return int(self.ended_by(*causes).sum())

    def ended_by(self, *causes: int) -> Marks:
        """Of each case whether it ended by one of the causes."""
        return np.isin(self.causes, causes)

    def followed(self, t: int) -> int:
        """How many cases were under observation until day t or ended before it."""
        lost = ((self.causes == OPEN) | (self.causes == CAUSES[HANDED_OVER])) & (self.days < t)
        return self.n - int(lost.sum())

    def is_mature(self, t: int, at_risk: int, needed: int) -> bool:
        """Whether day t was reached: nobody was lost to the freeze before it, or enough are left to tell."""
        return at_risk >= needed or not bool(np.any((self.causes == OPEN) & (self.days < t)))


def filed(facts: Iterable[CaseFact], period: Period, freeze: int) -> Cohort:
    """Cases filed in the period, each to its first end here."""
    rows = []
    for fact in facts:
        if fact.filed is None or fact.filed not in period:
            continue
        spell = fact.spells[0]
        over = spell.ended is not None and spell.ended <= freeze
        end = spell.ended if over and spell.ended is not None else freeze
        rows.append((fact.days(spell.opened, end), CAUSES[spell.ended_by or ""] if over else OPEN))
    return _cohort(rows)


def entered(facts: Iterable[CaseFact], stage: str, period: Period, freeze: int) -> Cohort:
    """Cases that first entered the stage in the period: 1 settled in it, 2 left it otherwise, 0 are in it."""
    rows = []
    for fact in facts:
        spells = [one for one in fact.stages if one.stage == stage]
        if not spells or spells[0].entered not in period:
            continue
        left = spells[-1].left
        over = left is not None and left <= freeze
        days = fact.days(spells[0].entered, left if over and left is not None else freeze)
        rows.append((days, (1 if _settled_in(fact, stage) else 2) if over else OPEN))
    return _cohort(rows)


def _settled_in(fact: CaseFact, stage: str) -> bool:
    return fact.outcome is not None and fact.outcome.kind == "settled" and fact.outcome.stage == stage


def _cohort(rows: Sequence[tuple[int, int]]) -> Cohort:
    table = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return Cohort(table[:, 0], table[:, 1])
