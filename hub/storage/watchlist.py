"""What officers keep an eye on, each kind read in one bounded query: standings and rings in motion.

``rule_state`` is read by ranges of its keys. Rings are sifted by the text of their stored JSON first, so that of fifty
thousand rings only the few are decoded that hold a revoked key.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest

import orjson
from sqlalchemy import Connection, Select, func, select

from hub.storage.directory import statement_columns, stored_statement
from hub.storage.engine import Database
from hub.storage.models import EntryRow, RuleStateRow, StatementRow
from hub.storage.rule_state import chunks, rule_state
from hub.storage.values import StoredStatement
from signing.encoding import JSON

__all__ = ["Standing", "Watchlist"]

_ACCREDITATION, _KEYRING = "accreditation/", "keyring/"
_PROFILES = ("member", "neutral")
_REVOKED = func.replace(RuleStateRow.value, '"revoked_at":null', "").contains('"revoked_at":', autoescape=True)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest decision on a subject as the rules keep it; ``ends`` is POSIX seconds.

    ``procedure`` is what is pending: cure deadline, consultation, appeal, as the statements said it.
    """

    subject: str
    status: str
    ends: int
    index: int
    procedure: Mapping[str, JSON]


class Watchlist:
    """Reads for the officers' console; what the log has not signed yet is left out by ``size``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def standings(self, ends_before: int, removed_since: int, most: int) -> list[Standing]:
        """Standings that are not plainly in order: first those that ask for a decision, then listings that end.

        Left out are listings that end later, removals that are long past, and what has expired on record.

        Args:
            ends_before: POSIX seconds; a listing that ends then or later is in order.
            removed_since: log index; what was removed by an earlier entry is past.
            most: of the listings that end, those that end first, at most this many. In a large network thousands end
                in a season, and must not crowd out what somebody has decided and somebody must follow up.
        """
        query = _range(_ACCREDITATION)

        def read(connection: Connection) -> list[Standing]:
            found = (_standing(key, orjson.loads(value)) for key, value in connection.execute(query))
            watched = [one for one in found if _watched(one, ends_before, removed_since)]
            decided = [one for one in watched if one.status != "listed"]
            ending = (one for one in watched if one.status == "listed")
            return sorted(decided, key=_ending) + nsmallest(most, ending, key=_ending)

        return await self._database.read(read)

    async def record(self, subject: str) -> Mapping[str, JSON] | None:
        """The newest decision on a subject as the rules keep it, None without one."""
        key = f"{_ACCREDITATION}{subject}"
        return await self._database.read(lambda connection: rule_state(connection, [key]).get(key))

    async def rings_in_motion(self, since: int, size: int, most: int) -> dict[str, JSON]:
        """The key rings of whoever changed a key by the entries from ``since`` on, or has a revoked one; by owner.

        Args:
            since: log index.
            size: log size; later key statements are not looked at.
            most: of each kind at most this many, those that changed last.
        """
        changed = (
            select(StatementRow.subject)
            .where(StatementRow.kind == "key", StatementRow.subject.is_not(None))
            .where(StatementRow.index >= since, StatementRow.index < size)
            .group_by(StatementRow.subject)
            .order_by(func.max(StatementRow.index).desc())
            .limit(most)
        )
        revoked = _range(_KEYRING).where(_REVOKED).order_by(RuleStateRow.updated.desc()).limit(most)

        def read(connection: Connection) -> dict[str, JSON]:
            owners = [f"{_KEYRING}{owner}" for owner in connection.scalars(changed)]
            rings = rule_state(connection, owners)
            rings |= {key: orjson.loads(value) for key, value in connection.execute(revoked)}
            return {key.removeprefix(_KEYRING): ring for key, ring in rings.items()}

        return await self._database.read(read)

    async def times(self, indexes: Collection[int]) -> dict[int, int]:
        """Entry times (POSIX seconds) by log index."""
        ordered = sorted(indexes)
        pieces = [ordered[start : start + _AT_ONCE] for start in range(0, len(ordered), _AT_ONCE)]

        def read(connection: Connection) -> dict[int, int]:
            return {index: time for piece in pieces for index, time in connection.execute(_times(piece))}

        return await self._database.read(read)

    async def profiles(self, subjects: Collection[str], size: int) -> list[StoredStatement]:
        """The newest profile of each of these members and neutrals."""

        def read(connection: Connection) -> list[StoredStatement]:
            return [one for some in chunks(subjects) for one in _profiles(connection, some, size)]

        return await self._database.read(read)


def _range(space: str) -> Select[str, str]:
    return select(RuleStateRow.key, RuleStateRow.value).where(
        RuleStateRow.key >= space, RuleStateRow.key < f"{space[:-1]}0"
    )


def _times(indexes: Sequence[int]) -> Select[int, int]:
    return select(EntryRow.index, EntryRow.time).where(EntryRow.index.in_(indexes))


def _profiles(connection: Connection, subjects: Sequence[str], size: int) -> list[StoredStatement]:
    newest = (
        select(func.max(StatementRow.index))
        .where(StatementRow.kind.in_(_PROFILES), StatementRow.subject.in_(subjects), StatementRow.index < size)
        .group_by(StatementRow.subject)
    )
    found = connection.execute(statement_columns().where(StatementRow.index.in_(newest))).mappings()
    return [stored_statement(row) for row in found]


def _standing(key: str, value: Mapping[str, JSON]) -> Standing:
    subject, pending = key.removeprefix(_ACCREDITATION), value.get("procedure", {})
    return Standing(subject, str(value["status"]), int(value["ends"]), int(value["index"]), pending)


def _ending(one: Standing) -> tuple[int, str]:
    return one.ends, one.subject


def _watched(one: Standing, ends_before: int, removed_since: int) -> bool:
    if one.status == "listed":
        return one.ends < ends_before
    return one.status != "expired" and (one.status != "removed" or one.index >= removed_since)
