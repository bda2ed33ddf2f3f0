"""The timer: each job again and again, one run at a time, whatever fails and however the clock is set."""

import asyncio
import logging
import time
from collections.abc import Callable

import pytest

from hub.errors import HubError
from hub.jobs.schedule import Jobs


class Work:
    """Counts its runs."""

    def __init__(self, seconds: float = 0.0, error: Exception | None = None) -> None:
        self.runs = self.at_once = self.most = 0
        self.seconds, self.error = seconds, error

    async def __call__(self) -> None:
        self.runs += 1
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.at_once -= 1
        if self.error is not None:
            raise self.error


async def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def test_jobs_run_at_once_and_again() -> None:
    often, seldom = Work(), Work()
    jobs = Jobs({"often": (1, often), "seldom": (3600, seldom)})
    jobs.start()
    await until(lambda: often.runs >= 2)
    assert seldom.runs == 1
    await jobs.close()
    runs = often.runs
    await asyncio.sleep(1.1)
    assert often.runs == runs


async def test_a_slow_job_runs_once_at_a_time_and_is_stopped_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    slow = Work(seconds=60)
    jobs = Jobs({"slow": (1, slow)})
    jobs.start()
    await asyncio.sleep(1.3)
    await asyncio.wait_for(jobs.close(), 2)
    assert (slow.runs, slow.most, slow.at_once) == (1, 1, 0)
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR] == [], "to stop is no error"


async def test_a_job_that_fails_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    refused, broken = Work(error=HubError("read_only", "Not now.")), Work(error=KeyError("x"))
    jobs = Jobs({"refused": (1, refused), "broken": (1, broken)})
    jobs.start()
    await until(lambda: refused.runs >= 2 and broken.runs >= 2)
    await jobs.close()
    assert jobs.failures >= 4
    assert "the job refused could not be done now: read_only" in caplog.text
    assert "the job broken failed" in caplog.text


@pytest.mark.parametrize("step", [-7200, 7200])
async def test_when_the_clock_is_set_every_job_runs(step: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    work, wall = Work(), [1000.0]

    def clock() -> float:
        return wall[0] + time.monotonic()

    jobs = Jobs({"work": (3600, work)}, wall=clock, watch=0.05)
    jobs.start()
    await until(lambda: work.runs == 1)
    wall[0] += step
    await until(lambda: work.runs == 2)
    await asyncio.sleep(0.2)
    assert work.runs == 2, "once for each step"
    await jobs.close()
    assert f"the clock was set by {step} s" in caplog.text


async def test_while_the_clock_is_in_doubt_jobs_wait_for_their_next_turn(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "hub.jobs")
    deletes, looks, doubt = Work(), Work(), ["The clock was set."]
    jobs = Jobs(
        {"deletes": (1, deletes), "looks": (1, looks)},
        clock_doubt=lambda: doubt[0] if doubt else None,
        whatever_the_clock=("looks",),
    )
    jobs.start()
    await until(lambda: looks.runs >= 2)
    assert deletes.runs == 0
    assert (jobs.failures, jobs.failed_in_a_row("deletes")) == (0, None), "to wait is no failure"
    said = [one.getMessage() for one in caplog.records]
    assert said == ["the job deletes waits until the clock can be relied on: The clock was set."], "once"
    doubt.clear()
    await until(lambda: deletes.runs == 1)
    await jobs.close()


async def test_when_the_clock_is_set_what_must_wait_still_waits() -> None:
    """That it was set makes every job due at once, and is the very moment at which the clock may be wrong."""
    deletes, looks, wall, doubt = Work(), Work(), [1000.0], list[str]()
    jobs = Jobs(
        {"deletes": (3600, deletes), "looks": (3600, looks)},
        wall=lambda: wall[0] + time.monotonic(),
        watch=0.05,
        clock_doubt=lambda: doubt[0] if doubt else None,
        whatever_the_clock=("looks",),
    )
    jobs.start()
    await until(lambda: deletes.runs == looks.runs == 1)
    doubt.append("The clock was set.")
    wall[0] += 181 * 86_400
    await until(lambda: looks.runs == 2)
    assert deletes.runs == 1
    doubt.clear()
    wall[0] -= 181 * 86_400
    await until(lambda: deletes.runs == 2)
    await jobs.close()


async def test_one_run_by_hand() -> None:
    work = Work()
    jobs = Jobs({"work": (3600, work)})
    await jobs.run("work")
    assert work.runs == 1
    await jobs.close()
