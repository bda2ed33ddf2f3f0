"""Uploads while they go on: what was announced, and how many octets are on disk. Files are none of its business."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, CursorResult, Select, delete, func, insert, select, update

from hub.storage.engine import Database
from hub.storage.models import PackageRow, UploadRow
from hub.storage.values import Package, Upload

__all__ = ["Held", "UploadStore"]

Held = tuple[int, int]
"""Octets that a member has stored or announced, and how many uploads it has open."""


class UploadStore:
    """Rows of uploads; a complete one becomes a package in the same transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, upload: Upload) -> None:
        """Remember a new upload."""
        await self._database.write(lambda connection: connection.execute(insert(UploadRow), asdict(upload)))

    async def upload(self, name: str) -> Upload | None:
        """The upload of this id."""
        query = select(UploadRow.__table__).where(UploadRow.id == name)
        return next(iter(await self._uploads(query)), None)

    async def unfinished(self) -> list[Upload]:
        """Every upload that is not complete."""
        return await self._uploads(select(UploadRow.__table__).where(UploadRow.complete.is_(False)))

    async def expired(self, now: int) -> list[Upload]:
        """Uploads whose time is over, complete ones too: those are packages by now and the row is not needed."""
        return await self._uploads(select(UploadRow.__table__).where(UploadRow.expires <= now))

    async def held(self, owner: str) -> Held:
        """What a member has stored and announced."""
        announced = select(func.coalesce(func.sum(UploadRow.size), 0), func.count()).where(
            UploadRow.owner == owner, UploadRow.complete.is_(False)
        )
        stored = select(func.coalesce(func.sum(PackageRow.size), 0)).where(
            PackageRow.owner == owner, PackageRow.deleted_at.is_(None)
        )
        async with self._database.read() as connection:
            octets, count = (await connection.execute(announced)).one()
            return int(octets) + int(await connection.scalar(stored) or 0), int(count)

    async def awaited(self) -> int:
        """Octets that unfinished uploads of everybody have announced and not sent."""
        query = select(func.coalesce(func.sum(UploadRow.size - UploadRow.offset), 0)).where(
            UploadRow.complete.is_(False)
        )
        async with self._database.read() as connection:
            return int(await connection.scalar(query) or 0)

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
        async with self._database.read() as connection:
            return [Upload(**row) for row in (await connection.execute(query)).mappings()]


def _key(package: Package) -> dict[str, str]:
    return {name: getattr(package, name) for name in ("sha256", "owner", "recipient", "transfer")}
