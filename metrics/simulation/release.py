"""What a release of each quarter would find in a simulated federation.

The way of the hub: events -> facts -> cases that count -> observations -> comparisons -> flags; registered awards are
checked against facts, and the quality of reports is scored. Every provider is asked at the freeze and does not answer,
so 28 days later the condition about its comment holds.

``folded`` says whose events are folded. The others report everything in time, so that their draws say the same; they
are counted by these, and their reports are taken as good.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from metrics.columns import Columns
from metrics.comparison.casemix import Question, observe
from metrics.comparison.flagging import flags
from metrics.comparison.flags import COMMENT_DAYS, Comment, Flag
from metrics.comparison.judgements import Comparison
from metrics.comparison.observed import MatureCohort
from metrics.comparison.policy import compare
from metrics.crosschecks import Discrepancy, cross_check
from metrics.events import DAY_SECONDS
from metrics.figures import Period
from metrics.folding import fold
from metrics.qualitycounts import quality
from metrics.simulation.counting import Counted, by_draws, by_facts, joined
from metrics.simulation.federation import FOLLOWED_DAYS, Federation
from metrics.simulation.roster import INDICATORS
from metrics.simulation.setting import BEHAVIOURS, Behaviour
from metrics.tasks import Request

__all__ = ["UNRELIABLE", "Release", "releases"]

UNRELIABLE: frozenset[Behaviour] = frozenset({"hiding", "late"})
"""Behaviours whose reports are not what really happens."""
_STRATA = ("amount_band",)


@dataclass(frozen=True, slots=True)
class Release:
    """One quarter as it would be released.

    Attributes:
        hidden: digests of registered awards that their providers leave out.
        scores: quality of each provider's reports, from 0 to 1.
        taus: of each indicator, tau2 of this release and those before it, which small federations pool.
    """

    period: Period
    freeze: int
    comparisons: tuple[Comparison, ...]
    flags: tuple[Flag, ...]
    discrepancies: tuple[Discrepancy, ...]
    hidden: frozenset[str]
    scores: Mapping[str, float]
    taus: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one provider's quarter."""

    counted: Counted
    score: float
    discrepancies: tuple[Discrepancy, ...] = ()
    hidden: frozenset[str] = frozenset()


def releases(federation: Federation, folded: frozenset[Behaviour] = frozenset(BEHAVIOURS)) -> Iterator[Release]:
    """The four releases of the year, each with the one before it in mind."""
    before: Release | None = None
    for number in range(len(federation.setting.quarters)):
        before = _release(federation, number, folded, before)
        yield before


def _release(federation: Federation, number: int, folded: frozenset[Behaviour], before: Release | None) -> Release:
    period, freeze = federation.setting.quarters[number], federation.freeze(number)
    names = [one.name for one in federation.providers]
    known = [
        _folded(federation, place, number)
        if one.behaviour in folded
        else _Known(by_draws(place, federation.drawn(place, number)), 1.0)
        for place, one in enumerate(federation.providers)
    ]
    scores = {name: one.score for name, one in zip(names, known, strict=True)}
    cohort = MatureCohort(period, freeze, FOLLOWED_DAYS)
    cases = [(name, joined(name, names, [one.counted for one in known])) for name in INDICATORS]
    taus = before.taus if before else dict.fromkeys(INDICATORS, ())
    found = tuple(
        compare(observe(Question(name, cohort, _STRATA), each, scores), earlier_taus=taus[name]) for name, each in cases
    )
    raised = flags(
        found,
        before.comparisons if before else (),
        (Comment(indicator, name, period, freeze) for indicator in INDICATORS for name in names),
        before.flags if before else (),
        now=freeze + COMMENT_DAYS * DAY_SECONDS,
    )
    return Release(
        period,
        freeze,
        found,
        raised,
        tuple(each for one in known for each in one.discrepancies),
        frozenset[str]().union(*(one.hidden for one in known)),
        scores,
        {one.indicator: (*taus[one.indicator], one.tau2_own) for one in found},
    )


def _folded(federation: Federation, place: int, number: int) -> _Known:
    """One provider's quarter as its reports and the register tell it."""
    told, freeze = federation.told(place, number), federation.freeze(number)
    facts = fold(told.events, freeze)
    found = cross_check(facts, told.awards, (), freeze)
    request = Request(federation.setting.quarters[number], freeze)
    score = quality(federation.providers[place].name, Columns.of(facts), found, request).score
    return _Known(by_facts(place, facts), score or 0.0, found, told.hidden)
