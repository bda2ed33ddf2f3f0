"""Every fact in memory, as columns: read once, then kept up case by case as the follower writes.

Each row says which entry told of the case last, so what has changed since the last look is found by that alone.
Columns are never changed: whoever computes with them goes on with what there was.
"""

import asyncio
from collections.abc import Collection, Sequence

from hub.oversight.errors import FactsBehindError
from hub.storage.case_facts import CaseFacts
from hub.storage.encoding import decode_json
from hub.storage.values import StoredFact
from metrics.columns import Columns
from metrics.facts import CaseFact
from metrics.names import Names
from metrics.storedfacts import FORM, of_stored

__all__ = ["Ledger"]

_PIECE = 2000
"""Facts that are read at a time: some 100 ms of processor work in a thread."""


class Ledger:
    """The facts of every case.

    ``columns`` are those of the last look, ``changes`` counts the looks that found something new.

    Args:
        facts: the table.
    """

    def __init__(self, facts: CaseFacts) -> None:
        self._facts = facts
        self._names = Names()
        self._size = 0
        self._turn = asyncio.Lock()
        self.columns = Columns.of([], self._names)
        self.changes = 0

    async def refresh(self) -> None:
        """Read what has changed since the last look.

        Raises:
            FactsBehindError: facts are being folded anew.
        """
        async with self._turn:
            state = await self._facts.state(FORM)
            if state.outdated:
                raise FactsBehindError
            if found := await self._changed():
                self.columns = await asyncio.to_thread(self.columns.with_changed, found)
                self.changes += 1
            self._size = state.size  # entries that came meanwhile are looked at again

    async def replaced(self, provider: str, cases: Collection[str], facts: Sequence[CaseFact]) -> Columns:
        """The rows of a provider without those of ``cases``, and these facts; what is kept stays as it is."""
        async with self._turn:  # names are entered by one at a time
            return await asyncio.to_thread(self._replaced, provider, cases, facts)

    async def _changed(self) -> list[Columns]:
        parts: list[Columns] = []
        last: StoredFact | None = None
        while rows := await self._facts.changed(FORM, self._size, last, _PIECE):
            parts.append(await asyncio.to_thread(self._read, rows))
            last = rows[-1]
        return parts

    def _replaced(self, provider: str, cases: Collection[str], facts: Sequence[CaseFact]) -> Columns:
        own = self.columns.of_provider(provider)
        kept = own.select(~own.is_one_of(own.case, *cases))
        return Columns.joined([kept, Columns.of(facts, self._names)])

    def _read(self, rows: Sequence[StoredFact]) -> Columns:
        return Columns.of((of_stored(one.provider, one.case, decode_json(one.fact)) for one in rows), self._names)
