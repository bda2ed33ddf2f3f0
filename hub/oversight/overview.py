"""Overviews: every indicator for a period, as one kind of reader may see it.

=============  ===========================================================================
public         the federation only, values on enough cases
own            a provider's own figures with their counts, and the federation's public ones;
               nothing of its own that its parties' answers tell (ADR 0028)
supervised     officers: every provider and the federation, down to n = 1, with defects
=============  ===========================================================================

Computing is processor work and runs in a thread, one at a time. What was computed for the supervised view is kept until
events were added or a day began: the other views are cut from it. Whoever asks for what is kept waits for nobody; the
others wait in the order of ``turns``. Figures are never older than the question.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from hub.oversight.exchange import Exchange
from hub.oversight.ledger import Ledger
from hub.oversight.turns import SOON, STRANGER, Asker, Turns
from hub.storage.case_events import CaseEvents
from metrics.columns import Columns
from metrics.comparison.comparable import CONFIDENTIAL
from metrics.compute import compute_all
from metrics.context import Context
from metrics.defects import DEFECTS
from metrics.disclosure import public
from metrics.federation import whole_cases
from metrics.figures import Figure, Period
from metrics.neutraltable import NeutralTable, neutral_table
from metrics.pairing import FEDERATION
from metrics.publishedcurves import PublishedCurves
from metrics.tasks import Books, Request

__all__ = ["Oversight", "Overview", "last_year"]

_KEPT = 8
"""Periods that are kept; that of the pages, which everybody is shown, is always one of them."""


@dataclass(frozen=True, slots=True)
class _Looks:
    """How often something new was found in the facts and besides them, and the day; none of them ever falls."""

    facts: int
    besides: int
    day: date

    def hold(self, other: "_Looks") -> bool:
        """Whether nothing had been found then that is not found here."""
        return self.facts >= other.facts and self.besides >= other.besides and self.day >= other.day


@dataclass(frozen=True, slots=True)
class Overview:
    """Figures for a period, and how good the data are.

    Attributes:
        freeze: what was recorded later is not in them (POSIX seconds).
        events: how many events they rest on.
        unlinked: received cases whose sender is unknown; in no figure of the federation.
        disagreements: of how many transfers both records differ in what, by the code of ``pairing.DIFFERENCES``.
        defects: how often each defect of the data occurs, by code.
        curves: of the federation, made for anybody to see.
        neutrals: active ones of the federation by field and language; None where there are too few.
        number: another for each time that figures were computed, whoever sees them.
    """

    number: int
    period: Period
    freeze: int
    events: int
    figures: tuple[Figure, ...]
    unlinked: int = 0
    disagreements: dict[str, int] | None = None
    defects: dict[str, int] | None = None
    curves: PublishedCurves | None = None
    neutrals: NeutralTable | None = None

    def public(self) -> "Overview":
        """What anybody may see."""
        shown = public(one for one in self.figures if one.subject == FEDERATION)
        neutrals = None if self.neutrals is None else self.neutrals.public()
        return replace(self, figures=shown, unlinked=0, disagreements=None, defects=None, neutrals=neutrals)

    def own(self, provider: str) -> "Overview":
        """What ``provider`` may see: its own figures, and the public ones.

        Periods are of its choice, down to the day on which one case ended, so no minimum would hide a single answer.
        """
        mine = tuple(one for one in self.figures if one.subject == provider and one.indicator not in CONFIDENTIAL)
        shown = self.public()
        return replace(shown, figures=(*shown.figures, *mine))


def last_year(now: int) -> Period:
    """The 365 whole days before ``now`` (POSIX seconds)."""
    today = datetime.fromtimestamp(now, UTC).date()
    return Period.of(today - timedelta(days=365), today - timedelta(days=1))


class Oversight:
    """Makes overviews from the facts that follow the log.

    Args:
        ledger: the facts.
        exchange: what is known besides them.
        events: the stored events, of which only the number is told.
        clock: POSIX seconds.
    """

    def __init__(self, ledger: Ledger, exchange: Exchange, events: CaseEvents, clock: Callable[[], int]) -> None:
        self._ledger = ledger
        self._exchange = exchange
        self._events = events
        self._clock = clock
        self._kept: dict[Period, tuple[_Looks, Overview]] = {}
        self._turns = Turns()
        self._computed = 0

    async def context(self) -> Context:
        """What figures are made with besides the facts, as known now.

        Raises:
            FactsBehindError: facts are being folded anew.
        """
        await self._exchange.refresh()
        return self._exchange.context

    async def supervised(
        self, period: Period, providers: Callable[[], Awaitable[Sequence[str]]], asker: Asker = STRANGER
    ) -> Overview:
        """Everything that officers may see.

        Args:
            period: which days.
            providers: tells, where it has to be computed, who ought to report.
            asker: for whom, which decides who waits for whom; the last 365 days come as soon for anybody.

        Raises:
            BadPeriodError: the period is not over yet.
            FiguresBusyError: the asker waits for as many other periods as it may.
            IdentityBrokenError: the base counts of one subject don't add up.
            FactsBehindError: facts are being folded anew.
        """
        Request(period, self._clock())  # refuses what is not over before it takes a place
        await self._refresh()
        asked = self._looks(self._clock())
        if (kept := self._found(period, asked)) is not None:
            return kept
        if period == last_year(self._clock()):
            asker = Asker(SOON)
        async with self._turns.turn(asker, period):
            kept = self._found(period, asked)  # who was before may have computed the same
            return kept if kept is not None else await self._compute(period, providers)

    async def _compute(self, period: Period, providers: Callable[[], Awaitable[Sequence[str]]]) -> Overview:
        await self._refresh()  # the wait may have been long, and the number of events is that of now
        events, names = await self._events.count(), tuple(await providers())
        now, columns = self._clock(), self._ledger.columns
        looks, request = self._looks(now), Request(period, now, minimum=1, context=self._exchange.context)
        self._computed += 1
        made = await asyncio.to_thread(_computed, self._computed, columns, events, request, names)
        self._kept.pop(period, None)
        self._kept[period] = looks, made
        if len(self._kept) > _KEPT:
            del self._kept[next(one for one in self._kept if one != last_year(now))]
        return made

    async def _refresh(self) -> None:
        await self._ledger.refresh()
        await self._exchange.refresh()

    def _looks(self, now: int) -> _Looks:
        return _Looks(self._ledger.changes, self._exchange.changes, datetime.fromtimestamp(now, UTC).date())

    def _found(self, period: Period, asked: _Looks) -> Overview | None:
        """What is kept of the period, where it rests on no less than what was known when it was asked for."""
        if period not in self._kept:
            return None
        looks, kept = self._kept[period]
        return kept if looks.hold(asked) else None


def _computed(number: int, columns: Columns, events: int, request: Request, providers: tuple[str, ...]) -> Overview:
    whole = whole_cases(columns)
    figures = compute_all(columns, request, providers=providers, whole=whole)
    curves = PublishedCurves.of(Books(FEDERATION, whole.columns, request).filed)
    neutrals = neutral_table(whole.columns, request.context, request.period)
    return Overview(
        number, request.period, request.freeze, events, figures, whole.unlinked, dict(whole.disagreements),
        _defects(columns), curves, neutrals,
    )  # fmt: skip


def _defects(columns: Columns) -> dict[str, int]:
    """How often each defect occurs, in the order of ``DEFECTS``."""
    found = columns.counted(columns.defects.code)
    return {code: found[code] for code in DEFECTS if code in found}
