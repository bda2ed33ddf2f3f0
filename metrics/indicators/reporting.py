"""How well providers report what figures are made of (31)."""

import numpy as np

from metrics.events import DAY_SECONDS
from metrics.figures import Figure
from metrics.names import ABSENT
from metrics.tasks import Estimate, Part, Task

__all__ = ["FIELDS", "IN_TIME_DAYS", "reporting_quality"]

IN_TIME_DAYS = 7
FIELDS = ("dispute_type", "amount_band", "procedure", "cross_border", "represented", "respondent_type", "language")
"""What is to be known of every case: the strata, and the language."""
_LATE = 0.95
_LAG = Part("lag", "days")


def reporting_quality(task: Task) -> list[Figure]:
    """31: lateness, amendments, and what is not known, of the cases of the period."""
    columns, period = task.columns, task.period
    spells = columns.spells
    inside = (spells.opened < period.end) & ((spells.ended == ABSENT) | (spells.ended >= period.start))
    rows = np.unique(spells.row[inside])
    own = np.zeros(len(columns), dtype=bool)
    own[rows] = True
    seconds = columns.lateness.seconds[own[columns.lateness.row]]
    amendments, events = int(columns.amendments[rows].sum()), int(columns.events[rows].sum())
    lag = Estimate.quantile(np.maximum(seconds, 0) / DAY_SECONDS, _LATE) if len(seconds) else None
    told = len(seconds)
    return [
        task.few(_LAG, 0) if lag is None else task.figure(_LAG, told, Estimate(lag.value)),
        task.share("on_time", int((seconds <= IN_TIME_DAYS * DAY_SECONDS).sum()), told, limits=None),
        task.share("amended", amendments, events + amendments, limits=None),
        *(
            task.share(f"{field}_unknown", int((getattr(columns, field)[rows] == ABSENT).sum()), len(rows), limits=None)
            for field in FIELDS
        ),
    ]
