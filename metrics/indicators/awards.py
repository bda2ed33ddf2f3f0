"""What becomes of awards and settlements: performed, challenged, set aside (21 to 24)."""

import math
from typing import NamedTuple

import numpy as np

from metrics import intervals
from metrics.cohorts import OPEN, Cohort, Marks
from metrics.details import first_of_row
from metrics.events import DAY_SECONDS
from metrics.figures import Figure
from metrics.indicators.curves import incidences
from metrics.names import ABSENT
from metrics.survival import Integers
from metrics.tasks import Part, Task

__all__ = [
    "GRACE_DAYS", "KNOWN", "Obligations", "award_compliance", "challenge_rate", "obligations", "set_aside_rate",
    "settlement_compliance",
]  # fmt: skip

GRACE_DAYS = 30
"""How long after the due day performance still counts as voluntary."""
KNOWN = 0.6
"""The share of cases whose result must be known before the known ones speak for all."""
_WINDOWS = (90, 365)
_MATURE_DAYS, _POOLED_DAYS = 2 * 365, 3 * 365
_SET_ASIDE = ("set_aside", "partly_set_aside")


def award_compliance(task: Task) -> list[Figure]:
    """21: awards performed."""
    return _compliance(task, "award")


def settlement_compliance(task: Task) -> list[Figure]:
    """22: settlements performed."""
    return _compliance(task, "settlement")


def _compliance(task: Task, what: str) -> list[Figure]:
    """Performed in time without enforcement: bounds over all first, then the share of the known ones."""
    columns, found = task.columns, obligations(task, what)
    concerned, stayed, fell_due, not_known, performed = found
    unknown = int(not_known.sum())
    x, n = int(performed.sum()), int(fell_due.sum())
    known = n - unknown
    counts = {
        "unknown": unknown,
        "stayed": int(stayed.sum()),
        "due_not_stated": int((concerned & (columns.performance_due == ABSENT)).sum()),
    }
    reported = bool(concerned.any())
    return [
        task.share(Part("at_least", reported=reported), x, n, counts, limits=None),
        task.share(Part("at_most", reported=reported), x + unknown, n, limits=None),
        task.share(Part("of_known", least=math.ceil(KNOWN * n), reported=reported), x, known),
        task.share(Part("known", reported=reported), known, n, limits=None),
    ]


class Obligations(NamedTuple):
    """Marks of cases.

    Attributes:
        concerned: there is an obligation.
        stayed: a court stayed it.
        fell_due: it fell due in the period and was not stayed.
        unknown: and nobody knows what became of it.
        performed: and it was performed in time without enforcement.
    """

    concerned: Marks
    stayed: Marks
    fell_due: Marks
    unknown: Marks
    performed: Marks


def obligations(task: Task, what: str) -> Obligations:
    """Of each case what became of the obligation of its award or settlement (``what``)."""
    columns, grace = task.columns, GRACE_DAYS * DAY_SECONDS
    concerned = columns.performance_of == columns.code(what)
    due = np.where(columns.performance_due == ABSENT, ABSENT, columns.performance_due + grace)
    judged = concerned & task.period.holds(due)
    stayed = judged & (columns.performance == columns.code("stayed"))
    fell_due = judged & ~stayed
    unknown = fell_due & (columns.performance == columns.code("unknown"))
    performed = fell_due & (columns.performance == columns.code("full")) & (columns.performance_at <= due)
    return Obligations(concerned, stayed, fell_due, unknown, performed)


def challenge_rate(task: Task) -> list[Figure]:
    """23: the incidence of a challenge in court; performing the award competes. Calendar days."""
    columns, freeze = task.columns, task.request.freeze
    start = _notified(task)
    rows = np.flatnonzero(task.period.holds(start))
    challenged = _first_step(task, columns.court.kind == columns.code("challenge"))[rows]
    performed = np.where(columns.performance == columns.code("full"), columns.performance_at, ABSENT)[rows]
    performed = np.where(columns.performance_of[rows] == columns.code("award"), performed, ABSENT)
    ends = np.stack([challenged, performed])
    ends = np.where((ends == ABSENT) | (ends > freeze), freeze + 1, ends)
    first = ends.min(axis=0)
    causes = np.where(first > freeze, OPEN, ends.argmin(axis=0) + 1)
    begins = start[rows]
    days = np.maximum(np.minimum(first, freeze) // DAY_SECONDS - begins // DAY_SECONDS, 0)
    counts = {"challenged": int((causes == 1).sum()), "performed": int((causes == 2).sum())}
    parts = {f"within_{window}_days": (1, window) for window in _WINDOWS}
    return incidences(task, Cohort(days, causes), 2, parts, counts)


def set_aside_rate(task: Task) -> list[Figure]:
    """24: awards set aside, of all that are old enough and of the challenges decided."""
    columns, freeze, end = task.columns, task.request.freeze, task.period.end
    start = _notified(task)
    last = end - _MATURE_DAYS * DAY_SECONDS
    old = (start != ABSENT) & (start >= last - _POOLED_DAYS * DAY_SECONDS) & (start < last)
    court = columns.court.where(columns.court.at <= freeze)
    set_aside, upheld = (np.zeros(len(columns), dtype=bool) for _ in range(2))
    set_aside[court.row[columns.is_one_of(court.decision, *_SET_ASIDE)]] = True
    upheld[court.row[court.decision == columns.code("upheld")]] = True
    x = int((old & set_aside).sum())
    decided = int((old & (set_aside | upheld)).sum())
    return [
        task.share("of_awards", x, int(old.sum()), limits=intervals.clopper_pearson),
        task.share("of_decided", x, decided, limits=intervals.clopper_pearson),
    ]


def _notified(task: Task) -> Integers:
    """When each award reached the parties; when it was issued, where nobody said so."""
    columns = task.columns
    return np.where(columns.award_notified == ABSENT, columns.award_at, columns.award_notified)


def _first_step(task: Task, marks: Marks) -> Integers:
    """Of each case when the first of the marked steps at a court was taken."""
    court = task.columns.court.where(marks)
    found = np.full(len(task.columns), ABSENT, dtype=np.int64)
    first = first_of_row(court.row)
    found[court.row[first]] = court.at[first]
    return found
