"""Uploads while they go on: what was announced, and how many octets are on disk. Files are none of its business."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult, Select, bindparam, delete, func, insert, select, update

from hub.storage.certain import require
from hub.storage.engine import Database
from hub.storage.models import PackageRow, UploadRow
from hub.storage.packages import PACKAGE_KEY, PACKAGE_OF_KEY
from hub.storage.rule_state import rule_state
from hub.storage.values import Package, Upload
from signing.encoding import JSON

__all__ = ["Situation", "UploadStore"]

_UPLOAD = select(UploadRow.__table__).where(UploadRow.id == bindparam("name"))
_COMPLETE = select(UploadRow.complete).where(UploadRow.id == bindparam("name"))
_NEW, _NEW_PACKAGE = insert(UploadRow), insert(PackageRow)
_DONE = (
    update(UploadRow)
    .where(UploadRow.id == bindparam("name"), UploadRow.complete.is_(False))
    .values(offset=bindparam("whole"), expires=bindparam("until"), complete=True)
)
_UNFINISHED_OF = select(func.coalesce(func.sum(UploadRow.size), 0), func.count()).where(
    UploadRow.owner == bindparam("of"), UploadRow.complete.is_(False)
)
_STORED_OF = select(func.coalesce(func.sum(PackageRow.size), 0)).where(
    PackageRow.owner == bindparam("of"), PackageRow.deleted_at.is_(None)
)
_AWAITED = (
    select(UploadRow.owner, func.sum(UploadRow.size - UploadRow.offset))
    .where(UploadRow.complete.is_(False))
    .group_by(UploadRow.owner)
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What an upload that is to begin meets.

    Args:
        recipient: what the register says of the recipient, None if it knows nobody of this id.
        same: the package of the same octets for the same recipient and transfer, stored or gone.
        octets: what the owner has stored and announced.
        unfinished: how many uploads of the owner are unfinished.
        awaited: octets that unfinished uploads have announced and not sent, by owner.
    """

    recipient: JSON
    same: Package | None
    octets: int
    unfinished: int
    awaited: Mapping[str, int]


class UploadStore:
    """Rows of uploads; a complete one becomes a package in the same transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, upload: Upload, check: Callable[[Situation], None]) -> None:
        """Remember a new upload, unless ``check`` raises for what is found; one transaction, so that nothing is missed.

        ``check`` runs where the database is written, and is to be quick.
        """

        def begin(connection: Connection) -> None:
            check(_situation(connection, upload))
            connection.execute(_NEW, asdict(upload))

        await self._database.write(begin)

    async def upload(self, name: str) -> Upload | None:
        """The upload of this id."""

        def upload(connection: Connection) -> Upload | None:
            row = connection.execute(_UPLOAD, {"name": name}).mappings().one_or_none()
            return None if row is None else Upload(**row)

        return await self._database.query(upload)

    async def unfinished(self) -> list[Upload]:
        """Every upload that is not complete."""
        return await self._uploads(select(UploadRow.__table__).where(UploadRow.complete.is_(False)))

    async def expired(self, now: int) -> list[Upload]:
        """Uploads whose time is over, complete ones too: those are packages by now and the row is not needed."""
        return await self._uploads(select(UploadRow.__table__).where(UploadRow.expires <= now))

    async def advance(self, upload: Upload, offset: int, expires: int) -> bool:
        """Say that octets up to ``offset`` are on disk; False when the upload is not where it was."""
        moved = (
            update(UploadRow)
            .where(UploadRow.id == upload.id, UploadRow.offset == upload.offset, UploadRow.complete.is_(False))
            .values(offset=offset, expires=expires)
        )
        return await self._changed(moved)

    async def complete(self, upload: Upload, expires: int, now: int) -> bool:
        """Say that the whole file is stored as a package; False when it was one for this transfer and was deleted."""
        package = Package(
            upload.sha256, upload.owner, upload.recipient, upload.transfer, upload.purpose, upload.size, now
        )
        key = {name: getattr(package, name) for name in PACKAGE_KEY}

        def complete(connection: Connection) -> bool:
            connection.execute(_DONE, {"name": upload.id, "whole": upload.size, "until": expires})
            known = connection.execute(PACKAGE_OF_KEY, key).first()
            if known is None:
                connection.execute(_NEW_PACKAGE, asdict(package))
                require(PackageRow.__tablename__, connection.execute(PACKAGE_OF_KEY, key).first() is not None, True)  # noqa: FBT003
            whole = connection.scalar(_COMPLETE, {"name": upload.id})
            require(UploadRow.__tablename__, whole in (True, None), True)  # noqa: FBT003  # it may be given up
            return known is None or known.deleted_at is None

        return await self._database.write(complete)

    async def delete(self, names: Collection[str]) -> None:
        """Forget uploads."""
        gone = delete(UploadRow).where(UploadRow.id.in_(sorted(names)))
        await self._database.write(lambda connection: connection.execute(gone))

    async def _changed(self, statement: Any) -> bool:  # noqa: ANN401  # an UPDATE
        def run(connection: Connection) -> bool:
            result: CursorResult[Any] = connection.execute(statement)
            return bool(result.rowcount)

        return await self._database.write(run)

    async def _uploads(self, query: Select[Any]) -> list[Upload]:
        return await self._database.read(
            lambda connection: [Upload(**row) for row in connection.execute(query).mappings()]
        )


def _situation(connection: Connection, upload: Upload) -> Situation:
    key = {name: getattr(upload, name) for name in PACKAGE_KEY}
    found = connection.execute(PACKAGE_OF_KEY, key).mappings().one_or_none()
    announced, count = connection.execute(_UNFINISHED_OF, {"of": upload.owner}).one()
    stored = connection.scalar(_STORED_OF, {"of": upload.owner})
    actor = f"actor/{upload.recipient}"
    return Situation(
        rule_state(connection, [actor]).get(actor),
        None if found is None else Package(**found),
        int(announced) + int(stored or 0),
        int(count),
        {owner: int(octets) for owner, octets in connection.execute(_AWAITED)},
    )
