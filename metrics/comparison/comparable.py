"""Which indicators are compared, and which cases count for each: from columns to what enters a comparison.

All look at one cohort, the cases filed in a quarter, within their first 90 days; so every provider's cases are followed
for equally long. A case whose clock stood and that has not been followed for 90 days yet is in none of them.

==========================  =======================  ===============================================
indicator                   each row is              it counts if
==========================  =======================  ===============================================
deadline_compliance         a deadline that fell     it was met
                            due within 90 days
discontinuation             a case                   it was discontinued within 90 days
resolved_in_time            a case                   it was resolved within 90 days
respondent_participation    a case of which it is    the respondent answered in time
                            known
==========================  =======================  ===============================================

Left out are cases that were handed over within the 90 days (their end is with another provider), deadlines that lapsed
and those that were extended by agreement. Held equal besides the procedure is what the indicator's definition names as
strata. What is *not* compared: durations, awards and courts, whose numbers in a quarter are too small by far, and load.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from metrics.cohorts import CAUSES, ENDS, HANDED_OVER, OPEN, Cohort, Marks, filed
from metrics.columns import Columns
from metrics.comparison.casemix import Cases, Question
from metrics.comparison.observed import MatureCohort
from metrics.definitions import definition
from metrics.events import DAY_SECONDS
from metrics.names import ABSENT
from metrics.survival import Integers

__all__ = ["COMPARED", "FOLLOWED_DAYS", "Comparable", "cases_of", "question_of"]

FOLLOWED_DAYS = 90
_RESOLVED = [CAUSES[name] for name in ENDS if name != HANDED_OVER]


@dataclass(frozen=True, slots=True)
class _Filed:
    """The cases filed in the period that were followed long enough, with their row in the columns."""

    columns: Columns
    rows: Integers
    cohort: Cohort


_Counted = tuple[Integers, Marks]
"""The row of its case for each thing that is counted, and whether it counts."""


@dataclass(frozen=True, slots=True)
class Comparable:
    """An indicator that is compared.

    Attributes:
        counts: what a row is: "cases" or "deadlines".
    """

    indicator: str
    counts: str
    count: Callable[[_Filed], _Counted]


def question_of(one: Comparable, cohort: MatureCohort) -> Question:
    """What is asked, with the strata and the minimum of the indicator's definition."""
    defined = definition(one.indicator)
    strata = tuple(name for name in defined.strata if name != "procedure")
    return Question(one.indicator, cohort, strata, max(defined.minimum, 30))


def cases_of(one: Comparable, columns: Columns, question: Question) -> Cases:
    """The rows of every provider that belong to the indicator.

    Args:
        one: the indicator.
        columns: facts of all providers.
        question: of this indicator (``question_of``); its cohort says which cases.
    """
    period, freeze = question.cohort.period, question.cohort.freeze
    rows, cohort = np.flatnonzero(period.holds(columns.filed)), filed(columns, period, freeze)
    followed = ~np.isin(cohort.causes, [OPEN, CAUSES[HANDED_OVER]]) | (cohort.days >= FOLLOWED_DAYS)
    chosen = _Filed(columns, rows[followed], Cohort(cohort.days[followed], cohort.causes[followed]))
    places, counts = one.count(chosen)
    codes, provider = np.unique(columns.provider[places], return_inverse=True)
    kinds = tuple(getattr(columns, name)[places] for name in question.strata)
    names = tuple(columns.names[int(code)] for code in codes)
    return Cases(names, provider.astype(np.int64), columns.procedure[places], kinds, counts)


def _ended(filed_cases: _Filed, causes: list[int]) -> _Counted:
    cohort = filed_cases.cohort
    return filed_cases.rows, np.isin(cohort.causes, causes) & (cohort.days <= FOLLOWED_DAYS)


def _resolved(filed_cases: _Filed) -> _Counted:
    return _ended(filed_cases, _RESOLVED)


def _discontinued(filed_cases: _Filed) -> _Counted:
    return _ended(filed_cases, [CAUSES["discontinued"]])


def _participated(filed_cases: _Filed) -> _Counted:
    columns, rows = filed_cases.columns, filed_cases.rows
    answered, due = columns.responded_at[rows], columns.response_due[rows]
    known = (answered != ABSENT) | (columns.silent_at[rows] != ABSENT)
    in_time = (answered != ABSENT) & ((due == ABSENT) | (answered <= due))
    return rows[known], in_time[known]


def _kept(filed_cases: _Filed) -> _Counted:
    columns = filed_cases.columns
    chosen = np.zeros(len(columns), dtype=bool)
    chosen[filed_cases.rows] = True
    all_due = columns.deadlines
    after = all_due.judged_due - columns.filed[all_due.row]
    counted = (
        chosen[all_due.row]
        & (after <= FOLLOWED_DAYS * DAY_SECONDS)
        & (all_due.result != columns.code("lapsed"))
        & (all_due.extension != columns.code("agreed"))
    )
    due = all_due.where(counted)
    return due.row, due.result == columns.code("met")


COMPARED = (
    Comparable("deadline_compliance", "deadlines", _kept),
    Comparable("discontinuation", "cases", _discontinued),
    Comparable("resolved_in_time", "cases", _resolved),
    Comparable("respondent_participation", "cases", _participated),
)
"""Every indicator that is compared, by name."""
