"""An application is admitted, or it ends otherwise; never both.

Who fetched an application before it ended can sign and post what the applicant signed long afterwards. So the id of
that statement stays in the row when the texts go, and is asked for at the one door, whoever comes through it: a post
to ``/v1/statements``, or the signing desk. The row lives 30 days, and so long a statement may be posted.

What ends an application and what lets its admission in take turns, and an admission that was let in counts as *under
way* until the log has answered. Whichever comes first wins: an application that has ended lets no admission in, one
whose admission is under way doesn't end. That holds within one process, and one process has the log and the rows.

Of applications that had ended before the hub kept these ids nothing is known, and their statements are not refused.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

from hub.applications.ending import Posted
from hub.applications.errors import ApplicationError
from hub.storage.applications import Application, ApplicationStore
from signing.statement import Statement

__all__ = ["Admissions"]

T = TypeVar("T")


class Admissions:
    """First statements of members, on their way into the log.

    Args:
        store: rows of applications.
        index_of: the log index of a registered statement by its digest, else None.

    ``turn`` is to be held by who ends applications.
    """

    def __init__(self, store: ApplicationStore, index_of: Callable[[str], Awaitable[int | None]]) -> None:
        self._store = store
        self._index_of = index_of
        self.turn = asyncio.Lock()
        self._under_way: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[object]] = set()

    def are_under_way(self, posted: Posted) -> bool:
        """Whether one of the statements of an application is being registered."""
        return any(self._under_way[digest] for digest in posted.digests)

    async def check(self, statement: Statement) -> None:
        """Refuse a statement whose application has ended and which no open application brings again.

        What is in the log already is not refused: posting it again changes nothing.

        Raises:
            ApplicationError: application_ended.
        """
        if not _admits(statement):
            return
        for ended in await self._store.ended_of(statement.id, statement.roles):
            if ended.state != "admitted" and not await self._comes_again(statement):
                raise _too_late(ended)

    async def register(self, statement: Statement, submit: Callable[[], Awaitable[T]]) -> T:
        """Do ``submit``, which has the statement registered, unless its application has ended.

        A caller that gives up takes nothing back, so that the admission is under way until ``submit`` is done.

        Raises:
            ApplicationError: application_ended; what ``submit`` raises.
        """
        if not _admits(statement):
            return await submit()
        async with self.turn:
            await self.check(statement)
            self._under_way[statement.digest] += 1
            task = asyncio.create_task(self._submitted(statement.digest, submit))
            self._tasks.add(task)
            task.add_done_callback(self._done)
        return await asyncio.shield(task)

    async def _submitted(self, digest: str, submit: Callable[[], Awaitable[T]]) -> T:
        try:
            return await submit()
        finally:
            self._under_way -= Counter((digest,))  # and forgets what is at nought

    def _done(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited was told; if nobody does any more, that is no fault

    async def _comes_again(self, statement: Statement) -> bool:
        again = [await Posted.of(one) for one in await self._store.open_of_keys(statement.roles)]
        if any(statement.digest in one.digests for one in again):
            return True
        return await self._index_of(statement.digest) is not None


def _admits(statement: Statement) -> bool:
    """Whether it is what an application asks for: the first statement of a member."""
    return statement.kind == "member" and statement.previous is None


def _too_late(ended: Application) -> ApplicationError:
    message = f"The application of this statement has ended: {ended.state}. To be admitted the applicant applies anew."
    return ApplicationError("application_ended", message, ended.id)
