"""Definition + facts + period + freeze -> figures.

``compute`` makes the figures of one indicator for one subject, ``compute_all`` those of every indicator for every
provider and for the federation, after the identity of the base counts has been checked for each. Facts must have
been folded with the same freeze (``folding.fold(events, freeze)``): what was recorded later is not known yet.

Minima are the definitions' own; a supervised view passes a lower ``minimum`` and shows ``Figure.small`` as a
warning. What is *not* done here: comparison between providers, disclosure control beyond the minima, releases.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from metrics import cohorts, intervals
from metrics.cohorts import ENDS, HANDED_OVER, OPEN, Cohort, Marks
from metrics.competing import aalen_johansen
from metrics.definitions import Definition, definitions
from metrics.deadlines import tally
from metrics.errors import BadPeriodError
from metrics.events import STAGES
from metrics.facts import CaseFact
from metrics.figures import Figure, Interval, Period, Status
from metrics.flows import Flows, flows
from metrics.pairing import FEDERATION, link
from metrics.survival import kaplan_meier

__all__ = ["AT_RISK", "COMPUTE", "UNDECIDED", "compute", "compute_all"]

AT_RISK = 10
"""Cases that must be under observation where an estimate is read off a curve."""
UNDECIDED = 0.05
"""The largest share still in a stage at which the share settled in it counts as final."""
QUARTILES = {"lower_quartile": 0.75, "median": 0.5, "upper_quartile": 0.25}
LIMITS = (90, 180)
HORIZONS = (30, 90, 180)
_ENDED = tuple(range(1, len(ENDS)))  # every cause but handing over, which is the last


@dataclass(frozen=True, slots=True)
class _Task:
    """What is asked for, and how its figures are made."""

    definition: Definition
    subject: str
    facts: Sequence[CaseFact]
    period: Period
    freeze: int
    minimum: int

    @property
    def needed(self) -> int:
        """Cases needed under observation."""
        return min(AT_RISK, self.minimum)

    def figure(
        self,
        part: str,
        n: int,
        value: float,
        limits: tuple[float | None, float | None] | None = None,
        parts: tuple[int, int] | None = None,
        method: str | None = None,
        counts: Mapping[str, int] | None = None,
    ) -> Figure:
        """A value, if n is large enough."""
        if n < self.minimum:
            return self.withheld("too_few", part, n, counts)
        return Figure(
            indicator=self.definition.id, subject=self.subject, part=part, period=self.period, freeze=self.freeze,
            unit=self.definition.unit, status="value", n=n, minimum=self.definition.minimum, value=value,
            numerator=parts[0] if parts else None, denominator=parts[1] if parts else None,
            interval=Interval(*limits, method=method or self.definition.interval) if limits else None,
            counts=MappingProxyType(dict(counts or {})),
        )  # fmt: skip

    def withheld(self, status: Status, part: str, n: int, counts: Mapping[str, int] | None = None) -> Figure:
        """No value, and why."""
        return Figure(
            indicator=self.definition.id, subject=self.subject, part=part, period=self.period, freeze=self.freeze,
            unit=self.definition.unit, status=status, n=n, minimum=self.definition.minimum,
            counts=MappingProxyType(dict(counts or {})),
        )  # fmt: skip

    def flows(self) -> Flows:
        """The base counts."""
        return flows(self.subject, self.facts, self.period)

    def filed(self) -> Cohort:
        """The filing cohort."""
        return cohorts.filed(self.facts, self.period, self.freeze)


def compute(
    definition: Definition,
    facts: Iterable[CaseFact],
    period: Period,
    freeze: int,
    *,
    subject: str,
    minimum: int | None = None,
) -> tuple[Figure, ...]:
    """The figures of one indicator for one subject, whose facts these are.

    For the federation give the facts of whole cases (``pairing.link(facts).cases``).

    Raises:
        BadPeriodError: the period ends after the freeze.
        IdentityBrokenError: the base counts don't add up.
    """
    if period.end > freeze:
        raise BadPeriodError("period_not_over", "The period ends after the freeze.", str(period))
    task = _Task(definition, subject, tuple(facts), period, freeze, definition.minimum if minimum is None else minimum)
    return tuple(COMPUTE[definition.id](task))


def compute_all(
    facts: Iterable[CaseFact],
    period: Period,
    freeze: int,
    *,
    providers: Iterable[str] = (),
    minimum: int | None = None,
    chosen: Sequence[Definition] | None = None,
) -> tuple[Figure, ...]:
    """All figures: by indicator, then the federation, then each provider by name.

    ``providers`` names those that ought to report; one of which nothing is known gets figures that say so.

    Raises:
        BadPeriodError: the period ends after the freeze.
        IdentityBrokenError: the base counts of one subject don't add up; then no figure is made at all.
    """
    known = tuple(facts)
    subjects: dict[str, list[CaseFact]] = {FEDERATION: list(link(known).cases)}
    for name in sorted({*providers, *(fact.provider for fact in known)}):
        subjects[name] = []
    for fact in known:
        subjects[fact.provider].append(fact)
    for subject, own in subjects.items():
        flows(subject, own, period)
    return tuple(
        figure
        for one in (definitions() if chosen is None else chosen)
        for subject, own in subjects.items()
        for figure in compute(one, own, period, freeze, subject=subject, minimum=minimum)
    )


def _incoming(task: _Task) -> list[Figure]:
    found = task.flows()
    return _count(task, found.incoming, {"filed": found.filed, "received": found.received})


def _resolved(task: _Task) -> list[Figure]:
    found = task.flows()
    return _count(task, found.resolved, {"handed_over": found.handed_over})


def _pending(task: _Task) -> list[Figure]:
    found = task.flows()
    return _count(task, found.pending, {"pending_before": found.pending_before})


def _count(task: _Task, count: int, counts: Mapping[str, int]) -> list[Figure]:
    if not task.facts:
        return [task.withheld("not_reported", "", 0)]
    return [task.figure("", count, count, counts=counts)]


def _clearance_rate(task: _Task) -> list[Figure]:
    if not task.facts:
        return [task.withheld("not_reported", "", 0)]
    found = task.flows()
    i, r = found.incoming, found.resolved
    counts = {"handed_over": found.handed_over}
    if i == 0:
        return [task.withheld("too_few", "", 0, counts)]
    return [task.figure("", i, r / i, intervals.clearance(r, i), (r, i), counts=counts)]


def _disposition_time(task: _Task) -> list[Figure]:
    if not task.facts:
        return [task.withheld("not_reported", "", 0)]
    found = task.flows()
    p, r = found.pending, found.resolved
    if r == 0:
        return [task.withheld("too_few", "", 0)]
    length = task.period.days
    limits = None
    if p:
        low, high = intervals.log_ratio(p, r)
        limits = (length * low, length * high)
    return [task.figure("", r, length * p / r, limits, (p, r))]


def _time_to_resolution(task: _Task) -> list[Figure]:
    cohort = task.filed()
    if cohort.n < max(task.minimum, 1):
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
            found.append(task.figure(part, cohort.n, at.day, (at.low, at.high), counts=counts))
    return found


def _resolved_in_time(task: _Task) -> list[Figure]:
    cohort = task.filed()
    parts = {f"within_{limit}_days": limit for limit in LIMITS}
    if cohort.n < max(task.minimum, 1):
        return [_empty(task, part, cohort.n) for part in parts]
    ended = _resolved_here(cohort)
    curve = kaplan_meier(cohort.days, ended)
    found = []
    for part, limit in parts.items():
        if not cohort.is_mature(limit, curve.risk_at(limit), task.needed):
            found.append(task.withheld("immature", part, cohort.n, _fate(cohort)))
            continue
        low, high = curve.interval(limit)
        seen = int((ended & (cohort.days <= limit)).sum())
        value = 1 - curve.at(limit)
        found.append(task.figure(part, cohort.n, value, (1 - high, 1 - low), (seen, cohort.n), counts=_fate(cohort)))
    return found


def _outcome_by_time(task: _Task) -> list[Figure]:
    cohort = task.filed()
    parts = [(name, cause, t) for t in HORIZONS for cause, name in enumerate(ENDS, 1)]
    if cohort.n < max(task.minimum, 1):
        return [_empty(task, f"{name}_by_day_{t}", cohort.n) for name, _, t in parts]
    found = aalen_johansen(cohort.days, cohort.causes, len(ENDS))
    figures = []
    for name, cause, t in parts:
        part = f"{name}_by_day_{t}"
        at_risk = int(found.at_risk[t]) if t < len(found.at_risk) else 0
        if not cohort.is_mature(t, at_risk, task.needed):
            figures.append(task.withheld("immature", part, cohort.n, _fate(cohort)))
            continue
        seen = int(found.ended[cause - 1, : t + 1].sum())
        value = min(found.at(cause, t), 1.0)  # sums of steps may exceed 1 in the last digit
        limits = found.interval(cause, t)
        figures.append(task.figure(part, cohort.n, value, limits, (seen, cohort.n), counts=_fate(cohort)))
    return figures


def _settlement_by_stage(task: _Task) -> list[Figure]:
    return [_settled_of_entered(task, stage) for stage in STAGES] + [_settled_of_resolved(task, one) for one in STAGES]


def _settled_of_entered(task: _Task, stage: str) -> Figure:
    cohort = cohorts.entered(task.facts, stage, task.period, task.freeze)
    if cohort.n < max(task.minimum, 1):
        reported = any(fact.stages for fact in task.facts)
        return task.withheld("too_few" if reported else "not_reported", stage, cohort.n)
    settled, waiting = cohort.count(1), cohort.count(OPEN)
    counts = {"still_in_stage": waiting}
    parts = (settled, cohort.n)
    if not waiting:
        share = settled / cohort.n
        return task.figure(stage, cohort.n, share, intervals.wilson(*parts), parts, counts=counts)
    found = aalen_johansen(cohort.days, cohort.causes, 2)
    observed = [t for t in range(len(found.at_risk)) if found.at_risk[t] >= task.needed]
    if not observed or float(found.survival[observed[-1]]) > UNDECIDED:
        return task.withheld("immature", stage, cohort.n, counts)
    last = observed[-1]
    limits, method = found.interval(1, last), "aalen_johansen_loglog"
    return task.figure(stage, cohort.n, min(found.at(1, last), 1.0), limits, parts, method, counts)


def _settled_of_resolved(task: _Task, stage: str) -> Figure:
    part = f"{stage}_of_resolved"
    ended = [fact.outcome for fact in task.facts if fact.outcome and fact.spells and fact.outcome.at in task.period]
    if len(ended) < max(task.minimum, 1):
        return task.withheld("too_few" if task.facts else "not_reported", part, len(ended))
    parts = (sum(one.kind == "settled" and one.stage == stage for one in ended), len(ended))
    return task.figure(part, len(ended), parts[0] / parts[1], intervals.wilson(*parts), parts)


def _deadline_compliance(task: _Task) -> list[Figure]:
    found = tally((one for fact in task.facts for one in fact.deadlines), task.period.start, task.period.end)
    if not any(fact.deadlines for fact in task.facts):
        return [task.withheld("not_reported", "all", 0)]
    figures = []
    for kind, counts in found.items():
        met, n = counts["met"], counts["met"] + counts["missed"] + counts["overdue"]
        if n < max(task.minimum, 1):
            figures.append(task.withheld("too_few", kind, n, counts))
        else:
            figures.append(task.figure(kind, n, met / n, intervals.wilson(met, n), (met, n), counts=counts))
    return figures


def _resolved_here(cohort: Cohort) -> Marks:
    return cohort.ended_by(*_ENDED)


def _fate(cohort: Cohort) -> dict[str, int]:
    return {
        "resolved": cohort.count(*_ENDED),
        "handed_over": cohort.count(ENDS.index(HANDED_OVER) + 1),
        "still_open": cohort.count(OPEN),
    }


def _empty(task: _Task, part: str, n: int) -> Figure:
    return task.withheld("too_few" if task.facts else "not_reported", part, n)


COMPUTE: dict[str, Callable[[_Task], list[Figure]]] = {
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
