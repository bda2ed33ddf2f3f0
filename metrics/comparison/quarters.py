"""Every comparison of a quarter, with the quarters before it: what is asked of whom, and since when.

A quarter is compared once every case filed in it has been followed for 90 days, and its reports have had a week to come
in. Earlier quarters are compared anew from what is known now, so that a report that came late counts where it belongs;
they tell how much providers usually differ (``policy.POOLED``; all quarters that are looked at share that) and since
when a difference is seen.

The score of reporting is that of the newest quarter, in which a flag may become public. What is *not* kept: what was
shown in a quarter when it was new. Signed releases do that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from metrics.columns import Columns
from metrics.comparison.casemix import observe
from metrics.comparison.comparable import COMPARED, FOLLOWED_DAYS, books_of, cases_of, question_of
from metrics.comparison.flagging import flags
from metrics.comparison.flags import Comment, Flag
from metrics.comparison.judgements import Change, Comparison
from metrics.comparison.observed import Apart, MatureCohort, Observed, Rate
from metrics.comparison.policy import POOLED, change, compare
from metrics.context import Context
from metrics.crosschecks import Discrepancy
from metrics.events import DAY_SECONDS
from metrics.figures import Period
from metrics.quality import Quality
from metrics.qualitycounts import quality
from metrics.tasks import Request

__all__ = ["REPORTING_DAYS", "Quarters", "compared", "mature_quarters", "observed"]

REPORTING_DAYS = 7
"""So long reports may still come in after the last case of a quarter was followed for its 90 days."""
_MONTHS = 3


@dataclass(frozen=True)
class Quarters:
    """The comparisons of the newest mature quarter and of those before it.

    Attributes:
        freeze: what was recorded later is in none of them, in POSIX seconds.
        comparisons: of each quarter, the oldest first; the last are those of ``period``.
        qualities: of each provider that has reported, by name.
        discrepancies: where events and register disagree, of any provider.
    """

    period: Period
    freeze: int
    comparisons: tuple[tuple[Comparison, ...], ...]
    qualities: Mapping[str, Quality]
    discrepancies: tuple[Discrepancy, ...]

    @property
    def newest(self) -> tuple[Comparison, ...]:
        """The comparisons of the newest quarter, by indicator."""
        return self.comparisons[-1]

    def flags(self, comments: Sequence[Comment], now: int) -> tuple[Flag, ...]:
        """The flags of the newest quarter, by indicator and name.

        Args:
            comments: what providers were asked, and said, about any quarter.
            now: in POSIX seconds; whether the time to comment is over.
        """
        earlier: tuple[Flag, ...] = ()
        before: tuple[Comparison, ...] = ()
        for each in self.comparisons:
            earlier = flags(each, _right_before(each, before), comments, earlier, now=now)
            before = each
        return earlier

    def flagged_before(self, now: int) -> frozenset[tuple[str, str]]:
        """The (indicator, provider) that were flags a quarter ago."""
        if len(self.comparisons) < 2:
            return frozenset()
        found = flags(self.comparisons[-2], now=now)
        return frozenset((one.indicator, one.subject) for one in found)

    def changes(self) -> tuple[Change, ...]:
        """Every provider's change since the quarter before, by indicator and name; only what both quarters have."""
        if len(self.comparisons) < 2:
            return ()
        before = {one.indicator: one for one in self.comparisons[-2]}
        return tuple(
            change(
                one.indicator, each.subject, (before[one.indicator].period, one.period),
                (Rate(last.numerator, last.n), Rate(each.numerator, each.n)),
            )
            for one in self.newest if one.indicator in before
            for each in one.judgements
            if (last := before[one.indicator].of(each.subject)) is not None and not {"too_few"} & {*each.withheld}
        )  # fmt: skip


def mature_quarters(now: int, count: int = POOLED[1]) -> tuple[Period, ...]:
    """The newest quarters of the calendar that can be compared now, the oldest first."""
    last = datetime.fromtimestamp(now - (FOLLOWED_DAYS + REPORTING_DAYS) * DAY_SECONDS, UTC).date()
    start = _quarter_start(last)  # the quarter that ``last`` is in is not over by then
    found = []
    for _ in range(count):
        end = start - timedelta(days=1)
        start = _quarter_start(end)
        found.append(Period.of(start, end))
    return tuple(reversed(found))


def compared(columns: Columns, context: Context, now: int) -> Quarters | None:
    """Compare every indicator of ``COMPARED`` in each mature quarter; None where there is nobody to compare with.

    Quarters before the first in which two providers had cases are left out.

    Args:
        columns: facts of all providers, as known now.
        context: what is known besides: discrepancies with the register, answers, transfers, rates.
        now: in POSIX seconds.
    """
    periods, standing = mature_quarters(now), context.discrepancies
    qualities = _qualities(columns, standing, Request(periods[-1], now, minimum=1))
    scores = {name: one.score or 0.0 for name, one in qualities.items()}
    cohorts = [MatureCohort(one, now, FOLLOWED_DAYS) for one in periods]
    rows = [observed(columns, one, scores, context) for one in cohorts]
    while rows and not rows[0]:
        rows = rows[1:]
    taus = {one.indicator: [_own_tau(each.get(one.indicator)) for each in rows] for one in COMPARED}
    found = tuple(
        tuple(compare(own, None, _others(taus[name], place), apart) for name, (own, apart) in each.items())
        for place, each in enumerate(rows)
    )
    return Quarters(periods[-1], now, found, qualities, standing) if found else None


def observed(
    columns: Columns, cohort: MatureCohort, scores: Mapping[str, float], context: Context
) -> dict[str, tuple[tuple[Observed, ...], tuple[Apart, ...]]]:
    """What enters the comparisons of one quarter, by indicator; without those that have nobody to compare.

    With the providers that have cases there, but none that can be compared.
    """
    found, books = {}, books_of(columns, cohort, context)
    for one in COMPARED:
        question = question_of(one, cohort)
        rows, apart = observe(question, cases_of(one, books, question), scores)
        if len(rows) > 1:
            found[one.indicator] = rows, apart
    return found


def _own_tau(found: tuple[Sequence[Observed], Sequence[Apart]] | None) -> float | None:
    """How much providers differ in this quarter alone; None where there are too few of them to tell."""
    alone = compare(found[0]) if found else None
    return None if alone is None or alone.method == "none" else alone.tau2_own


def _others(taus: Sequence[float | None], place: int) -> tuple[float, ...]:
    """What all other quarters tell of the variance: for the newest one those are the earlier ones."""
    return tuple(one for at, one in enumerate(taus) if at != place and one is not None)


def _qualities(columns: Columns, standing: tuple[Discrepancy, ...], request: Request) -> dict[str, Quality]:
    names = sorted({*columns.providers, *(one.provider for one in standing)})
    return {name: quality(name, columns, standing, request) for name in names}


def _right_before(each: Sequence[Comparison], before: Iterable[Comparison]) -> tuple[Comparison, ...]:
    """Of the comparisons before only those of the quarter that ends where this one begins."""
    starts = {one.period.start for one in each}
    return tuple(one for one in before if one.period.end in starts)


def _quarter_start(day: date) -> date:
    return day.replace(month=day.month - (day.month - 1) % _MONTHS, day=1)
