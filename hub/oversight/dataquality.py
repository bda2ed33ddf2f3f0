"""How well a provider reports: its score, and where its events and the register disagree.

Both are told from the facts that follow the log, as columns. The register is held against those of every provider at
once; what came of it is kept until facts or awards have changed or a day began. Comparing runs in a thread.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from hub.oversight.ledger import Ledger
from hub.oversight.registered import RegisteredAwards
from hub.storage.case_facts import CaseFacts
from hub.storage.encoding import decode_json
from metrics.checkable import checkable, sharing_slots
from metrics.columns import Columns
from metrics.crosschecks import Discrepancy, RegisteredAward, cross_check
from metrics.events import Slot, day
from metrics.figures import Period
from metrics.quality import Quality
from metrics.qualitycounts import quality
from metrics.storedfacts import of_stored
from metrics.tasks import Request

__all__ = ["DataQuality"]

_Slots = dict[tuple[str, str], tuple[Slot, ...]]


class DataQuality:
    """Assesses what providers report.

    Args:
        ledger: the facts.
        facts: the table that they are kept in; tokens of slots are read there.
        awards: what is registered. Outcomes at courts are no kind of statement yet, so none are compared.
        clock: POSIX seconds.
    """

    def __init__(self, ledger: Ledger, facts: CaseFacts, awards: RegisteredAwards, clock: Callable[[], int]) -> None:
        self._ledger = ledger
        self._facts = facts
        self._awards = awards
        self._clock = clock
        self._turn = asyncio.Lock()
        self._kept: tuple[Any, tuple[Discrepancy, ...]] | None = None

    async def of(self, provider: str, period: Period, size: int) -> tuple[Quality, tuple[Discrepancy, ...]]:
        """The quality of a provider's reporting in a period, and its discrepancies, as known now.

        ``size`` is how much of the log may be shown.

        Raises:
            BadPeriodError: the period is not over yet.
            FactsBehindError: facts are being folded anew.
        """
        request = Request(period, self._clock(), minimum=1)
        own = [one for one in await self.discrepancies(size) if one.provider == provider]
        found = await asyncio.to_thread(quality, provider, self._ledger.columns, own, request)
        return found, tuple(own)

    async def discrepancies(self, size: int) -> tuple[Discrepancy, ...]:
        """Where events and register disagree, of every provider, sorted by provider; the same ones are the same object.

        Raises:
            FactsBehindError: facts are being folded anew.
        """
        async with self._turn:
            await self._ledger.refresh()
            now, awards = self._clock(), await self._awards.known(size)
            key = (self._ledger.changes, self._awards.changes, day(now))
            if self._kept is None or self._kept[0] != key:
                columns = self._ledger.columns
                slots = await self._slots(await asyncio.to_thread(sharing_slots, columns))
                found = await asyncio.to_thread(_compared, columns, slots, awards, now)
                self._kept = key, found if self._kept is None or found != self._kept[1] else self._kept[1]
            return self._kept[1]

    async def _slots(self, cases: Iterable[tuple[str, str]]) -> _Slots:
        stored = await self._facts.of_cases(list(cases))
        return {
            (one.provider, one.case): of_stored(one.provider, one.case, decode_json(one.fact)).slots for one in stored
        }


def _compared(columns: Columns, slots: _Slots, awards: Iterable[RegisteredAward], now: int) -> tuple[Discrepancy, ...]:
    return cross_check(checkable(columns, slots), awards, (), now)
