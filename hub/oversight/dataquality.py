"""How well a provider reports: its score, and where its events and the register disagree.

The register is held against the facts of every provider at once. Only what the comparison needs is kept of them; they
are read case by case as the follower writes them (``hub.oversight.ledger``). Reading and comparing run in a thread.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence

from hub.oversight.errors import FactsBehindError
from hub.oversight.reading import event_of
from hub.oversight.registered import RegisteredAwards
from hub.storage.case_facts import CaseFacts
from hub.storage.reportedevents import ReportedEvents
from hub.storage.values import CaseEvent, StoredFact
from metrics.crosschecks import Discrepancy, RegisteredAward, cross_check
from metrics.events import day
from metrics.facts import CaseFact
from metrics.figures import Period
from metrics.folding import fold
from metrics.quality import Quality, quality
from metrics.storedfacts import FORM, of_stored
from metrics.tasks import Request

__all__ = ["DataQuality"]

_PIECE = 2000
"""Facts that are read at a time: some 100 ms of processor work in a thread."""


class DataQuality:
    """Assesses what providers report.

    Args:
        events: what they reported.
        facts: the table of facts that follows them.
        awards: what is registered. Outcomes at courts are no kind of statement yet, so none are compared.
        clock: POSIX seconds.
    """

    def __init__(
        self, events: ReportedEvents, facts: CaseFacts, awards: RegisteredAwards, clock: Callable[[], int]
    ) -> None:
        self._events = events
        self._facts = facts
        self._compared: dict[tuple[str, str], CaseFact] = {}
        self._size = self._changes = 0
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
        """Where events and register disagree, of every provider, sorted by provider.

        Raises:
            FactsBehindError: facts are being folded anew.
        """
        async with self._turn:
            now, awards = self._clock(), await self._awards.known(size)
            await self._follow()
            key = (self._changes, hash(awards), day(now))
            if self._kept is None or self._kept[0] != key:
                facts = tuple(self._compared.values())
                self._kept = key, await asyncio.to_thread(_discrepancies, facts, awards, now)
            return self._kept[1]

    async def _follow(self) -> None:
        """Read the facts that have changed since the last look."""
        state = await self._facts.state(FORM)
        if state.outdated:
            raise FactsBehindError
        last: StoredFact | None = None
        while rows := await self._facts.changed(FORM, self._size, last, _PIECE):
            await asyncio.to_thread(self._take, rows)
            last = rows[-1]
            self._changes += 1
        self._size = state.size  # entries that came meanwhile are looked at again

    def _take(self, rows: Sequence[StoredFact]) -> None:
        """Keep the facts that tell of anything that the register knows too."""
        for row in rows:
            one = of_stored(row.provider, row.case, json.loads(row.fact))
            if one.award or one.award_digests or one.slots:
                self._compared[row.provider, row.case] = one
            else:
                self._compared.pop((row.provider, row.case), None)


def _discrepancies(facts: Iterable[CaseFact], awards: Iterable[RegisteredAward], now: int) -> tuple[Discrepancy, ...]:
    return cross_check(facts, awards, (), now)


def _quality(
    provider: str, stored: Sequence[CaseEvent], discrepancies: Iterable[Discrepancy], request: Request
) -> Quality:
    return quality(provider, fold([event_of(one) for one in stored], request.freeze), discrepancies, request)
