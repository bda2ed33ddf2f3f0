"""Everything that is stored, in log order and in pieces, for ``fsck`` and ``rebuild``."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from hub.storage.certain import require
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
            found = await self._database.read(partial(_entries, first=first, end=first + piece))
            if not found:
                return
            yield found
            first += piece

    async def checkpoints(self) -> AsyncIterator[StoredCheckpoint]:
        """All checkpoints by size, with their cosignatures."""
        after = -1
        while True:
            found = await self._database.read(partial(_checkpoints, after=after))
            for one in found:
                yield one
            if not found:
                return
            after = found[-1].size

    async def rule_state(self) -> dict[str, tuple[JSON, int]]:
        """Every key of the rule state with its value and the index that last wrote it."""
        query = select(RuleStateRow.key, RuleStateRow.value, RuleStateRow.updated)
        return await self._database.read(
            lambda connection: {row.key: (json.loads(row.value), row.updated) for row in connection.execute(query)}
        )

    async def tile_count(self) -> int:
        """How many tiles are stored."""
        query = select(func.count()).select_from(TileRow)
        return await self._database.read(lambda connection: int(connection.scalar(query) or 0))

    async def replace_rule_state(self, state: Mapping[str, tuple[JSON, int]]) -> None:
        """Put ``state`` in place of all rule state, in one transaction."""
        rows = [{"key": key, "value": encode_json(value), "updated": at} for key, (value, at) in state.items()]

        def replace(connection: Connection) -> None:
            connection.execute(delete(RuleStateRow))
            if rows:
                connection.execute(insert(RuleStateRow), rows)
            found = connection.scalar(select(func.count()).select_from(RuleStateRow))
            require(RuleStateRow.__tablename__, found, len(rows))

        await self._database.write(replace)


def _entries(connection: Connection, *, first: int, end: int) -> list[StoredEntry]:
    def piece(table: Any) -> Any:  # noqa: ANN401  # a select with the range of this piece
        return select(table.__table__).where(table.index >= first, table.index < end)

    statements = statement_columns().where(StatementRow.index >= first, StatementRow.index < end)
    of_index = {row["index"]: stored_statement(row) for row in rows(connection, statements)}
    annexes = {row["index"]: bytes(row["octets"]) for row in rows(connection, piece(AnnexRow))}
    effects: dict[int, list[StoredEffect]] = {}
    ordered = piece(EffectRow).order_by(EffectRow.index, EffectRow.position)
    for row in rows(connection, ordered):
        effect = StoredEffect(row["type"], row["version"], json.loads(row["data"]))
        effects.setdefault(row["index"], []).append(effect)
    entries = rows(connection, piece(EntryRow).order_by(EntryRow.index))
    return [
        StoredEntry(
            row["index"], bytes(row["octets"]), bytes(row["leaf_hash"]), row["time"],
            tuple(effects.get(row["index"], ())), of_index.get(row["index"]), annexes.get(row["index"]),
        )
        for row in entries
    ]  # fmt: skip


def _checkpoints(connection: Connection, *, after: int) -> list[StoredCheckpoint]:
    """A piece of the checkpoints of more than ``after`` entries."""
    query = select(CheckpointRow.__table__).where(CheckpointRow.size > after)
    found = connection.execute(query.order_by(CheckpointRow.size).limit(_PIECE)).all()
    lines: dict[int, dict[str, str]] = {row.size: {} for row in found}
    if found:
        of_them = select(CosignatureRow.__table__).where(CosignatureRow.size > after)
        for line in connection.execute(of_them.where(CosignatureRow.size <= found[-1].size)):
            lines[line.size][line.witness] = line.line
    return [
        StoredCheckpoint(row.size, bytes(row.root), bytes(row.note), bool(row.witnessed), lines[row.size])
        for row in found
    ]
