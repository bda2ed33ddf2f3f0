"""Writes that wait share a transaction, and are as good as alone in it."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from providers.storage.together import Outcome, Together, in_savepoints

Work = Callable[[sqlite3.Connection], Any]


class Base:
    """A database in memory, each go one transaction."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(max_workers=1)
        self.connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self.connection.execute("CREATE TABLE kept (name TEXT PRIMARY KEY)")
        self.goes: list[int] = []
        self.together = Together[Work](self.thread, self.run)

    def exec_driver_sql(self, statement: str, /) -> object:
        return self.connection.execute(statement)

    def run(self, works: Sequence[Work]) -> list[Outcome]:
        self.goes.append(len(works))
        self.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            outcomes = in_savepoints(self, [partial(one, self.connection) for one in works])
        except BaseException:
            if self.connection.in_transaction:
                self.exec_driver_sql("ROLLBACK")
            raise
        self.exec_driver_sql("COMMIT")
        return outcomes

    @property
    def kept(self) -> list[str]:
        return [name for (name,) in self.connection.execute("SELECT name FROM kept ORDER BY name")]


@pytest.fixture
async def base() -> AsyncIterator[Base]:
    one = Base()
    yield one
    one.thread.shutdown()
    one.connection.close()


def keep(name: str) -> Work:
    def work(connection: sqlite3.Connection) -> str:
        connection.execute("INSERT INTO kept VALUES (?)", (name,))
        return name

    return work


def fail(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO kept VALUES ('half')")
    raise ZeroDivisionError


def lose(connection: sqlite3.Connection) -> None:
    """What a full disk does: the transaction is over."""
    connection.execute("ROLLBACK")
    raise sqlite3.OperationalError("database or disk is full")


def ends(connection: sqlite3.Connection) -> Any:
    return next(connection.execute("SELECT name FROM kept WHERE name = 'nobody'"))


async def test_what_waits_goes_together_in_order(base: Base) -> None:
    found = await asyncio.gather(*(base.together.do(keep(name)) for name in "abcde"))
    assert found == list("abcde")
    assert base.goes == [5]
    assert base.kept == list("abcde")


async def test_one_that_nobody_waits_beside_goes_alone(base: Base) -> None:
    await base.together.do(keep("a"))
    await base.together.do(keep("b"))
    assert base.goes == [1, 1]


async def test_no_go_is_larger_than_the_limit(base: Base) -> None:
    await asyncio.gather(*(base.together.do(keep(f"{n:03}")) for n in range(150)))
    assert base.goes == [64, 64, 22]


async def test_one_that_raises_is_undone_and_the_others_stand(base: Base) -> None:
    works = (keep("a"), fail, keep("b"), keep("a"), keep("c"))
    found = await asyncio.gather(*map(base.together.do, works), return_exceptions=True)
    assert [type(one) for one in found] == [str, ZeroDivisionError, str, sqlite3.IntegrityError, str]
    assert base.kept == ["a", "b", "c"]


@pytest.mark.parametrize("works", [(keep("a"), lose, keep("b")), (lose,)])
async def test_what_ends_the_transaction_undoes_all_and_each_is_told(base: Base, works: Sequence[Work]) -> None:
    found = await asyncio.gather(*map(base.together.do, works), return_exceptions=True)
    assert [str(one) for one in found] == ["database or disk is full"] * len(works)
    assert base.kept == []
    await base.together.do(keep("z"))
    assert base.kept == ["z"]


@pytest.mark.parametrize("works", [[ends], [keep("a"), ends, keep("b")]])
async def test_one_that_raises_what_no_future_takes_keeps_nobody_waiting(base: Base, works: Sequence[Work]) -> None:
    async with asyncio.timeout(20):
        found = await asyncio.gather(*map(base.together.do, works), return_exceptions=True)
        assert [one for one in found if not isinstance(one, RuntimeError)] == ["a", "b"][: len(works) - 1]
        assert await base.together.do(keep("after")) == "after"
    assert [type(one.__cause__) for one in found if isinstance(one, RuntimeError)] == [StopIteration]


async def test_a_caller_who_gives_up_takes_nothing_back(base: Base) -> None:
    held = threading.Event()
    first = asyncio.create_task(base.together.do(lambda _: held.wait(10)))
    await asyncio.sleep(0)
    second = asyncio.create_task(base.together.do(keep("second")))
    third = asyncio.create_task(base.together.do(keep("third")))
    await asyncio.sleep(0)
    first.cancel()
    second.cancel()
    held.set()
    assert await third == "third"
    assert first.cancelled()
    assert second.cancelled()
    assert base.kept == ["second", "third"]


async def test_what_waits_at_the_end_is_done(base: Base, caplog: pytest.LogCaptureFixture) -> None:
    waiting = [asyncio.create_task(base.together.do(work)) for work in (keep("a"), lose)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    base.together.finish()
    assert base.kept == []
    assert "what waited at the end could not be done: OperationalError('database or disk is full')" in caplog.text
    last = asyncio.create_task(base.together.do(keep("b")))
    await asyncio.sleep(0)
    last.cancel()
    base.together.finish()
    assert base.kept == ["b"]
