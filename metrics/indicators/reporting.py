"""How well providers report what figures are made of (31): the score of ``metrics.quality``, with its parts."""

from metrics.crosschecks import Discrepancy
from metrics.events import DAY_SECONDS
from metrics.figures import Figure
from metrics.pairing import FEDERATION
from metrics.quality import FIELDS, Counts, Quality, assess
from metrics.qualitycounts import counts_of
from metrics.tasks import Estimate, Part, Task

__all__ = ["reporting_quality"]


def reporting_quality(task: Task) -> list[Figure]:
    """31: the score, lateness, amendments, defects, the register's view, and what is not known."""
    counts = counts_of(task.columns, _standing(task), task.request)
    found = assess(task.books.subject, counts)
    events, reports = counts.events + counts.missing, counts.events + counts.amendments
    return [
        _score(task, found),
        _lag(task, counts),
        task.share("on_time", counts.on_time, events, {"missing": counts.missing}, limits=None),
        task.share("amended", counts.amendments, reports, limits=None),
        task.share("without_defect", counts.cases - counts.faulty, counts.cases, counts.defects, limits=None),
        task.share(
            Part("matching_register", reported=counts.awards > 0),
            max(0, counts.awards - counts.disputed), counts.awards, counts.discrepancies, limits=None,
        ),
        *(_unknown(task, name, counts) for name in FIELDS),
    ]  # fmt: skip


def _score(task: Task, found: Quality) -> Figure:
    part = Part("score", "index")
    if found.score is None or not found.counts.cases:
        return task.few(part, found.counts.cases)
    told = {name: round(100 * value) for name, value in found.parts.items() if value is not None}
    return task.figure(part, found.counts.cases, Estimate(found.score), told)


def _lag(task: Task, counts: Counts) -> Figure:
    part = Part("lag", "days")
    if counts.lag_p95 is None:
        return task.few(part, 0)
    return task.figure(part, counts.events, Estimate(max(0, counts.lag_p95) / DAY_SECONDS))


def _unknown(task: Task, name: str, counts: Counts) -> Figure:
    unknown, asked = counts.unknown.get(name, (0, 0))
    return task.share(f"{name}_unknown", unknown, asked, limits=None)


def _standing(task: Task) -> list[Discrepancy]:
    subject = task.books.subject
    return [
        one
        for one in task.context.discrepancies
        if subject in {FEDERATION, one.provider} and one.since < task.period.end
    ]
