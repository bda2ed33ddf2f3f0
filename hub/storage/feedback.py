"""Slots of the questionnaire and what was answered: kept beside the log until answers are registered, each row sealed.

A slot is one party of one case. Of its token only the SHA-256 is kept, and that is forgotten a while after its time.
Nothing else repeats what a slot or a waiting answer says, so its ``seal`` is the SHA-256 of its other columns, and
``fsck`` computes it again. It tells damage, not forgery. An answer that is registered names the ``index`` of its entry,
which its seal leaves out; its row is what the log gives, and is written by whoever follows the log.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, insert, select, tuple_, update

from hub.storage.certain import require
from hub.storage.engine import Database
from hub.storage.feedbackmodels import FeedbackAnswerRow, FeedbackSlotRow
from hub.storage.models import CaseEventRow
from hub.storage.seals import seal_of, sealed_row
from hub.storage.values import Answered
from signing.encoding import JSON, canonical

__all__ = ["Claimed", "FeedbackStore", "Met", "Slot", "require_answers", "write_answers"]


@dataclass(frozen=True, slots=True)
class Slot:
    """One party of one case, who may answer once; times are POSIX seconds.

    Args:
        provider: actor id.
        case: the provider's pseudonym for the case.
        role: claimant or respondent.
        token: SHA-256 of the token in hex; None once it is forgotten.
        issued: when the token was issued.
        expires: from when on it opens nothing.
    """

    provider: str
    case: str
    role: str
    token: str | None
    issued: int
    expires: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """A slot that a case event says was issued: provider, case, role and hash of the token."""

    provider: str
    case: str
    role: str
    token: str


@dataclass(frozen=True, slots=True)
class Met:
    """What a request meets at a slot: the slot, its answers, and the token that case events claim for it."""

    slot: Slot | None
    answers: tuple[Answered, ...]
    claimed: str | None

    def of_source(self, source: str) -> Answered | None:
        """The answer of this source."""
        return next((one for one in self.answers if one.source == source), None)


Decide = Callable[[Met], Answered]


class FeedbackStore:
    """Rows of slots and answers. What ``check`` or ``decide`` raises changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def issue(self, slots: Collection[Slot], check: Callable[[Met], None]) -> None:
        """Keep new slots in place of the ones that are there, in one transaction, when ``check`` lets each pass."""

        def issue(connection: Connection) -> None:
            for slot in slots:
                where = _slot_key(slot.provider, slot.case, slot.role)
                check(_met(connection, where))
                if connection.execute(update(FeedbackSlotRow).where(where), _slot_row(slot)).rowcount == 0:
                    connection.execute(insert(FeedbackSlotRow), _slot_row(slot))

        await self._database.write(issue)

    async def find(self, token: str) -> Met:
        """The slot of a token (SHA-256, hex)."""
        return await self._database.query(lambda connection: _met(connection, FeedbackSlotRow.token == token))

    async def find_slot(self, provider: str, case: str, role: str) -> Met:
        """The slot that its provider names."""
        return await self._database.query(lambda connection: _met(connection, _slot_key(provider, case, role)))

    async def answer(self, token: str, decide: Decide) -> tuple[Answered, bool]:
        """Keep the answer that ``decide`` makes at the slot of a token; tells whether it is new."""
        return await self._keep(FeedbackSlotRow.token == token, decide)

    async def relay(self, provider: str, case: str, role: str, decide: Decide) -> tuple[Answered, bool]:
        """Keep the answer that ``decide`` makes at a slot that its provider names; tells whether it is new."""
        return await self._keep(_slot_key(provider, case, role), decide)

    async def slots(self, provider: str | None = None) -> list[Slot]:
        """Every slot, or every one of a provider, by provider, case and role."""
        query = _SLOTS if provider is None else _SLOTS.where(FeedbackSlotRow.provider == provider)
        return await self._database.read(lambda connection: _slots(connection, query))

    async def answers(self, provider: str | None = None) -> list[Answered]:
        """Every answer, or every one at a provider, by provider, case, role and source."""
        query = _ANSWERS if provider is None else _ANSWERS.where(FeedbackAnswerRow.provider == provider)
        return await self._database.read(lambda connection: _answers(connection, query))

    async def waiting(self, source: str, before: int) -> list[Answered]:
        """Answers of a source that no entry holds yet, of days before one, by key; only rows that are sound."""
        table = FeedbackAnswerRow
        query = _SEALED.where(table.index.is_(None), table.source == source, table.day < before)
        return [_answer(row) for row in await self._rows(query) if _is_sound(row)]

    async def registered(self, index: int) -> list[Answered]:
        """Answers that are said to be of the entry at ``index``, by key; only rows that are sound."""
        return [
            _answer(row) for row in await self._rows(_SEALED.where(FeedbackAnswerRow.index == index)) if _is_sound(row)
        ]

    async def counted(self) -> tuple[int, int]:
        """How many slots and answers there are; both are only ever added."""
        slots = select(func.count()).select_from(FeedbackSlotRow).scalar_subquery()
        answers = select(func.count()).select_from(FeedbackAnswerRow).scalar_subquery()
        found = await self._database.read(lambda connection: connection.execute(select(slots, answers)).one())
        return int(found[0]), int(found[1])

    async def claimed(self, provider: str) -> list[Claimed]:
        """Every slot that the provider's case events name."""
        return await self._database.read(lambda connection: _claimed(connection, CaseEventRow.provider == provider))

    async def forget_tokens(self, before: int) -> int:
        """Forget tokens of slots that ended before a time; tells how many."""
        query = _SLOTS.where(FeedbackSlotRow.expires < before, FeedbackSlotRow.token.is_not(None)).limit(_PIECE)

        def forget(connection: Connection) -> int:
            found = _slots(connection, query)
            for one in found:
                bare = _slot_row(replace(one, token=None))
                where = _slot_key(one.provider, one.case, one.role)
                connection.execute(update(FeedbackSlotRow).where(where), bare)
            return len(found)

        return await self._database.write(forget)

    async def sealed_slots(self, after: tuple[str, ...], limit: int) -> list[tuple[Slot, str]]:
        """Slots by key with their seals, for ``fsck``."""
        key = (FeedbackSlotRow.provider, FeedbackSlotRow.case, FeedbackSlotRow.role)
        query = select(FeedbackSlotRow.__table__).order_by(*key).limit(limit)
        rows = await self._rows(query.where(tuple_(*key) > after) if after else query)
        return [(_slot(row), row["seal"]) for row in rows]

    async def known_slots(self, keys: Collection[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
        """Which of these (provider, case, role) were issued."""
        columns = (FeedbackSlotRow.provider, FeedbackSlotRow.case, FeedbackSlotRow.role)
        query = select(*columns).where(tuple_(*columns).in_(sorted(keys)))
        return await self._database.read(
            lambda connection: {(row[0], row[1], row[2]) for row in connection.execute(query)}
        )

    async def sealed_answers(self, after: tuple[str, ...], limit: int) -> list[tuple[dict[str, Any], str]]:
        """Rows of answers that wait to be registered, by key with their seals, for ``fsck``; not read any further."""
        key = tuple(getattr(FeedbackAnswerRow, name) for name in _ANSWER_KEY)
        query = _SEALED.where(FeedbackAnswerRow.index.is_(None)).limit(limit)
        rows = await self._rows(query.where(tuple_(*key) > after) if after else query)
        return [(_without_seal(row), row["seal"]) for row in rows]

    async def _keep(self, where: ColumnElement[bool], decide: Decide) -> tuple[Answered, bool]:
        def keep(connection: Connection) -> tuple[Answered, bool]:
            met = _met(connection, where)
            kept = decide(met)
            new = kept not in met.answers
            if new:
                connection.execute(insert(FeedbackAnswerRow), _answer_row(kept))
            return kept, new

        return await self._database.write(keep)

    async def _rows(self, query: Select[Any]) -> list[dict[str, Any]]:
        return await self._database.read(lambda connection: [dict(row) for row in connection.execute(query).mappings()])


_PIECE = 1000
_SLOT_NAMES = ("provider", "case", "role", "token", "issued", "expires")
_ANSWER_KEY = ("provider", "case", "role", "source")
_ANSWER_NAMES = (*_ANSWER_KEY, "outcome_side", "scores", "day")
_SLOTS = select(*(getattr(FeedbackSlotRow, name) for name in _SLOT_NAMES)).order_by(
    FeedbackSlotRow.provider, FeedbackSlotRow.case, FeedbackSlotRow.role
)
_ANSWERS = select(*(getattr(FeedbackAnswerRow, name) for name in _ANSWER_NAMES)).order_by(
    *(getattr(FeedbackAnswerRow, name) for name in _ANSWER_KEY)
)
_SEALED = _ANSWERS.add_columns(FeedbackAnswerRow.seal)


def write_answers(connection: Connection, answers: Iterable[tuple[int, Answered]]) -> None:
    """Write answers as entries hold them, each with the index of its entry, in place of what waits there."""
    for index, one in answers:
        row = _answer_row(one) | {"index": index}
        if connection.execute(update(FeedbackAnswerRow).where(_answer_key(one)), row).rowcount == 0:
            connection.execute(insert(FeedbackAnswerRow), row)


def require_answers(connection: Connection, answers: Collection[tuple[int, Answered]]) -> None:
    """Refuse to go on unless each answer stands there, with the index of its entry."""
    for index, one in answers:
        found = _answers(connection, _ANSWERS.where(_answer_key(one), FeedbackAnswerRow.index == index))
        require(FeedbackAnswerRow.__tablename__, found, [one])


def _slot_row(one: Slot) -> dict[str, Any]:
    return sealed_row(asdict(one))


def _answer_row(one: Answered) -> dict[str, Any]:
    return sealed_row({**asdict(one), "scores": canonical(dict(one.scores)).decode("ascii")})


def _slot_key(provider: str, case: str, role: str) -> ColumnElement[bool]:
    table = FeedbackSlotRow
    return and_(table.provider == provider, table.case == case, table.role == role)


def _answer_key(one: Answered) -> ColumnElement[bool]:
    return and_(*(getattr(FeedbackAnswerRow, name) == getattr(one, name) for name in _ANSWER_KEY))


def _slot(row: Mapping[str, Any]) -> Slot:
    return Slot(**{name: row[name] for name in _SLOT_NAMES})


def _slots(connection: Connection, query: Select[Any]) -> list[Slot]:
    return [_slot(dict(row)) for row in connection.execute(query).mappings()]


def _answers(connection: Connection, query: Select[Any]) -> list[Answered]:
    return [_answer(dict(row)) for row in connection.execute(query).mappings()]


def _answer(row: Mapping[str, Any]) -> Answered:
    return Answered(**{name: row[name] for name in _ANSWER_NAMES} | {"scores": json.loads(row["scores"])})


def _is_sound(row: Mapping[str, Any]) -> bool:
    """Whether it is the row that was sealed; what is not, ``fsck`` tells."""
    return bool(row["seal"] == seal_of(_without_seal(row)))


def _without_seal(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "seal"}


def _met(connection: Connection, where: ColumnElement[bool]) -> Met:
    found = _slots(connection, _SLOTS.where(where))
    if not found:
        return Met(None, (), None)
    (slot,) = found
    table = FeedbackAnswerRow
    mine = and_(table.provider == slot.provider, table.case == slot.case, table.role == slot.role)
    events = and_(CaseEventRow.provider == slot.provider, CaseEventRow.case == slot.case)
    tokens = [one.token for one in _claimed(connection, events) if one.role == slot.role]
    return Met(slot, tuple(_answers(connection, _ANSWERS.where(mine))), tokens[0] if tokens else None)


def _claimed(connection: Connection, where: ColumnElement[bool]) -> list[Claimed]:
    table = CaseEventRow
    query = select(table.provider, table.case, table.attributes).where(where, table.type == "commenced")
    return [
        Claimed(provider, case, str(one["role"]), str(one["token"]))
        for provider, case, attributes in connection.execute(query.order_by(table.provider, table.case))
        for one in _told(attributes)
    ]


def _told(attributes: str) -> Sequence[Mapping[str, JSON]]:
    """The member ``slots`` of an event; its schema was held against when the event was registered."""
    found: Sequence[Mapping[str, JSON]] = json.loads(attributes).get("slots", ())
    return found
