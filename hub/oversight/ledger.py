"""Every fact in memory, as columns: read once, then kept up case by case as the follower writes.

What was read is kept in a file, so that a start need not read every row again.

Each row says which entry told of the case last, so what has changed since the last look is found by that alone.
Columns are never changed: whoever computes with them goes on with what there was.
"""

import asyncio
from collections.abc import Collection, Sequence

from hub.oversight.errors import FactsBehindError
from hub.oversight.ledgerfile import KeptFacts, LedgerFile
from hub.storage.case_facts import CaseFacts
from hub.storage.encoding import decode_json
from hub.storage.keptarrays import FEW, outgrown
from hub.storage.values import StoredFact
from metrics.columns import Columns
from metrics.facts import CaseFact
from metrics.filling import Stored
from metrics.names import Names
from metrics.storedfacts import FORM

__all__ = ["Ledger"]

_PIECE = 2000
"""Facts that are read at a time: some 100 ms of processor work in a thread."""


class Ledger:
    """The facts of every case.

    ``columns`` are those of the last look, ``changes`` counts the looks that found something new.

    Args:
        facts: the table.
        file: where columns are kept between two starts; None keeps them nowhere.
        few: how many new rows are not worth writing it.
    """

    def __init__(self, facts: CaseFacts, file: LedgerFile | None = None, few: int = FEW) -> None:
        self._facts = facts
        self._file = file
        self._few = few
        self._unwritten = 0
        self._recalled = False
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
            await self._recall(state.size)
            if found := await self._changed():
                self.columns = await asyncio.to_thread(self.columns.with_changed, found)
                self.changes += 1
                self._unwritten += sum(map(len, found))
            self._size = state.size  # entries that came meanwhile are looked at again
            await self._keep()

    async def replaced(self, provider: str, cases: Collection[str], facts: Sequence[CaseFact]) -> Columns:
        """The rows of a provider without those of ``cases``, and these facts; what is kept stays as it is."""
        async with self._turn:  # names are entered by one at a time
            return await asyncio.to_thread(self._replaced, provider, cases, facts)

    async def _recall(self, size: int) -> None:
        """Begin with what the last process has kept, where that is of this log."""
        if self._file is None or self._recalled:
            return
        self._recalled = True
        kept = await asyncio.to_thread(self._file.read)
        if kept is not None and kept.size <= size and kept.entry == await self._facts.entry(kept.size - 1):
            self.columns, self._names, self._size = kept.columns, kept.columns.names, kept.size
            self.changes += 1

    async def _keep(self) -> None:
        """Write the columns, if that saves the next start something."""
        if self._file is None or not outgrown(self._unwritten, len(self.columns), self._few):
            return
        self._unwritten = 0
        entry = await self._facts.entry(self._size - 1)
        if entry is not None:
            await asyncio.to_thread(self._file.write, KeptFacts(self.columns, self._size, entry))

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
        members = [decode_json(one.fact) for one in rows]
        return Columns.of_stored(
            Stored([one.provider for one in rows], [one.case for one in rows], members), self._names
        )
