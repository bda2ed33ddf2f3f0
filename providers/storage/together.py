"""Work that is done together: what is handed in while other work is under way is done with the next.

A durable transaction costs the same for one change as for twenty. So changes that wait for the one thread that writes
share a transaction, where one that raises undoes no other: each has a savepoint, or all are undone and done again one
by one. One that nobody waits beside is done at once, by itself.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

__all__ = ["Outcome", "Together", "in_savepoints"]

W = TypeVar("W")
_log = logging.getLogger("providers")
_MOST = 64
"""Works of one go: what waits behind them waits some tens of milliseconds at most."""


class Connection(Protocol):
    """A connection to a database, within a transaction."""

    def exec_driver_sql(self, statement: str, /) -> object:
        """Run a statement."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a work returned, or the error that it raised."""

    result: Any = None
    error: BaseException | None = None


class Together(Generic[W]):
    """Hands works to a thread in the order in which they came; used on one event loop.

    Args:
        thread: does one go after another.
        run: does some works and says what became of each; what it raises became of all of them.
    """

    def __init__(self, thread: Executor, run: Callable[[Sequence[W]], list[Outcome]]) -> None:
        self._thread = thread
        self._run = run
        self._waiting: deque[tuple[W, asyncio.Future[Any]]] = deque()
        self._going: asyncio.Task[None] | None = None

    async def do(self, work: W) -> Any:  # noqa: ANN401 - whatever the work returns
        """Have ``work`` done; it is done even when the caller is cancelled."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, answer))
        if self._going is None or self._going.done():
            self._going = asyncio.create_task(self._go(), name="together")
        return await answer

    def finish(self) -> None:
        """Do what still waits, when the event loop is about to end; nobody hears what became of it."""
        while self._waiting:
            error = self._thread.submit(self._run, [work for work, _ in self._taken()]).exception()
            if error is not None:
                _log.error("what waited at the end could not be done: %r", error)

    async def _go(self) -> None:
        while self._waiting:
            some = self._taken()
            for (_, answer), outcome in zip(some, await self._outcomes([work for work, _ in some]), strict=True):
                if answer.done():
                    continue  # its caller was cancelled
                if outcome.error is not None:
                    answer.set_exception(outcome.error)
                else:
                    answer.set_result(outcome.result)

    async def _outcomes(self, works: Sequence[W]) -> list[Outcome]:
        running = asyncio.get_running_loop().run_in_executor(self._thread, self._became, works)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - each who waits is told
            return [Outcome(error=error)] * len(works)

    def _became(self, works: Sequence[W]) -> list[Outcome]:
        """What became of them. No future takes a StopIteration: whoever waits for one would wait for ever."""
        try:
            return [_takeable(one) for one in self._run(works)]
        except StopIteration as error:
            raise RuntimeError("A work raised StopIteration.") from error

    def _taken(self) -> list[tuple[W, asyncio.Future[Any]]]:
        return [self._waiting.popleft() for _ in range(min(_MOST, len(self._waiting)))]


def _takeable(one: Outcome) -> Outcome:
    if not isinstance(one.error, StopIteration):
        return one
    error = RuntimeError("A work raised StopIteration.")
    error.__cause__ = one.error
    return Outcome(error=error)


def in_savepoints(connection: Connection, works: Sequence[Callable[[], Any]]) -> list[Outcome]:
    """Run works inside the transaction of ``connection``; one that raises is undone, the others stand.

    What ends the whole transaction (a full disk does on SQLite) is raised.
    """
    if len(works) == 1:
        return [Outcome(works[0]())]
    return [_in_savepoint(connection, work) for work in works]


def _in_savepoint(connection: Connection, work: Callable[[], Any]) -> Outcome:
    connection.exec_driver_sql("SAVEPOINT work")
    try:
        outcome = Outcome(work())
    except Exception as error:  # noqa: BLE001 - it is the caller's
        try:
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT work")
        except Exception:  # noqa: BLE001 - there is no transaction any more
            raise error from None
        outcome = Outcome(error=error)
    connection.exec_driver_sql("RELEASE SAVEPOINT work")
    return outcome
