"""How well a provider reports: its score, and where its events and the register disagree.

The register is held against the facts of every provider at once. Only what the comparison needs is kept of them, and
only until something was added or a day began. Folding and comparing run in a thread.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence

from hub.oversight.reading import event_of
from hub.oversight.registered import RegisteredAwards
from hub.storage.reportedevents import ReportedEvents
from hub.storage.values import CaseEvent
from metrics.crosschecks import Discrepancy, RegisteredAward, cross_check
from metrics.events import day
from metrics.facts import CaseFact
from metrics.figures import Period
from metrics.folding import fold
from metrics.quality import Quality, quality
from metrics.tasks import Request

__all__ = ["DataQuality"]


class DataQuality:
    """Assesses what providers report.

    Args:
        events: what they reported.
        awards: what is registered. Outcomes at courts are no kind of statement yet, so none are compared.
        clock: POSIX seconds.
    """

    def __init__(self, events: ReportedEvents, awards: RegisteredAwards, clock: Callable[[], int]) -> None:
        self._events = events
        self._awards = awards
        self._clock = clock
        self._turn = asyncio.Lock()
        self._kept: tuple[tuple[int, int, int], tuple[Discrepancy, ...]] | None = None

    async def of(self, provider: str, period: Period, size: int) -> tuple[Quality, tuple[Discrepancy, ...]]:
        """The quality of a provider's reporting in a period, and its discrepancies, as known now.

        ``size`` is how much of the log may be shown.

        Raises:
            BadPeriodError: the period is not over yet.
        """
        request = Request(period, self._clock(), minimum=1)
        discrepancies = await self.discrepancies(size)
        stored = await self._events.of_provider(provider)
        found = await asyncio.to_thread(_quality, provider, stored, discrepancies, request)
        return found, tuple(one for one in discrepancies if one.provider == provider)

    async def discrepancies(self, size: int) -> tuple[Discrepancy, ...]:
        """Where events and register disagree, of every provider, sorted by provider."""
        async with self._turn:
            now, awards = self._clock(), await self._awards.known(size)
            key = (await self._events.count(), hash(awards), day(now))
            if self._kept is None or self._kept[0] != key:
                facts: list[CaseFact] = []
                for provider in await self._events.providers():
                    stored = await self._events.of_provider(provider)
                    facts += await asyncio.to_thread(_compared, stored, now)
                self._kept = key, await asyncio.to_thread(_discrepancies, facts, awards, now)
            return self._kept[1]


def _compared(stored: Sequence[CaseEvent], now: int) -> list[CaseFact]:
    """Facts that tell of anything that the register knows too."""
    facts = fold([event_of(one) for one in stored], now)
    return [one for one in facts if one.award or one.award_digests or one.slots]


def _discrepancies(facts: Iterable[CaseFact], awards: Iterable[RegisteredAward], now: int) -> tuple[Discrepancy, ...]:
    return cross_check(facts, awards, (), now)


def _quality(
    provider: str, stored: Sequence[CaseEvent], discrepancies: Iterable[Discrepancy], request: Request
) -> Quality:
    return quality(provider, fold([event_of(one) for one in stored], request.freeze), discrepancies, request)
