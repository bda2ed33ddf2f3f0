"""How far members have fetched their inboxes, so that no text is deleted that a member still waits for.

A member says so by asking for what comes after an entry: it then holds everything before, or what it says to have
applied. That is noted in memory and written now and then. What is lost with a process that is killed is said again with
the member's next request.
"""

from sqlalchemy import Connection, func, select

from hub.storage.bulk import BulkInsert
from hub.storage.certain import require
from hub.storage.engine import Database
from hub.storage.models import InboxReadRow

__all__ = ["InboxesRead"]

_ALL = select(InboxReadRow.member, InboxReadRow.index)
_WRITE = BulkInsert(InboxReadRow, ("member",))


class InboxesRead:
    """What each member has fetched; used on one event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, int] = {}
        self._unwritten: set[str] = set()

    def note(self, member: str, index: int) -> None:
        """``member`` has fetched its inbox up to log index ``index``, which the caller holds below the log's size."""
        if index > self._known.get(member, -1):
            self._known[member] = index
            self._unwritten.add(member)

    async def write(self) -> None:
        """Write what was noted; a smaller index than is written stays unwritten."""
        noted = {member: self._known[member] for member in self._unwritten}
        if not noted:
            return

        def write(connection: Connection) -> None:
            written = {one[0]: one[1] for one in connection.execute(_ALL)}
            rows = [(member, index) for member, index in noted.items() if index > written.get(member, -1)]
            _WRITE.run(connection, rows)
            names = [member for member, _ in rows]
            found = select(func.count()).select_from(InboxReadRow).where(InboxReadRow.member.in_(names))
            require(InboxReadRow.__tablename__, connection.scalar(found), len(names))

        await self._database.write(write)
        self._unwritten -= {member for member, index in noted.items() if self._known[member] == index}
