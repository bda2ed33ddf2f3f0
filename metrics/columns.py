"""Facts as columns: one row for each ``CaseFact``, numbers only, so that a million cases are counted in an instant.

A column of times holds POSIX seconds, one of names holds codes (``columns.names``), one of flags 0 or 1; ``ABSENT``
(-1) where the fact has None. What a case has several of stands in tables beside (``metrics.details``), each detail
with the ``row`` of its case. Times before 1970 have no place here: schema and fold let none through that matters.

Columns are never changed; ``of_provider``, ``select`` and ``take`` give others, with the same names. A property test
holds every number against the fact that it was made from.

Example::

    columns = Columns.of(fold(events, freeze))
    own = columns.of_provider("provider-a")
    days = own.days(own.filed, own.award_at, rows)
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.details import Deadlines, Defects, Detail, Moved, Spells, Stages, Stops
from metrics.events import DAY_SECONDS
from metrics.facts import CaseFact
from metrics.names import ABSENT, Names
from metrics.survival import Integers

__all__ = ["Columns"]

_Read = Callable[[CaseFact], Any]


@dataclass(frozen=True, eq=False)
class Columns:
    """Facts as columns.

    Attributes:
        names: what the codes stand for.
        provider, case: names.
        filed, commenced, closed_at, deleted_at: times, as the fact has them.
        opened, opened_by, ended, ended_by: the first spell; absent while no opening is known.
        outcome, outcome_at, outcome_stage, outcome_code, outcome_reason: the outcome.
        procedure ... dispute_type: ``facts.Attributes``; ``economy`` and ``other_economy`` are its two economies.
        events, amendments: counts.
        spells, stages, stops, deadlines, defects: tables of details.
        moved: the facts of cases that were in several hands.
    """

    names: Names
    provider: Integers
    case: Integers
    filed: Integers
    commenced: Integers
    closed_at: Integers
    deleted_at: Integers
    opened: Integers
    opened_by: Integers
    ended: Integers
    ended_by: Integers
    outcome: Integers
    outcome_at: Integers
    outcome_stage: Integers
    outcome_code: Integers
    outcome_reason: Integers
    procedure: Integers
    cross_border: Integers
    respondent_type: Integers
    represented: Integers
    economy: Integers
    other_economy: Integers
    hs2: Integers
    amount_band: Integers
    language: Integers
    dispute_type: Integers
    events: Integers
    amendments: Integers
    spells: Spells
    stages: Stages
    stops: Stops
    deadlines: Deadlines
    defects: Defects
    moved: Moved

    @classmethod
    def of(cls, facts: "Iterable[CaseFact] | Columns", names: Names | None = None) -> "Columns":
        """The facts as columns, row by row in their order; columns are given back as they are.

        ``names`` are added to, where the columns are to share theirs with others.
        """
        if isinstance(facts, Columns):
            return facts
        known, names = list(facts), Names() if names is None else names
        told: dict[str, Any] = {}
        for name, read in _NUMBERS.items():
            told[name] = _numbers([read(fact) for fact in known])
        for name, read in _NAMES.items():
            told[name] = _codes(names, [read(fact) for fact in known])
        for name, (table, read, named) in _DETAILS.items():
            told[name] = _detail(
                table, [(row, one) for row, fact in enumerate(known) for one in read(fact)], names, named
            )
        moved = [row for row, fact in enumerate(known) if _has_moved(fact)]
        kept = np.empty(len(moved), dtype=object)
        kept[:] = [known[row] for row in moved]
        return cls(names=names, moved=Moved(_numbers(moved), kept), **told)

    @classmethod
    def joined(cls, parts: Sequence["Columns"]) -> "Columns":
        """Columns that share their names, one after the other.

        Raises:
            ValueError: there are none, or they don't share their names.
        """
        if not parts or any(one.names is not parts[0].names for one in parts):
            raise ValueError("Columns are joined that share their names.")
        offsets = [0, *np.cumsum([len(one) for one in parts])[:-1].tolist()]
        told: dict[str, Any] = {"names": parts[0].names}
        for name in COLUMNS:
            told[name] = np.concatenate([getattr(one, name) for one in parts])
        for name in TABLES:
            tables = [getattr(one, name) for one in parts]
            told[name] = type(tables[0]).joined(tables, offsets)
        return cls(**told)

    def __len__(self) -> int:
        return len(self.provider)

    def code(self, name: str) -> int:
        """The code of a name; of one that occurs nowhere a code that equals nothing."""
        return self.names.code(name)

    def is_one_of(self, column: Integers, *names: str) -> NDArray[np.bool_]:
        """Of each value of a column of names whether it is one of these."""
        return np.isin(column, [self.code(name) for name in names])

    @cached_property
    def providers(self) -> tuple[str, ...]:
        """The providers that occur, by name."""
        return tuple(sorted(self.names[int(code)] for code in np.unique(self.provider)))

    def of_provider(self, name: str) -> "Columns":
        """The rows of one provider, in their order; where rows stand by provider, without copying them."""
        ordered, bounds = self._by_provider
        return ordered.between(*bounds.get(self.code(name), (0, 0)))

    def select(self, marks: NDArray[np.bool_]) -> "Columns":
        """The rows that are marked."""
        return self if marks.all() else self.take(np.flatnonzero(marks))

    def take(self, rows: Integers) -> "Columns":
        """The given rows (each at most once), in the given order."""
        return self._made(lambda column: column[rows], lambda table: table.of_cases(rows, len(self)))

    def between(self, start: int, end: int) -> "Columns":
        """The rows from ``start`` to before ``end``, without copying them."""
        return self._made(lambda column: column[start:end], lambda table: table.between(start, end))

    def days(self, start: ArrayLike, end: ArrayLike, rows: Integers | None = None) -> Integers:
        """Whole days from one instant to a later one, less those on which the clock stood: ``CaseFact.days``.

        Args:
            start: POSIX seconds, one for each of ``rows``, or one for all.
            end: POSIX seconds, likewise.
            rows: which cases, in any order, also repeatedly; None for every row once.
        """
        which = np.arange(len(self)) if rows is None else np.asarray(rows, dtype=np.int64)
        begins, ends = (np.broadcast_to(np.asarray(one, dtype=np.int64), which.shape) for one in (start, end))
        days = ends // DAY_SECONDS - begins // DAY_SECONDS
        low, high = np.searchsorted(self.stops.row, which), np.searchsorted(self.stops.row, which, side="right")
        counts = high - low
        if not counts.any():
            return days
        place = np.repeat(np.arange(len(which)), counts)  # of each pair of a case and one of its stops
        stop = np.arange(len(place)) + np.repeat(low - (np.cumsum(counts) - counts), counts)
        began = np.maximum(self.stops.began[stop], begins[place])
        ended = np.where(self.stops.ended[stop] == ABSENT, ends[place], np.minimum(self.stops.ended[stop], ends[place]))
        stood = np.where(ended > began, ended // DAY_SECONDS - began // DAY_SECONDS, 0)
        total = np.zeros(len(which), dtype=np.int64)
        np.add.at(total, place, stood)
        return days - total

    @cached_property
    def _by_provider(self) -> "tuple[Columns, dict[int, tuple[int, int]]]":
        """The rows in an order in which those of a provider stand together, and where they do."""
        ordered = self
        if np.any(np.diff(self.provider) < 0):
            ordered = self.take(np.argsort(self.provider, kind="stable"))
        starts = [*np.flatnonzero(np.diff(ordered.provider, prepend=ABSENT)).tolist(), len(self)]
        return ordered, {int(ordered.provider[low]): (low, high) for low, high in pairwise(starts)}

    def _made(self, column: Callable[[Integers], Integers], table: Callable[[Detail], Detail]) -> "Columns":
        told: dict[str, Any] = {name: column(getattr(self, name)) for name in COLUMNS}
        told |= {name: table(getattr(self, name)) for name in TABLES}
        return Columns(names=self.names, **told)


def _has_moved(fact: CaseFact) -> bool:
    return bool(fact.spells) and (bool(fact.transfers) or fact.spells[-1].ended_by == "transfer_out")


def _numbers(values: Sequence[Any]) -> Integers:
    return np.array([ABSENT if value is None else value for value in values], dtype=np.int64)


def _codes(names: Names, values: Sequence[str | None]) -> Integers:
    return np.array([names.add(value) for value in values], dtype=np.int64)


def _detail(table: type[Detail], found: list[tuple[int, Any]], names: Names, named: frozenset[str]) -> Detail:
    told: dict[str, Integers] = {"row": _numbers([row for row, _ in found])}
    for one in fields(table):
        if one.name != "row":
            values = [getattr(detail, one.name) for _, detail in found]
            told[one.name] = _codes(names, values) if one.name in named else _numbers(values)
    return table(**told)


def _first(member: str) -> _Read:
    return lambda fact: getattr(fact.spells[0], member) if fact.spells else None


def _of(part: str, member: str) -> _Read:
    return lambda fact: None if (one := getattr(fact, part)) is None else getattr(one, member)


def _economy(place: int) -> _Read:
    return lambda fact: fact.attributes.economies[place] if fact.attributes.economies else None


_NUMBERS: dict[str, _Read] = {
    "filed": lambda fact: fact.filed,
    "commenced": lambda fact: fact.commenced,
    "closed_at": lambda fact: fact.closed_at,
    "deleted_at": lambda fact: fact.deleted_at,
    "opened": _first("opened"),
    "ended": _first("ended"),
    "outcome_at": _of("outcome", "at"),
    "cross_border": _of("attributes", "cross_border"),
    "represented": _of("attributes", "represented"),
    "events": lambda fact: fact.events,
    "amendments": lambda fact: fact.amendments,
}
_NAMES: dict[str, _Read] = {
    "provider": lambda fact: fact.provider,
    "case": lambda fact: fact.case,
    "opened_by": _first("opened_by"),
    "ended_by": _first("ended_by"),
    "outcome": _of("outcome", "kind"),
    "outcome_stage": _of("outcome", "stage"),
    "outcome_code": _of("outcome", "code"),
    "outcome_reason": _of("outcome", "reason"),
    "economy": _economy(0),
    "other_economy": _economy(1),
    **{
        name: _of("attributes", name)
        for name in ("procedure", "respondent_type", "hs2", "amount_band", "language", "dispute_type")
    },
}
_DETAILS: dict[str, tuple[type[Detail], Callable[[CaseFact], Iterable[Any]], frozenset[str]]] = {
    "spells": (Spells, lambda fact: fact.spells, frozenset({"opened_by", "ended_by"})),
    "stages": (Stages, lambda fact: fact.stages, frozenset({"stage"})),
    "stops": (Stops, lambda fact: fact.stops, frozenset({"reason"})),
    "deadlines": (Deadlines, lambda fact: fact.deadlines, frozenset({"kind", "extension", "result"})),
    "defects": (Defects, lambda fact: fact.defects, frozenset({"code"})),
}
COLUMNS = (*_NUMBERS, *_NAMES)
TABLES = (*_DETAILS, "moved")
