"""Clocks: periods in calendar days that stop, resume and are extended.

The day on which a clock starts is not counted; it ends at the end of its last day. While it stands still no
day counts: the due day moves by the calendar days between stopping and resuming. Days are those of the seat,
so the caller says in which time zone; times are POSIX seconds. A clock is a value: every act gives a new one.

Example::

    clock = Clock.start(profile.clock("negotiation"), commenced, zone)
    clock = clock.stop(offered).resume(completed)
    clock.due          # the last second in which the act is in time
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo

from providers.errors import ProvidersError
from providers.rules_profile.profile import Limit

__all__ = ["Clock"]


@dataclass(frozen=True, slots=True)
class Clock:
    """One period of one case.

    Attributes:
        limit: the period by the rules.
        zone: time zone of the seat.
        started: first day, which does not count.
        extended: days that extensions have added.
        extensions: how many there were.
        paused: whole days during which it stood still.
        stopped: the day on which it was stopped; None while it runs.
        resumed: the day on which it last ran again; None if it never stood still.
    """

    limit: Limit
    zone: tzinfo
    started: date
    extended: int = 0
    extensions: int = 0
    paused: int = 0
    stopped: date | None = None
    resumed: date | None = None

    @classmethod
    def start(cls, limit: Limit, at: int, zone: tzinfo) -> "Clock":
        """A clock that starts at ``at``."""
        return cls(limit, zone, datetime.fromtimestamp(at, zone).date())

    @property
    def days(self) -> int:
        """Days that the period has, extensions included."""
        return self.limit.days + self.extended

    @property
    def due(self) -> int | None:
        """The last second of the last day; None while the clock stands still, because nobody can know it."""
        if self.stopped is not None:
            return None
        after = self.started + timedelta(days=self.days + self.paused + 1)
        # Where summer time ends at midnight the last hour comes twice, and with it 23:59:59; the next midnight is one.
        return int(datetime.combine(after, time(), self.zone).timestamp()) - 1

    def used(self, at: int) -> int:
        """Whole calendar days used at ``at``; what a transfer offer states of the clock."""
        day = self.stopped or self._day(at)
        return (day - self.started).days - self.paused

    def met(self, at: int) -> bool:
        """Whether an act at ``at`` is in time. While the clock stands still every act is."""
        return self.due is None or at <= self.due

    def stop(self, at: int) -> "Clock":
        """Stand still from the day of ``at`` on.

        Raises:
            ProvidersError: clock_stopped, when it stands still already; clock_over; clock_backwards, when that is
                before it started, or inside an earlier pause, whose days would be counted twice.
        """
        if self.stopped is not None:
            raise ProvidersError("clock_stopped", "The clock stands still already.", self.limit.name)
        if not self.met(at):
            raise ProvidersError("clock_over", "The period is over.", self.limit.name)
        day = self._day(at)
        if day < (self.resumed or self.started):
            raise ProvidersError("clock_backwards", "The clock would stop before it ran.", self.limit.name)
        return replace(self, stopped=day)

    def resume(self, at: int) -> "Clock":
        """Run again from the day of ``at`` on; days already used stay used.

        Raises:
            ProvidersError: clock_running, when it does not stand still; clock_backwards.
        """
        if self.stopped is None:
            raise ProvidersError("clock_running", "The clock runs.", self.limit.name)
        day = self._day(at)
        pause = (day - self.stopped).days
        if pause < 0:
            raise ProvidersError("clock_backwards", "The clock would resume before it was stopped.", self.limit.name)
        return replace(self, paused=self.paused + pause, stopped=None, resumed=day)

    def extend(self, days: int) -> "Clock":
        """Add days by an extension that the rules foresee.

        Raises:
            ProvidersError: extension_not_foreseen, extension_too_long, extensions_used_up.
        """
        allowed = self.limit.extension
        if allowed is None:
            raise ProvidersError("extension_not_foreseen", "The rules foresee no extension.", self.limit.name)
        if not 1 <= days <= allowed.days:
            raise ProvidersError("extension_too_long", f"It is of 1 to {allowed.days} days.", self.limit.name)
        if self.extensions >= allowed.times:
            raise ProvidersError("extensions_used_up", "The period was extended as often as it may.", self.limit.name)
        return replace(self, extended=self.extended + days, extensions=self.extensions + 1)

    def _day(self, at: int) -> date:
        return datetime.fromtimestamp(at, self.zone).date()
