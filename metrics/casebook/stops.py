"""When the clock of a case stands."""

from dataclasses import replace

from metrics.defects import Defect
from metrics.events import STOP_REASONS, Event
from metrics.facts import Stop

__all__ = ["StopBook"]


class StopBook:
    """The stops of one case. Adds to the case's ``defects``."""

    __slots__ = ("_defects", "_stops")

    def __init__(self, defects: list[Defect]) -> None:
        self._defects = defects
        self._stops: list[Stop] = []

    def stopped(self, event: Event) -> None:
        """The clock stands from here, if the reason is one that stops it."""
        if event.reason not in STOP_REASONS:
            self._defects.append(Defect("stop_without_reason", event.sequence))
        elif self._stops and self._stops[-1].ended is None:
            self._defects.append(Defect("already_stopped", event.sequence))
        else:
            self._stops.append(Stop(event.reason or "", event.at))

    def resumed(self, event: Event) -> None:
        """The clock runs again; saying so again at the instant when it did is no contradiction."""
        if self._stops and self._stops[-1].ended is None:
            self.leave(event.at)
        elif not self._stops or self._stops[-1].ended != event.at:
            self._defects.append(Defect("not_stopped", event.sequence))

    def leave(self, at: int) -> None:
        """The clock stands no longer, if it did."""
        if self._stops and self._stops[-1].ended is None:
            self._stops[-1] = replace(self._stops[-1], ended=at)

    def all(self) -> tuple[Stop, ...]:
        """The stops, in order."""
        return tuple(self._stops)
