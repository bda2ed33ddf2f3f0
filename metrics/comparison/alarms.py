"""Alarms between releases: at which provider outcomes have turned worse since, and in what.

For every provider and every compared indicator of which the definition says what is better, CUSUM follows the outcomes
one by one in the order in which their cases were filed (stages entered, awards made ...), each followed for equally
long, so that quick outcomes do not come first. What is expected of each:

1. the share among such cases of all others in the year before the newest quarter compared (``standardise.elsewhere``),
2. moved on the scale of log-odds by how the provider itself stood to that in the same year, drawn to the middle of all
   providers as far as that may be chance (``shrinkage.toward``), and by ``DOUBT`` of its standard errors to the worse.
   So a provider that is usually worse raises no alarm by being so, nor one that had a lucky year.

S begins at 0 with the newest quarter compared and runs on; only what crosses the threshold after that quarter is an
alarm, since the quarter itself is judged by the comparisons. A false alarm comes once in ``YEARS`` at a provider, over
everything that is watched there, and not more often than once in ``RUN`` outcomes of one indicator.

An alarm is a reason to look, for supervision alone: it is no ``Flag``, is no part of ``Quarters``, holds nothing that a
``Figure`` could be made of, and a test holds that no public page imports it. What is *not* done: say why, or tell a
provider that turned worse from a federation that did, or from reports that come later than before.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from metrics.cohorts import Marks
from metrics.columns import Columns
from metrics.comparison.casemix import Cases
from metrics.comparison.comparable import COMPARED, Comparable, books_of, cases_of, question_of
from metrics.comparison.cusum import about, cusum, run_length, threshold
from metrics.comparison.observed import MatureCohort
from metrics.comparison.overdispersion import paule_mandel
from metrics.comparison.quarters import REPORTING_DAYS, mature_quarters
from metrics.comparison.shrinkage import toward
from metrics.comparison.standardise import coarser, elsewhere, strata
from metrics.context import Context
from metrics.errors import BadComparisonError
from metrics.events import DAY_SECONDS
from metrics.figures import Period
from metrics.survival import Floats, Integers
from metrics.tasks import Books

__all__ = ["BAD", "DOUBT", "LEAST", "RATIO", "RUN", "YEARS", "Alarm", "alarms"]

RATIO = 2.0
"""How many times the expected odds of a bad outcome are looked for."""
DOUBT = 1.5
"""By how many standard errors a provider's usual level is taken to be worse than its year says."""
LEAST, BAD = 10, 3
"""Outcomes that an alarm needs, and how many of them are bad at least."""
RUN, YEARS = 2000, 5
"""A false alarm comes once in so many outcomes of one indicator, and once in so many years at a provider, or less."""
_LEARNT_QUARTERS = 4
_YEAR = 365 * DAY_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Outcomes of one provider that have turned worse.

    Attributes:
        since: the day on which the sum last left 0 before it crossed the threshold (POSIX seconds, 00:00 UTC), by when
            cases were filed, stages entered, awards made ...; ``day``: on which it crossed, likewise.
        cases: outcomes since then, until now; ``bad``: how many of them are bad, ``expected``: how many were to be.
        run_length: after how many outcomes a false alarm comes, on average.
    """

    provider: str
    indicator: str
    since: int
    day: int
    cases: int
    bad: int
    expected: float
    run_length: int

    def __post_init__(self) -> None:
        where = f"{self.indicator} {self.provider}"
        if self.cases < LEAST or not BAD <= self.bad <= self.cases or not 0 < self.expected < self.cases:
            raise BadComparisonError("no_alarm", f"An alarm rests on {LEAST} outcomes, {BAD} of them bad.", where)
        if self.since > self.day or self.run_length < RUN:
            raise BadComparisonError("no_alarm", "An alarm is rare, and began before it was raised.", where)


def alarms(columns: Columns, context: Context, now: int) -> tuple[Alarm, ...]:
    """The alarms since the newest quarter that can be compared now, by provider and then by indicator.

    Args:
        columns: facts of all providers, as known now.
        context: what is known besides.
        now: in POSIX seconds.
    """
    *learnt, newest = mature_quarters(now, 1 + _LEARNT_QUARTERS)
    watched = [one for one in COMPARED if one.worse]
    books = {
        days: _books(columns, context, learnt[0].start, now, days) for days in {one.follow_days for one in watched}
    }
    found = (
        alarm
        for one in watched
        for series in _series(one, books[one.follow_days], newest)
        if (alarm := _alarm(series, newest, len(watched)))
    )
    return tuple(sorted(found, key=lambda one: (one.provider, one.indicator)))


@dataclass(frozen=True, slots=True)
class _Series:
    """Outcomes of one provider since the newest quarter began, in their order.

    Attributes:
        yearly: how many there are in a year.
    """

    provider: str
    indicator: str
    at: Integers
    bad: Marks
    expected: Floats
    yearly: float


def _books(columns: Columns, context: Context, start: int, now: int, follow_days: int) -> Books:
    """Everything that was followed for its days by now, and reported."""
    end = (now // DAY_SECONDS - follow_days - REPORTING_DAYS) * DAY_SECONDS
    return books_of(columns, MatureCohort(Period(start, end), now, follow_days), context)


def _series(one: Comparable, books: Books, newest: Period) -> Iterator[_Series]:
    """What there is to follow of the indicator; of a provider that is new or reports too little there is nothing."""
    request = books.request
    question = question_of(one, MatureCohort(request.period, request.freeze, one.follow_days))
    cases = cases_of(one, books, question)
    if not len(cases.at):
        return
    bad = cases.counts if one.worse == "above" else ~cases.counts
    learnt = cases.at < newest.start
    kinds = [cases.procedure, *cases.kind]
    cells, wider = strata(kinds, cases.provider, question.held), coarser(kinds, question.held)
    usual = elsewhere(cells, bad, cases.provider, learnt, wider)
    alike = ~np.isnan(usual)
    n = np.bincount(cases.provider[learnt & alike], minlength=len(cases.subjects))
    known = np.bincount(cases.provider, minlength=len(cases.subjects))
    watched = (n >= question.minimum) & (known >= question.reach * (known + cases.unknown))
    levels = _levels(cases, bad, usual, learnt & alike & watched[cases.provider])
    first = np.full(len(cases.subjects), newest.start)
    np.minimum.at(first, cases.provider, cases.at)
    new = np.flatnonzero(alike & ~learnt)
    new = new[np.lexsort((bad[new], cases.at[new], cases.provider[new]))]
    for own in np.split(new, np.flatnonzero(np.diff(cases.provider[new])) + 1):
        place = int(cases.provider[own[0]]) if len(own) else -1
        if len(own) >= LEAST and watched[place]:
            yearly = float(n[place]) * _YEAR / (newest.start - first[place])
            expected = expit(logit(usual[own]) + levels[place])
            yield _Series(cases.subjects[place], one.indicator, cases.at[own], bad[own], expected, yearly)


def _levels(cases: Cases, bad: Marks, usual: Floats, learnt: Marks) -> Floats:
    """Of each provider by how much the log-odds of a bad outcome differ from the usual ones, as far as is known."""
    own, total = cases.provider[learnt], len(cases.subjects)
    n, hits, expected, variance = (
        np.bincount(own, weights, total)
        for weights in (None, bad[learnt], usual[learnt], usual[learnt] * (1 - usual[learnt]))
    )
    some, levels = np.flatnonzero(n), np.zeros(total)
    if len(some):
        observed, wanted = ((one[some] + 0.5) / (n[some] + 1) for one in (hits, expected))
        values, errors = logit(observed) - logit(wanted), 1 / np.sqrt(variance[some])
        middle = np.full(len(some), np.median(values))
        shrunk, _ = toward(values, errors, middle, paule_mandel(values, errors) if len(some) > 1 else 0.0)
        levels[some] = shrunk + DOUBT * errors  # not the smaller errors of shrunk values: tau2 may be 0 by chance
    return levels


def _alarm(series: _Series, newest: Period, watched: int) -> Alarm | None:
    """The first alarm after the newest quarter, if there is one."""
    rare = max(RUN, round(YEARS * series.yearly * watched))
    p, after = float(series.expected.mean()), series.at >= newest.end
    peak = float(cusum(series.bad, series.expected, RATIO, math.inf).path[after].max(initial=0.0))
    # The threshold is at most log(rare) (Lorden 1971); of a peak far above it no run length can be computed.
    if peak <= max(0.0, about(p, RATIO, rare) - 1) or run_length(p, RATIO, min(peak, math.log(rare))) < rare:
        return None
    followed = cusum(series.bad, series.expected, RATIO, threshold(p, RATIO, rare))
    place = next((one for one in followed.alarms if after[one]), None)
    if place is None:
        return None
    zeros = np.flatnonzero(followed.path[:place] == 0)
    first = max([0, *(zeros[-1:] + 1).tolist(), *(one + 1 for one in followed.alarms if one < place)])
    cases, bad, expected = len(series.at) - first, int(series.bad[first:].sum()), float(series.expected[first:].sum())
    if cases < LEAST or bad < BAD:
        return None
    since, day = (int(series.at[one]) // DAY_SECONDS * DAY_SECONDS for one in (first, place))
    return Alarm(
        provider=series.provider, indicator=series.indicator, since=since, day=day, cases=cases, bad=bad,
        expected=expected, run_length=rare,
    )  # fmt: skip
