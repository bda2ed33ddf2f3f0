"""The tables beside the log as they are, for ``fsck``: what follows the log, uploads, packages, deletions."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, select, tuple_

from hub.storage.audit import read_json
from hub.storage.certain import key_rows
from hub.storage.engine import Database
from hub.storage.feedback import FeedbackStore
from hub.storage.feedbackmodels import FeedbackAnswerRow
from hub.storage.models import (
    Base,
    CaseEventRow,
    CursorRow,
    DeletionRow,
    InboxRow,
    PackageRow,
    TransferRow,
    TransferStatementRow,
    UploadRow,
)
from hub.storage.searchmodels import DirectoryVersionRow
from hub.storage.values import Answered, CaseEvent, Package, Upload
from signing.encoding import JSON

__all__ = ["AuditBeside", "Cursor", "Deletion", "TransferFacts"]

_PIECE = 500
_FOLLOWING: dict[str, tuple[Any, ...]] = {
    "exchange": (TransferStatementRow, InboxRow, FeedbackAnswerRow),
    "directory": (DirectoryVersionRow,),
}
"""By name of a cursor, the tables whose rows say of which entry they came."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How many entries were taken in, and the largest index and the number of rows that came of them."""

    size: int
    names: tuple[str, ...]
    newest: int


@dataclass(frozen=True, slots=True)
class TransferFacts:
    """A row of ``transfers``; ``record`` is None when it can't be read, ``texts`` says how many bodies are kept."""

    transfer: str
    index: int
    sender: str
    recipient: str
    state: str
    due: int | None
    ended: int | None
    cleared: int | None
    brief: str
    ciphertext: str | None
    record: JSON


@dataclass(frozen=True, slots=True)
class Deletion:
    """A row of ``deletions``."""

    sha256: str
    owner: str
    recipient: str
    transfer: str
    at: int
    record: bytes


class AuditBeside:
    """Streams of stored values; read-only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def cursor(self, name: str = "exchange") -> Cursor:
        """How far the log is followed under a name, and how far its rows reach, in one look."""
        newest = [select(func.max(table.index)).scalar_subquery() for table in _FOLLOWING[name]]
        names = select(CursorRow.name).order_by(CursorRow.name)
        size = select(CursorRow.size).where(CursorRow.name == name).scalar_subquery()

        def cursor(connection: Connection) -> Cursor:
            found, *reach = connection.execute(select(size, *newest)).one()
            indexes = [one for one in reach if one is not None]
            return Cursor(found or 0, tuple(connection.scalars(names)), max(indexes, default=-1))

        return await self._database.read(cursor)

    async def transfer_statements(self, keys: Collection[tuple[str, int]]) -> dict[tuple[str, int], tuple[Any, ...]]:
        """Kind and event of the statements about transfers at these (transfer, index)."""
        return await self._by_key(TransferStatementRow, keys)

    async def inbox(self, keys: Collection[tuple[str, int]]) -> dict[tuple[str, int], tuple[Any, ...]]:
        """Kind and transfer at these (member, index)."""
        return await self._by_key(InboxRow, keys)

    async def case_events(self, keys: Collection[tuple[str, str, int]]) -> dict[tuple[str, str, int], CaseEvent | None]:
        """The events at these (provider, case, sequence); None where the attributes can't be read."""
        found = await self._by_key(CaseEventRow, keys)
        return {key: _event(key, values) for key, values in found.items()}

    async def answers(self, index: int) -> list[Answered]:
        """The sound rows of answers that are said to be of the entry at ``index``."""
        return await FeedbackStore(self._database).registered(index)

    async def directory(self, indexes: Collection[int]) -> dict[int, tuple[Any, ...]]:
        """Subject, annex and record of the directory's versions at these indexes."""
        found = await self._by_key(DirectoryVersionRow, [(index,) for index in indexes])
        return {index: values for (index,), values in found.items()}

    async def directory_count(self, size: int) -> int:
        """How many versions of the directory came of the first ``size`` entries."""
        query = select(func.count()).select_from(DirectoryVersionRow).where(DirectoryVersionRow.index < size)
        return await self._database.read(lambda connection: int(connection.scalar(query) or 0))

    async def transfers(self) -> AsyncIterator[TransferFacts]:
        """Every transfer."""
        async for row in self._all(TransferRow):
            try:
                record = read_json(row["record"])
            except ValueError:
                record = None
            yield TransferFacts(**{**row, "record": record})

    async def uploads(self) -> AsyncIterator[Upload]:
        """Every upload."""
        async for row in self._all(UploadRow):
            yield Upload(**row)

    async def packages(self) -> AsyncIterator[Package]:
        """Every package, stored or gone."""
        async for row in self._all(PackageRow):
            yield Package(**row)

    async def deletions(self) -> AsyncIterator[Deletion]:
        """Every deletion."""
        async for row in self._all(DeletionRow):
            yield Deletion(**row)

    async def counts(self, size: int) -> dict[str, int]:
        """Rows of the tables that follow the log, as far as they came of the first ``size`` entries."""
        below = [
            select(func.count()).select_from(table).where(table.__table__.c.index < size).scalar_subquery()
            for table in (TransferStatementRow, InboxRow, FeedbackAnswerRow)
        ]
        events = select(func.count()).select_from(CaseEventRow).scalar_subquery()
        names = ("transfer_statements", "inbox", "feedback_answers", "case_events")
        return await self._database.read(
            lambda connection: dict(zip(names, connection.execute(select(*below, events)).one(), strict=True))
        )

    async def _by_key(self, table: type[Base], keys: Collection[Any]) -> dict[Any, tuple[Any, ...]]:
        if not keys:
            return {}
        return await self._database.read(lambda connection: key_rows(connection, table, sorted(keys)))

    async def _all(self, table: type[Base]) -> AsyncIterator[dict[str, Any]]:
        """Every row by primary key, a piece at a time."""
        columns = list(table.__table__.primary_key)
        query = select(table.__table__).order_by(*columns).limit(_PIECE)
        after: tuple[Any, ...] | None = None
        while True:
            more = query if after is None else query.where(tuple_(*columns) > tuple_(*after))
            rows = await self._database.read(partial(_mappings, query=more))
            for row in rows:
                yield row
            if len(rows) < _PIECE:
                return
            after = tuple(rows[-1][column.name] for column in columns)


def _mappings(connection: Connection, *, query: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # a select
    return [dict(row) for row in connection.execute(query).mappings()]


def _event(key: tuple[str, str, int], values: Sequence[Any]) -> CaseEvent | None:
    kind, at, recorded_at, attributes = values
    try:
        return CaseEvent(*key, kind, at, recorded_at, read_json(attributes))
    except ValueError:
        return None
