"""How cases end, and how far they go (10, 11, 12, 14, 15, 16)."""

from collections import Counter
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from metrics import cohorts
from metrics.cohorts import CAUSES, ENDS, OPEN, Cohort, Marks
from metrics.columns import Columns
from metrics.competing import Incidence, aalen_johansen
from metrics.details import first_of_row
from metrics.events import STAGES
from metrics.facts import HANDED_OVER, OUTCOMES
from metrics.figures import Figure, Status
from metrics.indicators.curves import bounded, incidences
from metrics.indicators.durations import fate
from metrics.names import ABSENT
from metrics.survival import Integers, kaplan_meier
from metrics.tasks import Estimate, Part, Task

__all__ = [
    "HORIZONS", "UNDECIDED", "Step", "default_share", "discontinuation", "outcome_by_time", "refusal_rate",
    "settlement_by_stage", "stage_conversion", "steps",
]  # fmt: skip

UNDECIDED = 0.05
"""The largest share still in a stage, not decided yet or handed over, at which that of the others counts as final."""
HORIZONS = (30, 90, 180)
_DISCONTINUED_BY = 180
_WITHOUT_REASON = "reason_not_stated"


class Step(NamedTuple):
    """Cases that reached a step: their rows, when, when they left it, and when they went on to the next."""

    rows: Integers
    entered: Integers
    left: Integers
    gone: Integers


def outcome_by_time(task: Task) -> list[Figure]:
    """10: the incidence of every outcome."""
    names = [*OUTCOMES, "handed_over"]
    parts = {f"{name}_by_day_{t}": (cause, t) for t in HORIZONS for cause, name in enumerate(names, 1)}
    cohort = task.books.filed
    return incidences(task, cohort, len(ENDS), parts, fate(cohort))


def settlement_by_stage(task: Task) -> list[Figure]:
    """11: settled in a stage, of those that entered it and of all resolved."""
    return [_settled_of_entered(task, stage) for stage in STAGES] + [_settled_of_resolved(task, one) for one in STAGES]


def _settled_of_entered(task: Task, stage: str) -> Figure:
    *_, cohort = cohorts.entered(task.columns, stage, task.period, task.request.freeze)
    if cohort.n < task.minimum:
        return task.few(Part(stage, reported=len(task.columns.stages) > 0), cohort.n)
    settled, waiting = cohort.count(1), cohort.count(OPEN)
    counts = {"still_in_stage": waiting}
    if not waiting:
        return task.share(stage, settled, cohort.n, counts)
    found = aalen_johansen(cohort.days, cohort.causes, 2)
    in_public, last = _decided_on(found, task.needed_in_public), _decided_on(found, task.needed)
    last = last if in_public is None else in_public  # one value for everybody, where the public has one
    if last is None:
        return task.withheld("immature", stage, cohort.n, counts)
    made = Estimate(min(found.at(1, last), 1.0), found.interval(1, last), (settled, cohort.n), "aalen_johansen_loglog")
    shown: Status = "immature" if in_public is None else "value"
    made = bounded(replace(made, in_public=shown), cohort.followed(last))
    return task.figure(stage, cohort.n, made, counts)


def _decided_on(found: Incidence, needed: int) -> int | None:
    """The last day on which enough cases were followed, if nearly all were decided by then."""
    observed = np.flatnonzero(found.at_risk >= needed)
    last = int(observed[-1]) if observed.size else None
    return None if last is None or float(found.survival[last]) > UNDECIDED else last


def _settled_of_resolved(task: Task, stage: str) -> Figure:
    columns = task.columns
    ended = task.period.holds(columns.outcome_at) & (columns.opened != ABSENT)
    settled = (columns.outcome == columns.code("settled")) & (columns.outcome_stage == columns.code(stage))
    return task.share(f"{stage}_of_resolved", int((ended & settled).sum()), int(ended.sum()))


def stage_conversion(task: Task) -> list[Figure]:
    """12: cases that go on to the next step, of those that have had time to."""
    return [_went_on(task, part, step) for part, step in steps(task).items()]


def steps(task: Task) -> dict[str, Step]:
    """Every step of a case, from filing to commencement and from stage to stage, with the cases that reached it."""
    columns = task.columns
    rows = np.flatnonzero(columns.filed != ABSENT)
    gone, ended = columns.commenced[rows], np.where(columns.ended != ABSENT, columns.ended, _lost(columns))[rows]
    left = np.where(gone != ABSENT, gone, ended)
    found = {"filed_to_commenced": Step(rows, columns.filed[rows], left, gone)}
    spells = {stage: _spells(task, stage) for stage in STAGES}
    for stage, after in zip(STAGES, (*STAGES[1:], "award"), strict=True):
        rows, entered, left = spells[stage]
        found[f"{stage}_to_{after}"] = Step(rows, entered, left, _reached(task, after, rows, entered))
    return found


def _reached(task: Task, after: str, rows: Integers, since: Integers) -> Integers:
    """When each case in ``rows`` first came to the step ``after`` once it was here; a stage before is no going on."""
    columns = task.columns
    row, at = np.arange(len(columns)), columns.award_at
    if after != "award":
        spells = columns.stages.where(columns.stages.stage == columns.code(after))
        row, at = spells.row, spells.entered
    begun = _placed(len(columns), rows, since)[row]
    later = (begun != ABSENT) & (at >= begun)
    row, at = row[later], at[later]
    firsts = first_of_row(row)
    return _placed(len(columns), row[firsts], at[firsts])[rows]


def _spells(task: Task, stage: str) -> tuple[Integers, Integers, Integers]:
    """Of each case that was in the stage: its row, when it first entered and when it last left."""
    spells = task.columns.stages.where(task.columns.stages.stage == task.columns.code(stage))
    firsts = first_of_row(spells.row)
    lasts = np.append(firsts[1:], len(spells))[: len(firsts)] - 1
    return spells.row[firsts], spells.entered[firsts], spells.left[lasts]


def _placed(length: int, rows: Integers, values: Integers) -> Integers:
    placed = np.full(length, ABSENT, dtype=np.int64)
    placed[rows] = values
    return placed


def _went_on(task: Task, part: str, step: Step) -> Figure:
    """The share that went on of the cases that reached the step long enough ago, by their own times of leaving it."""
    inside = task.period.holds(step.entered)
    rows, entered, left, gone = (one[inside] for one in step)
    freeze, n = task.request.freeze, len(rows)
    if n < task.minimum:
        reported = len(task.columns) > 0 if part == "filed_to_commenced" else len(task.columns.stages) > 0
        return task.few(Part(part, reported=reported), n)
    over = (left != ABSENT) & (left <= freeze)
    until = np.maximum(np.where(over, left, freeze), entered)
    lag = kaplan_meier(task.columns.days(entered, until, rows), over).quantile(UNDECIDED).day
    if lag is None:
        return task.withheld("immature", part, n)
    mature = task.columns.days(entered, freeze, rows) >= lag
    went = mature & (gone != ABSENT) & (gone <= freeze)
    elsewhere = mature & ~went & _handed_over(task)[rows]
    followed, lost = int((mature & ~elsewhere).sum()), int(elsewhere.sum())
    counts = {"too_young": n - int(mature.sum()), "handed_over": lost, "lag_days": lag}
    if followed < task.minimum or lost > UNDECIDED * (followed + lost):
        return task.withheld("immature", part, followed, counts)
    return task.share(part, int(went.sum()), followed, counts)


def _handed_over(task: Task) -> Marks:
    """Of each case whether it is with another provider: how it went on there is in no event of this one.

    Of all providers together, whether it is with one that has no record of it.
    """
    spells, lost, freeze = task.columns.spells, _lost(task.columns), task.request.freeze
    lasts = np.flatnonzero(np.diff(spells.row, append=-1))
    handed = (spells.ended_by == task.columns.code(HANDED_OVER)) & (spells.ended != ABSENT) & (spells.ended <= freeze)
    marks = np.zeros(len(task.columns), dtype=np.bool_)
    marks[spells.row[lasts]] = handed[lasts]
    marks |= (lost != ABSENT) & (lost <= freeze)
    return marks


def _lost(columns: Columns) -> Integers:
    """When each joined case was handed over to a provider that has no record of it."""
    records = columns.records
    told = records.lost != ABSENT
    return _placed(len(columns), records.row[told], records.lost[told])


def default_share(task: Task) -> list[Figure]:
    """14: awards by default, of all awards."""
    columns = task.columns
    inside = task.period.holds(columns.outcome_at)
    default = int((inside & (columns.outcome == columns.code("default_award"))).sum())
    others = int((inside & (columns.outcome == columns.code("award"))).sum())
    return [task.share("", default, default + others)]


def refusal_rate(task: Task) -> list[Figure]:
    """15: refused cases, of those on which it has been decided; in all and by ground."""
    columns, freeze = task.columns, task.request.freeze
    inside = task.period.holds(columns.filed)
    ended = (columns.ended != ABSENT) & (columns.ended <= freeze)
    decided = inside & (ended | ((columns.commenced != ABSENT) & (columns.commenced <= freeze)))
    filed, n = int(inside.sum()), int(decided.sum())
    counts = {"undecided": filed - n}
    if filed < task.minimum:
        return [task.few("in_all", filed, counts)]
    if filed - n > UNDECIDED * filed:
        return [task.withheld("immature", "in_all", n, counts)]
    refused = decided & (columns.outcome == columns.code("refused"))
    grounds = _reasons(task, columns.outcome_reason[refused])
    figures = [task.share("in_all", int(refused.sum()), n, counts)]
    return figures + [task.share(ground, count, n) for ground, count in grounds.items()]


def discontinuation(task: Task) -> list[Figure]:
    """16: the incidence of giving up by day 180; in all and by reason."""
    columns, cohort = task.columns, task.books.filed
    rows = np.flatnonzero(task.period.holds(columns.filed))
    given_up = cohort.ended_by(CAUSES["discontinued"])
    ended_otherwise = ~given_up & (cohort.causes != OPEN)
    total = Cohort(cohort.days, np.where(given_up, 1, np.where(ended_otherwise, 2, OPEN)))
    figures = incidences(task, total, 2, {"in_all": (1, _DISCONTINUED_BY)}, fate(cohort))
    if figures[0].value is None:
        return figures
    reasons = _reasons(task, columns.outcome_reason[rows[given_up]])
    causes = np.where(ended_otherwise, len(reasons) + 1, OPEN)
    for cause, reason in enumerate(reasons, 1):
        code = ABSENT if reason == _WITHOUT_REASON else columns.code(reason)
        causes[given_up & (columns.outcome_reason[rows] == code)] = cause
    parts = {reason: (cause, _DISCONTINUED_BY) for cause, reason in enumerate(reasons, 1)}
    return figures + incidences(task, Cohort(cohort.days, causes), len(reasons) + 1, parts, {})


def _reasons(task: Task, codes: Integers) -> dict[str, int]:
    """How often each reason occurs, by name; those that were not stated last."""
    found = Counter(codes.tolist())
    unknown = found.pop(ABSENT, 0)
    named = sorted((str(task.columns.names.name(code)), count) for code, count in found.items())
    return dict(named) | ({_WITHOUT_REASON: unknown} if unknown else {})
