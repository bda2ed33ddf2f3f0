"""What courts are asked, and decide, about the award of a case."""

from metrics.defects import Defect
from metrics.events import COURT_DECISIONS, Event
from metrics.facts import CourtStep

__all__ = ["CourtBook"]

_STOPS = frozenset({"set_aside", "stayed"})
_CHANGES = frozenset({"set_aside", "stayed", "upheld", "withdrawn"})


class CourtBook:
    """The steps at courts in one case. Adds to the case's ``defects``."""

    __slots__ = ("_defects", "_steps")

    def __init__(self, defects: list[Defect]) -> None:
        self._defects = defects
        self._steps: list[CourtStep] = []

    def challenged(self, event: Event) -> None:
        """The award is challenged."""
        self._steps.append(CourtStep("challenge", None, event.at))

    def decided(self, event: Event) -> None:
        """A court decides; it counts although nobody reported the challenge."""
        if event.decision not in COURT_DECISIONS:
            self._defects.append(Defect("decision_missing", event.sequence))
            return
        if not self._steps:
            self._defects.append(Defect("challenge_unknown", event.sequence))
        self._steps.append(CourtStep("decision", event.decision, event.at))

    def stopped_at(self) -> int | None:
        """Since when the award has no effect: its latest decision stayed it or set it aside."""
        for step in reversed(self._steps):
            if step.decision in _CHANGES:
                return step.at if step.decision in _STOPS else None
        return None

    def all(self) -> tuple[CourtStep, ...]:
        """The steps, in order."""
        return tuple(self._steps)
