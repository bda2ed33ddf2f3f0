"""The log's tables as they are, in log order and in pieces, for ``fsck`` and ``rebuild``.

What can't be read as what it should be (JSON that is no JSON, or not as it is written here) is handed out as None or
said to be garbled; it is the audit's to judge, and must not keep it from going on.
"""

import json
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, tuple_
from sqlalchemy.exc import SQLAlchemyError

from hub.storage.certain import require
from hub.storage.directory import rows, statement_columns, stored_statement
from hub.storage.encoding import encode_json
from hub.storage.engine import Database
from hub.storage.models import (
    AnnexRow,
    Base,
    BodyRow,
    CheckpointRow,
    CosignatureRow,
    DocumentRow,
    EffectRow,
    EndedCheckpointRow,
    EntryRow,
    HeadRow,
    OutboxRow,
    PolicyProofRow,
    RuleStateRow,
    StatementRow,
    TileRow,
    TransferRow,
    TransferStatementRow,
)
from hub.storage.values import Annex, StoredCheckpoint, StoredEffect, StoredEnded, StoredStatement
from signing.encoding import JSON

__all__ = ["OF_ENTRIES", "UNREADABLE", "Audit", "StoredEntry", "read_json"]

UNREADABLE: tuple[type[Exception], ...] = (SQLAlchemyError, ValueError)
"""What reading a damaged database raises."""

_PIECE = 1000
OF_ENTRIES: tuple[type[Base], ...] = (
    EntryRow, StatementRow, BodyRow, AnnexRow, DocumentRow, EffectRow, OutboxRow, PolicyProofRow,
)  # fmt: skip
"""Tables whose rows belong to the entry at their ``index``."""


_OF_SIZES: tuple[type[Base], ...] = (CheckpointRow, CosignatureRow, EndedCheckpointRow)


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry with all that stands beside it.

    Args:
        statement: None where its row is missing.
        garbled: whether an effect is not as it is written here.
        outbox: topics.
        proof: size and note of the policy proof.
    """

    index: int
    octets: bytes
    leaf_hash: bytes
    time: int
    effects: tuple[StoredEffect, ...]
    statement: StoredStatement | None
    annex: Annex | None
    garbled: bool = False
    outbox: tuple[str, ...] = ()
    proof: tuple[int, bytes] | None = None


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

    async def checkpoints(self, after: int = -1, most: int | None = None) -> AsyncIterator[StoredCheckpoint]:
        """All checkpoints of more than ``after`` entries and at most ``most``, by size, with their cosignatures."""
        while True:
            found = await self._database.read(partial(_checkpoints, after=after, most=most))
            for one in found:
                yield one
            if not found:
                return
            after = found[-1].size

    async def ended_checkpoints(self, after: int, most: int) -> list[StoredEnded]:
        """Checkpoints of logs that have ended, of more than ``after`` entries and at most ``most``, by size."""
        table = EndedCheckpointRow.__table__
        query = select(table).where(EndedCheckpointRow.size > after, EndedCheckpointRow.size <= most)
        ordered = query.order_by(EndedCheckpointRow.size, EndedCheckpointRow.origin)
        return await self._database.read(
            lambda connection: [
                StoredEnded(row.origin, row.size, bytes(row.root), bytes(row.note))
                for row in connection.execute(ordered)
            ]
        )

    async def documents(self, hashes: Collection[str]) -> set[tuple[str, int]]:
        """Every (SHA-256 in hex, index) of registered documents with one of these hashes."""
        found = select(DocumentRow.sha256, DocumentRow.index).where(DocumentRow.sha256.in_(sorted(hashes)))
        return await self._database.read(lambda connection: {(one, at) for one, at in connection.execute(found)})

    async def cleared(self, indexes: Collection[int]) -> set[int]:
        """Those of the statements at these indexes whose transfer says that its texts were deleted."""
        found = (
            select(TransferStatementRow.index)
            .join(TransferRow, TransferRow.transfer == TransferStatementRow.transfer)
            .where(TransferRow.cleared.is_not(None), TransferStatementRow.index.in_(sorted(indexes)))
        )
        return await self._database.read(lambda connection: set(connection.scalars(found)))

    async def tiles(self, wanted: Collection[tuple[int, int]]) -> dict[tuple[int, int], tuple[int, bytes]]:
        """Width and hashes of the tiles at these (level, n), as many as there are."""
        query = select(TileRow.level, TileRow.n, TileRow.width, TileRow.hashes)
        query = query.where(tuple_(TileRow.level, TileRow.n).in_(sorted(wanted)))
        return await self._database.read(
            lambda connection: {
                (level, n): (width, bytes(hashes)) for level, n, width, hashes in connection.execute(query)
            }
        )

    async def tile_count(self) -> int:
        """How many tiles are stored."""
        return await self._count(select(func.count()).select_from(TileRow))

    async def counts(self, size: int) -> dict[str, int]:
        """By table: how many rows belong to the first ``size`` entries, or to checkpoints of them."""
        by = [(table, table.__table__.c.index < size) for table in OF_ENTRIES]
        by += [(table, table.__table__.c.size <= size) for table in _OF_SIZES]
        queries = [select(func.count()).select_from(table).where(below).scalar_subquery() for table, below in by]
        names = [table.__tablename__ for table, _ in by]

        def counts(connection: Connection) -> dict[str, int]:
            return dict(zip(names, connection.execute(select(*queries)).one(), strict=True))

        return await self._database.read(counts)

    async def beyond_head(self) -> list[str]:
        """Tables with rows that belong to entries which the head does not count, in one look."""
        size = select(func.max(HeadRow.size)).scalar_subquery()
        by = [(table, table.__table__.c.index >= size) for table in OF_ENTRIES]
        by += [(table, table.__table__.c.size > size) for table in _OF_SIZES]
        by += [(RuleStateRow, RuleStateRow.updated >= size)]
        queries = [select(1).select_from(table).where(beyond).exists() for table, beyond in by]

        def beyond_head(connection: Connection) -> list[str]:
            found = connection.execute(select(*queries)).one()
            return [table.__tablename__ for (table, _), there in zip(by, found, strict=True) if there]

        return await self._database.read(beyond_head)

    async def rule_state(self) -> dict[str, tuple[JSON, int]]:
        """Every key of the rule state with its value and the index that last wrote it."""
        found: dict[str, tuple[JSON, int]] = {}
        async for piece in self.rule_state_pieces():
            found.update(piece)
        return found

    async def rule_state_pieces(self, piece: int = _PIECE) -> AsyncIterator[dict[str, tuple[JSON, int]]]:
        """The same, ``piece`` keys at a time; the value of a row that is not as it is written here is its text."""
        query = select(RuleStateRow.key, RuleStateRow.value, RuleStateRow.updated).order_by(RuleStateRow.key)
        after: str | None = None
        while True:
            more = query.limit(piece) if after is None else query.where(RuleStateRow.key > after).limit(piece)
            found = await self._database.read(partial(_state, query=more))
            if not found:
                return
            yield found
            after = list(found)[-1]

    async def state_keys(self, keys: Collection[str]) -> set[str]:
        """Those of some keys that have a row."""
        query = select(RuleStateRow.key).where(RuleStateRow.key.in_(sorted(keys)))
        return await self._database.read(lambda connection: set(connection.scalars(query)))

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

    async def _count(self, query: Any) -> int:  # noqa: ANN401  # a select of one number
        return await self._database.read(lambda connection: int(connection.scalar(query) or 0))


def read_json(text: str) -> JSON:
    """The value of a text as ``encode_json`` writes it.

    Raises:
        ValueError: it is another text.
    """
    value = json.loads(text)
    if encode_json(value) != text:
        raise ValueError("the text is not as it is written here")
    return value


def _state(connection: Connection, *, query: Any) -> dict[str, tuple[JSON, int]]:  # noqa: ANN401  # a select
    found: dict[str, tuple[JSON, int]] = {}
    for row in connection.execute(query):
        try:
            value = read_json(row.value)
        except ValueError:
            value = {"text": row.value}
        found[row.key] = (value, row.updated)
    return found


def _effects(connection: Connection, query: Any) -> tuple[dict[int, list[StoredEffect]], set[int]]:  # noqa: ANN401
    """Effects by index, and the indexes at which one is garbled or out of place."""
    found: dict[int, list[StoredEffect]] = {}
    garbled: set[int] = set()
    for row in rows(connection, query):
        some = found.setdefault(row["index"], [])
        try:
            data = read_json(row["data"])
        except ValueError:
            data = None
        if data is None or row["position"] != len(some):
            garbled.add(row["index"])
        some.append(StoredEffect(row["type"], row["version"], data))
    return found, garbled


def _entries(connection: Connection, *, first: int, end: int) -> list[StoredEntry]:
    def piece(table: Any) -> Any:  # noqa: ANN401  # a select with the range of this piece
        return select(table.__table__).where(table.index >= first, table.index < end)

    statements = statement_columns().where(StatementRow.index >= first, StatementRow.index < end)
    of_index = {row["index"]: stored_statement(row) for row in rows(connection, statements)}
    annexes = {row["index"]: Annex(row["sha256"], bytes(row["octets"])) for row in rows(connection, piece(AnnexRow))}
    effects, garbled = _effects(connection, piece(EffectRow).order_by(EffectRow.index, EffectRow.position))
    proofs = {row["index"]: (row["size"], bytes(row["note"])) for row in rows(connection, piece(PolicyProofRow))}
    outbox: dict[int, tuple[str, ...]] = {}
    for row in rows(connection, piece(OutboxRow).order_by(OutboxRow.topic)):
        outbox[row["index"]] = (*outbox.get(row["index"], ()), row["topic"])
    entries = rows(connection, piece(EntryRow).order_by(EntryRow.index))
    return [
        StoredEntry(
            at, bytes(row["octets"]), bytes(row["leaf_hash"]), row["time"], tuple(effects.get(at, ())),
            of_index.get(at), annexes.get(at), at in garbled, outbox.get(at, ()), proofs.get(at),
        )
        for row in entries
        for at in (row["index"],)
    ]  # fmt: skip


def _checkpoints(connection: Connection, *, after: int, most: int | None) -> list[StoredCheckpoint]:
    """A piece of the checkpoints of more than ``after`` entries."""
    query = select(CheckpointRow.__table__).where(CheckpointRow.size > after)
    if most is not None:
        query = query.where(CheckpointRow.size <= most)
    found = connection.execute(query.order_by(CheckpointRow.size).limit(_PIECE)).all()
    lines: dict[int, dict[str, str]] = {row.size: {} for row in found}
    if found:
        of_them = select(CosignatureRow.__table__).where(CosignatureRow.size > after)
        for line in connection.execute(of_them.where(CosignatureRow.size <= found[-1].size)):
            lines.setdefault(line.size, {})[line.witness] = line.line
    return [
        StoredCheckpoint(row.size, bytes(row.root), bytes(row.note), bool(row.witnessed), lines[row.size])
        for row in found
    ]
