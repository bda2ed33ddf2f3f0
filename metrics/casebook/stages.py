"""In which stage a case is."""

from dataclasses import replace

from metrics.defects import Defect
from metrics.events import STAGES, Event
from metrics.facts import StageSpell

__all__ = ["StageBook"]


class StageBook:
    """The stages of one case. Adds to the case's ``defects``."""

    __slots__ = ("_defects", "_spells")

    def __init__(self, defects: list[Defect]) -> None:
        self._defects = defects
        self._spells: list[StageSpell] = []

    def started(self, event: Event) -> None:
        """A stage begins; one that was still open ends there."""
        if event.stage not in STAGES:
            self._defects.append(Defect("stage_missing", event.sequence))
            return
        if self._spells and self._spells[-1].left is None:
            self._defects.append(Defect("stage_not_ended", event.sequence))
            self.leave(event.at)
        if self._spells and STAGES.index(self._spells[-1].stage) > STAGES.index(event.stage):
            self._defects.append(Defect("stage_order", event.sequence))
        self._spells.append(StageSpell(event.stage, event.at))

    def ended(self, event: Event) -> None:
        """A stage ends; saying so again at the instant of the end is no contradiction."""
        last = self._spells[-1] if self._spells else None
        if last and last.left is None and event.stage in {last.stage, None}:
            self.leave(event.at)
        elif not last or event.stage not in {last.stage, None} or last.left != event.at:
            self._defects.append(Defect("stage_not_started", event.sequence))

    def settled_in(self, event: Event) -> str | None:
        """The stage of a settlement: as stated, else the one the case is in or leaves at this instant."""
        last = self._spells[-1] if self._spells else None
        known = last.stage if last and (last.left is None or last.left == event.at) else None
        if event.stage not in STAGES:
            self._defects.append(Defect("stage_missing", event.sequence))
            return known
        if event.stage != known:
            self._defects.append(Defect("stage_disagrees", event.sequence))
        return event.stage

    def leave(self, at: int) -> None:
        """The case leaves its stage, if it is in one."""
        if self._spells and self._spells[-1].left is None:
            self._spells[-1] = replace(self._spells[-1], left=at)

    def all(self) -> tuple[StageSpell, ...]:
        """The spells, in order."""
        return tuple(self._spells)
