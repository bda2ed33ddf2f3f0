"""What rules recorded of awards, in log order."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, select

from hub.storage.engine import Database
from hub.storage.models import EffectRow
from hub.storage.rule_state import rule_state
from signing.encoding import JSON

__all__ = ["AwardRecord", "AwardRecords"]


@dataclass(frozen=True, slots=True)
class AwardRecord:
    """An award's record, and its newest review if there is one."""

    award: Mapping[str, JSON]
    review: Mapping[str, JSON] | None


class AwardRecords:
    """Reads awards by their place in the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def piece(self, first: int, size: int, limit: int) -> list[AwardRecord]:
        """At most ``limit`` awards from log index ``first`` on, below ``size``."""
        query = (
            select(EffectRow.data)
            .where(EffectRow.index >= first, EffectRow.index < size, EffectRow.type == "award.registered")
            .order_by(EffectRow.index)
            .limit(limit)
        )

        def piece(connection: Connection) -> list[AwardRecord]:
            awards = [orjson.loads(data) for data in connection.scalars(query)]
            reviews = rule_state(connection, [f"review/{award['digest']}" for award in awards])
            return [AwardRecord(award, reviews.get(f"review/{award['digest']}")) for award in awards]

        return await self._database.read(piece)
