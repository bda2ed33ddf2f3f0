"""Turns: who comes first in the line, who is refused, and that none is lost."""

import asyncio
from collections.abc import Hashable

import pytest

from hub.oversight.errors import FiguresBusyError
from hub.oversight.turns import NAMED, PLACES, SOON, STRANGER, Asker, Turns

OFFICER, ACME, BRIO = Asker(SOON, "officer-1"), Asker(NAMED, "acme"), Asker(NAMED, "brio")


class Line:
    """Askers at a lock that somebody has; ``had`` lists what was done in which order."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.had: list[Hashable] = []
        self.first = asyncio.Event()

    async def have(self, asker: Asker, thing: Hashable, until: asyncio.Event | None = None) -> None:
        async with self.turns.turn(asker, thing):
            self.had.append(thing)
            if until is not None:
                await until.wait()

    async def joined(self, asker: Asker, thing: Hashable, until: asyncio.Event | None = None) -> asyncio.Task[None]:
        """Somebody who asks, and has asked when this returns."""
        task = asyncio.create_task(self.have(asker, thing, until))
        await asyncio.sleep(0)
        return task


async def begun() -> tuple[Line, asyncio.Task[None]]:
    line = Line()
    return line, await line.joined(STRANGER, "running", line.first)


async def test_officers_come_before_members_and_both_before_who_has_no_name() -> None:
    line, running = await begun()
    asked = [(STRANGER, "s1"), (ACME, "m1"), (STRANGER, "s2"), (OFFICER, "o1"), (BRIO, "m2"), (OFFICER, "o2")]
    tasks = [await line.joined(*one) for one in asked]
    assert line.had == ["running"]
    line.first.set()
    await asyncio.gather(running, *tasks)
    assert line.had == ["running", "o1", "o2", "m1", "m2", "s1", "s2"]


async def test_who_has_no_name_waits_for_few_things_all_together_and_each_member_for_as_many() -> None:
    line, running = await begun()
    tasks = [await line.joined(one, (one, n)) for one in (STRANGER, ACME) for n in range(PLACES)]
    for one in (STRANGER, ACME):
        with pytest.raises(FiguresBusyError) as refused:
            await line.have(one, "one more")
        assert (refused.value.code, refused.value.retry_after) == ("figures_busy", 10)
        assert "without from and to" in refused.value.message
        tasks.append(await line.joined(one, (one, 0)))  # no further thing
    tasks += [await line.joined(BRIO, "of another member")]
    tasks += [await line.joined(OFFICER, n) for n in range(2 * PLACES)]
    line.first.set()
    await asyncio.gather(running, *tasks)
    await line.have(STRANGER, "there is room again")
    assert len(line.had) == 1 + len(tasks) + 1


async def test_what_somebody_else_waits_for_is_no_further_thing() -> None:
    line, running = await begun()
    tasks = [await line.joined(ACME, n) for n in range(PLACES)]
    tasks += [await line.joined(BRIO, "of another member"), await line.joined(ACME, "of another member")]
    with pytest.raises(FiguresBusyError):
        await line.have(ACME, "one more")
    line.first.set()
    await asyncio.gather(running, *tasks)
    assert line.had.count("of another member") == 2


async def test_who_goes_away_leaves_the_line_and_keeps_nobody_waiting() -> None:
    line, running = await begun()
    gone, stays = await line.joined(OFFICER, "gone"), await line.joined(OFFICER, "stays")
    gone.cancel()
    await asyncio.sleep(0)
    line.first.set()
    await asyncio.gather(running, stays)
    assert line.had == ["running", "stays"]


async def test_who_goes_away_when_called_passes_the_turn_on() -> None:
    line = Line()
    async with line.turns.turn(STRANGER, "running"):
        gone, stays = await line.joined(OFFICER, "gone"), await line.joined(OFFICER, "stays")
    gone.cancel()  # the first in the line is called, and has not run yet
    await asyncio.wait_for(stays, 5)
    assert gone.cancelled()
    assert line.had == ["stays"]
    await asyncio.wait_for(line.have(STRANGER, "free"), 5)


async def test_who_goes_away_in_the_moment_in_which_a_turn_ends_is_passed_over() -> None:
    """A task that is cancelled takes itself out of the line when it runs next, which is after the turn has ended."""
    line, running = await begun()
    gone, stays = await line.joined(OFFICER, "gone"), await line.joined(OFFICER, "stays")
    line.first.set()
    gone.cancel()
    await asyncio.wait_for(asyncio.gather(running, stays), 5)
    assert gone.cancelled()
    assert line.had == ["running", "stays"]


async def test_a_lock_is_free_once_everybody_in_its_line_has_gone_away() -> None:
    line, running = await begun()
    gone = await line.joined(OFFICER, "gone")
    line.first.set()
    gone.cancel()
    await asyncio.wait_for(asyncio.gather(running, line.have(STRANGER, "free")), 5)
    assert line.had == ["running", "free"]


async def test_nobody_comes_between_who_is_called_and_its_turn() -> None:
    line = Line()
    async with line.turns.turn(STRANGER, "running"):
        called = await line.joined(STRANGER, "called")
    await line.have(OFFICER, "late")
    await called
    assert line.had == ["called", "late"]


async def test_a_turn_that_fails_is_over() -> None:
    line = Line()
    with pytest.raises(ZeroDivisionError):
        async with line.turns.turn(STRANGER, "fails"):
            raise ZeroDivisionError
    await asyncio.wait_for(line.have(STRANGER, "next"), 5)
