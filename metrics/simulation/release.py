"""What a release of each quarter would find in a simulated federation.

The way of the hub: events -> facts -> cases that count -> observations -> comparisons -> flags, at each quarter's
freeze from all that is known by then; registered awards are checked against facts, and the quality of reports is
scored. Every provider is asked at the freeze and does not answer, so 28 days later the condition about its comment
holds.

Everything from facts on is the product's own code. ``folded`` says whose events are folded. The others report
everything in time, so that their draws say the same; they become facts without events, and their reports are taken as
good.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metrics.columns import Columns
from metrics.comparison.counted import FOLLOWED_DAYS
from metrics.comparison.flagging import flags
from metrics.comparison.flags import COMMENT_DAYS, Comment, Flag
from metrics.comparison.judgements import Comparison
from metrics.comparison.observed import MatureCohort
from metrics.comparison.policy import compare
from metrics.comparison.quarters import observed
from metrics.context import Context
from metrics.crosschecks import Discrepancy, cross_check
from metrics.events import DAY_SECONDS
from metrics.figures import Period
from metrics.folding import fold
from metrics.names import Names
from metrics.qualitycounts import quality
from metrics.simulation.drawncolumns import columns_of
from metrics.simulation.federation import Federation
from metrics.simulation.setting import BEHAVIOURS, Behaviour
from metrics.tasks import Request

if TYPE_CHECKING:
    from metrics.simulation.stories import Told

__all__ = ["UNRELIABLE", "Release", "releases"]

UNRELIABLE: frozenset[Behaviour] = frozenset({"hiding", "late"})
"""Behaviours whose reports are not what really happens."""


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


def releases(federation: Federation, folded: frozenset[Behaviour] = frozenset(BEHAVIOURS)) -> Iterator[Release]:
    """The four releases of the year, each with the one before it in mind."""
    before, known = None, _Known(federation, folded)
    for number in range(len(federation.setting.quarters)):
        before = _release(federation, number, known, before)
        yield before


class _Known:
    """What is known of a federation, quarter by quarter: facts as columns, scores and discrepancies."""

    def __init__(self, federation: Federation, folded: frozenset[Behaviour]) -> None:
        self._federation = federation
        self._folded = folded
        self._names = Names()
        self._drawn: list[Columns] = []
        self._told: dict[int, list[Told]] = defaultdict(list)

    def at(self, number: int) -> tuple[Columns, dict[str, float], tuple[Discrepancy, ...]]:
        """Everything at the freeze of a quarter, which is the one after that asked for before."""
        request = Request(self._federation.setting.quarters[number], self._federation.freeze(number))
        scores: dict[str, float] = {}
        standing: list[Discrepancy] = []
        own: list[Columns] = []
        for place, one in enumerate(self._federation.providers):
            scores[one.name] = 1.0
            if one.behaviour not in self._folded:
                draws = self._federation.drawn(place, number)
                self._drawn.append(columns_of(one.name, request.period, draws, self._names))
                continue
            self._told[place].append(self._federation.told(place, number))
            facts = fold((event for told in self._told[place] for event in told.events), request.freeze)
            found = cross_check(
                facts, [award for told in self._told[place] for award in told.awards], (), request.freeze
            )
            own.append(Columns.of(facts, self._names))
            scores[one.name] = quality(one.name, own[-1], found, request).score or 0.0
            standing += found
        return Columns.joined([*self._drawn, *own]), scores, tuple(standing)

    def hidden(self) -> frozenset[str]:
        """Digests of awards of the newest quarter that their providers leave out."""
        return frozenset[str]().union(*(told[-1].hidden for told in self._told.values()))


def _release(federation: Federation, number: int, known: _Known, before: Release | None) -> Release:
    period, freeze = federation.setting.quarters[number], federation.freeze(number)
    columns, scores, standing = known.at(number)
    rows = observed(columns, MatureCohort(period, freeze, FOLLOWED_DAYS), scores, Context())
    taus = before.taus if before else {}
    found = tuple(compare(each, None, taus.get(name, ()), apart) for name, (each, apart) in rows.items())
    raised = flags(
        found,
        before.comparisons if before else (),
        (Comment(indicator, name, period, freeze) for indicator in rows for name in scores),
        before.flags if before else (),
        now=freeze + COMMENT_DAYS * DAY_SECONDS,
    )
    pooled = {one.indicator: (*taus.get(one.indicator, ()), one.tau2_own) for one in found}
    return Release(period, freeze, found, raised, standing, known.hidden(), scores, pooled)
