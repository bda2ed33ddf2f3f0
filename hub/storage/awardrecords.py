"""What rules recorded of awards, in log order."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, select

from hub.storage.engine import Database
from hub.storage.models import EffectRow
from hub.storage.rule_state import rule_state
from signing.encoding import JSON

__all__ = ["AwardPiece", "AwardRecord", "AwardRecords"]


@dataclass(frozen=True, slots=True)
class AwardRecord:
    """An award's record, and its newest review if there is one."""

    award: Mapping[str, JSON]
    review: Mapping[str, JSON] | None


@dataclass(frozen=True, slots=True)
class AwardPiece:
    """Some awards in log order, and the log index from which to go on; None at the end."""

    records: Sequence[AwardRecord]
    following: int | None


class AwardRecords:
    """Reads awards by their place in the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def piece(self, first: int, size: int, most: int, kids: Collection[str]) -> AwardPiece:
        """Of the next awards from log index ``first`` on, below ``size``, those that one of the keys ``kids`` signed.

        Looked at are ``most`` awards. They are sifted by the text of their stored JSON, so that only those are decoded
        that name a key; whether it signed is for the caller to see.
        """
        query = (
            select(EffectRow.index, EffectRow.data)
            .where(EffectRow.index >= first, EffectRow.index < size, EffectRow.type == "award.registered")
            .order_by(EffectRow.index)
            .limit(most)
        )

        def piece(connection: Connection) -> AwardPiece:
            rows = connection.execute(query).all()
            awards = [orjson.loads(data) for _, data in rows if any(kid in data for kid in kids)]
            reviews = rule_state(connection, [f"review/{award['digest']}" for award in awards])
            records = [AwardRecord(award, reviews.get(f"review/{award['digest']}")) for award in awards]
            return AwardPiece(records, rows[-1][0] + 1 if len(rows) == most else None)

        return await self._database.read(piece)
