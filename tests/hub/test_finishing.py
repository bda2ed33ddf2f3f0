"""A step that is begun is ended, however often whoever waits for it is stopped."""

import asyncio

import pytest

from hub.finishing import finished


@pytest.mark.parametrize("times", [1, 2, 5])
async def test_a_step_outlives_every_cancellation_of_who_waits_for_it(times: int) -> None:
    gate, done = asyncio.Event(), []

    async def step() -> None:
        await gate.wait()
        done.append("all of it")

    waiting = asyncio.create_task(finished(step()))
    for _ in range(times):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting.cancel()
    await asyncio.sleep(0.01)
    assert not waiting.done(), "the step is running still"
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert done == ["all of it"]


async def test_what_it_returns_and_raises_is_passed_on() -> None:
    async def answer() -> int:
        return 7

    async def fail() -> None:
        raise OSError("no room")

    assert await finished(answer()) == 7
    with pytest.raises(OSError, match="no room"):
        await finished(fail())


async def test_a_step_that_is_cancelled_itself_ends_the_waiting() -> None:
    async def step() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await finished(step())
