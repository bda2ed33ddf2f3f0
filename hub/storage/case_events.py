"""Case events as the follower wrote them."""

import json

from sqlalchemy import func, select

from hub.storage.engine import Database
from hub.storage.models import CaseEventRow
from hub.storage.values import CaseEvent

__all__ = ["CaseEvents"]


class CaseEvents:
    """Reads of the case events."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self) -> int:
        """How many events there are; they are only ever added."""
        async with self._database.read() as connection:
            return int(await connection.scalar(select(func.count()).select_from(CaseEventRow)) or 0)

    async def all(self) -> list[CaseEvent]:
        """Every event, by provider, case and sequence."""
        query = select(CaseEventRow.__table__).order_by(CaseEventRow.provider, CaseEventRow.case, CaseEventRow.sequence)
        async with self._database.read() as connection:
            found = (await connection.execute(query)).mappings()
            return [CaseEvent(**{**row, "attributes": json.loads(row["attributes"])}) for row in found]
