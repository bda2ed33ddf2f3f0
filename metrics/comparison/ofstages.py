"""What is counted of stages and waiting that began in a quarter (11, 12, 19, 20), each followed for 90 days at most.

A case that ends before a neutral is appointed, or an award made, within the days that are asked about is left out: it
needed none. Of what had fewer days by now, because the clock stood, the result is not known (``counted.within``).
"""

import numpy as np

from metrics import cohorts
from metrics.cohorts import Cohort, Marks
from metrics.comparison.continued import Onward, handed_over
from metrics.comparison.counted import FOLLOWED_DAYS, Counted, within
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
    """12: went on to the next step within 90 days, of the steps reached; with whichever provider the case then was."""
    columns, freeze, found = task.columns, task.request.freeze, []
    away = handed_over(columns)
    for number, (part, step) in enumerate(steps(task).items()):
        inside = task.period.holds(step.entered)
        rows, entered, _, gone = (one[inside] for one in step)
        gone, unknown = _onward(away, part.rpartition("_to_")[2], task, (rows, entered, gone))
        reached = (gone != ABSENT) & (gone <= freeze)
        until = np.maximum(np.where(reached, gone, freeze), entered)
        stood, stood_by_now = (_stood(away, rows, entered, end) for end in (until, np.full(len(rows), freeze)))
        days, followed = columns.days(entered, until, rows), columns.days(entered, freeze, rows)
        counts, known = within(days - stood, reached, followed - stood_by_now)
        found.append((rows, counts, entered, known & (counts | ~unknown), np.full(len(rows), number)))
    rows, counts, at, known, stage = (np.concatenate(each) for each in zip(*found, strict=True))
    return Counted.of(columns, rows, counts, at, known, stage=stage)


def _onward(
    away: dict[int, Onward], step: str, task: Task, reached: tuple[Integers, Integers, Integers]
) -> tuple[Integers, Marks]:
    """When each case first came to the step, here or elsewhere; and of which that is not known.

    It is not known of those that came into the hands of somebody who has no record of them, before they came to the
    step and within the days that count. Where a later record tells that they came to it within these days, they did.
    """
    rows, entered, gone = reached
    gone = np.where(gone > task.request.freeze, ABSENT, gone)
    unknown = np.zeros(len(rows), dtype=bool)
    for place in np.flatnonzero(np.isin(rows, list(away))).tolist():
        one, since, own = away[int(rows[place])], int(entered[place]), int(gone[place])
        left = one.left_after(since)
        if left == ABSENT or (own != ABSENT and own <= left):
            continue
        gone[place] = min((at for at in (own, one.reached(step, since)) if at != ABSENT), default=ABSENT)
        lost = one.lost_after(since)
        if lost != ABSENT and (gone[place] == ABSENT or lost < gone[place]):
            days = task.columns.days(since, lost, rows[place : place + 1])[0] - one.stood(since, lost)
            unknown[place] = days < FOLLOWED_DAYS
    return gone, unknown


def _stood(away: dict[int, Onward], rows: Integers, start: Integers, end: Integers) -> Integers:
    """On how many days the clock of each stood after it was handed over."""
    stood = np.zeros(len(rows), dtype=np.int64)
    for place in np.flatnonzero(np.isin(rows, list(away))).tolist():
        stood[place] = away[int(rows[place])].stood(int(start[place]), int(end[place]))
    return stood


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
