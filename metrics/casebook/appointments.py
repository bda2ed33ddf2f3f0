"""Who decides or mediates a case, and since when."""

from dataclasses import replace

from metrics.defects import Defect
from metrics.events import Event
from metrics.facts import Appointment

__all__ = ["AppointmentBook"]


class AppointmentBook:
    """The neutrals of one case. Adds to the case's ``defects``.

    A challenge or replacement that names nobody is about the one neutral in office, if there is just one.
    """

    __slots__ = ("_all", "_defects")

    def __init__(self, defects: list[Defect]) -> None:
        self._defects = defects
        self._all: list[Appointment] = []

    def appointed(self, event: Event) -> None:
        """A neutral takes office; who is in office already can't."""
        if event.neutral is not None and event.neutral in {self._all[place].neutral for place in self._in_office()}:
            self._defects.append(Defect("appointed_already", event.sequence))
            return
        if event.panel is not None and len(self._in_office()) >= event.panel:
            self._defects.append(Defect("panel_exceeded", event.sequence))
        self._all.append(Appointment(event.neutral, event.panel, event.at))

    def challenged(self, event: Event) -> None:
        """A party challenges a neutral; the first time counts."""
        place = self._named(event)
        if place is not None and self._all[place].challenged is None:
            self._all[place] = replace(self._all[place], challenged=event.at)

    def replaced(self, event: Event) -> None:
        """A neutral leaves office; a successor is appointed by an event of its own."""
        place = self._named(event)
        if place is not None:
            self._all[place] = replace(self._all[place], ended_by="replaced", ended=event.at)

    def leave(self, how: str, at: int) -> None:
        """The case ends or leaves: nobody is in office any more."""
        for place in self._in_office():
            self._all[place] = replace(self._all[place], ended_by=how, ended=at)

    def all(self) -> tuple[Appointment, ...]:
        """The appointments, in order."""
        return tuple(self._all)

    def _in_office(self) -> list[int]:
        return [place for place, one in enumerate(self._all) if one.ended is None]

    def _named(self, event: Event) -> int | None:
        found = [
            place for place in self._in_office() if event.neutral is None or self._all[place].neutral == event.neutral
        ]
        if len(found) == 1:
            return found[0]
        self._defects.append(Defect("not_in_office", event.sequence))
        return None
