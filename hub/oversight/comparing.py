"""Comparisons of providers, from the facts that follow the log: computed in a thread, kept until something is new.

What is computed here is one value for everybody (``metrics.comparison.quarters``); who may see which part of it is
decided where it is shown. Comments are not in it: they come from enquiries and change more often.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from hub.oversight.exchange import Exchange
from hub.oversight.ledger import Ledger
from metrics.columns import Columns
from metrics.comparison.alarms import Alarm, alarms
from metrics.comparison.judgements import Comparison, Ranked
from metrics.comparison.quarters import Quarters, compared
from metrics.comparison.ranks import ranked
from metrics.context import Context
from metrics.events import day

__all__ = ["Comparing"]

_Compared = tuple[Quarters | None, tuple[Alarm, ...]]


class Comparing:
    """Compares providers quarter by quarter.

    Args:
        ledger: the facts.
        exchange: what is known besides the facts, and where events and register disagree.
        clock: POSIX seconds.
    """

    def __init__(self, ledger: Ledger, exchange: Exchange, clock: Callable[[], int]) -> None:
        self._ledger = ledger
        self._exchange = exchange
        self._clock = clock
        self._turn = asyncio.Lock()
        self._kept: tuple[tuple[Any, ...], _Compared] | None = None
        self._ranking = asyncio.Lock()
        self._ranked: dict[str, tuple[Comparison, tuple[Ranked, ...]]] = {}

    async def quarters(self) -> Quarters | None:
        """The comparisons of the newest quarter and of those before it; None where there is nobody to compare with.

        Raises:
            FactsBehindError: facts are being folded anew.
        """
        return (await self._compared())[0]

    async def alarms(self) -> tuple[Alarm, ...]:
        """What has turned worse since the newest quarter, by provider and indicator; for officers and nobody else.

        Raises:
            FactsBehindError: facts are being folded anew.
        """
        return (await self._compared())[1]

    async def by_value(self, one: Comparison) -> tuple[Ranked, ...]:
        """One of these comparisons in order of value, with intervals of ranks; for officers and nobody else."""
        async with self._ranking:
            kept = self._ranked.get(one.indicator)
            if kept is None or kept[0] is not one:
                kept = self._ranked[one.indicator] = one, await asyncio.to_thread(ranked, one)
            return kept[1]

    async def _compared(self) -> _Compared:
        async with self._turn:  # one at a time: the same is never computed twice side by side
            now = self._clock()
            await self._ledger.refresh()
            await self._exchange.refresh()
            key = (self._ledger.changes, self._exchange.changes, day(now))
            if self._kept is None or self._kept[0] != key:
                columns, context = self._ledger.columns, self._exchange.context
                self._kept = key, await asyncio.to_thread(_compared, columns, context, now)
            return self._kept[1]


def _compared(columns: Columns, context: Context, now: int) -> _Compared:
    """The comparisons, and the alarms since; with nobody to compare with there are neither."""
    quarters = compared(columns, context, now)
    return quarters, alarms(columns, context, now) if quarters is not None else ()
