"""Searching the directory: members and neutrals as of a log size, a page at a time, with counts beside them.

Answered from memory (``searchindex``) and from one query for the lines of the page. What the memory holds is read from
the directory's versions, when somebody asks, up to the size that is asked about. A thread of its own computes, so
that nothing else waits for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Container, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache, partial
from typing import TypeVar

import orjson

from hub.storage.directory import Directory
from hub.storage.directoryentries import DirectoryEntries, DirectoryEntry
from hub.storage.engine import Database
from hub.storage.errors import StorageError
from hub.storage.offers import LOOKED_AT, Offer, Offers, Sifted, Test
from hub.storage.searchindex import Found, SearchIndex, Wanted
from hub.storage.searchmemory import SearchMemory, WholeDirectory
from hub.storage.searchqueries import Listed, NeutralQuery, ProviderQuery, SearchPage
from hub.storage.searchterms import MEMBER_FACETS, NEUTRAL_FACETS, listed
from hub.storage.versions import DirectoryVersion, DirectoryVersions

__all__ = [
    "BehindError",
    "Listed",
    "NeutralQuery",
    "Offer",
    "ProviderQuery",
    "Search",
    "SearchPage",
    "Sifted",
    "WholeDirectory",
]

T = TypeVar("T")
_AT_ONCE = 2000
_PATIENCE_SECONDS = 5.0

Reached = Callable[[int, float], Awaitable[bool]]
"""Whether a number of entries is taken in, or is within some seconds."""


class BehindError(StorageError):
    """The directory has not taken in all of the log yet, as after an upgrade; ask again."""

    retry_after = 5

    def __init__(self) -> None:
        super().__init__("directory_behind", "The directory has not taken in all of the log yet; ask again soon.")


class Search:
    """Lists and searches of members and neutrals.

    Args:
        database: the hub's tables.
        reached: of whatever follows the log into them.
        clock: POSIX seconds.
        memory: what is searched; nothing was taken in yet.
    """

    def __init__(
        self, database: Database, reached: Reached, clock: Callable[[], int], memory: SearchMemory | None = None
    ) -> None:
        self._tables, self._entries = DirectoryVersions(database), DirectoryEntries(database)
        self._directory = Directory(database)
        self._reached = reached
        self._clock = clock
        self._memory = SearchMemory() if memory is None else memory
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="search")
        self._offers = Offers()
        self._turn = asyncio.Lock()
        self._recalled = False

    async def members(
        self, query: ProviderQuery, size: int, after: str = "", limit: int = 100, *, time: int | None = None
    ) -> SearchPage:
        """Members that meet ``query``, by actor id.

        Args:
            query: the conditions.
            size: log size; what stands at or beyond it does not exist yet.
            after: actor id after which the page begins.
            limit: most rows.
            time: POSIX seconds for which accreditations and keys are judged; now by default.

        Raises:
            BehindError: directory_behind.
        """
        return await self._search(self._memory.members, _wanted_members(query), size, after, limit, time)

    async def providers(
        self, query: ProviderQuery, size: int, after: str = "", limit: int = 100, *, time: int | None = None
    ) -> SearchPage:
        """Providers that meet ``query``, by actor id; as ``members``."""
        return await self.members(replace(query, type="provider"), size, after, limit, time=time)

    async def sifted(
        self, query: ProviderQuery, size: int, test: Test, known: Container[int] = (), enough: int | None = None
    ) -> Sifted:
        """Providers that meet ``query``, by name, sifted by what ``test`` says of what each offers.

        ``known`` and ``enough`` are as for ``Sifted.of``. Of more than ``LOOKED_AT`` candidates the first by id are
        looked at.

        Raises:
            BehindError: directory_behind.
        """
        await self.ready(size)
        wanted = _wanted_members(replace(query, type="provider"))
        found = await self._run(partial(self._memory.members.find, wanted, size, self._clock(), "", LOOKED_AT))
        offers = await self._offers.read(found.indexes, self._tables.made)
        whole = found.following is None
        return await self._run(partial(Sifted.of, offers, test, whole=whole, known=known, enough=enough))

    async def lines(self, offers: Sequence[Offer]) -> list[Listed]:
        """The lines of these versions now, in this order."""
        moment = self._clock()
        return await self._tables.made([one.index for one in offers], lambda text: listed(orjson.loads(text), moment))

    async def neutrals(
        self, query: NeutralQuery, size: int, after: str = "", limit: int = 100, *, time: int | None = None
    ) -> SearchPage:
        """Neutrals that meet ``query``, by actor id; as ``members``."""
        names = (*NEUTRAL_FACETS, "provider")
        wanted = Wanted(
            query.text or "",
            values={name: _accepts(name, asked) for name in names if (asked := getattr(query, name)) is not None},
            available=query.available_only,
            without=query.exclude_nationality,
        )
        return await self._search(self._memory.neutrals, wanted, size, after, limit, time)

    async def one(self, name: str, size: int, *, time: int | None = None) -> Listed | None:
        """The line of one member or neutral by actor id; None where there is none.

        Raises:
            BehindError: directory_behind.
        """
        await self.followed(size)
        found = await self._tables.one(name, size)
        moment = self._clock() if time is None else time
        return None if found is None else replace(listed(found.record, moment), annex=found.annex)

    async def entry(self, name: str, size: int, *, time: int | None = None) -> tuple[Listed, DirectoryEntry] | None:
        """The line of one member or neutral by actor id, with what proves it; None where there is none.

        Raises:
            BehindError: directory_behind.
        """
        await self.followed(size)
        found = await self._entries.entry(name, size)
        moment = self._clock() if time is None else time
        return None if found is None else (listed(found.version.record, moment), found)

    async def versions(self, name: str, size: int) -> list[DirectoryVersion]:
        """Every version of one member or neutral below a log size, in log order; raises ``BehindError``."""
        await self.followed(size)
        return await self._tables.history(name, size)

    async def whole(self, size: int) -> WholeDirectory:
        """Everybody at a log size, by actor id, with the digest over their records.

        Raises:
            BehindError: directory_behind.
        """
        await self.ready(size)
        return await self._run(partial(self._memory.whole, size))

    async def ready(self, size: int) -> None:
        """Have the versions below ``size`` in memory.

        Raises:
            BehindError: directory_behind.
        """
        memory = self._memory
        if memory.size >= size:
            return
        await self.followed(size)
        async with self._turn:
            await self._recall()
            while memory.size < size:
                found = await self._tables.loaded(memory.size, size, _AT_ONCE)
                end = found[-1].index + 1 if len(found) == _AT_ONCE else size
                await self._run(partial(memory.take, found, end))
            await self._run(memory.keep)

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()

    async def followed(self, size: int) -> None:
        """Have the versions below ``size`` in the table; raises ``BehindError``."""
        if not await self._reached(size, _PATIENCE_SECONDS):
            raise BehindError

    async def _search(  # noqa: PLR0913, PLR0917  # what a search is about
        self, index: SearchIndex, wanted: Wanted, size: int, after: str, limit: int, time: int | None
    ) -> SearchPage:
        await self.ready(size)
        moment = self._clock() if time is None else time
        found: Found = await self._run(partial(index.find, wanted, size, moment, after, limit))
        rows = await self._tables.made(found.indexes, lambda record: listed(orjson.loads(record), moment))
        return SearchPage(tuple(rows), found.following, found.total, found.facets, moment)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _recall(self) -> None:
        """Begin with what the last process has kept, where that is of these tables."""
        if self._recalled:
            return
        self._recalled = True
        kept = await self._run(self._memory.read)
        if kept is not None and await self._tables.hold(*kept.newest):
            annexes = await self._directory.annexes(kept.annexes)
            await self._run(partial(self._memory.restore, kept, annexes))


def _wanted_members(query: ProviderQuery) -> Wanted:
    return Wanted(
        query.text or "",
        query.type,
        {name: _accepts(name, asked) for name in MEMBER_FACETS if (asked := getattr(query, name)) is not None},
        accredited=query.accredited_only,
    )


@lru_cache(512)  # the same function for the same question, so that the index knows it again
def _accepts(facet: str, asked: str) -> Callable[[str], bool]:
    """Whether a value of a facet is one that ``asked`` means."""
    if facet == "language":
        return lambda value: value.lower() == asked.lower() or value.lower().startswith(f"{asked.lower()}-")
    if facet == "sector":
        return lambda value: value.startswith(asked) or asked.startswith(value)
    return asked.__eq__
