"""The rows of a batch. Everything here runs inside transaction A of ``log_store``.

This is the busiest code of the hub: a registered award is a dozen rows. On SQLite each INSERT is compiled once and
then run with plain tuples, which costs half of what the ORM's or Core's own path costs; into PostgreSQL rows go by
COPY, which costs a third of what an INSERT costs there. Before the transaction commits, every table is asked for what
was written to it.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Dialect,
    Integer,
    String,
    Text,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects import sqlite

from hub.storage.certain import counter, require
from hub.storage.encoding import encode_json
from hub.storage.models import (
    AnnexRow,
    Base,
    BodyRow,
    DocumentRow,
    EffectRow,
    EntryRow,
    OutboxRow,
    RuleStateRow,
    StatementRow,
    TileRow,
)
from hub.storage.rule_state import is_stored
from hub.storage.values import StagedBatch, StagedEntry
from providers.storage.prepared import Prepared
from signing.tiles import TILE_WIDTH

__all__ = ["BulkInsert", "append_rows"]

_Row = tuple[Any, ...]
_TOGETHER = 64
"""Rows of one INSERT on SQLite: a batch of sixty entries is one statement for each table."""


class BulkInsert:
    """An INSERT of many rows into one table.

    Args:
        table: the table; all its columns are given.
        keys: columns by which a row that stands there is overwritten; without them it is an error.
    """

    def __init__(self, table: type[Base], keys: tuple[str, ...] = ()) -> None:
        self._table = table
        self._keys = keys
        self._texts: dict[int, str] = {}
        self._types = {column.name: _postgresql_type(column) for column in table.__table__.columns}

    def run(self, connection: Connection, rows: Iterable[_Row]) -> None:
        """Insert rows, given as tuples of what the driver stores, in the order of the table's columns.

        Many rows go into one statement: the driver gives up the interpreter for each statement, and to get it
        back beside a busy event loop costs more than the row.
        """
        listed = list(rows)
        if connection.dialect.name == "postgresql":
            self._write_postgresql(connection, listed)
            return
        for start in range(0, len(listed), _TOGETHER):
            some = listed[start : start + _TOGETHER]
            connection.exec_driver_sql(self._text(connection.dialect, len(some)), tuple(chain.from_iterable(some)))

    def _write_postgresql(self, connection: Connection, rows: Sequence[_Row]) -> None:
        from hub.storage.postgresql import copy_rows, merge_rows  # noqa: PLC0415  # the driver is loaded where it is used

        name = str(self._table.__tablename__)
        if rows and self._keys:
            merge_rows(connection, name, self._types, self._keys, rows)
        elif rows:
            copy_rows(connection, name, self._types, rows)

    def _text(self, dialect: Dialect, rows: int) -> str:
        return self._texts.get(rows) or self._texts.setdefault(rows, self._made(dialect, rows))

    def _made(self, dialect: Dialect, rows: int) -> str:
        if rows == 1:
            return self._compile(dialect)
        one = f"({', '.join('?' * len(self._types))})"
        return self._text(dialect, 1).replace(one, ", ".join([one] * rows), 1)

    def _compile(self, dialect: Dialect) -> str:
        columns = list(self._types)
        statement: Any = sqlite.insert(self._table).values({name: bindparam(name) for name in columns})
        if self._keys:
            others = {name: statement.excluded[name] for name in columns if name not in self._keys}
            statement = statement.on_conflict_do_update(index_elements=list(self._keys), set_=others)
        compiled = statement.compile(dialect=dialect)
        if list(compiled.positiontup or ()) != columns:
            raise RuntimeError(f"{dialect.driver} does not take parameters by position.")
        return str(compiled)


def _postgresql_type(column: ColumnElement[Any]) -> str:
    """PostgreSQL's name of a column's type."""
    if isinstance(column.type, String):
        return "text"
    if isinstance(column.type, BigInteger):
        return "int8"
    if isinstance(column.type, Integer):
        return "int4"
    return "bool" if isinstance(column.type, Boolean) else "bytea"


_ENTRIES, _STATEMENTS, _BODIES = BulkInsert(EntryRow), BulkInsert(StatementRow), BulkInsert(BodyRow)
_ANNEXES, _DOCUMENTS, _EFFECTS = BulkInsert(AnnexRow), BulkInsert(DocumentRow), BulkInsert(EffectRow)
_OUTBOX, _TILES = BulkInsert(OutboxRow), BulkInsert(TileRow, ("level", "n"))
_RULE_STATE = BulkInsert(RuleStateRow, ("key",))


def append_rows(connection: Connection, batch: StagedBatch) -> None:
    """Insert the entries of a batch, and write the rule state and tiles that they leave."""
    _insert_entries(connection, batch.entries)
    writes = ((key, encode_json(value), index) for key, (value, index) in batch.writes.items() if is_stored(key))
    _RULE_STATE.run(connection, writes)
    _TILES.run(connection, ((tile.level, tile.n, tile.width, tile.hashes) for tile in batch.tiles))
    _require_kept(connection, batch)


_BY_INDEX = (EntryRow, StatementRow, BodyRow, EffectRow, AnnexRow, OutboxRow)
_COUNTS = Prepared(
    select(
        *(
            select(func.count())
            .where(table.index >= bindparam("first"), table.index < bindparam("size"))
            .scalar_subquery()
            for table in _BY_INDEX
        ),
        select(func.max(TileRow.n * TILE_WIDTH + TileRow.width))
        .where(TileRow.level == 0, TileRow.n >= bindparam("newest"))
        .scalar_subquery(),
    )
)
_KEPT_DOCUMENTS = counter(DocumentRow, "sha256", DocumentRow.index >= bindparam("first"))
_KEPT_STATE_OF_LIST = Prepared(  # on SQLite: one bound value however many keys
    select(func.count())
    .select_from(RuleStateRow)
    .where(
        RuleStateRow.key.in_(select(func.json_each(bindparam("keys", type_=Text)).table_valued("value").c.value)),
        RuleStateRow.updated >= bindparam("first"),
    )
)
_KEPT_STATE = counter(RuleStateRow, "key", RuleStateRow.updated >= bindparam("first"))


def _require_kept(connection: Connection, batch: StagedBatch) -> None:
    """Count what the batch has left in every table; octets of entries and tiles are read again before signing."""
    entries, size = batch.entries, batch.head.size
    first = entries[0].index
    found = _COUNTS.run(connection, {"first": first, "size": size, "newest": (size - 1) // TILE_WIDTH}).one()
    annexes = sum(one.annex is not None for one in entries)
    effects, outbox = sum(len(one.effects) for one in entries), sum(len(one.outbox) for one in entries)
    expected = (len(entries), len(entries), len(entries), effects, annexes, outbox, size)
    for table, there, wanted in zip((*_BY_INDEX, TileRow), found, expected, strict=True):
        require(table.__tablename__, there, wanted)
    documents = [(bytes.fromhex(sha256), one.index) for one in entries for sha256 in one.documents]
    kept = _KEPT_DOCUMENTS(connection, (sha256 for sha256, _ in documents), first=first)
    require(DocumentRow.__tablename__, kept, len(set(documents)))
    keys = [key for key in batch.writes if is_stored(key)]
    require(RuleStateRow.__tablename__, _kept_state(connection, keys, first), len(keys))


def _kept_state(connection: Connection, keys: Sequence[str], first: int) -> int:
    if connection.dialect.name == "sqlite":
        given = {"keys": encode_json(list(keys)), "first": first}
        return int(_KEPT_STATE_OF_LIST.run(connection, given).scalar_one())
    return _KEPT_STATE(connection, keys, first=first)


def _insert_entries(connection: Connection, entries: Sequence[StagedEntry]) -> None:
    _ENTRIES.run(connection, ((one.index, one.octets, one.leaf_hash, one.time) for one in entries))
    _STATEMENTS.run(connection, (_statement(one) for one in entries))
    _BODIES.run(connection, ((one.index, one.document) for one in entries))
    _ANNEXES.run(
        connection,
        ((one.index, bytes.fromhex(one.annex.sha256), one.annex.octets) for one in entries if one.annex is not None),
    )
    _DOCUMENTS.run(connection, ((bytes.fromhex(sha256), one.index) for one in entries for sha256 in one.documents))
    _EFFECTS.run(connection, (row for one in entries for row in _effects(one)))
    _OUTBOX.run(connection, ((one.index, topic) for one in entries for topic in one.outbox))


def _statement(entry: StagedEntry) -> _Row:
    amends = None if entry.amends is None else bytes.fromhex(entry.amends)
    return (
        entry.index,
        bytes.fromhex(entry.digest),
        entry.issuer,
        entry.id,
        entry.kind,
        entry.version,
        entry.confidential,
        entry.subject,
        amends,
    )


def _effects(entry: StagedEntry) -> Iterable[_Row]:
    return (
        (entry.index, position, effect.type, effect.version, encode_json(effect.data))
        for position, effect in enumerate(entry.effects)
    )
