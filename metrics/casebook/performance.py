"""What is owed after a case, and whether it is done.

A settlement obliges unless it is said not to. An award obliges if that is said; if nothing is said, it does unless
it was for the respondent or ordered nothing. So nobody improves a figure by leaving the obligation out.
"""

from dataclasses import replace

from metrics.defects import Defect
from metrics.events import PERFORMANCES, Event
from metrics.facts import Performance

__all__ = ["PerformanceBook"]

_NOTHING_ORDERED = frozenset({"respondent", "no_order"})
_DONE = frozenset({"full", "enforced"})


class PerformanceBook:
    """The obligation that the outcome of one case made. Adds to the case's ``defects``."""

    __slots__ = ("_defects", "_denied", "_owed", "_possible")

    def __init__(self, defects: list[Defect]) -> None:
        self._defects = defects
        self._possible: str | None = None
        self._denied = False
        self._owed: Performance | None = None

    @property
    def due(self) -> int | None:
        """When it is to be performed, if it was told."""
        return None if self._owed is None else self._owed.due

    def settled(self, event: Event) -> None:
        """A settlement: what was agreed is owed."""
        self._made("settlement", event, obliges=event.obligation is not False)

    def awarded(self, event: Event) -> None:
        """An award: what was ordered is owed."""
        ordered = event.outcome not in _NOTHING_ORDERED
        self._made("award", event, obliges=ordered if event.obligation is None else event.obligation)

    def reported(self, event: Event) -> None:
        """``complied``, ``not_complied``: what became of it, until it is done or enforced."""
        usual = "full" if event.type == "complied" else "none"
        stated = event.performance if event.performance in PERFORMANCES else usual
        if self._possible is None or self._denied:
            self._defects.append(Defect("nothing_owed", event.sequence))
        elif (event.type, stated) in {("complied", "none"), ("not_complied", "full")}:
            self._defects.append(Defect("performance_contradicts", event.sequence))
        else:
            self._report(event, "enforced" if event.enforced and stated != "none" else stated)

    def standing(self, stopped_at: int | None) -> Performance | None:
        """What became of it; ``stopped_at``: since when a court has stopped the award."""
        owed = self._owed
        if owed is None or owed.of != "award" or stopped_at is None or owed.result in _DONE:
            return owed
        return replace(owed, result="stayed", at=stopped_at)

    def _made(self, of: str, event: Event, *, obliges: bool) -> None:
        self._possible, self._denied = of, event.obligation is False
        if not obliges:
            return
        due = event.due if event.deadline is None else None
        if due is not None and due < event.at:
            self._defects.append(Defect("negative_duration", event.sequence))
            due = None
        self._owed = Performance(of, due)

    def _report(self, event: Event, result: str) -> None:
        owed = self._owed or Performance(self._possible or "", None)  # costs, say, in an award for the respondent
        if owed.result in _DONE:
            self._defects.append(Defect("performed_already", event.sequence))
        else:
            self._owed = replace(owed, result=result, at=event.at)
