"""The log's write side: what the sequencer loads, appends, reads again and signs.

Two transactions move the log (``tlog`` order): ``append`` writes a batch and moves ``size`` and ``root`` from
exactly the values it was decided on; ``record_signature`` moves ``signed_size``. Each requires that its
compare-and-swap touched one row. An error of a commit says nothing about whether it took place: the caller
must stop and let recovery look. What each transaction wrote it reads again before it commits.
"""

import json
from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, or_, select, update

from hub.storage.appending import append_rows
from hub.storage.certain import require
from hub.storage.cosignatures import record_lines
from hub.storage.engine import Database, Session
from hub.storage.errors import ConflictError
from hub.storage.models import (
    CheckpointRow,
    EntryRow,
    HeadRow,
    OutboxRow,
    PolicyProofRow,
    TileRow,
)
from hub.storage.rule_state import rule_state
from hub.storage.topics import POLICY_PROOF
from hub.storage.values import Head, StagedBatch, StoredCheckpoint, Tile
from providers.storage.prepared import Prepared
from signing.encoding import JSON

__all__ = ["LogSession", "LogStore", "SqlLogStore"]

T = TypeVar("T")
_LEVELS = 8  # of tiles: more than 2^63 entries need
_SPAN = and_(EntryRow.index >= bindparam("first"), EntryRow.index < bindparam("size"))
_ENTRIES = Prepared(select(EntryRow.index, EntryRow.octets).where(_SPAN))
_ENTRIES_AT_ONCE = Prepared(
    select(func.json_group_array(func.json_array(EntryRow.index, func.hex(EntryRow.octets)))).where(_SPAN)
)
_TILES = Prepared(
    select(TileRow.level, TileRow.n, TileRow.hashes).where(
        or_(*(and_(TileRow.level == level, TileRow.n >= bindparam(f"from_{level}")) for level in range(_LEVELS)))
    )
)
_MOVE_HEAD = Prepared(
    update(HeadRow)
    .where(
        HeadRow.origin == bindparam("old_origin"),
        HeadRow.size == bindparam("old_size"),
        HeadRow.root == bindparam("old_root"),
        HeadRow.signed_size == bindparam("old_signed"),
    )
    .values({name: bindparam(name) for name in ("size", "root", "time", "signed_size", "note")})
)
_NEW_CHECKPOINT = Prepared(
    insert(CheckpointRow).values({name: bindparam(name) for name in ("size", "root", "note", "witnessed")})
)
_HEAD = Prepared(select(HeadRow.size, HeadRow.root, HeadRow.signed_size, HeadRow.note))
_CHECKPOINT = Prepared(select(CheckpointRow.note).where(CheckpointRow.size == bindparam("size")))


class LogSession(Protocol):
    """The log's write side, in the one place where it is written; each write is a transaction of its own."""

    def load(self, keys: Collection[str]) -> dict[str, JSON]:
        """Rule state of these keys; absent keys are left out."""

    def append(self, old: Head, batch: StagedBatch) -> None:
        """Transaction A; durable when it returns. Raises ``ConflictError`` when the head is not ``old``."""

    def read_back(self, first: int, size: int) -> tuple[list[bytes], list[Tile]]:
        """Entries [first, size) and the tiles that the batch touched or that hold the right edge, as stored."""

    def record_signature(self, old: Head, new: Head) -> None:
        """Transaction B; durable when it returns. Raises ``ConflictError`` when the head is not ``old``."""


class LogStore(Protocol):
    """What the sequencer needs of a store; one sequencer at a time uses it."""

    async def run(self, work: Callable[[LogSession], T]) -> T:
        """Run ``work`` where the log is written, beside the event loop; nothing else is written meanwhile."""


class SqlLogSession:
    """``LogSession`` on tables."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def load(self, keys: Collection[str]) -> dict[str, JSON]:
        """Rule state of these keys; absent keys are left out."""
        return self._session.query(lambda connection: rule_state(connection, keys))

    def append(self, old: Head, batch: StagedBatch) -> None:
        """Transaction A: head by compare-and-swap, then every row of the batch."""

        def append(connection: Connection) -> None:
            _move_head(connection, old, batch.head)
            append_rows(connection, batch)
            _require_head(connection, batch.head)

        self._session.write(append)

    def read_back(self, first: int, size: int) -> tuple[list[bytes], list[Tile]]:
        """Entries [first, size) and the tiles from the leaf before ``first`` to the right edge, as stored."""
        spans = {f"from_{level}": max(first - 1, 0) >> (8 * level + 8) for level in range(_LEVELS)}

        def read_back(connection: Connection) -> tuple[list[bytes], list[Tile]]:
            return _entries(connection, first, size), [
                Tile(level, n, bytes(hashes)) for level, n, hashes in _TILES.run(connection, spans)
            ]

        return self._session.query(read_back)

    def record_signature(self, old: Head, new: Head) -> None:
        """Transaction B: the signed note by compare-and-swap, and its checkpoint."""

        def record(connection: Connection) -> None:
            _move_head(connection, old, new)
            checkpoint = {"size": new.size, "root": new.root, "note": new.note, "witnessed": False}
            _NEW_CHECKPOINT.run(connection, checkpoint)
            _require_head(connection, new)
            kept = _CHECKPOINT.run(connection, {"size": new.size}).scalar_one_or_none()
            require(CheckpointRow.__tablename__, kept, new.note)

        self._session.write(record)


class SqlLogStore:
    """``LogStore`` on tables, and what else is written beside the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, work: Callable[[LogSession], T]) -> T:
        """Run ``work`` where the log is written, beside the event loop; nothing else is written meanwhile."""
        return await self._database.run(lambda session: work(SqlLogSession(session)))

    async def create(self, head: Head) -> None:
        """Write the head row of an empty log; raises ``ConflictError`` when a log exists."""

        def create(connection: Connection) -> None:
            if connection.execute(select(HeadRow.origin)).first() is not None:
                raise ConflictError("log_exists", "There is already a log in this database.", head.origin)
            connection.execute(insert(HeadRow), _head_values(head) | {"origin": head.origin})
            _require_head(connection, head)

        await self._database.write(create)

    async def head(self) -> Head | None:
        """The head, or None where no log was ever created."""

        def head(connection: Connection) -> Head | None:
            row = connection.execute(select(HeadRow.__table__)).mappings().one_or_none()
            return None if row is None else Head(**row)

        return await self._database.query(head)

    async def record_cosignatures(self, checkpoint: StoredCheckpoint) -> None:
        """Store verified cosignature lines (a newer line of a witness replaces the older) and the quorum's verdict."""
        rows = [(checkpoint.size, name, line) for name, line in checkpoint.lines.items()]

        def record(connection: Connection) -> None:
            record_lines(connection, rows)
            if checkpoint.witnessed:
                this = CheckpointRow.size == checkpoint.size
                connection.execute(update(CheckpointRow).where(this).values(witnessed=True))
                marked = connection.scalar(select(CheckpointRow.witnessed).where(this))
                require(CheckpointRow.__tablename__, marked, True)  # noqa: FBT003

        await self._database.write(record)

    async def record_lines(self, lines: Sequence[tuple[int, str, str]]) -> set[int]:
        """Store verified cosignature lines that came late, as (size, label, line); no verdict changes.

        Returns the sizes whose checkpoint is not stored any more; their lines are left out.
        """

        def record(connection: Connection) -> set[int]:
            sizes = {size for size, _, _ in lines}
            known = set(connection.scalars(select(CheckpointRow.size).where(CheckpointRow.size.in_(sizes))))
            if known:
                record_lines(connection, [one for one in lines if one[0] in known])
            return sizes - known

        return await self._database.write(record)

    async def record_policy_proof(self, index: int, size: int, note: bytes) -> None:
        """Keep the checkpoint under which the policy at ``index`` took effect, and strike it off the outbox.

        The first one is kept: to record again what a commit that reported an error has kept changes nothing.
        """
        known = select(PolicyProofRow.index).where(PolicyProofRow.index == index)
        waits = (OutboxRow.index == index, OutboxRow.topic == POLICY_PROOF)

        def record(connection: Connection) -> None:
            if connection.scalar(known) is None:
                connection.execute(insert(PolicyProofRow), {"index": index, "size": size, "note": note})
                require(PolicyProofRow.__tablename__, connection.scalar(known), index)
            connection.execute(delete(OutboxRow).where(*waits))
            require(OutboxRow.__tablename__, connection.scalar(select(OutboxRow.index).where(*waits)), None)

        await self._database.write(record)
        kept = await self._database.query(lambda connection: connection.scalar(known))
        require(PolicyProofRow.__tablename__, kept, index)


def _head_values(head: Head) -> dict[str, Any]:
    return {
        "size": head.size,
        "root": head.root,
        "time": head.time,
        "signed_size": head.signed_size,
        "note": head.note,
    }


def _entries(connection: Connection, first: int, size: int) -> list[bytes]:
    """The octets of the entries [first, size), in order.

    On SQLite they come as one row: the driver gives up the interpreter for every row, and to get it back beside a busy
    event loop costs more than all of them.
    """
    span = {"first": first, "size": size}
    if connection.dialect.name == "sqlite":
        ((text,),) = _ENTRIES_AT_ONCE.run(connection, span)
        found = [(index, bytes.fromhex(octets)) for index, octets in json.loads(text)]
    else:
        found = [(index, bytes(octets)) for index, octets in _ENTRIES.run(connection, span)]
    return [octets for _, octets in sorted(found)]


def _require_head(connection: Connection, head: Head) -> None:
    found = _HEAD.run(connection, {}).one_or_none()
    require(HeadRow.__tablename__, found, (head.size, head.root, head.signed_size, head.note))


def _move_head(connection: Connection, old: Head, new: Head) -> None:
    expected = {"old_origin": old.origin, "old_size": old.size, "old_root": old.root, "old_signed": old.signed_size}
    moved = _MOVE_HEAD.run(connection, expected | _head_values(new))
    if moved.rowcount != 1:
        raise ConflictError("head_moved", "The head of the log is not where this process left it.", old.origin)
