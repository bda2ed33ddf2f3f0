"""The function of each indicator: a task in, its figures out. ``COMPUTE`` is the whole list.

What each one computes is said in ``indicators.toml``, not here; comments say how the rules for showing a value are
carried out.
"""

from collections.abc import Callable, Mapping

from metrics import cohorts, intervals
from metrics.cohorts import CAUSES, ENDS, OPEN, Cohort, Marks
from metrics.competing import aalen_johansen
from metrics.deadlines import tally
from metrics.events import STAGES
from metrics.facts import HANDED_OVER, OUTCOMES
from metrics.figures import Figure
from metrics.names import ABSENT
from metrics.survival import kaplan_meier
from metrics.tasks import Estimate, Task

__all__ = ["COMPUTE", "HORIZONS", "LIMITS", "QUARTILES", "UNDECIDED"]

UNDECIDED = 0.05
"""The largest share still in a stage at which the share settled in it counts as final."""
QUARTILES = {"lower_quartile": 0.75, "median": 0.5, "upper_quartile": 0.25}
LIMITS = (90, 180)
HORIZONS = (30, 90, 180)
_ENDED = tuple(range(1, len(ENDS)))  # every cause but handing over, which is the last


def _incoming(task: Task) -> list[Figure]:
    found = task.books.flows
    return _count(task, found.incoming, {"filed": found.filed, "received": found.received})


def _resolved(task: Task) -> list[Figure]:
    found = task.books.flows
    return _count(task, found.resolved, {"handed_over": found.handed_over})


def _pending(task: Task) -> list[Figure]:
    found = task.books.flows
    return _count(task, found.pending, {"pending_before": found.pending_before})


def _count(task: Task, count: int, counts: Mapping[str, int]) -> list[Figure]:
    if not len(task.columns):
        return [task.withheld("not_reported", "", 0)]
    return [task.figure("", count, Estimate(count), counts)]


def _clearance_rate(task: Task) -> list[Figure]:
    if not len(task.columns):
        return [task.withheld("not_reported", "", 0)]
    found = task.books.flows
    i, r = found.incoming, found.resolved
    counts = {"handed_over": found.handed_over}
    if i == 0:
        return [task.withheld("too_few", "", 0, counts)]
    return [task.figure("", i, Estimate(r / i, intervals.clearance(r, i), (r, i)), counts)]


def _disposition_time(task: Task) -> list[Figure]:
    if not len(task.columns):
        return [task.withheld("not_reported", "", 0)]
    found = task.books.flows
    p, r = found.pending, found.resolved
    if r == 0:
        return [task.withheld("too_few", "", 0)]
    length = task.period.days
    limits = None
    if p:
        low, high = intervals.log_ratio(p, r)
        limits = (length * low, length * high)
    return [task.figure("", r, Estimate(length * p / r, limits, (p, r)))]


def _time_to_resolution(task: Task) -> list[Figure]:
    cohort = task.books.filed
    if cohort.n < task.minimum:
        return [_empty(task, part, cohort.n) for part in QUARTILES]
    curve = kaplan_meier(cohort.days, _resolved_here(cohort))
    counts = _fate(cohort)
    found = []
    for part, q in QUARTILES.items():
        at = curve.quantile(q)
        if at.day is None:
            found.append(task.withheld("immature", part, cohort.n, counts))
        elif at.at_risk < task.needed:
            found.append(task.withheld("too_few", part, cohort.n, counts))
        else:
            found.append(task.figure(part, cohort.n, Estimate(at.day, (at.low, at.high)), counts))
    return found


def _resolved_in_time(task: Task) -> list[Figure]:
    cohort = task.books.filed
    parts = {f"within_{limit}_days": limit for limit in LIMITS}
    if cohort.n < task.minimum:
        return [_empty(task, part, cohort.n) for part in parts]
    ended = _resolved_here(cohort)
    curve = kaplan_meier(cohort.days, ended)
    found = []
    for part, limit in parts.items():
        if not cohort.is_mature(limit, curve.risk_at(limit), task.needed):
            found.append(task.withheld("immature", part, cohort.n, _fate(cohort)))
            continue
        seen = int((ended & (cohort.days <= limit)).sum())
        low, high = curve.interval(limit)
        estimate = Estimate(1 - curve.at(limit), (1 - high, 1 - low), (seen, cohort.n))
        estimate = _bounded(estimate, cohort, limit)
        found.append(task.figure(part, cohort.n, estimate, _fate(cohort)))
    return found


def _outcome_by_time(task: Task) -> list[Figure]:
    cohort = task.books.filed
    names = [*OUTCOMES, "handed_over"]
    parts = {f"{name}_by_day_{t}": (cause, t) for t in HORIZONS for cause, name in enumerate(names, 1)}
    if cohort.n < task.minimum:
        return [_empty(task, part, cohort.n) for part in parts]
    found = aalen_johansen(cohort.days, cohort.causes, len(ENDS))
    figures = []
    for part, (cause, t) in parts.items():
        if not cohort.is_mature(t, found.risk_at(t), task.needed):
            figures.append(task.withheld("immature", part, cohort.n, _fate(cohort)))
            continue
        seen = int(found.ended[cause - 1, : t + 1].sum())
        value = min(found.at(cause, t), 1.0)  # sums of steps may exceed 1 in the last digit
        estimate = _bounded(Estimate(value, found.interval(cause, t), (seen, cohort.n)), cohort, t)
        figures.append(task.figure(part, cohort.n, estimate, _fate(cohort)))
    return figures


def _bounded(estimate: Estimate, cohort: Cohort, t: int) -> Estimate:
    """At 0 and 1 a curve's own error is 0, which would claim certainty: Wilson on the cases followed to day t."""
    if 0 < estimate.value < 1:
        return estimate
    followed = cohort.followed(t)
    limits = intervals.wilson(followed if estimate.value else 0, followed) if followed else None
    return Estimate(estimate.value, limits, estimate.parts, "wilson")


def _settlement_by_stage(task: Task) -> list[Figure]:
    return [_settled_of_entered(task, stage) for stage in STAGES] + [_settled_of_resolved(task, one) for one in STAGES]


def _settled_of_entered(task: Task, stage: str) -> Figure:
    cohort = cohorts.entered(task.columns, stage, task.period, task.request.freeze)
    if cohort.n < task.minimum:
        reported = len(task.columns.stages)
        return task.withheld("too_few" if reported else "not_reported", stage, cohort.n)
    settled, waiting = cohort.count(1), cohort.count(OPEN)
    counts = {"still_in_stage": waiting}
    parts = (settled, cohort.n)
    if not waiting:
        return task.figure(stage, cohort.n, Estimate.share(*parts), counts)
    found = aalen_johansen(cohort.days, cohort.causes, 2)
    observed = [t for t in range(len(found.at_risk)) if found.at_risk[t] >= task.needed]
    if not observed or float(found.survival[observed[-1]]) > UNDECIDED:
        return task.withheld("immature", stage, cohort.n, counts)
    last = observed[-1]
    estimate = Estimate(min(found.at(1, last), 1.0), found.interval(1, last), parts, "aalen_johansen_loglog")
    return task.figure(stage, cohort.n, estimate, counts)


def _settled_of_resolved(task: Task, stage: str) -> Figure:
    part = f"{stage}_of_resolved"
    columns = task.columns
    ended = task.period.holds(columns.outcome_at) & (columns.opened != ABSENT)
    n = int(ended.sum())
    if n < task.minimum:
        return task.withheld("too_few" if len(task.columns) else "not_reported", part, n)
    settled = (columns.outcome == columns.code("settled")) & (columns.outcome_stage == columns.code(stage))
    parts = (int((ended & settled).sum()), n)
    return task.figure(part, n, Estimate.share(*parts))


def _deadline_compliance(task: Task) -> list[Figure]:
    found = tally(task.columns, task.period)
    if not len(task.columns.deadlines):
        return [task.withheld("not_reported", "all", 0)]
    figures = []
    for kind, counts in found.items():
        met, n = counts["met"], counts["met"] + counts["missed"] + counts["overdue"]
        if n < task.minimum:
            figures.append(task.withheld("too_few", kind, n, counts))
        else:
            figures.append(task.figure(kind, n, Estimate.share(met, n), counts))
    return figures


def _resolved_here(cohort: Cohort) -> Marks:
    return cohort.ended_by(*_ENDED)


def _fate(cohort: Cohort) -> dict[str, int]:
    return {
        "resolved": cohort.count(*_ENDED),
        "handed_over": cohort.count(CAUSES[HANDED_OVER]),
        "still_open": cohort.count(OPEN),
    }


def _empty(task: Task, part: str, n: int) -> Figure:
    return task.withheld("too_few" if len(task.columns) else "not_reported", part, n)


COMPUTE: dict[str, Callable[[Task], list[Figure]]] = {
    "incoming": _incoming,
    "resolved": _resolved,
    "pending": _pending,
    "clearance_rate": _clearance_rate,
    "disposition_time": _disposition_time,
    "time_to_resolution": _time_to_resolution,
    "resolved_in_time": _resolved_in_time,
    "outcome_by_time": _outcome_by_time,
    "settlement_by_stage": _settlement_by_stage,
    "deadline_compliance": _deadline_compliance,
}
"""The function of each indicator; a test holds it against the definitions."""
