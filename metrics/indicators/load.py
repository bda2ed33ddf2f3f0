"""What comes, what ends and what waits (1 to 6): counts of all cases, and the ratios that are made of them."""

from collections.abc import Mapping

from metrics import intervals
from metrics.figures import Figure
from metrics.tasks import Estimate, Task

__all__ = ["case_turnover", "clearance_rate", "disposition_time", "incoming", "pending", "resolved"]


def incoming(task: Task) -> list[Figure]:
    """1: cases that came, by filing or by transfer."""
    found = task.books.flows
    return _count(task, found.incoming, {"filed": found.filed, "received": found.received})


def resolved(task: Task) -> list[Figure]:
    """2: cases that ended."""
    found = task.books.flows
    return _count(task, found.resolved, {"handed_over": found.handed_over})


def pending(task: Task) -> list[Figure]:
    """3: cases that wait at the end of the period."""
    found = task.books.flows
    return _count(task, found.pending, {"pending_before": found.pending_before})


def clearance_rate(task: Task) -> list[Figure]:
    """4: cases that ended over cases that came."""
    if not len(task.columns):
        return [task.withheld("not_reported", "", 0)]
    found = task.books.flows
    i, r = found.incoming, found.resolved
    counts = {"handed_over": found.handed_over}
    if i == 0:
        return [task.withheld("too_few", "", 0, counts)]
    return [task.figure("", i, Estimate(r / i, intervals.clearance(r, i), (r, i)), counts)]


def disposition_time(task: Task) -> list[Figure]:
    """5: days that the pending cases would take at the pace of the period."""
    if not len(task.columns):
        return [task.withheld("not_reported", "", 0)]
    p, r = task.books.flows.pending, task.books.flows.resolved
    if r == 0:
        return [task.withheld("too_few", "", 0)]
    length = task.period.days
    limits = None
    if p:
        low, high = intervals.log_ratio(p, r)
        limits = (length * low, length * high)
    return [task.figure("", r, Estimate(length * p / r, limits, (p, r)))]


def case_turnover(task: Task) -> list[Figure]:
    """6: cases that ended over cases that wait."""
    if not len(task.columns):
        return [task.withheld("not_reported", "", 0)]
    p, r = task.books.flows.pending, task.books.flows.resolved
    if p == 0:
        return [task.withheld("too_few", "", 0, {"resolved": r})]
    return [task.figure("", r, Estimate(r / p, intervals.log_ratio(r, p) if r else None, (r, p)))]


def _count(task: Task, count: int, counts: Mapping[str, int]) -> list[Figure]:
    if not len(task.columns):
        return [task.withheld("not_reported", "", 0)]
    return [task.figure("", count, Estimate(count), counts)]
