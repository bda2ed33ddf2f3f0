"""Once a day every case is folded anew from its events; where a stored fact is another, that is an alarm.

Events and facts are read beside the writes, in pieces, and folded in a thread. A restart does not begin a day anew.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from time import perf_counter

from hub.alarms.register import Alarms
from hub.following.follower import LogFollower
from hub.following.refolding import refolded
from hub.jobs.lastrun import LastRun
from hub.log.publication import Publication
from hub.storage.case_facts import CaseFacts

__all__ = ["DAILY_SECONDS", "FILE", "HOURLY_SECONDS", "FactCheck"]

DAILY_SECONDS, HOURLY_SECONDS = 86_400, 3600
FILE = "facts.checked"
_PATIENCE_SECONDS = 600.0
ALARM = "facts_differ"


class FactCheck:
    """One look at every fact; it leaves half of the processor's time to others.

    Args:
        facts: the table.
        follower: writes it; nothing is compared before it has taken in what is signed.
        publication: tells how far the log is signed.
        alarms: raised and taken back here.
        last: remembers when it looked.
        clock: POSIX seconds.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # its collaborators, each used
        self,
        facts: CaseFacts,
        follower: LogFollower,
        publication: Publication,
        alarms: Alarms,
        last: LastRun,
        clock: Callable[[], int],
    ) -> None:
        self._facts = facts
        self._follower = follower
        self._publication = publication
        self._alarms = alarms
        self._last = last
        self._clock = clock

    async def run_daily(self) -> None:
        """Look, unless that was done within a day; as long as the alarm is on, look whenever this is called."""
        alarmed = await asyncio.to_thread(self._alarms.raised, ALARM) is not None
        if alarmed or await asyncio.to_thread(self._last.due, self._clock(), DAILY_SECONDS):
            await self.run()

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
        await asyncio.to_thread(self._last.remember, self._clock())


def _detail(cases: int, differing: Counter[str], untold: int) -> str:
    by_provider = ", ".join(f"{name}: {count}" for name, count in sorted(differing.items()))
    of_them = f" ({by_provider})" if by_provider else ""
    return f"Of {cases} cases {differing.total()} are stored wrongly{of_them}, and {untold} that no event tells of."
