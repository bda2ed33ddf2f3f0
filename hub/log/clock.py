"""The clock that entry times come from, held against the newest entry and against a clock that nobody can set.

Entry times never fall (PROTOCOL §4: the later of clock and newest entry). A clock that is wrong by more than a little
would freeze that time, or carry it into a future from which there is no way back, so the hub takes nothing in until
the clock is right; what is in the log is served all the same.

=============  ==========================================================================================
clock_behind   the clock is more than 5 minutes behind the newest entry
clock_set      since this process started, the clock was set back by more than 5 minutes or forward by more
               than a day
=============  ==========================================================================================

What is deleted by age can't be taken back, so it is more careful: it waits in both states, and also after a start at
which the clock was more than a week ahead of the newest entry. Either nothing was registered for so long, or the clock
is wrong, and at a start nothing tells which. The hub serves and registers then, for a log may well have been quiet;
but what goes by age (``hub.jobs.schedule``) begins only when the process has run for 6 hours in which nobody set the
clock. A time service that was not ready yet sets it sooner than that, which is ``clock_set``; an operator has read the
warning. Longer would be wrong the other way: a quiet hub that is started anew every night must still delete. What a
clock less than a week ahead deletes at a start, up to a week early, is *not* prevented.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from hub.gate import CLOCK_STATES, Gate, ShutError

__all__ = ["ClockGuard", "Reading", "judge", "quiet_doubt", "steady_clock"]

BACK_SECONDS = 300
FORWARD_SECONDS = 86_400
QUIET_SECONDS = 7 * 86_400
"""A start so long after the newest entry leaves the clock in doubt."""

SETTLING_SECONDS = 6 * 3600
"""How long the doubt lasts, by the steady clock."""


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


def quiet_doubt(reading: Reading, head_time: int, begin: Reading) -> str | None:
    """Why what goes by age must wait although nothing proves the clock wrong; None if it need not.

    Args:
        reading: the clocks now.
        head_time: entry time of the newest entry that the process found when it started; later ones have their time
            from the very clock that is in doubt.
        begin: the clocks when the process started.
    """
    ahead = begin.now - head_time
    if ahead <= QUIET_SECONDS or reading.steady - begin.steady >= SETTLING_SECONDS:
        return None
    return (
        f"At the start the hub's clock was {_span(ahead)} ahead of the newest entry of its log; should it be wrong, its"
        f" operator must set it right within {_span(SETTLING_SECONDS)}: nothing is deleted by age until then."
    )


def steady_clock() -> float:
    """Seconds of a clock that nobody sets; it goes on while the machine sleeps, where the system has such a one."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class ClockGuard:
    """Tells entry times, or why there are none now; with every look it tells the gate what it found.

    Args:
        clock: POSIX seconds.
        steady: seconds of a clock that is never set; without it the clock is believed whatever it says.
        gate: is shut while the clock is wrong, and told when it is in doubt.
    """

    def __init__(
        self, clock: Callable[[], int], steady: Callable[[], float] | None = None, gate: Gate | None = None
    ) -> None:
        self._clock = clock
        self._steady = steady
        self._gate = Gate() if gate is None else gate
        self._begin = Reading(clock(), steady()) if steady is not None else Reading(0, 0.0)
        self._found: int | None = None

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
        self._found = head_time if self._found is None else self._found  # no entry comes before the first look
        wrong = judge(reading, head_time, self._begin)
        self._gate.doubt_clock(quiet_doubt(reading, self._found, self._begin))
        for code in CLOCK_STATES:
            self._gate.watch(code, wrong[1] if wrong is not None and wrong[0] == code else None)
        return wrong


def _span(seconds: float) -> str:
    """A span of time as a person reads it."""
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 600 else f"{round(seconds / 3600)} h"
