"""What providers reported, provider by provider: which statements, and which cases were told of after an instant."""

from sqlalchemy import Connection, func, select

from hub.storage.engine import Database
from hub.storage.models import CaseEventRow, EntryRow, StatementRow

__all__ = ["ReportedEvents"]


class ReportedEvents:
    """Reads of reported events."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def told_after(self, provider: str, until: int) -> dict[str, bool]:
        """Cases of a provider of which an event was recorded after ``until`` (POSIX seconds).

        By case, whether one was recorded before as well.
        """
        first, last = func.min(CaseEventRow.recorded_at), func.max(CaseEventRow.recorded_at)
        query = select(CaseEventRow.case, first).where(CaseEventRow.provider == provider)
        query = query.group_by(CaseEventRow.case).having(last > until).order_by(CaseEventRow.case)

        def read(connection: Connection) -> dict[str, bool]:
            return {case: earliest <= until for case, earliest in connection.execute(query)}

        return await self._database.read(read)

    async def statements(self, provider: str, until: int, size: int) -> list[str]:
        """Digests (hex) of a provider's case-events statements below log size ``size``, in log order.

        Only of those whose entry has a time of at most ``until`` (POSIX seconds).
        """
        query = select(StatementRow.digest).join(EntryRow, EntryRow.index == StatementRow.index)
        query = query.where(StatementRow.issuer == provider, StatementRow.kind == "case-events")
        query = query.where(StatementRow.index < size, EntryRow.time <= until).order_by(StatementRow.index)
        return await self._database.read(lambda connection: list(connection.scalars(query)))
