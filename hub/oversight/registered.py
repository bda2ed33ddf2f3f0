"""Awards of the log as the values that ``metrics.crosschecks`` compares with events.

Awards and reviews are only ever added, so each is read once; what was read is kept, some 400 bytes for each award.
"""

import asyncio
from dataclasses import replace

from hub.storage.awardstold import AwardsTold, AwardTold
from metrics.crosschecks import RegisteredAward

__all__ = ["RegisteredAwards"]

_PIECE = 2000
"""Records that are read at a time: some 20 ms of processor work in a reader's thread."""


class RegisteredAwards:
    """Every award that the log holds below its signed size; ``changes`` counts the looks that found another one.

    Args:
        records: where they are read.
    """

    def __init__(self, records: AwardsTold) -> None:
        self._records = records
        self._found: dict[str, RegisteredAward] = {}
        self._size = 0
        self._turn = asyncio.Lock()
        self._known: tuple[RegisteredAward, ...] = ()
        self.changes = 0

    async def known(self, size: int) -> tuple[RegisteredAward, ...]:
        """The awards of the first ``size`` entries, by digest; of a larger log that was asked for before, all of it."""
        async with self._turn:
            before = self._size
            while self._size < size:
                told = await self._records.piece(self._size, size, _PIECE)
                for one in told:
                    self._take(one)
                self._size = told[-1].index + 1 if len(told) == _PIECE else size
            if self._size > before and (found := tuple(self._found.values())) != self._known:
                self._known = found
                self.changes += 1
            return self._known

    def _take(self, one: AwardTold) -> None:
        data = one.data
        if one.registers:
            self._found[data["digest"]] = RegisteredAward(
                data["issuer"], data["digest"], data["time"], data["case_id"], data["award_type"]
            )
        elif data["award"] in self._found:
            award = self._found[data["award"]]
            self._found[award.digest] = replace(award, rejected=data["decision"] == "reject")
