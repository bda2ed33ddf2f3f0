"""The counts that a score of ``metrics.quality`` is made of, from columns, and the score of one provider."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from metrics.cohorts import Marks
from metrics.columns import Columns
from metrics.crosschecks import MISSING, Discrepancy
from metrics.events import DAY_SECONDS
from metrics.names import ABSENT
from metrics.quality import FIELDS, ON_TIME_DAYS, Counts, Quality, assess
from metrics.survival import Integers
from metrics.tasks import Request

__all__ = ["counts_of", "quality"]

_ATTRIBUTES = FIELDS[:8]
_CODED = frozenset({"procedure", "respondent_type", "amount_band", "language", "dispute_type"})


def quality(provider: str, columns: Columns, discrepancies: Iterable[Discrepancy], request: Request) -> Quality:
    """The quality of one provider's reporting in a period.

    Args:
        provider: whose.
        columns: facts, folded with the freeze of the request; those of others are passed over.
        discrepancies: of any provider; only its own that began before the period's end count.
        request: the period.
    """
    standing = [one for one in discrepancies if one.provider == provider and one.since < request.period.end]
    return assess(provider, counts_of(columns.of_provider(provider), standing, request))


def counts_of(columns: Columns, standing: Sequence[Discrepancy], request: Request) -> Counts:
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
