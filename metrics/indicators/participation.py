"""Whether parties and neutrals do in time what is theirs to do (13, 17)."""

from metrics.deadlines import tally
from metrics.figures import Figure
from metrics.names import ABSENT
from metrics.tasks import Part, Task

__all__ = ["deadline_compliance", "respondent_participation"]


def respondent_participation(task: Task) -> list[Figure]:
    """13: respondents who answered in time, of those whose time was over."""
    columns, holds = task.columns, task.period.holds
    answered, silent, due = columns.responded_at, columns.silent_at, columns.response_due
    # Where no due day was told but silence was reported, the time was over when it was.
    over = (due == ABSENT) & (answered == ABSENT) & (silent != ABSENT)
    fell_due = holds(due) | (over & holds(silent))
    in_time = fell_due & (answered != ABSENT) & (answered <= due)
    held, _ = columns.held(due)
    ended_before = fell_due & ~over & ~in_time & ~held  # or another had the case: a later answer is not late
    counts = {
        "late": int((fell_due & ~ended_before & (answered > due) & (due != ABSENT)).sum()),
        "ended_before": int(ended_before.sum()),
        "due_not_stated": int(((due == ABSENT) & holds(answered)).sum()),
    }
    known = bool(((due != ABSENT) | (silent != ABSENT)).any())
    n = int((fell_due & ~ended_before).sum())
    return [task.share(Part("", reported=known), int(in_time.sum()), n, counts)]


def deadline_compliance(task: Task) -> list[Figure]:
    """17: deadlines that were met, of those that fell due; in all and by kind."""
    if not len(task.columns.deadlines):
        return [task.withheld("not_reported", "all", 0)]
    figures = []
    for kind, counts in tally(task.columns, task.period).items():
        met, n = counts["met"], counts["met"] + counts["missed"] + counts["overdue"]
        figures.append(task.share(kind, met, n, counts))
    return figures
