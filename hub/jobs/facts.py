"""Once a day every case is folded anew from its events; where a stored fact is another, that is an alarm."""

import asyncio
from collections import Counter
from time import perf_counter

from hub.alarms.register import Alarms
from hub.following.follower import LogFollower
from hub.following.refolding import refolded
from hub.log.publication import Publication
from hub.storage.case_facts import CaseFacts

__all__ = ["DAILY_SECONDS", "FactCheck"]

DAILY_SECONDS = 86_400
_PATIENCE_SECONDS = 600.0
ALARM = "facts_differ"


class FactCheck:
    """One look at every fact, whenever ``run`` is called; it leaves half of the processor's time to others.

    Args:
        facts: the table.
        follower: writes it; nothing is compared before it has taken in what is signed.
        publication: tells how far the log is signed.
        alarms: raised and taken back here.
    """

    def __init__(self, facts: CaseFacts, follower: LogFollower, publication: Publication, alarms: Alarms) -> None:
        self._facts = facts
        self._follower = follower
        self._publication = publication
        self._alarms = alarms

    async def run(self) -> None:
        """Look once; while the log is taken in from its start, as after an upgrade, that is left for the next time."""
        if not await self._follower.reached(self._publication.signed.size, _PATIENCE_SECONDS):
            return
        cases, differing = 0, Counter[str]()
        began = perf_counter()
        async for piece in refolded(self._facts):
            cases += piece.cases
            differing.update(provider for provider, _ in piece.differing)
            await asyncio.sleep(perf_counter() - began)
            began = perf_counter()
        untold = await self._facts.untold()
        if differing or untold:
            await asyncio.to_thread(self._alarms.sound, ALARM, _detail(cases, differing, untold))
        else:
            await asyncio.to_thread(self._alarms.ended, ALARM)


def _detail(cases: int, differing: Counter[str], untold: int) -> str:
    by_provider = ", ".join(f"{name}: {count}" for name, count in sorted(differing.items()))
    of_them = f" ({by_provider})" if by_provider else ""
    return f"Of {cases} cases {differing.total()} are stored wrongly{of_them}, and {untold} that no event tells of."
