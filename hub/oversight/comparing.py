"""Comparisons of providers, from the facts that follow the log: computed in a thread, kept until something is new.

What is computed here is one value for everybody (``metrics.comparison.quarters``); who may see which part of it is
decided where it is shown. Comments are not in it: they come from enquiries and change more often.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from hub.oversight.dataquality import DataQuality
from hub.oversight.ledger import Ledger
from metrics.comparison.quarters import Quarters, compared
from metrics.events import day

__all__ = ["Comparing"]


class Comparing:
    """Compares providers quarter by quarter.

    Args:
        ledger: the facts.
        quality: where events and register disagree.
        clock: POSIX seconds.
    """

    def __init__(self, ledger: Ledger, quality: DataQuality, clock: Callable[[], int]) -> None:
        self._ledger = ledger
        self._quality = quality
        self._clock = clock
        self._turn = asyncio.Lock()
        self._kept: tuple[tuple[Any, ...], Quarters | None] | None = None

    async def quarters(self, size: int) -> Quarters | None:
        """The comparisons of the newest quarter and of those before it; None where there is nobody to compare with.

        ``size`` is how much of the log may be shown.

        Raises:
            FactsBehindError: facts are being folded anew.
        """
        async with self._turn:  # one at a time: the same is never computed twice side by side
            now = self._clock()
            await self._ledger.refresh()
            discrepancies = await self._quality.discrepancies(size)
            key = (self._ledger.changes, discrepancies, day(now))
            if self._kept is None or self._kept[0] != key:
                self._kept = key, await asyncio.to_thread(compared, self._ledger.columns, discrepancies, now)
            return self._kept[1]
