"""What the register can be held against, out of columns: ``crosschecks.cross_check`` reads facts.

Only cases with an award are told, and of them only what the comparison reads, so a million cases cost little more than
their awards. Columns don't hold the tokens of slots; ``sharing_slots`` names the few cases whose facts have to be
read because a token may stand in another one too. A property test holds the discrepancies of both ways against each
other.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from metrics.columns import Columns
from metrics.details import Detail
from metrics.events import Slot
from metrics.facts import AwardFact, CaseFact, CourtStep
from metrics.names import ABSENT
from metrics.survival import Integers

__all__ = ["checkable", "sharing_slots"]

_Case = tuple[str, str]


def sharing_slots(columns: Columns) -> list[_Case]:
    """Provider and case of every case with a token that seems to stand twice, in the order of the rows."""
    _, place, count = np.unique(columns.slots.token, return_inverse=True, return_counts=True)
    rows = np.unique(columns.slots.row[count[place.reshape(-1)] > 1])
    return [_case(columns, row) for row in rows.tolist()]


def checkable(columns: Columns, slots: Mapping[_Case, tuple[Slot, ...]]) -> list[CaseFact]:
    """Facts that are good for ``cross_check`` and for nothing else.

    Told are provider, case, ``commenced``, ``award`` (digest and time), ``award_digests`` and ``court``; everything
    else is as if nothing had been said.

    Args:
        columns: of every provider.
        slots: those of the cases that ``sharing_slots`` names.
    """
    told = columns.award_at != ABSENT
    told[columns.award_digests.row] = True
    rows = np.flatnonzero(told)
    digests, court = _digests(columns, rows), _court(columns, rows)
    numbers = (columns.commenced, columns.award_at, columns.award_digest)
    known = {
        case: CaseFact(
            *case,
            commenced=_time(commenced),
            award=None if at == ABSENT else AwardFact(columns.names.name(digest), at),
            award_digests=next(digests),
            court=next(court),
            slots=slots.get(case, ()),
        )
        for row, commenced, at, digest in zip(rows.tolist(), *(one[rows].tolist() for one in numbers), strict=True)
        for case in [_case(columns, row)]
    }
    return [*known.values(), *_without_award(columns, {case: slots[case] for case in slots.keys() - known.keys()})]


def _case(columns: Columns, row: int) -> _Case:
    return columns.names[columns.provider[row]], columns.names[columns.case[row]]


def _time(number: int) -> int | None:
    return None if number == ABSENT else number


def _without_award(columns: Columns, slots: Mapping[_Case, tuple[Slot, ...]]) -> Iterator[CaseFact]:
    if not slots:
        return
    for row in np.unique(columns.slots.row).tolist():
        case = _case(columns, row)
        if case in slots:
            yield CaseFact(*case, commenced=_time(int(columns.commenced[row])), slots=slots[case])


def _digests(columns: Columns, rows: Integers) -> Iterator[tuple[str, ...]]:
    names, table = columns.names, columns.award_digests
    told = table.digest.tolist()
    for low, high in _places(table, rows):
        yield tuple(names[one] for one in told[low:high])


def _court(columns: Columns, rows: Integers) -> Iterator[tuple[CourtStep, ...]]:
    names, table = columns.names, columns.court
    told = list(zip(table.kind.tolist(), table.decision.tolist(), table.at.tolist(), strict=True))
    for low, high in _places(table, rows):
        yield tuple(CourtStep(names[kind], names.name(decision), at) for kind, decision, at in told[low:high])


def _places(table: Detail, rows: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """From where to before where the details of each row stand."""
    low, high = np.searchsorted(table.row, rows), np.searchsorted(table.row, rows, side="right")
    return zip(low.tolist(), high.tolist(), strict=True)
