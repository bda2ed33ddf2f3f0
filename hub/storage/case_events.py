"""Case events as the follower wrote them."""

import json

from sqlalchemy import Connection, func, select

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
        query = select(func.count()).select_from(CaseEventRow)
        return await self._database.read(lambda connection: int(connection.scalar(query) or 0))

    async def all(self) -> list[CaseEvent]:
        """Every event, by provider, case and sequence."""
        query = select(CaseEventRow.__table__).order_by(CaseEventRow.provider, CaseEventRow.case, CaseEventRow.sequence)

        def read(connection: Connection) -> list[CaseEvent]:
            found = connection.execute(query).mappings()
            return [CaseEvent(**{**row, "attributes": json.loads(row["attributes"])}) for row in found]

        return await self._database.read(read)
