"""What entries told of awards, in log order: registrations, and what reviews decided."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, select

from hub.storage.engine import Database
from hub.storage.models import EffectRow
from signing.encoding import JSON

__all__ = ["AwardTold", "AwardsTold"]

_REGISTERED, _REVIEWED = "award.registered", "award.reviewed"


@dataclass(frozen=True, slots=True)
class AwardTold:
    """What one entry told of an award: that it is registered (``registers``), or what a review decided."""

    index: int
    registers: bool
    data: Mapping[str, JSON]


class AwardsTold:
    """Reads what was told of awards."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def piece(self, first: int, size: int, limit: int) -> list[AwardTold]:
        """At most ``limit`` registrations and reviews from log index ``first`` on, below ``size``, in log order."""
        query = (
            select(EffectRow.index, EffectRow.type, EffectRow.data)
            .where(EffectRow.index >= first, EffectRow.index < size, EffectRow.type.in_((_REGISTERED, _REVIEWED)))
            .order_by(EffectRow.index)
            .limit(limit)
        )

        def piece(connection: Connection) -> list[AwardTold]:
            rows = connection.execute(query)
            return [AwardTold(index, kind == _REGISTERED, orjson.loads(data)) for index, kind, data in rows]

        return await self._database.read(piece)
