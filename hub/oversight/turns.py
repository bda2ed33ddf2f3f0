"""Whose turn it is to compute: one at a time, in the order of rank and then of coming.

===========  ====================================================================
rank         who
===========  ====================================================================
``SOON``     officers; and anybody for what everybody is shown
``NAMED``    members
``LAST``     whoever has no name here; all of them together are one asker
===========  ====================================================================

Nobody is interrupted, so whoever comes first in the line waits for one computation at most. A member, and those without
a name together, wait for a few different things at a time and are refused beyond; what others wait for already is no
further thing.
"""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from hub.oversight.errors import FiguresBusyError

__all__ = ["LAST", "NAMED", "PLACES", "SOON", "STRANGER", "Asker", "Turns"]

SOON, NAMED, LAST = 0, 1, 2

PLACES = 4
"""Different things that one asker may wait for at a time, unless it comes soon."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks; the name is that of a member or officer."""

    rank: int
    name: str = ""


STRANGER = Asker(LAST)


@dataclass(frozen=True, slots=True)
class _Waiting:
    asker: Asker
    thing: Hashable
    called: asyncio.Future[None]


class Turns:
    """A lock whose line has ranks and is bounded."""

    def __init__(self) -> None:
        self._taken = False
        self._line: list[_Waiting] = []

    @asynccontextmanager
    async def turn(self, asker: Asker, thing: Hashable) -> AsyncIterator[None]:
        """Wait for the turn, and have it until the end of the block.

        Args:
            asker: who wants it.
            thing: what for; the same thing takes one place, however often it is asked for.

        Raises:
            FiguresBusyError: nobody waits for the thing yet, and the asker waits for as many others as it may.
        """
        if self._taken:
            await self._wait(asker, thing)
        self._taken = True
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, asker: Asker, thing: Hashable) -> None:
        own = {one.thing for one in self._line if one.asker == asker}
        is_further = all(one.thing != thing for one in self._line)
        if asker.rank != SOON and is_further and len(own) >= PLACES:
            raise FiguresBusyError
        mine = _Waiting(asker, thing, asyncio.get_running_loop().create_future())
        self._line.append(mine)
        try:
            await mine.called
        except asyncio.CancelledError:
            if mine in self._line:
                self._line.remove(mine)
            else:  # it was called in the same moment
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Call the next one; the lock stays taken meanwhile, so that nobody comes between.

        Who was cancelled and does not know it yet is in the line still, and is passed over.
        """
        waiting = [one for one in self._line if not one.called.done()]
        self._taken = bool(waiting)
        if waiting:
            following = min(waiting, key=lambda one: one.asker.rank)  # of equals the first, which came first
            self._line.remove(following)
            following.called.set_result(None)
