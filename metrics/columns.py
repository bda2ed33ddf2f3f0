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
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Self, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.details import (
    Appointments,
    AwardDigests,
    Court,
    Deadlines,
    Defects,
    Detail,
    Languages,
    Lateness,
    Moved,
    Records,
    Slots,
    Spells,
    Stages,
    Stops,
    first_of_row,
)
from metrics.events import DAY_SECONDS
from metrics.facts import CaseFact
from metrics.filling import COLUMNS, TABLES, Stored, read
from metrics.names import ABSENT, Names
from metrics.survival import Integers

__all__ = ["Columns"]


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
        responded_at, silent_at, response_due, submissions_closed, published_at, respondent: as the fact has them.
        award_at ... award_due: ``facts.AwardFact``; ``award_notified`` is when the parties were told.
        performance ... performance_at: ``facts.Performance``; ``performance`` is its result.
        fee, claim: hundredths of ``fee_currency`` and ``claim_currency``, rounded to them.
        events, amendments: counts.
        spells ... records: tables of details.
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
    responded_at: Integers
    silent_at: Integers
    response_due: Integers
    submissions_closed: Integers
    award_at: Integers
    award_digest: Integers
    award_notified: Integers
    award_code: Integers
    award_default: Integers
    award_obligation: Integers
    award_due: Integers
    published_at: Integers
    performance: Integers
    performance_of: Integers
    performance_due: Integers
    performance_at: Integers
    fee: Integers
    fee_currency: Integers
    fee_final: Integers
    claim: Integers
    claim_currency: Integers
    respondent: Integers
    events: Integers
    amendments: Integers
    spells: Spells
    stages: Stages
    stops: Stops
    deadlines: Deadlines
    appointments: Appointments
    court: Court
    award_digests: AwardDigests
    languages: Languages
    slots: Slots
    lateness: Lateness
    defects: Defects
    records: Records
    moved: Moved

    @classmethod
    def of(cls, facts: Iterable[CaseFact] | Self, names: Names | None = None) -> Self:
        """The facts as columns, row by row in their order; columns are given back as they are.

        ``names`` are added to, where the columns are to share theirs with others.
        """
        if isinstance(facts, cls):
            return facts
        names = Names() if names is None else names
        known = cast("Iterable[CaseFact]", facts)
        return cls.of_stored(Stored.of(list(known)), names)

    @classmethod
    def of_stored(cls, stored: Stored, names: Names) -> Self:
        """Stored facts as columns, row by row in their order; ``names`` are added to."""
        return cls(names=names, **read(stored, names))

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

    def with_changed(self, changed: Sequence["Columns"]) -> "Columns":
        """These rows, but for those of a provider and case that ``changed`` has rows of: of them, the last one there.

        ``changed`` share their names with these. Rows come to stand by provider.
        """
        new = Columns.joined(changed)
        key = new.provider * len(self.names) + new.case
        _, back = np.unique(key[::-1], return_index=True)
        new = new.take(np.sort(len(new) - 1 - back))
        parts = []
        for provider in sorted({*self.providers, *new.providers}):
            own, other = self.of_provider(provider), new.of_provider(provider)
            parts += [own.select(~np.isin(own.case, other.case)), other] if len(other) else [own]
        return Columns.joined(parts or [self])

    def __len__(self) -> int:
        return len(self.provider)

    def code(self, name: str) -> int:
        """The code of a name; of one that occurs nowhere a code that equals nothing."""
        return self.names.code(name)

    def is_one_of(self, column: Integers, *names: str) -> NDArray[np.bool_]:
        """Of each value of a column of names whether it is one of these."""
        return np.isin(column, [self.code(name) for name in names])

    def counted(self, column: Integers) -> dict[str, int]:
        """How often each name stands in a column of names."""
        codes, counts = np.unique(column[column != ABSENT], return_counts=True)
        return {self.names[code]: n for code, n in zip(codes.tolist(), counts.tolist(), strict=True)}

    @cached_property
    def origins(self) -> Integers:
        """Of each row the provider where the case was first filed; of one that never moved, its own."""
        origins, firsts = self.provider.copy(), first_of_row(self.records.row)
        origins[self.records.row[firsts]] = self.records.provider[firsts]
        return origins

    @cached_property
    def providers(self) -> tuple[str, ...]:
        """The providers that occur, by name."""
        return tuple(sorted(self.names[code] for code in self._by_provider[1]))

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

    def held(self, instants: Integers) -> tuple[NDArray[np.bool_], Integers]:
        """Of each row whether the case was in the provider's hands at its instant, and until when from then on.

        A case that was handed over may come back, so neither the first nor the last spell tells. The second is
        ``ABSENT`` while the case is still there, and where the first says no.
        """
        at = instants[self.spells.row]
        there = (self.spells.opened <= at) & ((self.spells.ended == ABSENT) | (at <= self.spells.ended))
        there &= at != ABSENT
        marks, until = np.zeros(len(self), dtype=np.bool_), np.full(len(self), ABSENT, dtype=np.int64)
        marks[self.spells.row[there]] = True
        until[self.spells.row[there]] = self.spells.ended[there]  # of several the last one stays
        return marks, until

    @cached_property
    def _by_provider(self) -> "tuple[Columns, dict[int, tuple[int, int]]]":
        """The rows in an order in which those of a provider stand together, and where they do."""
        ordered, starts = self, _starts(self.provider)
        if len({int(self.provider[one]) for one in starts}) < len(starts):
            ordered = self.take(np.argsort(self.provider, kind="stable"))
            starts = _starts(ordered.provider)
        bounds = pairwise([*starts, len(self)])
        return ordered, {int(ordered.provider[low]): (low, high) for low, high in bounds}

    def _made(self, column: Callable[[Integers], Integers], table: Callable[[Detail], Detail]) -> "Columns":
        told: dict[str, Any] = {name: column(getattr(self, name)) for name in COLUMNS}
        told |= {name: table(getattr(self, name)) for name in TABLES}
        return Columns(names=self.names, **told)


def _starts(column: Integers) -> list[int]:
    """Where another value begins."""
    starts: list[int] = np.flatnonzero(np.diff(column, prepend=ABSENT)).tolist()
    return starts
