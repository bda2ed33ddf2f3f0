"""Followers: take in what the log has signed, piece by piece.

A follower never runs ahead of the signed size and never holds the log up. Rows and cursor of a piece are one
transaction: a process that is killed goes on where it was. Where a stretch of the log has nothing to follow, the
cursor is moved in memory and written only now and then; to look at that stretch again costs little and changes
nothing. What this process signed itself need not even be asked for.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Collection

from hub.finishing import finished
from hub.following.arrivals import Arrivals
from hub.following.casefacts import with_facts
from hub.following.projection import FOLLOWED, TEXTS, project
from hub.log.publication import Publication
from hub.storage.errors import ConflictError, FullError
from hub.storage.transfers import Transfers
from metrics.storedfacts import FORM

__all__ = ["Follower", "LogFollower"]

LOG = logging.getLogger("hub.following")
PIECE = 100
"""Entries of one transaction: with case events, up to 50,000 rows."""
_WRITE_EVERY = 10_000
_RETRY_SECONDS = 1.0


class LogFollower(ABC):
    """What every follower does; ``_followed`` and ``_take`` are the tables' own.

    Args:
        publication: tells how far the log is signed.
        kinds: statements that are followed.
        piece: entries of one transaction.
    """

    def __init__(self, publication: Publication, kinds: Collection[str], piece: int = PIECE) -> None:
        self._publication = publication
        self._kinds = kinds
        self._piece = piece
        self._written = 0
        self._turn = asyncio.Lock()
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.size = 0

    @property
    def lag(self) -> int:
        """How many signed entries were not taken in yet."""
        return self._publication.signed.size - self.size

    async def start(self) -> None:
        """Go on where the last process was."""
        self.size = self._written = await self._followed()
        self._task = asyncio.create_task(self._run(), name=type(self).__name__.lower())

    async def close(self) -> None:
        """Stop; a piece that is being written is finished."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def catch_up(self) -> None:
        """Take in everything that is signed now."""
        async with self._turn:
            while self.size < (signed := self._publication.signed.size):
                await self._step(min(self.size + self._piece, signed))

    async def reached(self, size: int, seconds: float) -> bool:
        """Whether ``size`` entries are taken in, or are within ``seconds``; a running follower is waited for."""
        try:
            async with asyncio.timeout(seconds):
                while self.size < size:
                    await self._moved.wait()
        except TimeoutError:
            return False
        return True

    @abstractmethod
    async def _followed(self) -> int:
        """How many entries were taken in, as it is stored."""

    @abstractmethod
    async def _take(self, end: int, *, look: bool, write: bool) -> bool:
        """Take in the entries up to ``end``; whether that was written.

        Args:
            end: how many entries are taken in then.
            look: whether there may be something to follow among them.
            write: whether the cursor is to be written even if there was nothing.
        """

    async def _run(self) -> None:
        while True:
            try:
                await self.catch_up()
                await self._publication.wait_signed(self.size)
            except ConflictError as error:  # a commit said that it took place, or that it did not, and was wrong
                LOG.warning("what follows the log goes on where it is stored: %s", error)
                self.size = self._written = await self._followed()
            except FullError as error:  # perhaps for hours
                LOG.warning("what follows the log is %d entries behind: %s", self.lag, error)
                await asyncio.sleep(_RETRY_SECONDS)
            except Exception:  # whatever it is, the log goes on and this has to follow
                LOG.exception("what follows the log is %d entries behind", self.lag)
                await asyncio.sleep(_RETRY_SECONDS)

    async def _step(self, end: int) -> None:
        write = end - self._written >= _WRITE_EVERY
        if await self._take(end, look=self._may_hold_something(), write=write):
            self._written = end
        self.size = end
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def _may_hold_something(self) -> bool:
        shown = self._publication
        return self.size < shown.opened or shown.newest_of(self._kinds) >= self.size


class Follower(LogFollower):
    """Owns the tables of the exchange, and wakes who waits for something in them.

    Args:
        publication: tells how far the log is signed.
        tables: what is read and written.
        arrivals: whom to wake.
        piece: entries of one transaction.
    """

    def __init__(self, publication: Publication, tables: Transfers, arrivals: Arrivals, piece: int = PIECE) -> None:
        super().__init__(publication, FOLLOWED, piece)
        self._tables = tables
        self._events = tables.case_events
        self._arrivals = arrivals

    async def start(self) -> None:
        """Go on where the last process was; from the start, where that one folded facts in another way."""
        if await self._tables.renew(FORM):
            LOG.warning("the log is followed again from its first entry: facts are folded in another way now")
        await super().start()

    async def _followed(self) -> int:
        return await self._tables.followed()

    async def _take(self, end: int, *, look: bool, write: bool) -> bool:
        found = await self._tables.piece(self.size, end, FOLLOWED, TEXTS) if look else []
        if not (found or write):
            return False
        piece = await asyncio.to_thread(project, found, end)
        if piece.told:
            known = await self._events.of_cases(piece.told)
            piece = await asyncio.to_thread(with_facts, piece, known)
        await finished(self._tables.follow(piece, self._written))
        self._arrivals.arrived({name for one in piece.transfers for name in (one.sender, one.recipient)})
        return True
