"""What follows the log: transfers, each member's inbox, case events with facts, registered answers, and the cursor.

Written by the follower alone, one transaction for each piece of the log: rows and cursor together, so a piece is
taken in wholly or not at all. Writing a piece again changes nothing. A row that got lost would be a statement that a
member never hears of, so what was written is counted before it is committed.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from hub.storage.bulk import BulkInsert
from hub.storage.case_events import CaseEvents
from hub.storage.certain import found_by_key, key_rows, require
from hub.storage.encoding import encode_json
from hub.storage.engine import Database
from hub.storage.errors import ConflictError
from hub.storage.factmodels import CaseFactRow
from hub.storage.feedback import require_answers, write_answers
from hub.storage.feedbackmodels import FeedbackAnswerRow
from hub.storage.models import (
    Base,
    BodyRow,
    CaseEventRow,
    CursorRow,
    EffectRow,
    EntryRow,
    InboxReadRow,
    InboxRow,
    StatementRow,
    TransferRow,
    TransferStatementRow,
)
from hub.storage.rule_state import rule_state
from hub.storage.values import Followed, InboxEntry, StoredEffect, StoredStatement, TransferChange, TransferStatement
from signing.encoding import JSON

__all__ = ["Followable", "Transfers", "piece_of"]

Followable = tuple[StoredStatement, tuple[StoredEffect, ...]]
"""A registered statement with its effects."""

_CURSOR = "exchange"
_SIZE = select(CursorRow.size).filter_by(name=_CURSOR)
_MOVE = BulkInsert(CursorRow, ("name",))
_TRANSFERS = BulkInsert(TransferRow, ("transfer",))
_STATEMENTS = BulkInsert(TransferStatementRow, ("transfer", "index"))
_INBOX = BulkInsert(InboxRow, ("member", "index"))
_EVENTS = BulkInsert(CaseEventRow, ("provider", "case", "sequence"))
_FACTS = BulkInsert(CaseFactRow, ("provider", "case"))
_INBOX_OF = (
    select(StatementRow.index, StatementRow.digest, InboxRow.kind, StatementRow.issuer, InboxRow.transfer)
    .join(StatementRow, StatementRow.index == InboxRow.index)
    .where(InboxRow.member == bindparam("of"), InboxRow.index > bindparam("after"))
    .order_by(InboxRow.index)
    .limit(bindparam("most"))
)
_NEWER = select(TransferRow.transfer, TransferRow.index, TransferRow.cleared).where(
    TransferRow.transfer.in_(bindparam("names", expanding=True))
)


class Transfers:
    """Reads and writes of the tables that follow the log."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.case_events = CaseEvents(database)

    async def followed(self) -> int:
        """How many entries were taken in."""
        return await self._database.read(_followed)

    async def piece(self, first: int, end: int, kinds: Sequence[str], texts: Sequence[str]) -> list[Followable]:
        """Statements of ``kinds`` at an index in [first, end), in log order.

        Those of a kind in ``texts`` come with their text, all others with their effects.
        """
        return await self._database.read(lambda connection: piece_of(connection, first, end, kinds, texts))

    async def follow(self, piece: Followed, after: int) -> None:
        """Take a piece in, and remember that it was.

        Raises:
            ConflictError: cursor_moved, when not exactly ``after`` entries are remembered as taken in.
        """

        def follow(connection: Connection) -> None:
            _require_cursor(connection, after)
            _write_transfers(connection, piece.transfers)
            _EVENTS.run(
                connection,
                (
                    (
                        one.provider,
                        one.case,
                        one.sequence,
                        one.type,
                        one.at,
                        one.recorded_at,
                        encode_json(one.attributes),
                    )
                    for one in piece.events
                ),
            )
            _FACTS.run(connection, ((one.provider, one.case, one.index, one.form, one.fact) for one in piece.facts))
            write_answers(connection, piece.answers)
            _MOVE.run(connection, [(_CURSOR, piece.size)])
            _require_kept(connection, piece)

        await self._database.write(follow)

    async def rewind(self) -> None:
        """Have everything taken in again, from the first entry; rows stay and are written over."""
        await self._database.write(_rewind)
        require(CursorRow.__tablename__, await self.followed(), 0)

    async def renew(self, form: int) -> bool:
        """Have everything taken in again where facts are of another ``form``; whether some were."""
        other = select(CaseFactRow.form).where(or_(CaseFactRow.form < form, CaseFactRow.form > form)).limit(1)
        found = await self._database.read(lambda connection: connection.scalar(other) is not None)
        if found:
            await self.rewind()
        return found

    async def transfer(self, name: str) -> TransferChange | None:
        """The newest change of a transfer."""
        found = await self._transfers(_NEWEST.where(TransferRow.transfer == name))
        return found[0] if found else None

    async def current(self, name: str) -> dict[str, JSON] | None:
        """A transfer as the rules keep it now, signed or not."""
        key = f"transfer/{name}"
        return await self._database.read(lambda connection: rule_state(connection, [key]).get(key))

    async def late(self, now: int, limit: int) -> list[TransferChange]:
        """Open transfers whose deadline has passed, the longest overdue first."""
        late = _NEWEST.where(TransferRow.due.is_not(None), TransferRow.due <= now)
        return await self._transfers(late.order_by(TransferRow.due).limit(limit))

    async def statements(self, name: str) -> list[TransferStatement]:
        """Every statement about a transfer, in log order."""
        query = (
            select(TransferStatementRow.kind, StatementRow.digest, StatementRow.index, TransferStatementRow.event)
            .join(StatementRow, StatementRow.index == TransferStatementRow.index)
            .where(TransferStatementRow.transfer == name)
            .order_by(TransferStatementRow.index)
        )
        return await self._database.read(
            lambda connection: [TransferStatement(**row) for row in connection.execute(query).mappings()]
        )

    async def inbox(self, member: str, after: int, limit: int) -> list[InboxEntry]:
        """The feed of a member beyond the log index ``after``."""
        given = {"of": member, "after": after, "most": limit}
        return await self._database.read(
            lambda connection: [InboxEntry(**row) for row in connection.execute(_INBOX_OF, given).mappings()]
        )

    async def concerns(self, member: str, index: int) -> bool:
        """Whether the entry at ``index`` is in the feed of ``member``."""
        query = select(InboxRow.index).where(InboxRow.member == member, InboxRow.index == index)
        return await self._database.read(lambda connection: connection.execute(query).first() is not None)

    async def clear(self, ended_before: int, now: int, limit: int, *, unfetched_before: int = 0) -> int:
        """Delete the texts of transfers that ended before; returns of how many. Effects and entries stay.

        Args:
            ended_before: POSIX seconds; of transfers that both members have fetched to their end.
            now: POSIX seconds, as which the deletion is noted.
            limit: how many at most.
            unfetched_before: POSIX seconds; of all others.
        """
        fetched = and_(_has_fetched(TransferRow.sender), _has_fetched(TransferRow.recipient))
        over = (
            select(TransferRow.transfer)
            .where(TransferRow.ended.is_not(None), TransferRow.cleared.is_(None), TransferRow.ended < ended_before)
            .where(or_(fetched, TransferRow.ended < unfetched_before))
            .limit(limit)
        )

        def clear(connection: Connection) -> int:
            names = list(connection.scalars(over))
            if names:
                of_them = select(TransferStatementRow.index).where(TransferStatementRow.transfer.in_(names))
                connection.execute(delete(BodyRow).where(BodyRow.index.in_(of_them)))
                left = select(func.count()).select_from(BodyRow).where(BodyRow.index.in_(of_them))
                require(BodyRow.__tablename__, connection.scalar(left), 0)
                done = update(TransferRow).where(TransferRow.transfer.in_(names))
                connection.execute(done.values(cleared=now))
            return len(names)

        return await self._database.write(clear)

    async def _transfers(self, query: Select[Any]) -> list[TransferChange]:
        def read(connection: Connection) -> list[TransferChange]:
            found = connection.execute(query).mappings()
            return [TransferChange(**{**row, "record": json.loads(row["record"])}) for row in found]

        return await self._database.read(read)


def _has_fetched(member: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether the inbox of a member of the transfer was fetched to the transfer's last statement."""
    return exists().where(InboxReadRow.member == member, InboxReadRow.index >= TransferRow.index)


_NEWEST: Any = (
    select(
        TransferRow.transfer, TransferRow.index, StatementRow.digest, StatementRow.kind, StatementRow.issuer,
        TransferStatementRow.event, TransferRow.sender, TransferRow.recipient, TransferRow.state, TransferRow.due,
        TransferRow.ended, TransferRow.record,
    )
    .join(StatementRow, StatementRow.index == TransferRow.index)
    .join(
        TransferStatementRow,
        (TransferStatementRow.transfer == TransferRow.transfer) & (TransferStatementRow.index == TransferRow.index),
    )
)  # fmt: skip


def piece_of(
    connection: Connection, first: int, end: int, kinds: Sequence[str], texts: Sequence[str] = ()
) -> list[Followable]:
    """Statements of ``kinds`` at an index in [first, end), in log order, as ``Transfers.piece`` says."""
    found, effects = _queries_of(tuple(kinds), tuple(texts))
    rows = connection.execute(found, {"first": first, "end": end}).mappings()
    statements = [StoredStatement(**row) for row in rows]
    of_index: dict[int, list[StoredEffect]] = {one.index: [] for one in statements if one.kind not in texts}
    if of_index:
        for row in connection.execute(effects, {"first": min(of_index), "end": max(of_index) + 1}).mappings():
            effect = StoredEffect(row["type"], row["version"], json.loads(row["data"]))
            of_index[row["index"]].append(effect)
    return [(one, tuple(of_index.get(one.index, ()))) for one in statements]


@lru_cache(maxsize=16)
def _queries_of(kinds: tuple[str, ...], texts: tuple[str, ...]) -> tuple[Select[Any], Select[Any]]:
    """The statements of a piece, and effects of those without text; the same few kinds are asked for all the time."""
    within = (StatementRow.index >= bindparam("first")) & (StatementRow.index < bindparam("end"))
    found = (
        select(StatementRow.__table__, EntryRow.time, BodyRow.document)
        .join(EntryRow, EntryRow.index == StatementRow.index)
        .join(BodyRow, (BodyRow.index == StatementRow.index) & (StatementRow.kind.in_(texts)), isouter=True)
        .where(within, StatementRow.kind.in_(kinds))
        .order_by(StatementRow.index)
    )
    effects = (
        select(EffectRow.__table__)
        .join(StatementRow, StatementRow.index == EffectRow.index)
        .where(within, StatementRow.kind.in_(kinds), StatementRow.kind.not_in(texts))
        .order_by(EffectRow.index, EffectRow.position)
    )
    return found, effects


def _write_transfers(connection: Connection, changes: Sequence[TransferChange]) -> None:
    """Newest states, unless newer ones stand there; every statement, for both members."""
    names = sorted({one.transfer for one in changes})
    known = {row["transfer"]: row for row in connection.execute(_NEWER, {"names": names}).mappings()} if names else {}
    newest = {
        one.transfer: one for one in changes if one.transfer not in known or known[one.transfer]["index"] <= one.index
    }
    _TRANSFERS.run(connection, (_transfer(one, known.get(one.transfer)) for one in newest.values()))
    _STATEMENTS.run(connection, ((one.transfer, one.index, one.kind, one.event) for one in changes))
    _INBOX.run(
        connection,
        ((member, one.index, one.kind, one.transfer) for one in changes for member in {one.sender, one.recipient}),
    )


def _followed(connection: Connection) -> int:
    return int(connection.scalar(_SIZE) or 0)


def _rewind(connection: Connection) -> None:
    """Facts of cases that no event tells of are not written over, so they go; an answer that none holds waits again."""
    told = select(CaseEventRow.case).filter_by(provider=CaseFactRow.provider, case=CaseFactRow.case)
    connection.execute(delete(CaseFactRow).where(~told.exists()))
    connection.execute(update(FeedbackAnswerRow).values(index=None))
    connection.execute(update(CursorRow).filter_by(name=_CURSOR).values(size=0))


def _require_cursor(connection: Connection, after: int) -> None:
    if (found := _followed(connection)) != after:
        raise ConflictError("cursor_moved", f"{found} entries are remembered as taken in, not {after}.", _CURSOR)


def _require_kept(connection: Connection, piece: Followed) -> None:
    changes = piece.transfers
    newest = {one.transfer: one.index for one in changes}
    rows: dict[type[Base], set[tuple[Any, ...]]] = {
        TransferStatementRow: {(one.transfer, one.index) for one in changes},
        InboxRow: {(member, one.index) for one in changes for member in (one.sender, one.recipient)},
        CaseEventRow: {(one.provider, one.case, one.sequence) for one in piece.events},
    }
    for table, keys in rows.items():
        require(table.__tablename__, found_by_key(connection, table, list(keys)) if keys else 0, len(keys))
    require_answers(connection, piece.answers)
    facts = {(one.provider, one.case): (one.index, one.form, one.fact) for one in piece.facts}
    kept = key_rows(connection, CaseFactRow, sorted(facts)) if facts else {}  # a row may have been there before
    require(CaseFactRow.__tablename__, kept, facts)
    if newest:
        found = connection.execute(_NEWER, {"names": sorted(newest)}).mappings()
        current = sum(row["index"] >= newest[row["transfer"]] for row in found)
        require(TransferRow.__tablename__, current, len(newest))


def _transfer(change: TransferChange, known: Any) -> tuple[Any, ...]:  # noqa: ANN401  # a row
    record: JSON = change.record
    ciphertext = record["ciphertext"]
    return (
        change.transfer,
        change.index,
        change.sender,
        change.recipient,
        change.state,
        change.due,
        change.ended,
        None if known is None else known["cleared"],
        bytes.fromhex(record["brief"]["sha256"]),
        None if ciphertext is None else bytes.fromhex(ciphertext["sha256"]),
        encode_json(record),
    )
