"""Reading figures off curves: quantiles of Kaplan-Meier, incidences of Aalen-Johansen, with the rules for showing them.

Not an indicator itself; several use it.
"""

from collections.abc import Mapping
from dataclasses import replace

from metrics import intervals
from metrics.cohorts import Cohort
from metrics.competing import aalen_johansen
from metrics.figures import Figure, Status
from metrics.survival import kaplan_meier
from metrics.tasks import Estimate, Part, Task

__all__ = ["bounded", "incidences", "quantiles", "read_off"]


def quantiles(
    task: Task, cohort: Cohort, ends: tuple[int, ...], parts: Mapping[str, float], counts: Mapping[str, int]
) -> list[Figure]:
    """The days on which the share still open first is at or below each q; only the causes ``ends`` are ends."""
    if cohort.n < task.minimum:
        return [task.few(part, cohort.n) for part in parts]
    curve = kaplan_meier(cohort.days, cohort.ended_by(*ends))
    found = []
    for part, q in parts.items():
        at = curve.quantile(q)
        if at.day is None:
            found.append(task.withheld("immature", part, cohort.n, counts))
        elif at.at_risk < task.needed:
            found.append(task.withheld("too_few", part, cohort.n, counts))
        else:
            shown: Status = "value" if at.at_risk >= task.needed_in_public else "too_few"
            found.append(task.figure(part, cohort.n, Estimate(at.day, (at.low, at.high), in_public=shown), counts))
    return found


def incidences(
    task: Task,
    cohort: Cohort,
    kinds: int,
    parts: Mapping[str, tuple[int, int]],
    counts: Mapping[str, int],
) -> list[Figure]:
    """The incidence of each part's cause by its day, where that day was reached; causes are 1 to ``kinds``."""
    if cohort.n < task.minimum:
        return [task.few(_share(part), cohort.n) for part in parts]
    found = aalen_johansen(cohort.days, cohort.causes, kinds)
    figures = []
    for part, (cause, t) in parts.items():
        if (shown := read_off(task, cohort, t, found.risk_at(t))) is None:
            figures.append(task.withheld("immature", _share(part), cohort.n, counts))
            continue
        seen = int(found.ended[cause - 1, : t + 1].sum())
        value = min(found.at(cause, t), 1.0)  # sums of steps may exceed 1 in the last digit
        estimate = Estimate(value, found.interval(cause, t), (seen, cohort.n), in_public=shown)
        estimate = bounded(estimate, cohort.followed(t))
        figures.append(task.figure(_share(part), cohort.n, estimate, counts))
    return figures


def _share(part: str) -> Part:
    return Part(part, unit="share")


def read_off(task: Task, cohort: Cohort, t: int, at_risk: int) -> Status | None:
    """What the public view says of a value read off a curve of ``cohort`` on day ``t``; None: nobody may read it."""
    if not cohort.is_mature(t, at_risk, task.needed):
        return None
    return "value" if cohort.is_mature(t, at_risk, task.needed_in_public) else "immature"


def bounded(estimate: Estimate, followed: int) -> Estimate:
    """At 0 and 1 a curve's own error is 0, which would claim certainty: Wilson on the cases followed so far."""
    if 0 < estimate.value < 1:
        return estimate
    limits = intervals.wilson(followed if estimate.value else 0, followed) if followed else None
    return replace(estimate, limits=limits, method="wilson")
