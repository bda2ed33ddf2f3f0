"""Everything that is stored, in log order and in pieces, for ``fsck`` and ``rebuild``."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from hub.storage.directory import rows, statement_columns, stored_statement
from hub.storage.encoding import encode_json
from hub.storage.engine import Database
from hub.storage.models import (
    AnnexRow,
    CheckpointRow,
    CosignatureRow,
    EffectRow,
    EntryRow,
    RuleStateRow,
    StatementRow,
    TileRow,
)
from hub.storage.values import StoredCheckpoint, StoredEffect, StoredStatement
from signing.encoding import JSON

__all__ = ["Audit", "StoredEntry"]

_PIECE = 1000


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry with all that stands beside it; ``statement`` is None where its row is missing."""

    index: int
    octets: bytes
    leaf_hash: bytes
    time: int
    effects: tuple[StoredEffect, ...]
    statement: StoredStatement | None
    annex: bytes | None


class Audit:
    """Streams of stored values; read-only but for ``replace_rule_state``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def entries(self, piece: int = _PIECE) -> AsyncIterator[list[StoredEntry]]:
        """All entries in log order, ``piece`` at a time."""
        first = 0
        while True:
            found = await self._entries(first, first + piece)
            if not found:
                return
            yield found
            first += piece

    async def checkpoints(self) -> AsyncIterator[StoredCheckpoint]:
        """All checkpoints by size, with their cosignatures."""
        query = select(CheckpointRow.__table__).order_by(CheckpointRow.size)
        async with (
            self._database.read() as lines,
            self._database.read() as connection,
            connection.stream(query) as found_rows,
        ):
            async for row in found_rows:
                of_size = select(CosignatureRow.witness, CosignatureRow.line).filter_by(size=row.size)
                found = {line.witness: line.line for line in await lines.execute(of_size)}
                yield StoredCheckpoint(row.size, bytes(row.root), bytes(row.note), bool(row.witnessed), found)

    async def rule_state(self) -> dict[str, tuple[JSON, int]]:
        """Every key of the rule state with its value and the index that last wrote it."""
        query = select(RuleStateRow.key, RuleStateRow.value, RuleStateRow.updated)
        async with self._database.read() as connection:
            return {row.key: (json.loads(row.value), row.updated) for row in await connection.execute(query)}

    async def tile_count(self) -> int:
        """How many tiles are stored."""
        async with self._database.read() as connection:
            return int(await connection.scalar(select(func.count()).select_from(TileRow)) or 0)

    async def replace_rule_state(self, state: Mapping[str, tuple[JSON, int]]) -> None:
        """Put ``state`` in place of all rule state, in one transaction."""
        rows = [{"key": key, "value": encode_json(value), "updated": at} for key, (value, at) in state.items()]

        def replace(connection: Connection) -> None:
            connection.execute(delete(RuleStateRow))
            if rows:
                connection.execute(insert(RuleStateRow), rows)

        await self._database.write(replace)

    async def _entries(self, first: int, end: int) -> list[StoredEntry]:
        def piece(table: Any) -> Any:  # noqa: ANN401  # a select with the range of this piece
            return select(table.__table__).where(table.index >= first, table.index < end)

        async with self._database.read() as connection:
            statements = statement_columns().where(StatementRow.index >= first, StatementRow.index < end)
            of_index = {row["index"]: stored_statement(row) for row in await rows(connection, statements)}
            annexes = {row["index"]: bytes(row["octets"]) for row in await rows(connection, piece(AnnexRow))}
            effects: dict[int, list[StoredEffect]] = {}
            ordered = piece(EffectRow).order_by(EffectRow.index, EffectRow.position)
            for row in await rows(connection, ordered):
                effect = StoredEffect(row["type"], row["version"], json.loads(row["data"]))
                effects.setdefault(row["index"], []).append(effect)
            entries = await rows(connection, piece(EntryRow).order_by(EntryRow.index))
        return [
            StoredEntry(
                row["index"], bytes(row["octets"]), bytes(row["leaf_hash"]), row["time"],
                tuple(effects.get(row["index"], ())), of_index.get(row["index"]), annexes.get(row["index"]),
            )
            for row in entries
        ]  # fmt: skip
