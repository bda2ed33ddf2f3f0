"""A single member or neutral with what proves it, read in one go: this is what is asked for most."""

from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, select

from hub.storage.engine import Database
from hub.storage.models import BodyRow, EntryRow, StatementRow
from hub.storage.versions import DirectoryVersion, newest_version
from providers.storage.prepared import Prepared

__all__ = ["DirectoryEntries", "DirectoryEntry"]

_PROVEN = Prepared(
    select(EntryRow.octets, BodyRow.document)
    .join(BodyRow, BodyRow.index == EntryRow.index, isouter=True)
    .where(EntryRow.index == bindparam("at"))
)
_OF_KEY = Prepared(
    select(StatementRow.digest)
    .where(
        StatementRow.kind == "key",
        StatementRow.subject == bindparam("of"),
        StatementRow.subject.is_not(None),  # said aloud, so that the index over these alone is used
        StatementRow.index < bindparam("size"),
    )
    .order_by(StatementRow.index.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """A member or neutral at a log size.

    Args:
        version: its newest version.
        document: the newest member or neutral statement, which ``version`` names; None where its text is gone.
        octets: the log entry of that statement.
        key_statement: digest (hex) of the newest statement that changed its keys, if there is one.
    """

    version: DirectoryVersion
    document: bytes | None = field(repr=False)
    octets: bytes = field(repr=False)
    key_statement: str | None


class DirectoryEntries:
    """Reads them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def entry(self, subject: str, size: int) -> DirectoryEntry | None:
        """The entry of a member or neutral by actor id, below a log size; None where there is none."""
        return await self._database.read(lambda connection: _entry(connection, subject, size))


def _entry(connection: Connection, subject: str, size: int) -> DirectoryEntry | None:
    version = newest_version(connection, subject, size)
    if version is None:
        return None
    octets, document = _PROVEN.run(connection, {"at": version.record["statement"]}).one()
    changed = _OF_KEY.run(connection, {"of": subject, "size": size}).scalar()
    return DirectoryEntry(
        version,
        None if document is None else bytes(document),
        bytes(octets),
        None if changed is None else bytes(changed).hex(),
    )
