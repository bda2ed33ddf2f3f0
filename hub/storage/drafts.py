"""Drafts on the signing desk: rows in, values out. Every change is one transaction around one pure function."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, exists, func, insert, or_, select, update

from hub.drafts.values import COMPLETE, OPEN, REGISTERED, UNFINISHED, DeskDraft, Signer
from hub.storage.certain import require
from hub.storage.draftmodels import DraftRow, DraftSignerRow
from hub.storage.encoding import encode_json
from hub.storage.engine import Database
from signing.encoding import JSON

__all__ = ["Crowd", "DraftStore", "draft_of", "waiting_draft", "write_draft"]

_JSON = ("invitation", "problem")
_AT_ONCE = 200
_DECIDING = ("policy", "accreditation", "reference", "key", "award-review")
"""Kinds by which officers decide about the network and about others."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """What a draft that is to be posted meets at that time; one whose time is over is finished.

    Args:
        unfinished: how many unfinished drafts its poster has.
        same: an unfinished draft of the same statement id and issuer.
    """

    unfinished: int
    same: DeskDraft | None


class DraftStore:
    """Drafts with their signers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, draft: DeskDraft, check: Callable[[Crowd], DeskDraft | None]) -> DeskDraft:
        """Store a new draft, in one transaction with ``check``, which says what becomes of one that is there already.

        Args:
            draft: the new one.
            check: raises; or returns the one that is there, where it stays and the new one is not stored; or returns it
                as it ended, where the new one takes its place; or returns None, where there is none.

        Returns:
            The draft that waits now.
        """

        def add(connection: Connection) -> DeskDraft:
            known = check(_crowd(connection, draft))
            if known is not None and known.state in UNFINISHED:
                return known
            if known is not None:
                write_draft(connection, known)
            connection.execute(insert(DraftRow), _row(draft))
            connection.execute(insert(DraftSignerRow), _signer_rows(draft))
            return _kept(connection, draft)

        return await self._database.write(add)

    async def draft(self, name: str) -> DeskDraft | None:
        """The draft of this id."""
        return await self._database.read(lambda connection: _find(connection, name))

    async def waiting(self, issuer: str, statement: str, now: int) -> DeskDraft | None:
        """The unfinished draft of this statement id and issuer."""
        return await self._database.read(lambda connection: waiting_draft(connection, issuer, statement, now))

    async def change(self, name: str, work: Callable[[DeskDraft], DeskDraft]) -> DeskDraft | None:
        """Make of a draft what ``work`` makes of it, in one transaction; None when there is none of this id.

        ``work`` runs where the database is written, and is to be quick.
        """

        def change(connection: Connection) -> DeskDraft | None:
            before = _find(connection, name)
            if before is None:
                return None
            after = work(before)
            return before if after == before else write_draft(connection, after)

        return await self._database.write(change)

    async def of_owner(self, owner: str, state: str, after: str, limit: int, now: int) -> list[DeskDraft]:
        """Drafts in a state that this actor posted or is to sign, by id, after the one of this id.

        An open one is listed for a signer who has not signed yet; where the time is over, none is open.
        """
        query = _drafts().where(_of_owner(owner, state, now), DraftRow.id > after)
        return await self._many(query.order_by(DraftRow.id).limit(limit))

    async def of_officer(  # noqa: PLR0913, PLR0917  # what a page of them is about
        self, owner: str, officers: Collection[str], state: str, start: int, limit: int, now: int
    ) -> tuple[list[DeskDraft], int]:
        """The drafts of ``of_owner`` from the ``start``-th on, what matters most first, and how many there are in all.

        First those that officers posted, of these first what this officer has still to sign, then those of
        ``_DECIDING`` kinds, each by id: anybody may name an officer as a signer, and must not hide by that what
        officers wait for; nor is it hidden by drafts that the officer has signed and that wait for others.
        """
        query, count = _drafts(), select(func.count()).select_from(DraftRow)
        order = (
            DraftRow.poster.not_in(officers), ~_has_to_sign(owner), DraftRow.kind.not_in(_DECIDING), DraftRow.id
        )  # fmt: skip
        some = query.where(_of_owner(owner, state, now)).order_by(*order).offset(start).limit(limit)
        total = await self._database.read(
            lambda connection: connection.scalar(count.where(_of_owner(owner, state, now)))
        )
        return await self._many(some), int(total or 0)

    async def to_register(self, after: str = "") -> list[str]:
        """Ids of drafts that everybody has signed and that the hub is to register: a piece of them, after this id."""
        complete = select(DraftRow.id).where(DraftRow.state == COMPLETE, DraftRow.register.is_(True))
        return await self._ids(complete.where(DraftRow.id > after))

    async def late(self, now: int) -> list[str]:
        """Ids of unfinished drafts whose time is over."""
        return await self._ids(select(DraftRow.id).where(DraftRow.state.in_(UNFINISHED), DraftRow.expires_at <= now))

    async def to_clear(self, before: int) -> list[str]:
        """Ids of drafts that ended up to this time and still have a text or a link."""
        linked = exists().where(DraftSignerRow.draft == DraftRow.id, DraftSignerRow.secret_hash.is_not(None))
        kept = or_(linked, and_(DraftRow.state == REGISTERED, DraftRow.payload.is_not(None)))
        return await self._ids(_ended(before).where(kept))

    async def forget(self, before: int) -> int:
        """Delete every trace of drafts that ended up to this time; returns how many."""
        names = await self._ids(_ended(before))

        def forget(connection: Connection) -> None:
            connection.execute(delete(DraftSignerRow).where(DraftSignerRow.draft.in_(names)))
            connection.execute(delete(DraftRow).where(DraftRow.id.in_(names)))

        if names:
            await self._database.write(forget)
        return len(names)

    async def _ids(self, query: Select[Any]) -> list[str]:
        ordered = query.order_by(DraftRow.id).limit(_AT_ONCE)
        return await self._database.read(lambda connection: list(connection.scalars(ordered)))

    async def _many(self, query: Select[Any]) -> list[DeskDraft]:
        def many(connection: Connection) -> list[DeskDraft]:
            found = _rows(connection, query)
            of_them = select(DraftSignerRow.__table__).where(DraftSignerRow.draft.in_([row["id"] for row in found]))
            signers = _rows(connection, of_them) if found else []
            return [draft_of(row, [one for one in signers if one["draft"] == row["id"]]) for row in found]

        return await self._database.read(many)


def draft_of(row: Mapping[str, Any], signers: Iterable[Mapping[str, Any]]) -> DeskDraft:
    """The value of a row and of those of its signers.

    Raises:
        ValueError: what should be JSON is none.
    """
    members = {name: value for name, value in row.items() if name not in _JSON}
    members |= {name: None if row[name] is None else json.loads(row[name]) for name in _JSON}
    for name in ("payload", "annex"):
        members[name] = None if members[name] is None else bytes(members[name])
    found = [Signer(**{name: value for name, value in one.items() if name != "draft"}) for one in signers]
    order = _order(members["payload"], members["invitation"])
    return DeskDraft(**members, signers=tuple(sorted(found, key=lambda one: (order.get(one.kid, -1), one.kid))))


def waiting_draft(connection: Connection, issuer: str, statement: str, now: int) -> DeskDraft | None:
    """The unfinished draft of this statement id and issuer."""
    query = select(DraftRow.id).where(DraftRow.statement == statement, DraftRow.issuer == issuer, _waits(now))
    name = connection.scalar(query)
    return None if name is None else _find(connection, name)


def write_draft(connection: Connection, draft: DeskDraft) -> DeskDraft:
    """The draft in the place of what is stored of it."""
    connection.execute(update(DraftRow).where(DraftRow.id == draft.id).values(_row(draft)))
    connection.execute(delete(DraftSignerRow).where(DraftSignerRow.draft == draft.id))
    connection.execute(insert(DraftSignerRow), _signer_rows(draft))
    return _kept(connection, draft)


def _order(payload: bytes | None, invitation: JSON) -> dict[str, int]:
    """The place of each signer in the text, as far as there is one; who is invited comes first."""
    try:
        text = invitation if payload is None else json.loads(payload)
        return {} if text is None else {one["kid"]: place for place, one in enumerate(text["signers"])}
    except (ValueError, KeyError, TypeError):  # damaged, which fsck tells
        return {}


def _of_owner(owner: str, state: str, now: int) -> ColumnElement[bool]:
    """Whether an actor posted a draft or is to sign it, and it is in this state."""
    mine = and_(DraftSignerRow.draft == DraftRow.id, DraftSignerRow.owner == owner)
    if state == OPEN:
        mine = and_(mine, DraftSignerRow.signed.is_(False))
    found = and_(DraftRow.state == state, or_(DraftRow.poster == owner, exists().where(mine)))
    return and_(found, DraftRow.expires_at > now) if state in UNFINISHED and state != COMPLETE else found


def _has_to_sign(owner: str) -> ColumnElement[bool]:
    """Whether a key of this actor is announced that has not signed."""
    return exists().where(
        DraftSignerRow.draft == DraftRow.id, DraftSignerRow.owner == owner, DraftSignerRow.signed.is_(False)
    )


def _drafts() -> Select[Any]:
    return select(DraftRow.__table__)


def _ended(before: int) -> Select[Any]:
    return select(DraftRow.id).where(DraftRow.ended_at.is_not(None), DraftRow.ended_at <= before)


def _find(connection: Connection, name: str) -> DeskDraft | None:
    found = _rows(connection, _drafts().where(DraftRow.id == name))
    if not found:
        return None
    return draft_of(found[0], _rows(connection, select(DraftSignerRow.__table__).where(DraftSignerRow.draft == name)))


def _rows(connection: Connection, query: Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(query).mappings()]


def _kept(connection: Connection, draft: DeskDraft) -> DeskDraft:
    """The draft as it was just written, read again."""
    found = _find(connection, draft.id)
    require(DraftRow.__tablename__, None if found is None else _by_kid(found), _by_kid(draft))
    return draft if found is None else found


def _by_kid(draft: DeskDraft) -> DeskDraft:
    return replace(draft, signers=tuple(sorted(draft.signers, key=lambda one: one.kid)))


def _crowd(connection: Connection, draft: DeskDraft) -> Crowd:
    now, statement = draft.created_at, draft.statement
    mine = select(func.count()).where(DraftRow.poster == draft.poster, _waits(now))
    same = None if statement is None else waiting_draft(connection, draft.issuer, statement, now)
    return Crowd(int(connection.scalar(mine) or 0), same)


def _waits(now: int) -> ColumnElement[bool]:
    """Whether a draft is unfinished as ``machine.at`` judges it: time may be over before the hub notes that."""
    handed_over = and_(DraftRow.state == COMPLETE, DraftRow.register.is_(True))
    return and_(DraftRow.state.in_(UNFINISHED), or_(DraftRow.expires_at > now, handed_over))


def _row(draft: DeskDraft) -> dict[str, Any]:
    columns = [column.name for column in DraftRow.__table__.columns if column.name not in _JSON]
    row = {name: getattr(draft, name) for name in columns}
    for name in _JSON:
        value = getattr(draft, name)
        row[name] = None if value is None else encode_json(value)
    return row


def _signer_rows(draft: DeskDraft) -> Sequence[dict[str, Any]]:
    names = [column.name for column in DraftSignerRow.__table__.columns if column.name != "draft"]
    return [{"draft": draft.id, **{name: getattr(one, name) for name in names}} for one in draft.signers]
