"""Case events as the follower wrote them."""

import json
import logging
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select

from hub.storage.certain import key_rows
from hub.storage.engine import Database
from hub.storage.models import CaseEventRow
from hub.storage.values import CaseEvent

__all__ = ["CaseEvents", "event_of_row"]

LOG = logging.getLogger("hub.storage")


class CaseEvents:
    """Reads of the case events."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self) -> int:
        """How many events there are; they are only ever added."""
        query = select(func.count()).select_from(CaseEventRow)
        return await self._database.read(lambda connection: int(connection.scalar(query) or 0))

    async def of_cases(self, cases: Collection[tuple[str, str]]) -> list[CaseEvent]:
        """Every event of these cases, given as (provider, case), by provider, case and sequence.

        A row that can't be read is left out: the log is followed all the same, and the daily look at the facts tells.
        """
        if not cases:
            return []
        keys = sorted(cases)
        return await self._database.read(lambda connection: _events(key_rows(connection, CaseEventRow, keys)))


def event_of_row(row: Sequence[Any]) -> CaseEvent:
    """The event that stands in a row, whose columns are given in the table's order.

    Raises:
        ValueError: its attributes are no JSON.
    """
    provider, case, sequence, kind, at, recorded_at, attributes = row
    return CaseEvent(provider, case, sequence, kind, at, recorded_at, json.loads(attributes))


def _events(rows: dict[tuple[Any, ...], tuple[Any, ...]]) -> list[CaseEvent]:
    found = []
    for key in sorted(rows):
        try:
            found.append(event_of_row((*key, *rows[key])))
        except ValueError:
            LOG.warning("a stored event of %s can't be read; rebuild the tables", key[0])
    return found
