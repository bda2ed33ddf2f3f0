"""The clock that entry times come from, held against the newest entry and against a clock that nobody can set.

Entry times never fall (PROTOCOL §4: the later of clock and newest entry). A clock that is wrong by more than a little
would freeze that time, or carry it into a future from which there is no way back, so the hub takes nothing in until
the clock is right; what is in the log is served all the same.

=============  ==========================================================================================
clock_behind   the clock is more than 5 minutes behind the newest entry
clock_set      since this process started, the clock was set back by more than 5 minutes or forward by more
               than a day
=============  ==========================================================================================
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from hub.gate import Gate, ShutError

__all__ = ["CODES", "ClockGuard", "Reading", "judge", "steady_clock"]

BACK_SECONDS = 300
FORWARD_SECONDS = 86_400
CODES = ("clock_behind", "clock_set")


@dataclass(frozen=True, slots=True)
class Reading:
    """Two clocks at one moment: POSIX seconds, and seconds of a clock that is never set."""

    now: int
    steady: float


def judge(reading: Reading, head_time: int, begin: Reading) -> tuple[str, str] | None:
    """What is wrong with the clock, as code and sentence; None if nothing is.

    Args:
        reading: the clocks now.
        head_time: entry time of the newest entry.
        begin: the clocks when the process started.
    """
    behind = head_time - reading.now
    if behind > BACK_SECONDS:
        return (
            "clock_behind",
            f"The hub's clock is {_span(behind)} behind the newest entry of its log; its operator must set it right.",
        )
    drift = (reading.now - begin.now) - (reading.steady - begin.steady)
    if drift < -BACK_SECONDS or drift > FORWARD_SECONDS:
        set_by = f"{'back' if drift < 0 else 'forward'} by {_span(abs(drift))}"
        anew = "its operator must set it right, or start the hub anew if it is right now."
        return "clock_set", f"The hub's clock was set {set_by}; {anew}"
    return None


def steady_clock() -> float:
    """Seconds of a clock that nobody sets; it goes on while the machine sleeps, where the system has such a one."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class ClockGuard:
    """Tells entry times, or why there are none now.

    Args:
        clock: POSIX seconds.
        steady: seconds of a clock that is never set; without it the clock is believed whatever it says.
        gate: is shut while the clock is wrong.
    """

    def __init__(
        self, clock: Callable[[], int], steady: Callable[[], float] | None = None, gate: Gate | None = None
    ) -> None:
        self._clock = clock
        self._steady = steady
        self._gate = Gate() if gate is None else gate
        self._begin = Reading(clock(), steady()) if steady is not None else Reading(0, 0.0)

    def entry_time(self, head_time: int) -> int:
        """The time of an entry that follows one of ``head_time``.

        Raises:
            ShutError: clock_behind, clock_set.
        """
        now = self._clock()
        if self._steady is not None and (wrong := self._judged(Reading(now, self._steady()), head_time)):
            raise ShutError(*wrong)
        return max(now, head_time)

    def _judged(self, reading: Reading, head_time: int) -> tuple[str, str] | None:
        wrong = judge(reading, head_time, self._begin)
        for code in CODES:
            self._gate.watch(code, wrong[1] if wrong is not None and wrong[0] == code else None)
        return wrong


def _span(seconds: float) -> str:
    """A span of time as a person reads it."""
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 600 else f"{round(seconds / 3600)} h"
