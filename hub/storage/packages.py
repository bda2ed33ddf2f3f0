"""Stored packages: who may fetch them, which are to be deleted, which are held. The row outlives the file."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, CursorResult, Select, and_, bindparam, case, func, insert, or_, select, sql, update

from hub.storage.certain import require
from hub.storage.engine import Database
from hub.storage.models import DeletionRow, PackageRow, TransferRow
from hub.storage.values import Ending, Package, Wanted

__all__ = ["PACKAGE_KEY", "PACKAGE_OF_KEY", "PackageStore"]

PACKAGE_KEY = ("sha256", "owner", "recipient", "transfer")
"""Primary key of a package."""

_COLUMNS = select(PackageRow.__table__)
_LIVE = PackageRow.deleted_at.is_(None)
_STORED = _COLUMNS.where(PackageRow.sha256 == bindparam("digest"), _LIVE)
_OF_READER = (
    _COLUMNS.where(
        PackageRow.sha256 == bindparam("digest"),
        or_(PackageRow.owner == bindparam("reader"), PackageRow.recipient == bindparam("reader")),
    )
    .order_by(PackageRow.deleted_at.is_not(None), PackageRow.stored_at.desc())
    .limit(1)
)
PACKAGE_OF_KEY = _COLUMNS.where(*(getattr(PackageRow, name) == bindparam(name) for name in PACKAGE_KEY))
"""The package of a key, stored or gone."""


class PackageStore:
    """Rows of packages and of their deletions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_reader(self, sha256: str, reader: str) -> Package | None:
        """The package of this hash that ``reader`` uploaded or was sent; a stored one before one that is gone."""
        return next(iter(await self._packages(_OF_READER, {"digest": sha256, "reader": reader})), None)

    async def same(self, wanted: Wanted) -> Package | None:
        """The package that this owner uploaded for this recipient and transfer, stored or gone."""
        return await self.find(wanted.sha256, wanted.owner, wanted.recipient, wanted.transfer)

    async def find(self, sha256: str, owner: str, recipient: str, transfer: str) -> Package | None:
        """The same, by name."""
        key = dict(zip(PACKAGE_KEY, (sha256, owner, recipient, transfer), strict=True))
        return next(iter(await self._packages(PACKAGE_OF_KEY, key)), None)

    async def stored(self, sha256: str) -> list[Package]:
        """Every stored package of this hash."""
        return await self._packages(_STORED, {"digest": sha256})

    async def hashes(self) -> set[str]:
        """The hash of every stored package."""
        query = select(PackageRow.sha256).where(_LIVE)
        return await self._database.read(lambda connection: set(connection.scalars(query)))

    async def endings(self, *, uploaded_before: int, unclaimed_before: int, limit: int) -> list[Ending]:
        """Stored packages that nobody holds and whose time is over.

        Args:
            uploaded_before: packages stored before that are too old, whatever became of their transfer.
            unclaimed_before: packages stored before that are too old if no registered statement names them.
            limit: at most so many.
        """
        unclaimed = and_(
            func.coalesce(TransferRow.brief != PackageRow.sha256, sql.true()),
            func.coalesce(TransferRow.ciphertext != PackageRow.sha256, sql.true()),
        )
        over = or_(
            TransferRow.ended.is_not(None),
            PackageRow.stored_at < uploaded_before,
            and_(PackageRow.stored_at < unclaimed_before, unclaimed),
        )
        query = (
            select(PackageRow.__table__, TransferRow.state, TransferRow.ended)
            .join(TransferRow, TransferRow.transfer == PackageRow.transfer, isouter=True)
            .where(_LIVE, PackageRow.held_at.is_(None), over)
            .order_by(PackageRow.stored_at)
            .limit(limit)
        )
        found = await self._database.read(
            lambda connection: [dict(row) for row in connection.execute(query).mappings()]
        )
        endings = []
        for row in found:
            state, ended = row.pop("state"), row.pop("ended")
            package = Package(**row)
            late = "age" if package.stored_at < uploaded_before else "unclaimed"
            endings.append(Ending(package, late if ended is None else state))
        return endings

    async def record_deletion(self, package: Package, now: int, record: bytes, unlink: Callable[[], None]) -> bool:
        """Delete a package and keep the signed record; False when it was held or gone meanwhile.

        ``unlink`` deletes the file. It is called inside the transaction, and only when no other stored package has
        this hash: the record is never kept without the deletion, and nobody can hold a file that is gone.
        """
        key = {name: value for name, value in asdict(package).items() if name in PACKAGE_KEY}
        gone = update(PackageRow).filter_by(**key).where(_LIVE, PackageRow.held_at.is_(None)).values(deleted_at=now)

        def delete(connection: Connection) -> bool:
            result: CursorResult[Any] = connection.execute(gone)
            if result.rowcount:
                connection.execute(insert(DeletionRow), key | {"at": now, "record": record})
                deleted = connection.scalar(select(PackageRow.deleted_at).filter_by(**key))
                require(PackageRow.__tablename__, deleted, now)
                kept = connection.scalar(select(DeletionRow.at).filter_by(**key))
                require(DeletionRow.__tablename__, kept, now)
                others = select(PackageRow.owner).where(PackageRow.sha256 == package.sha256, _LIVE)
                if connection.execute(others).first() is None:
                    unlink()
            return bool(result.rowcount)

        done = await self._database.write(delete)
        if done:
            require(DeletionRow.__tablename__, await self.deletion(package), record)
        return done

    async def deletion(self, package: Package) -> bytes | None:
        """The signed record of a package's deletion."""
        key = {name: value for name, value in asdict(package).items() if name in PACKAGE_KEY}
        query = select(DeletionRow.record).filter_by(**key)
        return await self._database.read(lambda connection: connection.scalar(query))

    async def hold(self, sha256: str, reason: str, now: int) -> int:
        """Hold every stored package of this hash; returns how many there are."""
        return await self._change_hold(sha256, held_at=now, hold_reason=reason)

    async def release(self, sha256: str, now: int) -> int:
        """End the hold on packages of this hash; returns how many there are, also of those that nobody held."""
        ended = case((PackageRow.held_at.is_not(None), now), else_=PackageRow.released_at)
        return await self._change_hold(sha256, held_at=None, hold_reason=None, released_at=ended)

    async def _change_hold(self, sha256: str, **values: Any) -> int:  # noqa: ANN401  # columns
        change = update(PackageRow).where(PackageRow.sha256 == sha256, _LIVE).values(**values)

        def run(connection: Connection) -> int:
            result: CursorResult[Any] = connection.execute(change)
            return int(result.rowcount)

        count = await self._database.write(run)
        held = [one.held_at for one in await self.stored(sha256)]
        require(PackageRow.__tablename__, held, [values["held_at"]] * len(held))
        return count

    async def _packages(self, query: Select[Any], values: dict[str, str]) -> list[Package]:
        return await self._database.read(
            lambda connection: [Package(**row) for row in connection.execute(query, values).mappings()]
        )
