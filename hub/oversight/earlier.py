"""The facts of a provider as they were at an instant that is past, without folding everything again.

A stored fact knows every event. Of the cases that were told of after the instant, those that were known before are
folded again from the events recorded until then, and the others are left out; all else is as it was.
"""

import asyncio
from collections.abc import Sequence

from hub.oversight.ledger import Ledger
from hub.oversight.reading import event_of
from hub.storage.case_events import CaseEvents
from hub.storage.reportedevents import ReportedEvents
from hub.storage.values import CaseEvent
from metrics.columns import Columns
from metrics.facts import CaseFact
from metrics.folding import fold

__all__ = ["Earlier"]

_PIECE = 500
"""Cases that are folded at a time: some 50 ms of processor work in a thread."""


class Earlier:
    """Looks back.

    Args:
        ledger: the facts as they are now.
        events: the events that they were folded from.
        reported: which cases were told of after an instant.
    """

    def __init__(self, ledger: Ledger, events: CaseEvents, reported: ReportedEvents) -> None:
        self._ledger = ledger
        self._events = events
        self._reported = reported

    async def columns(self, provider: str, until: int) -> Columns:
        """The facts of a provider, of the events that were recorded until then (POSIX seconds).

        Raises:
            FactsBehindError: facts are being folded anew.
        """
        await self._ledger.refresh()
        later = await self._reported.told_after(provider, until)
        known = [case for case, before in later.items() if before]
        facts: list[CaseFact] = []
        for start in range(0, len(known), _PIECE):
            stored = await self._events.of_cases({(provider, case) for case in known[start : start + _PIECE]})
            facts += await asyncio.to_thread(_folded, stored, until)
        return await self._ledger.replaced(provider, later, facts)


def _folded(stored: Sequence[CaseEvent], until: int) -> tuple[CaseFact, ...]:
    return fold([event_of(one) for one in stored], until)
