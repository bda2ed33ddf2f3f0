"""What is counted of the cases filed in a quarter, each within its first 90 days (9, 10, 13, 15, 16, 17, 30).

Left out are cases that were handed over within that time: their end is with another provider. Of cases whose clock
stood so long that they had fewer than 90 days by now it is not known how they end within 90, also of those that have
ended: else the quick ones alone would be known. Answers, deadlines and refusals go by days of the calendar, also in
what is left out: a clock that stood takes no known result away.
"""

import numpy as np

from metrics.cohorts import CAUSES, ENDS, HANDED_OVER, Cohort, Marks
from metrics.comparison.counted import FOLLOWED_DAYS, Counted, within
from metrics.events import DAY_SECONDS
from metrics.indicators.costs import above_tenth
from metrics.names import ABSENT
from metrics.survival import Integers
from metrics.tasks import Task

__all__ = ["deadlines_kept", "discontinued", "fees_above_tenth", "participated", "refused", "resolved", "settled"]

_RESOLVED = tuple(CAUSES[name] for name in ENDS if name != HANDED_OVER)


def resolved(task: Task) -> Counted:
    """9: resolved within 90 days, of the cases."""
    return _ended(task, *_RESOLVED)


def settled(task: Task) -> Counted:
    """10: settled within 90 days, of the cases."""
    return _ended(task, CAUSES["settled"])


def discontinued(task: Task) -> Counted:
    """16: given up within 90 days, of the cases."""
    return _ended(task, CAUSES["discontinued"])


def refused(task: Task) -> Counted:
    """15: refused, of the cases of which it was decided within 90 days whether they are taken."""
    columns, (rows, cohort) = task.columns, _kept(task, _by_calendar(task))
    last = columns.filed[rows] + FOLLOWED_DAYS * DAY_SECONDS
    ended, begun = ((one != ABSENT) & (one <= last) for one in (columns.ended[rows], columns.commenced[rows]))
    decided = ended | begun
    return Counted.of(columns, rows[decided], (ended & cohort.ended_by(CAUSES["refused"]))[decided])


def participated(task: Task) -> Counted:
    """13: the respondent answered in time, of the cases whose time to answer fell due within 90 days.

    Left out are cases that the provider no longer had on that day and that were not answered by then, whether or not
    silence was told. Silence must not help: where the provider told no due day, it is not known of a case with a
    respondent to answer whether it was in time.
    """
    columns, (rows, _) = task.columns, _kept(task, _by_calendar(task))
    filed, due, held = columns.filed[rows], columns.response_due[rows], columns.held(columns.response_due)[0][rows]
    answered, silent, told = columns.responded_at[rows], columns.silent_at[rows] != ABSENT, due != ABSENT
    in_time = told & (answered != ABSENT) & (answered <= due)
    fell_due = told & (due - filed <= FOLLOWED_DAYS * DAY_SECONDS) & (in_time | held)
    begun, last = columns.commenced[rows], filed + FOLLOWED_DAYS * DAY_SECONDS
    asked = ~told & (silent | (answered != ABSENT) | ((begun != ABSENT) & (begun <= last)))
    chosen = fell_due | asked
    return Counted.of(columns, rows[chosen], in_time[chosen], known=told[chosen])


def deadlines_kept(task: Task) -> Counted:
    """17: met, of the deadlines that fell due within 90 days; those that lapsed or were moved by agreement left out."""
    columns, (rows, _) = task.columns, _kept(task, _by_calendar(task))
    chosen = np.zeros(len(columns), dtype=bool)
    chosen[rows] = True
    all_due = columns.deadlines
    counted = (
        chosen[all_due.row]
        & (all_due.judged_due - columns.filed[all_due.row] <= FOLLOWED_DAYS * DAY_SECONDS)
        & (all_due.result != columns.code("lapsed"))
        & (all_due.extension != columns.code("agreed"))
    )
    due = all_due.where(counted)
    return Counted.of(columns, due.row, due.result == columns.code("met"))


def fees_above_tenth(task: Task) -> Counted:
    """30: the fee is above a tenth of the claim, of the cases with both in currencies that can be compared."""
    rows, above = above_tenth(task)
    return Counted.of(task.columns, rows, above)


def _ended(task: Task, *causes: int) -> Counted:
    rows, cohort = _kept(task)
    followed = task.columns.days(task.columns.opened[rows], task.request.freeze, rows)
    counts, known = within(cohort.days, cohort.ended_by(*causes), followed)
    return Counted.of(task.columns, rows, counts, known=known)


def _by_calendar(task: Task) -> Integers:
    """Of each case filed in the period the days of the calendar to its end; of an open one it says nothing."""
    rows = np.flatnonzero(task.period.holds(task.columns.filed))
    return task.columns.ended[rows] // DAY_SECONDS - task.columns.opened[rows] // DAY_SECONDS


def _kept(task: Task, days: Integers | None = None) -> tuple[Integers, Cohort]:
    """The cases filed in the period that were not handed over within 90 days, with what became of them.

    ``days`` are those that each took; by its clock, where they are left out.
    """
    rows, cohort = np.flatnonzero(task.period.holds(task.columns.filed)), task.books.filed
    took = cohort.days if days is None else days
    kept: Marks = ~cohort.ended_by(CAUSES[HANDED_OVER]) | (took >= FOLLOWED_DAYS)
    return rows[kept], Cohort(cohort.days[kept], cohort.causes[kept])
