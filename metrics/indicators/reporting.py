"""How well providers report what figures are made of (31): the score of ``metrics.quality``, with its parts.

The counts are those of ``quality.counted``, taken from columns; a test holds them against each other.
"""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from metrics.cohorts import Marks
from metrics.columns import Columns
from metrics.crosschecks import MISSING, Discrepancy
from metrics.events import DAY_SECONDS
from metrics.figures import Figure
from metrics.names import ABSENT
from metrics.pairing import FEDERATION
from metrics.quality import FIELDS, ON_TIME_DAYS, Counts, Quality, assess
from metrics.survival import Integers
from metrics.tasks import Estimate, Part, Request, Task

__all__ = ["counts_of", "reporting_quality"]

_ATTRIBUTES = FIELDS[:8]
_CODED = frozenset({"procedure", "respondent_type", "amount_band", "language", "dispute_type"})


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


def counts_of(columns: Columns, standing: list[Discrepancy], request: Request) -> Counts:
    """What a score is made of; the columns are of one subject, and so are the discrepancies."""
    own = _touched(columns, request)
    late = np.sort(columns.lateness.seconds[own[columns.lateness.row]])
    faulty = np.zeros(len(columns), dtype=bool)
    faulty[columns.defects.row] = True
    codes = Counter(one.code for one in standing)
    silent = columns.deadlines.where(columns.deadlines.result == columns.code("open"))
    overdue = silent.judged_due < request.freeze - ON_TIME_DAYS * DAY_SECONDS
    awards = int(((columns.award_at != ABSENT) & (columns.award_at < request.period.end)).sum())
    return Counts(
        cases=int(own.sum()),
        faulty=int((own & faulty).sum()),
        events=len(late),
        on_time=int((late <= ON_TIME_DAYS * DAY_SECONDS).sum()),
        missing=sum(codes[code] for code in MISSING) + int((overdue & own[silent.row]).sum()),
        lag_p95=int(late[-(-19 * len(late) // 20) - 1]) if len(late) else None,
        amendments=int(columns.amendments[own].sum()),
        unknown=_all_unknown(columns, own),
        defects=_named(columns, columns.defects.code[own[columns.defects.row]]),
        awards=awards + codes["award_not_reported"] + codes["award_set_aside"],
        disputed=len({one.about for one in standing}),
        discrepancies=dict(sorted(codes.items())),
    )


def _touched(columns: Columns, request: Request) -> Marks:
    """Cases in the subject's hands in the period, or of which nobody knows when they were."""
    period = request.period
    last = np.full(len(columns), ABSENT, dtype=np.int64)
    last[columns.spells.row] = columns.spells.ended  # of several the last one stays
    opened = np.where(columns.opened == ABSENT, columns.outcome_at, columns.opened)
    ended = np.where(columns.opened == ABSENT, opened, last)
    inside = (opened < period.end) & ((ended == ABSENT) | (ended >= period.start))
    return np.asarray((opened == ABSENT) | inside)


def _all_unknown(columns: Columns, own: Marks) -> dict[str, tuple[int, int]]:
    found = {name: (int(unknown.sum()), len(unknown)) for name, unknown in _asked(columns, own)}
    return {name: found[name] for name in FIELDS if found[name][1]}


def _asked(columns: Columns, own: Marks) -> Iterator[tuple[str, Marks]]:
    """Of each field, for every value that was asked for, whether it is unknown; refused cases are not asked."""
    asked = own & (columns.outcome != columns.code("refused"))
    for name in _ATTRIBUTES:
        values: Integers = getattr(columns, "economy" if name == "economies" else name)[asked]
        yield name, (values == ABSENT) | ((values == columns.code("unknown")) & (name in _CODED))
    for name in ("claim", "fee", "respondent"):
        yield name, getattr(columns, name)[asked] == ABSENT
    declared = np.zeros(len(columns), dtype=bool)
    declared[columns.languages.row] = True
    yield "declared_languages", ~declared[asked]
    yield "neutral", columns.appointments.neutral[asked[columns.appointments.row]] == ABSENT
    awarded = asked & (columns.award_at != ABSENT)
    yield "award_digest", columns.award_digest[awarded] == ABSENT
    yield "notified", columns.award_notified[awarded] == ABSENT
    yield "due", columns.performance_due[asked & (columns.performance_of != ABSENT)] == ABSENT


def _named(columns: Columns, codes: Integers) -> dict[str, int]:
    found = Counter(columns.names[code] for code in codes.tolist())
    return dict(sorted(found.items()))
