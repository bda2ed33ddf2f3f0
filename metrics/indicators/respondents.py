"""Respondents who come again, and whether claimants fare otherwise against them (29)."""

import numpy as np

from metrics import intervals
from metrics.cohorts import Marks
from metrics.figures import Figure
from metrics.names import ABSENT
from metrics.tasks import Estimate, Part, Task

__all__ = ["OFTEN", "repeat_respondents"]

OFTEN = 5
"""Resolved cases in the period that make a respondent one who comes often."""
_WON = ("claimant_full", "claimant_part")
_ON_THE_MERITS = (*_WON, "respondent")


def repeat_respondents(task: Task) -> list[Figure]:
    """29: cases against respondents who come often, and the difference in claimants' success."""
    columns = task.columns
    inside = task.period.holds(columns.outcome_at) & (columns.respondent != ABSENT)
    rows = np.flatnonzero(inside)
    # A pseudonym means somebody at its provider alone.
    names = columns.provider[rows] * len(columns.names) + columns.respondent[rows]
    _, places, times = np.unique(names, return_inverse=True, return_counts=True)
    often = times[places] >= OFTEN
    known = bool((columns.respondent != ABSENT).any())
    share = task.share(Part("share", reported=known), int(often.sum()), len(rows))
    judged = (columns.outcome[rows] == columns.code("award")) & columns.is_one_of(
        columns.outcome_code[rows], *_ON_THE_MERITS
    )
    won = judged & columns.is_one_of(columns.outcome_code[rows], *_WON)
    return [share, _gap(task, Part("difference", reported=known), (won, judged, often))]


def _gap(task: Task, part: Part, marks: tuple[Marks, Marks, Marks]) -> Figure:
    won, judged, often = marks
    (x1, n1), (x2, n2) = ((int((won & side).sum()), int((judged & side).sum())) for side in (often, ~often))
    counts = {"often_won": x1, "often": n1, "others_won": x2, "others": n2}
    n = min(n1, n2)
    if n < task.minimum:
        return task.few(part, n, counts)
    estimate = Estimate(x1 / n1 - x2 / n2, intervals.newcombe((x1, n1), (x2, n2)))
    return task.figure(part, n, estimate, counts)
