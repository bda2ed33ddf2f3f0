"""Facts about cases as the follower wrote them, and as they can be held against the events they were folded from."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, func, literal, or_, select, tuple_

from hub.storage.case_events import event_of_row
from hub.storage.certain import key_rows
from hub.storage.engine import Database
from hub.storage.factmodels import CaseFactRow
from hub.storage.models import CaseEventRow, CursorRow, EntryRow, RuleStateRow
from hub.storage.values import CaseEvent, StoredFact

__all__ = ["CaseFacts", "FactsState", "ToldCase"]

_CURSOR = select(CursorRow.size).filter_by(name="exchange").scalar_subquery()
_FACTS = (CaseFactRow.index, CaseFactRow.form, CaseFactRow.fact)
_KEY = tuple_(CaseFactRow.index, CaseFactRow.provider, CaseFactRow.case)
_PLACE = tuple_(CaseEventRow.provider, CaseEventRow.case)


@dataclass(frozen=True, slots=True)
class FactsState:
    """How many entries were taken in, and whether facts of another form wait for being folded again."""

    size: int
    outdated: bool


@dataclass(frozen=True, slots=True)
class ToldCase:
    """A case with all that is stored of it, seen at one moment.

    Attributes:
        events: in the order of their numbers; None where one can't be read.
        newest: index of the newest entry that tells of the case, as the rules know it; None if they know of none.
        followed: how many entries were taken in.
        fact: what is stored, if anything is.
    """

    provider: str
    case: str
    events: tuple[CaseEvent, ...] | None
    newest: int | None
    followed: int
    fact: StoredFact | None


class CaseFacts:
    """Reads of the facts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def state(self, form: int) -> FactsState:
        """How far the log was taken in, and whether every fact is of this form."""
        other = select(CaseFactRow.form).where(or_(CaseFactRow.form < form, CaseFactRow.form > form)).limit(1)
        query = select(func.coalesce(_CURSOR, 0), other.scalar_subquery())

        def state(connection: Connection) -> FactsState:
            size, found = connection.execute(query).one()
            return FactsState(size, found is not None)

        return await self._database.read(state)

    async def entry(self, index: int) -> bytes | None:
        """The leaf hash of a log entry; None where there is none."""
        query = select(EntryRow.leaf_hash).where(EntryRow.index == index)
        found = await self._database.read(lambda connection: connection.scalar(query))
        return None if found is None else bytes(found)

    async def changed(self, form: int, first: int, after: StoredFact | None, most: int) -> list[StoredFact]:
        """Facts that the entries from ``first`` on tell of, at most ``most``, in the order of their newest entry.

        ``after`` is the last one of the piece before.
        """
        start = first if after is None else max(first, after.index)  # found by the index, the place in an entry is not
        query = select(CaseFactRow.__table__).where(CaseFactRow.form == form, CaseFactRow.index >= start)
        if after is not None:
            query = query.where(tuple_(after.index, after.provider, after.case) < _KEY)
        query = query.order_by(CaseFactRow.index, CaseFactRow.provider, CaseFactRow.case).limit(most)
        return await self._database.read(lambda connection: [StoredFact(*row) for row in connection.execute(query)])

    async def of_cases(self, cases: Collection[tuple[str, str]]) -> list[StoredFact]:
        """The facts of these cases, given as (provider, case), as far as there are any."""
        if not cases:
            return []
        keys = sorted(cases)
        found = await self._database.read(lambda connection: key_rows(connection, CaseFactRow, keys))
        return [StoredFact(*key, *row) for key, row in sorted(found.items())]

    async def told(self, after: tuple[str, str] | None, most: int) -> list[ToldCase]:
        """At most ``most`` cases beyond ``after`` (provider, case) that events tell of, in that order."""
        picked = select(CaseEventRow.provider, CaseEventRow.case)
        picked = picked.where(tuple_(*after) < _PLACE) if after is not None else picked
        some = picked.group_by(*_PLACE).order_by(*_PLACE).limit(most).subquery()
        rules = literal("events/") + some.c.provider + literal("/") + some.c.case
        fact = (CaseFactRow.provider == some.c.provider) & (CaseFactRow.case == some.c.case)
        query = (  # one statement, so that nothing is written between its parts
            select(CaseEventRow.__table__, RuleStateRow.updated, func.coalesce(_CURSOR, 0), *_FACTS)
            .select_from(some)
            .join(CaseEventRow, (CaseEventRow.provider == some.c.provider) & (CaseEventRow.case == some.c.case))
            .join(RuleStateRow, RuleStateRow.key == rules, isouter=True)
            .join(CaseFactRow, fact, isouter=True)
            .order_by(CaseEventRow.provider, CaseEventRow.case, CaseEventRow.sequence)
        )
        return await self._database.read(
            lambda connection: list(_told([tuple(row) for row in connection.execute(query)]))
        )

    async def untold(self) -> int:
        """How many facts are there of cases that no event tells of."""
        told = select(CaseEventRow.case).filter_by(provider=CaseFactRow.provider, case=CaseFactRow.case)
        query = select(func.count()).select_from(CaseFactRow).where(~told.exists())
        return await self._database.read(lambda connection: int(connection.scalar(query) or 0))


def _told(rows: Sequence[Sequence[Any]]) -> Iterator[ToldCase]:
    for (provider, case), found in groupby(rows, key=lambda row: (row[0], row[1])):
        of_case = list(found)
        newest, followed, index, form, fact = of_case[0][7:]
        stored = None if index is None else StoredFact(provider, case, index, form, fact)
        yield ToldCase(provider, case, _events(of_case), newest, followed, stored)


def _events(rows: Sequence[Sequence[Any]]) -> tuple[CaseEvent, ...] | None:
    try:
        return tuple(event_of_row(row[:7]) for row in rows)
    except ValueError:
        return None
