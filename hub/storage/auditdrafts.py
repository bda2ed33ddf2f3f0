"""Drafts and their signers as they are, for ``fsck``; read-only."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, select

from hub.drafts.values import DeskDraft
from hub.storage.draftmodels import DraftRow, DraftSignerRow
from hub.storage.drafts import draft_of
from hub.storage.engine import Database

__all__ = ["DraftReads"]

_PIECE = 100


class DraftReads:
    """Streams of what is stored."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def drafts(self) -> AsyncIterator[tuple[str, DeskDraft | None]]:
        """Every draft by id; None where it can't be read as one."""
        after = ""
        while True:
            found = await self._database.read(partial(_piece, after=after))
            for one in found:
                yield one
            if len(found) < _PIECE:
                return
            after = found[-1][0]

    async def strays(self) -> int:
        """How many signers belong to no draft."""
        query = select(func.count()).where(DraftSignerRow.draft.not_in(select(DraftRow.id)))
        return await self._database.read(lambda connection: int(connection.scalar(query) or 0))


def _piece(connection: Connection, *, after: str) -> list[tuple[str, DeskDraft | None]]:
    query = select(DraftRow.__table__).where(DraftRow.id > after).order_by(DraftRow.id).limit(_PIECE)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    names = [row["id"] for row in rows]
    signers = connection.execute(select(DraftSignerRow.__table__).where(DraftSignerRow.draft.in_(names))).mappings()
    of: dict[str, list[Any]] = {name: [] for name in names}
    for one in signers:
        of[one["draft"]].append(one)
    return [(row["id"], _value(row, of[row["id"]])) for row in rows]


def _value(row: dict[str, Any], signers: list[Any]) -> DeskDraft | None:
    try:
        return draft_of(row, signers)
    except ValueError:
        return None
