"""How long cases take and have taken (7, 8, 9, 18, 19, 20)."""

import numpy as np
from scipy.special import ndtri

from metrics.cohorts import CAUSES, ENDS, OPEN, Cohort
from metrics.details import first_of_row
from metrics.facts import HANDED_OVER
from metrics.figures import Figure
from metrics.indicators.curves import bounded, quantiles, read_off
from metrics.names import ABSENT
from metrics.survival import LEVEL, Curve, Integers, kaplan_meier
from metrics.tasks import Estimate, Part, Task

__all__ = [
    "LIMITS", "QUARTILES", "age_of_pending", "fate", "resolved_in_time", "restricted_mean_time", "time_to_appointment",
    "time_to_award", "time_to_resolution", "waiting_for_appointment", "waiting_for_award",
]  # fmt: skip

QUARTILES = {"lower_quartile": 0.75, "median": 0.5, "upper_quartile": 0.25}
LIMITS = (90, 180)
_MEANS = (90, 180, 365)
_ENDED = tuple(range(1, len(ENDS)))  # every cause but handing over, which is the last
_ENDS_OF_WAITING = (1,)
_NINTH_DECILE_NEEDS = 50
_STAGES_WITH_NEUTRAL = ("mediation", "arbitration")


def fate(cohort: Cohort) -> dict[str, int]:
    """What became of the filing cohort by the freeze."""
    return {
        "resolved": cohort.count(*_ENDED),
        "handed_over": cohort.count(CAUSES[HANDED_OVER]),
        "still_open": cohort.count(OPEN),
    }


def time_to_resolution(task: Task) -> list[Figure]:
    """7: quartiles of the days from filing to the outcome."""
    return quantiles(task, task.books.filed, _ENDED, QUARTILES, fate(task.books.filed))


def restricted_mean_time(task: Task) -> list[Figure]:
    """8: mean days open within the first 90, 180 and 365."""
    cohort = task.books.filed
    if cohort.n < task.minimum:
        return [task.few(_within(limit), cohort.n) for limit in _MEANS]
    curve = kaplan_meier(cohort.days, cohort.ended_by(*_ENDED))
    return [_restricted(task, cohort, curve, limit) for limit in _MEANS]


def _restricted(task: Task, cohort: Cohort, curve: Curve, limit: int) -> Figure:
    if (shown := read_off(task, cohort, limit, curve.risk_at(limit))) is None:
        return task.withheld("immature", _within(limit), cohort.n, fate(cohort))
    value, error = curve.restricted_mean(limit)
    half = float(ndtri(0.5 + LEVEL / 2)) * error
    limits = (max(0.0, value - half), min(float(limit), value + half)) if error else None
    return task.figure(_within(limit), cohort.n, Estimate(value, limits, in_public=shown), fate(cohort))


def _within(limit: int) -> str:
    return f"within_{limit}_days"


def resolved_in_time(task: Task) -> list[Figure]:
    """9: share resolved within 90 and 180 days."""
    cohort = task.books.filed
    if cohort.n < task.minimum:
        return [task.few(_within(limit), cohort.n) for limit in LIMITS]
    ended = cohort.ended_by(*_ENDED)
    curve = kaplan_meier(cohort.days, ended)
    found = []
    for limit in LIMITS:
        if (shown := read_off(task, cohort, limit, curve.risk_at(limit))) is None:
            found.append(task.withheld("immature", _within(limit), cohort.n, fate(cohort)))
            continue
        seen = int((ended & (cohort.days <= limit)).sum())
        low, high = curve.interval(limit)
        estimate = Estimate(1 - curve.at(limit), (1 - high, 1 - low), (seen, cohort.n), in_public=shown)
        found.append(task.figure(_within(limit), cohort.n, bounded(estimate, cohort.followed(limit)), fate(cohort)))
    return found


def age_of_pending(task: Task) -> list[Figure]:
    """18: how long the pending cases have been waiting on the last day of the period."""
    spells, end = task.columns.spells, task.period.end
    waiting = (spells.opened < end) & ((spells.ended == ABSENT) | (spells.ended >= end))
    ages = task.columns.days(spells.opened[waiting], end - 1, spells.row[waiting])
    return [
        _age(task, Part("median"), 0.5, ages),
        _age(task, Part("ninth_decile", least=_NINTH_DECILE_NEEDS), 0.9, ages),
        *(task.share(f"over_{limit}_days", int((ages > limit).sum()), len(ages)) for limit in LIMITS),
    ]


def _age(task: Task, part: Part, q: float, ages: Integers) -> Figure:
    if not len(ages):
        return task.few(part, 0)
    return task.figure(part, len(ages), Estimate.quantile(ages, q))


def time_to_appointment(task: Task) -> list[Figure]:
    """19: days from the first stage that needs a neutral to the first appointment."""
    *_, cohort = waiting_for_appointment(task)
    parts = {name: QUARTILES[name] for name in ("median", "upper_quartile")}
    return quantiles(task, cohort, _ENDS_OF_WAITING, parts, _waited(cohort))


def waiting_for_appointment(task: Task) -> tuple[Integers, Integers, Cohort]:
    """Cases that entered the stage in the period, by row, and when.

    1 a neutral was appointed, 2 ended without, 0 neither.
    """
    columns = task.columns
    stages = columns.stages.where(columns.is_one_of(columns.stages.stage, *_STAGES_WITH_NEUTRAL))
    firsts = first_of_row(stages.row)
    entered, rows = stages.entered[firsts], stages.row[firsts]
    inside = task.period.holds(entered)
    entered, rows = entered[inside], rows[inside]
    appointed = np.full(len(columns), ABSENT, dtype=np.int64)
    first = first_of_row(columns.appointments.row)
    appointed[columns.appointments.row[first]] = columns.appointments.at[first]
    return rows, entered, _waiting(task, rows, entered, appointed[rows])


def time_to_award(task: Task) -> list[Figure]:
    """20: days from the close of submissions to the award."""
    *_, cohort = waiting_for_award(task)
    return quantiles(task, cohort, _ENDS_OF_WAITING, QUARTILES, _waited(cohort))


def waiting_for_award(task: Task) -> tuple[Integers, Integers, Cohort]:
    """Cases whose submissions were closed in the period, by row, and when: 1 the award came, 2 ended without, 0 not."""
    rows = np.flatnonzero(task.period.holds(task.columns.submissions_closed))
    closed, award = task.columns.submissions_closed[rows], task.columns.award_at[rows]
    return rows, closed, _waiting(task, rows, closed, award)


def _waiting(task: Task, rows: Integers, start: Integers, reached: Integers) -> Cohort:
    """Cases waiting since ``start`` for what was ``reached``: 1 it came, 2 the case ended without it, 0 neither.

    What came before the start came on day 0. Only 1 is an end; both others are censored.
    """
    freeze, starts = task.request.freeze, np.full(len(task.columns), ABSENT, dtype=np.int64)
    starts[rows] = start
    ended = task.columns.held(starts)[1][rows]
    came = (reached != ABSENT) & (reached <= freeze)
    over = ~came & (ended != ABSENT) & (ended <= freeze) & (ended >= start)
    until = np.where(came, np.maximum(reached, start), np.where(over, ended, freeze))
    return Cohort(task.columns.days(start, until, rows), np.where(came, 1, np.where(over, 2, OPEN)))


def _waited(cohort: Cohort) -> dict[str, int]:
    return {"reached": cohort.count(1), "ended_before": cohort.count(2), "still_open": cohort.count(OPEN)}
