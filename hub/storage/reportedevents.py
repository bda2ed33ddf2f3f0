"""What providers reported, provider by provider: their events as the follower wrote them, and the statements."""

import json

from sqlalchemy import Connection, select

from hub.storage.engine import Database
from hub.storage.models import CaseEventRow, EntryRow, StatementRow
from hub.storage.values import CaseEvent

__all__ = ["ReportedEvents"]


class ReportedEvents:
    """Reads of reported events."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_provider(self, provider: str) -> list[CaseEvent]:
        """Every event of a provider, by case and sequence."""
        query = select(CaseEventRow.__table__).where(CaseEventRow.provider == provider)
        query = query.order_by(CaseEventRow.case, CaseEventRow.sequence)

        def read(connection: Connection) -> list[CaseEvent]:
            found = connection.execute(query).mappings()
            return [CaseEvent(**{**row, "attributes": json.loads(row["attributes"])}) for row in found]

        return await self._database.read(read)

    async def statements(self, provider: str, until: int, size: int) -> list[str]:
        """Digests (hex) of a provider's case-events statements below log size ``size``, in log order.

        Only of those whose entry has a time of at most ``until`` (POSIX seconds).
        """
        query = select(StatementRow.digest).join(EntryRow, EntryRow.index == StatementRow.index)
        query = query.where(StatementRow.issuer == provider, StatementRow.kind == "case-events")
        query = query.where(StatementRow.index < size, EntryRow.time <= until).order_by(StatementRow.index)
        return await self._database.read(lambda connection: list(connection.scalars(query)))
