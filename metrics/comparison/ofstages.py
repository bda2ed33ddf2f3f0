"""What is counted of stages and waiting that began in a quarter (11, 12, 19, 20), each followed for 90 days at most.

A case that ends before a neutral is appointed, or an award made, within the days that are asked about is left out: it
needed none. Of what had fewer days by now, because the clock stood, the result is not known (``counted.within``).
"""

import numpy as np

from metrics import cohorts
from metrics.cohorts import Cohort
from metrics.comparison.counted import Counted, within
from metrics.events import STAGES
from metrics.indicators.durations import waiting_for_appointment, waiting_for_award
from metrics.indicators.outcomes import steps
from metrics.names import ABSENT
from metrics.survival import Integers
from metrics.tasks import Task

__all__ = ["APPOINTED_DAYS", "AWARDED_DAYS", "appointed_in_time", "awarded_in_time", "settled_in_stage", "went_on"]

APPOINTED_DAYS, AWARDED_DAYS = 14, 10
"""Within how many days a neutral is appointed (a convention of this network), and an award made (APEC art. 8)."""

_ENDED_BEFORE = 2


def settled_in_stage(task: Task) -> Counted:
    """11: settled in the stage within 90 days of entering it, of the stages entered."""
    parts = [cohorts.entered(task.columns, stage, task.period, task.request.freeze) for stage in STAGES]
    rows, at = (np.concatenate(each) for each in zip(*((rows, at) for rows, at, _ in parts), strict=True))
    days, causes = (np.concatenate([getattr(one, name) for *_, one in parts]) for name in ("days", "causes"))
    counts, known = within(days, causes == 1, task.columns.days(at, task.request.freeze, rows))
    stage = np.repeat(np.arange(len(STAGES)), [len(rows) for rows, *_ in parts])
    return Counted.of(task.columns, rows, counts, at, known, stage=stage)


def went_on(task: Task) -> Counted:
    """12: went on to the next step within 90 days, of the steps reached."""
    columns, freeze, found = task.columns, task.request.freeze, []
    for number, step in enumerate(steps(task).values()):
        inside = task.period.holds(step.entered)
        rows, entered, _, gone = (one[inside] for one in step)
        reached = (gone != ABSENT) & (gone <= freeze)
        until = np.maximum(np.where(reached, gone, freeze), entered)
        counts, known = within(columns.days(entered, until, rows), reached, columns.days(entered, freeze, rows))
        found.append((rows, counts, entered, known, np.full(len(rows), number)))
    rows, counts, at, known, stage = (np.concatenate(each) for each in zip(*found, strict=True))
    return Counted.of(columns, rows, counts, at, known, stage=stage)


def appointed_in_time(task: Task) -> Counted:
    """19: a neutral was appointed within 14 days, of the cases that needed one."""
    return _in_time(task, *waiting_for_appointment(task), APPOINTED_DAYS)


def awarded_in_time(task: Task) -> Counted:
    """20: the award was made within 10 days of the close of submissions, of the cases that were to have one."""
    return _in_time(task, *waiting_for_award(task), AWARDED_DAYS)


def _in_time(task: Task, rows: Integers, since: Integers, cohort: Cohort, limit: int) -> Counted:
    columns = task.columns
    counts, known = within(cohort.days, cohort.causes == 1, columns.days(since, task.request.freeze, rows), limit)
    needed = (cohort.causes != _ENDED_BEFORE) | (cohort.days >= limit)
    return Counted.of(columns, rows[needed], counts[needed], since[needed], known[needed])
