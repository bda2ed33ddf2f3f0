"""The rows of a batch. Everything here runs inside transaction A of ``log_store``.

This is the busiest code of the hub: a registered award is a dozen rows. Before the transaction commits, every table is
asked for what was written to it.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, Text, bindparam, func, select, text

from hub.storage.bulk import BulkInsert, Row, insert_together
from hub.storage.certain import counter, require
from hub.storage.encoding import encode_json
from hub.storage.models import (
    AnnexRow,
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

__all__ = ["append_rows"]

_ENTRIES, _STATEMENTS, _BODIES = BulkInsert(EntryRow), BulkInsert(StatementRow), BulkInsert(BodyRow)
_ANNEXES, _DOCUMENTS, _EFFECTS = BulkInsert(AnnexRow), BulkInsert(DocumentRow), BulkInsert(EffectRow)
_OUTBOX, _TILES = BulkInsert(OutboxRow), BulkInsert(TileRow, ("level", "n"))
_RULE_STATE = BulkInsert(RuleStateRow, ("key",))


def append_rows(connection: Connection, batch: StagedBatch) -> None:
    """Insert the entries of a batch, and write the rule state and tiles that they leave."""
    insert_together(connection, _rows(batch))
    _require_kept(connection, batch)


_BY_INDEX = (EntryRow, StatementRow, BodyRow, EffectRow, AnnexRow, OutboxRow)
_COUNTED = [str(table.__tablename__) for table in (*_BY_INDEX, TileRow, DocumentRow, RuleStateRow)]
_COUNTS_BY_INDEX = (
    *(
        select(func.count()).where(table.index >= bindparam("first"), table.index < bindparam("size")).scalar_subquery()
        for table in _BY_INDEX
    ),
    select(func.max(TileRow.n * TILE_WIDTH + TileRow.width))
    .where(TileRow.level == 0, TileRow.n >= bindparam("newest"))
    .scalar_subquery(),
)
_OF_STATE = select(func.count()).where(RuleStateRow.updated >= bindparam("first"))

_COUNTS = Prepared(select(*_COUNTS_BY_INDEX))
_DOCUMENTS_COUNT = counter(DocumentRow, "sha256", DocumentRow.index >= bindparam("first"))
_STATE_COUNT = Prepared(  # one bound value however many keys
    _OF_STATE.where(
        RuleStateRow.key.in_(select(func.json_each(bindparam("keys", type_=Text)).table_valued("value").c.value))
    )
)
_COUNTS_AT_ONCE = Prepared(  # on PostgreSQL: one answer to wait for
    select(
        *_COUNTS_BY_INDEX,
        select(func.count())
        .where(
            DocumentRow.index >= bindparam("first"),
            text("sha256 = ANY(ARRAY(SELECT decode(jsonb_array_elements_text(CAST(:documents AS jsonb)), 'hex')))"),
        )
        .scalar_subquery(),
        _OF_STATE.where(
            text("key = ANY(ARRAY(SELECT jsonb_array_elements_text(CAST(:keys AS jsonb))))")
        ).scalar_subquery(),
    )
)


def _require_kept(connection: Connection, batch: StagedBatch) -> None:
    """Count what the batch has left in every table; octets of entries and tiles are read again before signing."""
    entries = batch.entries
    annexes = sum(one.annex is not None for one in entries)
    effects, outbox = sum(len(one.effects) for one in entries), sum(len(one.outbox) for one in entries)
    documents = {(sha256, one.index) for one in entries for sha256 in one.documents}
    keys = [key for key in batch.writes if is_stored(key)]
    wanted = (*[len(entries)] * 3, effects, annexes, outbox, batch.head.size, len(documents), len(keys))
    there = _kept(connection, batch, sorted({sha256 for sha256, _ in documents}), keys)
    for name, kept, written in zip(_COUNTED, there, wanted, strict=True):
        require(name, kept, written)


def _kept(connection: Connection, batch: StagedBatch, documents: list[str], keys: list[str]) -> tuple[int, ...]:
    first, size = batch.entries[0].index, batch.head.size
    given = {"first": first, "size": size, "newest": (size - 1) // TILE_WIDTH, "keys": encode_json(keys)}
    if connection.dialect.name == "postgresql":
        return tuple(_COUNTS_AT_ONCE.run(connection, given | {"documents": encode_json(documents)}).one())
    of_documents = _DOCUMENTS_COUNT(connection, map(bytes.fromhex, documents), first=first)
    return (*_COUNTS.run(connection, given).one(), of_documents, _STATE_COUNT.run(connection, given).scalar_one())


def _rows(batch: StagedBatch) -> dict[BulkInsert, list[Row]]:
    entries = batch.entries
    return {
        _ENTRIES: [(one.index, one.octets, one.leaf_hash, one.time) for one in entries],
        _STATEMENTS: [_statement(one) for one in entries],
        _BODIES: [(one.index, one.document) for one in entries],
        _ANNEXES: [
            (one.index, bytes.fromhex(one.annex.sha256), one.annex.octets) for one in entries if one.annex is not None
        ],
        _DOCUMENTS: [(bytes.fromhex(sha256), one.index) for one in entries for sha256 in one.documents],
        _EFFECTS: [row for one in entries for row in _effects(one)],
        _OUTBOX: [(one.index, topic) for one in entries for topic in one.outbox],
        _RULE_STATE: [
            (key, encode_json(value), index) for key, (value, index) in batch.writes.items() if is_stored(key)
        ],
        _TILES: [(tile.level, tile.n, tile.width, tile.hashes) for tile in batch.tiles],
    }


def _statement(entry: StagedEntry) -> Row:
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


def _effects(entry: StagedEntry) -> Iterable[Row]:
    return (
        (entry.index, position, effect.type, effect.version, encode_json(effect.data))
        for position, effect in enumerate(entry.effects)
    )
