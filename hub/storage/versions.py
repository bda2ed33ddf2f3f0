"""Reads and writes of the directory's versions, which follow the log.

A version is written once and never changed, so that the directory at an earlier log size is read as easily as that
of now: the newest version of each subject below that size.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, Select, bindparam, delete, func, select, update

from hub.storage.bulk import BulkInsert
from hub.storage.certain import counter, require
from hub.storage.engine import Database
from hub.storage.errors import ConflictError
from hub.storage.models import AnnexRow, CursorRow
from hub.storage.searchmodels import DirectoryVersionRow
from hub.storage.transfers import Followable, piece_of
from providers.storage.prepared import Lookup, Prepared
from signing.encoding import JSON

__all__ = ["CURSOR", "DirectoryVersion", "DirectoryVersions", "LoadedVersion", "newest_version"]

T = TypeVar("T")

CURSOR = "directory"
_MOVE = BulkInsert(CursorRow, ("name",))
_VERSIONS = BulkInsert(DirectoryVersionRow, ("index",))
_KEPT = counter(DirectoryVersionRow, "index")
_TABLE = DirectoryVersionRow.__table__
_LOADED = (
    select(_TABLE.c.index, _TABLE.c.record, _TABLE.c.annex, AnnexRow.octets)
    .join(AnnexRow, AnnexRow.index == DirectoryVersionRow.annex, isouter=True)
    .where(DirectoryVersionRow.index >= bindparam("first"), DirectoryVersionRow.index < bindparam("end"))
    .order_by(DirectoryVersionRow.index)
    .limit(bindparam("most"))
)
_ONE = Prepared(
    select(_TABLE.c.index, _TABLE.c.subject, _TABLE.c.annex, _TABLE.c.record)
    .where(_TABLE.c.subject == bindparam("of"), _TABLE.c.index < bindparam("size"))
    .order_by(_TABLE.c.index.desc())
    .limit(1)
)
_RECORDS = Lookup(select(_TABLE.c.index, _TABLE.c.record), _TABLE.c.index)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class DirectoryVersion:
    """A member or neutral from the entry at ``index`` on; ``annex`` is the index of the entry with its annex."""

    index: int
    subject: str
    annex: int | None
    record: dict[str, JSON] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoadedVersion:
    """The text of a record, where the annex that goes with it stands, and its octets, while it is kept."""

    index: int
    record: str = field(repr=False)
    annex_at: int | None
    annex: bytes | None = field(repr=False)


class DirectoryVersions:
    """The table, and how far the log was taken into it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def followed(self) -> int:
        """How many entries were taken in."""
        return await self._database.read(_followed)

    async def piece(self, first: int, end: int, kinds: Sequence[str]) -> list[Followable]:
        """Statements of ``kinds`` at an index in [first, end) with their effects, in log order."""
        return await self._database.read(lambda connection: piece_of(connection, first, end, kinds))

    async def newest(self, subjects: Collection[str], size: int) -> dict[str, DirectoryVersion]:
        """The newest version below ``size`` of each of these subjects that has one."""
        newest = (
            select(func.max(DirectoryVersionRow.index))
            .where(DirectoryVersionRow.subject.in_(sorted(subjects)), DirectoryVersionRow.index < size)
            .group_by(DirectoryVersionRow.subject)
        )
        query = select(_TABLE).where(DirectoryVersionRow.index.in_(newest))
        return {one.subject: one for one in await self._database.read(partial(_versions, query=query))}

    async def one(self, subject: str, size: int) -> DirectoryVersion | None:
        """The newest version of a subject below ``size``."""
        return await self._database.read(lambda connection: newest_version(connection, subject, size))

    async def history(self, subject: str, size: int) -> list[DirectoryVersion]:
        """Every version of a subject below ``size``, in log order."""
        query = select(_TABLE).where(DirectoryVersionRow.subject == subject, DirectoryVersionRow.index < size)
        return await self._database.read(partial(_versions, query=query.order_by(DirectoryVersionRow.index)))

    async def changed(self, first: int, end: int, most: int) -> list[str]:
        """The records that are the newest of somebody among those at an index in [first, end); at most ``most``."""
        newest = (
            select(func.max(DirectoryVersionRow.index))
            .where(DirectoryVersionRow.index >= first, DirectoryVersionRow.index < end)
            .group_by(DirectoryVersionRow.subject)
            .order_by(DirectoryVersionRow.subject)
            .limit(most)
        )
        found = select(_TABLE.c.record).where(DirectoryVersionRow.index.in_(newest))
        ordered = found.order_by(DirectoryVersionRow.subject)
        return await self._database.read(lambda connection: list(connection.scalars(ordered)))

    async def take(self, versions: Sequence[DirectoryVersion], size: int, after: int) -> None:
        """Write versions, and remember that ``size`` entries were taken in.

        Raises:
            ConflictError: cursor_moved, when not exactly ``after`` entries are remembered as taken in.
        """

        def take(connection: Connection) -> None:
            if (found := _followed(connection)) != after:
                raise ConflictError("cursor_moved", f"{found} entries are remembered as taken in, not {after}.", CURSOR)
            _VERSIONS.run(connection, ((one.index, one.subject, one.annex, text_of(one.record)) for one in versions))
            _MOVE.run(connection, [(CURSOR, size)])
            kept = _KEPT(connection, (one.index for one in versions)) if versions else 0
            require(DirectoryVersionRow.__tablename__, kept, len(versions))

        await self._database.write(take)

    async def rewind(self) -> None:
        """Forget everything; it is taken in again from the first entry."""

        def rewind(connection: Connection) -> None:
            connection.execute(delete(DirectoryVersionRow))
            connection.execute(update(CursorRow).filter_by(name=CURSOR).values(size=0))
            left = connection.scalar(select(func.count()).select_from(DirectoryVersionRow))
            require(DirectoryVersionRow.__tablename__, (left, _followed(connection)), (0, 0))

        await self._database.write(rewind)

    async def loaded(self, first: int, end: int, most: int) -> list[LoadedVersion]:
        """At most ``most`` versions at an index in [first, end), in log order, with their annexes."""
        given = {"first": first, "end": end, "most": most}
        return await self._database.read(
            lambda connection: [
                LoadedVersion(index, record, annex, None if octets is None else bytes(octets))
                for index, record, annex, octets in connection.execute(_LOADED, given)
            ]
        )

    async def hold(self, index: int, sha256: bytes) -> bool:
        """Whether the record of the version at ``index`` has this hash."""
        query = select(_TABLE.c.record).where(DirectoryVersionRow.index == index)
        record = await self._database.read(lambda connection: connection.scalar(query))
        return record is not None and hashlib.sha256(record.encode()).digest() == sha256

    async def records(self, indexes: Sequence[int]) -> list[str]:
        """The texts of the records of the versions at these indexes, in this order."""
        return await self.made(indexes, str)

    async def made(self, indexes: Sequence[int], work: Callable[[str], T]) -> list[T]:
        """What ``work`` makes of each of these texts, in the thread that reads them."""

        def made(connection: Connection) -> list[T]:
            found: dict[int, str] = {}
            for start in range(0, len(indexes), _AT_ONCE):
                found |= dict(_RECORDS.run(connection, indexes[start : start + _AT_ONCE]).all())
            return [work(found[index]) for index in indexes]

        return await self._database.read(made) if indexes else []


def text_of(record: dict[str, JSON]) -> str:
    """A record as it is stored and published: the canonical form, for its names are ASCII and its numbers integers."""
    return orjson.dumps(record, option=orjson.OPT_SORT_KEYS).decode()


def _followed(connection: Connection) -> int:
    return int(connection.scalar(select(CursorRow.size).filter_by(name=CURSOR)) or 0)


def newest_version(connection: Connection, subject: str, size: int) -> DirectoryVersion | None:
    """The newest version of a member or neutral (by actor id) below a log size."""
    found = _ONE.run(connection, {"of": subject, "size": size}).one_or_none()
    if found is None:
        return None
    index, name, annex, record = found
    return DirectoryVersion(index, name, annex, orjson.loads(record))


def _versions(connection: Connection, query: Select[Any]) -> list[DirectoryVersion]:
    found = connection.execute(query).mappings()
    return [DirectoryVersion(**{**row, "record": orjson.loads(row["record"])}) for row in found]
