"""Uploads while they go on: what was announced, and how many octets are on disk. Files are none of its business."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult, Select, delete, func, insert, select, update

from hub.storage.certain import require
from hub.storage.engine import Database
from hub.storage.models import PackageRow, UploadRow
from hub.storage.rule_state import rule_state
from hub.storage.values import Package, Upload
from signing.encoding import JSON

__all__ = ["Situation", "UploadStore"]


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
            connection.execute(insert(UploadRow), asdict(upload))

        await self._database.write(begin)

    async def upload(self, name: str) -> Upload | None:
        """The upload of this id."""
        query = select(UploadRow.__table__).where(UploadRow.id == name)

        def upload(connection: Connection) -> Upload | None:
            row = connection.execute(query).mappings().one_or_none()
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
        done = (
            update(UploadRow)
            .where(UploadRow.id == upload.id, UploadRow.complete.is_(False))
            .values(offset=upload.size, expires=expires, complete=True)
        )

        def complete(connection: Connection) -> bool:
            connection.execute(done)
            known = connection.execute(select(PackageRow.deleted_at).filter_by(**_key(package))).first()
            if known is None:
                connection.execute(insert(PackageRow), asdict(package))
                kept = connection.execute(select(PackageRow.stored_at).filter_by(**_key(package))).first()
                require(PackageRow.__tablename__, kept is not None, True)  # noqa: FBT003
            whole = connection.scalar(select(UploadRow.complete).where(UploadRow.id == upload.id))
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
    of_owner = select(func.coalesce(func.sum(UploadRow.size), 0), func.count()).where(
        UploadRow.owner == upload.owner, UploadRow.complete.is_(False)
    )
    stored = select(func.coalesce(func.sum(PackageRow.size), 0)).where(
        PackageRow.owner == upload.owner, PackageRow.deleted_at.is_(None)
    )
    unsent = func.sum(UploadRow.size - UploadRow.offset)
    awaited = select(UploadRow.owner, unsent).where(UploadRow.complete.is_(False)).group_by(UploadRow.owner)
    names = ("sha256", "owner", "recipient", "transfer")
    same = select(PackageRow.__table__).filter_by(**{name: getattr(upload, name) for name in names})
    found = connection.execute(same).mappings().one_or_none()
    announced, count = connection.execute(of_owner).one()
    actor = f"actor/{upload.recipient}"
    return Situation(
        rule_state(connection, [actor]).get(actor),
        None if found is None else Package(**found),
        int(announced) + int(connection.scalar(stored) or 0),
        int(count),
        {owner: int(octets) for owner, octets in connection.execute(awaited)},
    )


def _key(package: Package) -> dict[str, str]:
    return {name: getattr(package, name) for name in ("sha256", "owner", "recipient", "transfer")}
