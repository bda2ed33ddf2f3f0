"""What rules recorded of awards, in log order."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, select

from hub.storage.engine import Database
from hub.storage.models import EffectRow
from hub.storage.rule_state import rule_state
from signing.encoding import JSON

__all__ = ["AwardRecord", "AwardRecords", "AwardTold"]

_REGISTERED, _REVIEWED = "award.registered", "award.reviewed"


@dataclass(frozen=True, slots=True)
class AwardRecord:
    """An award's record, and its newest review if there is one."""

    award: Mapping[str, JSON]
    review: Mapping[str, JSON] | None


@dataclass(frozen=True, slots=True)
class AwardTold:
    """What one entry told of an award: that it is registered (``registers``), or what a review decided."""

    index: int
    registers: bool
    data: Mapping[str, JSON]


class AwardRecords:
    """Reads awards by their place in the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def piece(self, first: int, size: int, limit: int) -> list[AwardRecord]:
        """At most ``limit`` awards from log index ``first`` on, below ``size``."""
        query = (
            select(EffectRow.data)
            .where(EffectRow.index >= first, EffectRow.index < size, EffectRow.type == _REGISTERED)
            .order_by(EffectRow.index)
            .limit(limit)
        )

        def piece(connection: Connection) -> list[AwardRecord]:
            awards = [orjson.loads(data) for data in connection.scalars(query)]
            reviews = rule_state(connection, [f"review/{award['digest']}" for award in awards])
            return [AwardRecord(award, reviews.get(f"review/{award['digest']}")) for award in awards]

        return await self._database.read(piece)

    async def told(self, first: int, size: int, limit: int) -> list[AwardTold]:
        """At most ``limit`` registrations and reviews from log index ``first`` on, below ``size``, in log order."""
        query = (
            select(EffectRow.index, EffectRow.type, EffectRow.data)
            .where(EffectRow.index >= first, EffectRow.index < size, EffectRow.type.in_((_REGISTERED, _REVIEWED)))
            .order_by(EffectRow.index)
            .limit(limit)
        )

        def told(connection: Connection) -> list[AwardTold]:
            rows = connection.execute(query)
            return [AwardTold(index, kind == _REGISTERED, orjson.loads(data)) for index, kind, data in rows]

        return await self._database.read(told)
