"""What was deleted: read out, so that it stays deleted when an older copy of the database is put back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, CursorResult, delete, func, insert, or_, select, update

from hub.storage.certain import require
from hub.storage.engine import Database
from hub.storage.models import (
    AnnexRow,
    BodyRow,
    DeletionRow,
    OutboxRow,
    PackageRow,
    StatementRow,
    TransferRow,
    TransferStatementRow,
    UploadRow,
)
from hub.storage.rule_state import chunks
from hub.storage.topics import TEXT_DELETED
from providers.transfer.commands import KINDS

__all__ = ["Deleted", "DeletedPackage", "DeletionTables"]

_IN_LIMIT = 500
_MARKED = select(OutboxRow.index).where(OutboxRow.topic == TEXT_DELETED)
_CLEARED = (
    select(TransferStatementRow.index)
    .join(TransferRow, TransferRow.transfer == TransferStatementRow.transfer)
    .where(TransferRow.cleared.is_not(None))
)


@dataclass(frozen=True, slots=True)
class DeletedPackage:
    """A package that was deleted at a time (POSIX seconds), with the signed record of it."""

    sha256: str
    owner: str
    recipient: str
    transfer: str
    at: int
    record: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Deleted:
    """Every deleted package, and the log indexes of statements about transfers whose text was deleted."""

    packages: tuple[DeletedPackage, ...] = ()
    texts: tuple[int, ...] = ()


class DeletionTables:
    """Reads what was deleted, and deletes it in an older copy."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> Deleted:
        """Everything that was deleted so far. A text that is missing without having been deleted is not among it."""
        without = (
            select(StatementRow.index)
            .join(BodyRow, BodyRow.index == StatementRow.index, isouter=True)
            .where(BodyRow.index.is_(None), StatementRow.confidential, StatementRow.kind.in_(KINDS))
            .where(or_(StatementRow.index.in_(_MARKED), StatementRow.index.in_(_CLEARED)))
            .order_by(StatementRow.index)
        )

        def read(connection: Connection) -> Deleted:
            packages = connection.execute(select(DeletionRow.__table__).order_by(DeletionRow.at)).mappings()
            found = tuple(DeletedPackage(**{**row, "record": bytes(row["record"])}) for row in packages)
            return Deleted(found, tuple(connection.scalars(without)))

        return await self._database.read(read)

    async def apply(self, deleted: Deleted) -> int:
        """Delete it here too, in one transaction; how many packages and texts that were still here are gone now.

        Texts of what is not about a transfer stay whatever is asked, since no hub deletes them; what is not here is
        passed over. That a text was deleted so is remembered, because its transfer may not have ended here.
        """

        def apply(connection: Connection) -> int:
            gone = sum(_delete_package(connection, one) for one in deleted.packages)
            return gone + _delete_texts(connection, deleted.texts)

        return await self._database.write(apply)

    async def live(self) -> set[str]:
        """The hash (hex) of every package that is to be stored."""
        query = select(PackageRow.sha256).where(PackageRow.deleted_at.is_(None))
        return await self._database.read(lambda connection: set(connection.scalars(query)))

    async def forget_files(self, missing: Collection[str], now: int) -> None:
        """Say that packages whose files are not here are gone since ``now``, and that no upload is under way."""

        def forget(connection: Connection) -> None:
            connection.execute(delete(UploadRow).where(UploadRow.complete.is_(False)))
            for some in chunks(missing):
                lost = update(PackageRow).where(PackageRow.sha256.in_(some), PackageRow.deleted_at.is_(None))
                connection.execute(lost.values(deleted_at=now))

        await self._database.write(forget)


def _delete_package(connection: Connection, one: DeletedPackage) -> int:
    key = {"sha256": one.sha256, "owner": one.owner, "recipient": one.recipient, "transfer": one.transfer}
    if connection.execute(select(DeletionRow.at).filter_by(**key)).first() is None:
        connection.execute(insert(DeletionRow), key | {"at": one.at, "record": one.record})
    live = update(PackageRow).filter_by(**key).where(PackageRow.deleted_at.is_(None))
    result: CursorResult[Any] = connection.execute(live.values(deleted_at=one.at))
    return int(result.rowcount)


def _delete_texts(connection: Connection, indexes: Sequence[int]) -> int:
    gone = 0
    for start in range(0, len(indexes), _IN_LIMIT):
        some = indexes[start : start + _IN_LIMIT]
        sealed = select(StatementRow.index).where(
            StatementRow.index.in_(some), StatementRow.confidential, StatementRow.kind.in_(KINDS)
        )
        result: CursorResult[Any] = connection.execute(delete(BodyRow).where(BodyRow.index.in_(sealed)))
        connection.execute(delete(AnnexRow).where(AnnexRow.index.in_(sealed)))
        for table in (BodyRow, AnnexRow):
            left = select(func.count()).select_from(table).where(table.index.in_(sealed))
            require(table.__tablename__, connection.scalar(left), 0)
        _mark(connection, set(connection.scalars(sealed)))
        gone += int(result.rowcount)
    return gone


def _mark(connection: Connection, indexes: Collection[int]) -> None:
    """Remember that the texts at these indexes were deleted."""
    marked = _MARKED.where(OutboxRow.index.in_(indexes))
    new = [{"index": index, "topic": TEXT_DELETED} for index in sorted({*indexes} - {*connection.scalars(marked)})]
    if new:
        connection.execute(insert(OutboxRow), new)
    require(OutboxRow.__tablename__, set(connection.scalars(marked)), {*indexes})
