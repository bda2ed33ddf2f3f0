"""What is counted of awards and settlements (14, 21, 22): those made, or to be performed, in a quarter."""

import numpy as np

from metrics.comparison.counted import Counted
from metrics.events import DAY_SECONDS
from metrics.indicators.awards import GRACE_DAYS, obligations
from metrics.tasks import Task

__all__ = ["awards_performed", "by_default", "settlements_performed"]


def by_default(task: Task) -> Counted:
    """14: made by default, of the awards of the quarter."""
    columns = task.columns
    awards = columns.is_one_of(columns.outcome, "award", "default_award") & task.period.holds(columns.outcome_at)
    rows = np.flatnonzero(awards)
    return Counted.of(columns, rows, columns.outcome[rows] == columns.code("default_award"), columns.outcome_at[rows])


def awards_performed(task: Task) -> Counted:
    """21: performed in full and in time without enforcement, of the awards of which the result is known."""
    return _performed(task, "award")


def settlements_performed(task: Task) -> Counted:
    """22: the same of settlements."""
    return _performed(task, "settlement")


def _performed(task: Task, what: str) -> Counted:
    found = obligations(task, what)
    rows = np.flatnonzero(found.fell_due)
    due = task.columns.performance_due[rows] + GRACE_DAYS * DAY_SECONDS
    return Counted.of(task.columns, rows, found.performed[rows], due, ~found.unknown[rows])
