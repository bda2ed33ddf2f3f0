"""Deadlines of one case while its events are being read.

Any event may set a deadline by stating its kind and due date; a settlement or award that names no kind states when it
is to be performed (``metrics.casebook.performance``). ``extended`` moves it: when the parties agreed, the
new date counts; when the provider or neutral extended alone, the new date is noted and the old one still counts,
so that nobody keeps a deadline by moving it. A deadline that falls due while the case is not in the provider's hands
lapses: after it has ended, or while another provider has it. When the case comes back it is over, and the next due
date sets another.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from metrics.columns import Columns
from metrics.defects import Defect
from metrics.events import Event
from metrics.facts import Deadline, Spell
from metrics.figures import Period
from metrics.survival import Integers

__all__ = ["DeadlineBook", "tally"]

_REPORTS = {"deadline_met": "met", "deadline_missed": "missed"}
_OBLIGING = frozenset({"settled", "award_issued"})


class DeadlineBook:
    """The deadlines of one case; a kind may be set again once it was judged. Adds to the case's ``defects``."""

    __slots__ = ("_all", "_defects")

    def __init__(self, defects: list[Defect]) -> None:
        self._defects = defects
        self._all: list[Deadline] = []

    def take(self, event: Event) -> None:
        """Let the event set, move or judge a deadline, if it speaks of one."""
        if event.type in _REPORTS:
            self._report(event)
        elif event.type == "extended" or event.deadline is not None:
            self._move(event)
        elif event.due is not None and event.type not in _OBLIGING:
            self._defect("deadline_unnamed", event)

    def returned(self, spells: Sequence[Spell], at: int) -> None:
        """The case is opened again, after its ``spells`` so far: what fell due meanwhile has lapsed."""
        self._all = [_judged(one, spells) if one.judged_due < at else one for one in self._all]

    def judged(self, spells: Sequence[Spell]) -> tuple[Deadline, ...]:
        """All deadlines in the order they were set, once the story and its ``spells`` are complete."""
        return tuple(_judged(one, spells) for one in self._all)

    def _move(self, event: Event) -> None:
        """Set a deadline, or extend it."""
        kind, due = event.deadline, event.due
        if kind is None or due is None:
            self._defect("deadline_unnamed", event)
            return
        if due < event.at:
            self._defect("negative_duration", event)
            return
        place = self._open(kind)
        if event.type == "extended":
            self._extend(event, kind, due, place)
        elif place is None:
            self._all.append(Deadline(kind, due, due))
        elif self._all[place].due != due:
            self._defect("due_changed", event)

    def _extend(self, event: Event, kind: str, due: int, place: int | None) -> None:
        if place is None:
            if self._last(kind) != "lapsed":  # one that lapsed runs no more: this sets another
                self._defect("extension_unknown", event)
            self._all.append(Deadline(kind, due, due, "agreed" if event.agreed else "other"))
            return
        old = self._all[place]
        if event.agreed:
            self._all[place] = replace(old, judged_due=due, due=due, extension="agreed")
        else:
            self._all[place] = replace(old, due=due, extension="other" if old.extension == "none" else old.extension)

    def _report(self, event: Event) -> None:
        """Judge a deadline; one that is said to be met late counts as missed."""
        if event.deadline is None:
            self._defect("deadline_unnamed", event)
            return
        place = self._open(event.deadline)
        if place is None:
            fault = self._fault(event.deadline, event.due)
            if fault or event.due is None:
                self._defect(fault or "deadline_unnamed", event)
                return
            place = len(self._all)
            self._all.append(Deadline(event.deadline, event.due, event.due))
        one = self._all[place]
        result = _REPORTS[event.type]
        if result == "met" and event.at > one.judged_due:
            result = "missed"
            if event.at > one.due:
                self._defect("met_after_due", event)
        self._all[place] = replace(one, result=result)

    def _open(self, kind: str) -> int | None:
        """Place of the deadline of this kind that still runs."""
        for place in range(len(self._all) - 1, -1, -1):
            if self._all[place].kind == kind and self._all[place].result == "open":
                return place
        return None

    def _fault(self, kind: str, due: int | None) -> str | None:
        """Why a report can't be about a deadline that nobody has set; None where it may set it by its due date.

        Of one that lapsed both dates are known: the one to which its provider moved it alone sets no other.
        """
        last = self._last(kind)
        if last != "lapsed":
            return "deadline_judged_twice" if last else None
        anew = due is not None and all(due not in {one.judged_due, one.due} for one in self._all if one.kind == kind)
        return None if anew else "deadline_lapsed"

    def _last(self, kind: str) -> str | None:
        """What became of the last deadline of this kind; None if there is none."""
        return next((one.result for one in self._all[::-1] if one.kind == kind), None)

    def _defect(self, code: str, event: Event) -> None:
        self._defects.append(Defect(code, event.sequence))


def _judged(one: Deadline, spells: Sequence[Spell]) -> Deadline:
    """What nobody reported met or missed lapses where no spell holds its due day."""
    if one.result != "open" or any(spell.holds(one.judged_due) for spell in spells):
        return one
    return replace(one, result="lapsed")


_CATEGORIES = ("met", "missed", "overdue", "agreed_kept", "agreed_not_kept", "lapsed")
_MET, _MISSED, _OVERDUE, _AGREED_KEPT, _AGREED_NOT_KEPT, _LAPSED = range(len(_CATEGORIES))


def tally(columns: Columns, period: Period) -> dict[str, dict[str, int]]:
    """Deadlines that fell due in the period, counted: first all, then by kind.

    met, missed and overdue (still open) are the deadlines that count; those extended by agreement are counted
    apart, as kept or not kept; lapsed ones never fell due and are only counted.
    """
    due = columns.deadlines.where(period.holds(columns.deadlines.judged_due))
    met, agreed = due.result == columns.code("met"), due.extension == columns.code("agreed")
    category = np.select(
        [due.result == columns.code("lapsed"), agreed & met, agreed, due.result == columns.code("open"), met],
        [_LAPSED, _AGREED_KEPT, _AGREED_NOT_KEPT, _OVERDUE, _MET],
        _MISSED,
    )
    kinds, place = np.unique(due.kind, return_inverse=True)
    table = np.bincount(place * len(_CATEGORIES) + category, minlength=len(kinds) * len(_CATEGORIES))
    table = table.reshape(len(kinds), len(_CATEGORIES))
    by_kind = {columns.names[int(kind)]: _counted(row) for kind, row in zip(kinds, table, strict=True)}
    return {"all": _counted(table.sum(axis=0)), **dict(sorted(by_kind.items()))}


def _counted(counts: Integers) -> dict[str, int]:
    return dict(zip(_CATEGORIES, counts.tolist(), strict=True))
