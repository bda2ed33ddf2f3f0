"""Tables beside the columns of cases: what a case has several of, one row for each, with the ``row`` of its case.

Rows stand in the order of their cases, and those of one case in the order in which its fact has them. Times are
POSIX seconds, names are codes, ``ABSENT`` where nothing was said.
"""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from metrics.survival import Integers

__all__ = [
    "Appointments",
    "AwardDigests",
    "Court",
    "Deadlines",
    "Defects",
    "Detail",
    "Languages",
    "Lateness",
    "Moved",
    "Records",
    "Slots",
    "Spells",
    "Stages",
    "Stops",
    "first_of_row",
]


@dataclass(frozen=True, eq=False)
class Detail:
    """A table of details; ``row`` rises."""

    row: Integers

    def __len__(self) -> int:
        return len(self.row)

    def where(self, marks: NDArray[Any]) -> Self:
        """Only the rows that are marked (booleans or places)."""
        return type(self)(**{one.name: getattr(self, one.name)[marks] for one in fields(self)})

    def of_cases(self, rows: Integers, cases: int) -> Self:
        """The details of the cases in ``rows`` (each at most once, of ``cases`` altogether), in that order."""
        places = np.full(cases, -1, dtype=np.int64)
        places[rows] = np.arange(len(rows))
        moved = places[self.row]
        kept = np.flatnonzero(moved >= 0)
        row = moved[kept]
        if np.any(np.diff(row) < 0):
            order = np.argsort(row, kind="stable")
            kept, row = kept[order], row[order]
        return self._numbered(kept, row)

    def between(self, start: int, end: int) -> Self:
        """The details of the cases from row ``start`` to before row ``end``, which become rows 0, 1, ...; no copy."""
        low, high = np.searchsorted(self.row, (start, end))
        return self._numbered(slice(int(low), int(high)), self.row[low:high] - start)

    @classmethod
    def joined(cls, tables: "list[Self]", offsets: list[int]) -> Self:
        """One table after the other; the cases of each begin at its offset."""
        told = {one.name: np.concatenate([getattr(table, one.name) for table in tables]) for one in fields(cls)}
        told["row"] = np.concatenate([table.row + offset for table, offset in zip(tables, offsets, strict=True)])
        return cls(**told)

    def _numbered(self, kept: NDArray[Any] | slice, row: Integers) -> Self:
        told = {one.name: getattr(self, one.name)[kept] for one in fields(self) if one.name != "row"}
        return type(self)(row=row, **told)


@dataclass(frozen=True, eq=False)
class Spells(Detail):
    """``facts.Spell``: the case in the provider's hands."""

    opened: Integers
    opened_by: Integers
    ended: Integers
    ended_by: Integers


@dataclass(frozen=True, eq=False)
class Stages(Detail):
    """``facts.StageSpell``: the case in one stage."""

    stage: Integers
    entered: Integers
    left: Integers


@dataclass(frozen=True, eq=False)
class Stops(Detail):
    """``facts.Stop``: the clock stood."""

    reason: Integers
    began: Integers
    ended: Integers


@dataclass(frozen=True, eq=False)
class Deadlines(Detail):
    """``facts.Deadline``: a deadline and what became of it."""

    kind: Integers
    judged_due: Integers
    due: Integers
    extension: Integers
    result: Integers


@dataclass(frozen=True, eq=False)
class Appointments(Detail):
    """``facts.Appointment``: a neutral in office."""

    neutral: Integers
    panel: Integers
    at: Integers
    ended_by: Integers
    ended: Integers
    challenged: Integers


@dataclass(frozen=True, eq=False)
class Court(Detail):
    """``facts.CourtStep``: a step at a court about the award."""

    kind: Integers
    decision: Integers
    at: Integers


@dataclass(frozen=True, eq=False)
class AwardDigests(Detail):
    """Digests of award statements that the case names."""

    digest: Integers


@dataclass(frozen=True, eq=False)
class Languages(Detail):
    """Languages that both parties declared."""

    language: Integers


@dataclass(frozen=True, eq=False)
class Slots(Detail):
    """Places for the parties' answers to the questionnaire.

    Tokens stay with the facts; ``token`` is a number of 63 bits that equal tokens share, and others hardly ever.
    """

    role: Integers
    token: Integers


@dataclass(frozen=True, eq=False)
class Lateness(Detail):
    """Seconds from happening to recording of each event reported for the first time."""

    seconds: Integers


@dataclass(frozen=True, eq=False)
class Defects(Detail):
    """``defects.Defect``: what is wrong with the events."""

    code: Integers
    sequence: Integers


@dataclass(frozen=True, eq=False)
class Records(Detail):
    """``facts.Record``: what a joined case is called at each provider; that of its origin comes first."""

    provider: Integers
    case: Integers
    lost: Integers


@dataclass(frozen=True, eq=False)
class Moved(Detail):
    """The facts, as objects, of cases that were in several hands: few, and what joins them is a story of its own."""

    fact: NDArray[np.object_]


def first_of_row(row: Integers) -> Integers:
    """Places of the first detail of each case that has any."""
    return np.flatnonzero(np.diff(row, prepend=-1))
