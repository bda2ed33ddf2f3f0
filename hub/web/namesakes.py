"""Members whose names are easily mistaken for each other: both are shown, each with a notice.

Compared are members (providers, courts, observers), not neutrals, since people share names honestly. What looks alike
is judged by ``registry.confusables``; the identifiers tell who is who.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hub.storage.directory import Directory
from hub.storage.search import Search
from hub.storage.searchqueries import Listed, ProviderQuery
from registry.confusables import skeleton

__all__ = ["Namesake", "Namesakes"]

_PIECE = 500
_KEPT = 4


@dataclass(frozen=True, slots=True)
class Namesake:
    """Somebody with a name: actor id, role and the name itself."""

    id: str
    role: str
    name: str


class Namesakes:
    """Finds members with names alike, as of a log size.

    The names are read once for each number of member statements and kept for the last few of them.

    Args:
        search: lists members.
        directory: counts member statements.
    """

    def __init__(self, search: Search, directory: Directory) -> None:
        self._search = search
        self._directory = directory
        self._kept: dict[int, Mapping[str, tuple[Namesake, ...]]] = {}

    async def of(self, one: Listed, size: int) -> tuple[Namesake, ...]:
        """The other members whose names look like that of ``one``, by id."""
        count = await self._directory.count("member", size)
        if count not in self._kept:
            self._kept[count] = await self._read(size)
            for old in list(self._kept)[:-_KEPT]:
                del self._kept[old]
        found = self._kept[count].get(await asyncio.to_thread(skeleton, one.name), ())
        return tuple(other for other in found if other.id != one.id)

    async def _read(self, size: int) -> Mapping[str, tuple[Namesake, ...]]:
        found: list[Namesake] = []
        after: str | None = ""
        while after is not None:
            page = await self._search.members(ProviderQuery(), size, after, _PIECE)
            found += [Namesake(one.id, one.role, one.name) for one in page.rows]
            after = page.next
        return await asyncio.to_thread(_by_skeleton, found)


def _by_skeleton(named: Iterable[Namesake]) -> Mapping[str, tuple[Namesake, ...]]:
    found: dict[str, tuple[Namesake, ...]] = {}
    for one in named:
        key = skeleton(one.name)
        found[key] = (*found.get(key, ()), one)
    return found
