"""What the hub itself knows of the exchange, for figures: changes of transfers, packages, and neutrals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, case, func, select, sql

from hub.storage.engine import Database
from hub.storage.models import CursorRow, EffectRow, PackageRow, StatementRow, TransferRow
from hub.storage.searchmodels import DirectoryVersionRow
from providers.transfer.commands import KINDS
from signing.encoding import JSON

__all__ = ["ExchangeRecords", "PackageTimes"]


@dataclass(frozen=True, slots=True)
class PackageTimes:
    """When a package came, went, and when its transfer ended (POSIX seconds).

    Attributes:
        claimed: whether an offer or dispatch in the log names it.
        released: when its last hold ended.
    """

    sender: str
    stored: int
    deleted: int | None
    held: bool
    ended: int | None
    claimed: bool
    released: int | None = None


class ExchangeRecords:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def state(self) -> tuple[int, tuple[Any, ...]]:
        """How many entries the tables of the exchange follow; and marks that change whenever the rest does."""
        return await self._database.read(_state)

    async def changes(self, first: int, end: int) -> list[Mapping[str, JSON]]:
        """What became of transfers by the entries [first, end), in log order, as the rules recorded it."""
        query = (
            select(EffectRow.data)
            .join(StatementRow, StatementRow.index == EffectRow.index)
            .where(StatementRow.index >= first, StatementRow.index < end, StatementRow.kind.in_(KINDS))
            .where(EffectRow.type == "transfer.changed")
            .order_by(EffectRow.index)
        )
        found = await self._database.read(lambda connection: list(connection.scalars(query)))
        return [orjson.loads(one) for one in found]

    async def packages(self) -> list[PackageTimes]:
        """Every package that is or was stored."""
        claimed = func.coalesce(TransferRow.brief == PackageRow.sha256, sql.false()) | func.coalesce(
            TransferRow.ciphertext == PackageRow.sha256, sql.false()
        )
        query = select(
            PackageRow.owner, PackageRow.stored_at, PackageRow.deleted_at, PackageRow.held_at, TransferRow.ended,
            case((claimed, 1), else_=0), PackageRow.released_at,
        ).join(TransferRow, TransferRow.transfer == PackageRow.transfer, isouter=True)  # fmt: skip
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [_package(row) for row in rows]

    async def neutrals(self) -> list[Mapping[str, JSON]]:
        """The newest record of every neutral, as the directory has it."""
        newest = select(func.max(DirectoryVersionRow.index)).group_by(DirectoryVersionRow.subject)
        query = select(DirectoryVersionRow.record).where(DirectoryVersionRow.index.in_(newest))
        found = await self._database.read(lambda connection: list(connection.scalars(query)))
        return [one for one in map(orjson.loads, found) if one["role"] == "neutral"]


def _package(row: Row[Any]) -> PackageTimes:
    owner, stored, deleted, held, ended, claimed, released = tuple(row)
    return PackageTimes(owner, stored, deleted, held is not None, ended, bool(claimed), released)


def _state(connection: Connection) -> tuple[int, tuple[Any, ...]]:
    size = connection.scalar(select(CursorRow.size).filter_by(name="exchange"))
    packages = select(
        func.count(),
        func.count(PackageRow.deleted_at),
        func.count(PackageRow.held_at),
        func.max(PackageRow.stored_at),
        func.max(PackageRow.released_at),
    ).select_from(PackageRow)
    ended = select(func.count(TransferRow.ended))
    versions = select(func.max(DirectoryVersionRow.index))
    marks = (*connection.execute(packages).one(), connection.scalar(ended), connection.scalar(versions))
    return int(size or 0), marks
