"""The timer: runs each job every so many seconds, one run at a time, whatever the clock does.

The scheduler thinks in wall-clock time, so a clock that is set back would stop it for as long. A watch compares
the wall clock with one that can't be set, and makes every job due at once when they drift apart. A job that fails is
logged and counted, and runs again at its next turn.

Most jobs delete something, or end it, because the clock says that its time is over; none of that can be taken back.
So before each run the clock is looked at, and while it can't be relied on the job is put off to its next turn, which
is no failure. Only those named in ``whatever_the_clock`` run all the same: a job that nobody thought about waits.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from hub.errors import HubError

__all__ = ["Job", "Jobs"]

LOG = logging.getLogger("hub.jobs")
Job = tuple[int, Callable[[], Awaitable[object]]]
"""Seconds between two runs, and what is run."""

_WATCH_SECONDS = 5.0
_DRIFT_SECONDS = 5.0


def _no_doubt() -> None:
    """The clock is relied on whatever it says."""


class Jobs:
    """Jobs by name.

    Args:
        jobs: what to run, and how often.
        wall: the clock that the scheduler goes by.
        watch: seconds between two looks at it.
        clock_doubt: looks at the clock anew and tells why nothing may be deleted by it, None if it can be relied on.
        whatever_the_clock: names of jobs that run all the same, because they delete nothing by age.
    """

    def __init__(
        self,
        jobs: Mapping[str, Job],
        *,
        wall: Callable[[], float] = time.time,
        watch: float = _WATCH_SECONDS,
        clock_doubt: Callable[[], str | None] = _no_doubt,
        whatever_the_clock: Collection[str] = (),
    ) -> None:
        self._jobs = jobs
        self.clock_doubt = clock_doubt
        self._whatever_the_clock = whatever_the_clock
        self._put_off: set[str] = set()
        self._wall = wall
        self._watch = watch
        self._scheduler: Any = AsyncIOScheduler(timezone=UTC)
        self._running: set[asyncio.Task[Any]] = set()
        self._watching: asyncio.Task[None] | None = None
        self.failures = 0
        self._in_a_row: dict[str, int] = {}
        self._closing = False

    def failed_in_a_row(self, name: str) -> int | None:
        """How often a job has failed since it last succeeded; None before its first run."""
        return self._in_a_row.get(name)

    def start(self) -> None:
        """Run every job now, and from now on."""
        for name, (seconds, _) in self._jobs.items():
            self._scheduler.add_job(
                self.run,
                "interval",
                args=[name],
                id=name,
                seconds=seconds,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
                next_run_time=datetime.now(UTC),
            )
        self._scheduler.start()
        self._watching = asyncio.create_task(self._watch_clock(), name="clock watch")

    async def close(self) -> None:
        """Stop; returns when nothing runs any more."""
        self._closing = True
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
            self._scheduler.shutdown(wait=False)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def run(self, name: str) -> None:
        """Run a job once, unless the clock has it wait; never raises for a job that fails."""
        if self._must_wait(name):
            return
        task = asyncio.current_task()
        if task is not None:
            self._running.add(task)
        try:
            await self._jobs[name][1]()
            self._in_a_row[name] = 0
        except HubError as error:
            self._failed(name)
            LOG.warning("the job %s could not be done now: %s", name, error.code)
        except asyncio.CancelledError:
            if not self._closing:  # otherwise it was us, and the scheduler would log it as an error
                raise
        except Exception:  # whatever it is, other jobs go on and this one is tried again
            self._failed(name)
            LOG.exception("the job %s failed", name)
        finally:
            if task is not None:
                self._running.discard(task)

    def _must_wait(self, name: str) -> bool:
        """Whether the job is put off; said once, for a doubt may last for hours."""
        doubt = None if name in self._whatever_the_clock else self.clock_doubt()
        if doubt is None:
            self._put_off.discard(name)
            return False
        if name not in self._put_off:
            self._put_off.add(name)
            LOG.info("the job %s waits until the clock can be relied on: %s", name, doubt)
        return True

    def _failed(self, name: str) -> None:
        self.failures += 1
        self._in_a_row[name] = self._in_a_row.get(name, 0) + 1

    async def _watch_clock(self) -> None:
        before = self._wall() - time.monotonic()
        while True:
            await asyncio.sleep(self._watch)
            drift = self._wall() - time.monotonic() - before
            if abs(drift) > _DRIFT_SECONDS:
                LOG.warning("the clock was set by %.0f s; every job is due now", drift)
                before += drift
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=datetime.now(UTC))
