"""Who and what is registered, as of a log size: members, neutrals, keys, accreditations, awards and their evidence.

Everything is read from registered statements below ``size`` (the signed size, or an earlier one for a question
about the past), so an answer never shows what the log has not signed. Values carry the statement's JWS; parsing
and presenting it is the caller's business.
"""

import json
from bisect import bisect_right
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, func, select, union_all

from hub.storage.certain import key_rows
from hub.storage.engine import Database
from hub.storage.models import AnnexRow, BodyRow, DocumentRow, EntryRow, RuleStateRow, StatementRow
from hub.storage.rule_state import rule_state
from hub.storage.values import StoredStatement
from signing.encoding import JSON
from signing.statement import parse_statement

__all__ = ["Directory"]

_SUBJECT_KINDS = ("member", "neutral", "key", "accreditation")
_NETWORK_KINDS = ("genesis", "policy")
_HAS_SUBJECT = StatementRow.subject.is_not(None)  # said aloud, so that the index over these alone is used
_OF_NETWORK = StatementRow.kind.in_(_NETWORK_KINDS) & _HAS_SUBJECT


class Directory:
    """Read queries on registered statements; every ``size`` is a log size and bounds what is seen."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def statement(self, digest: str, size: int) -> StoredStatement | None:
        """The statement with this digest (hex)."""
        return _first(await self._statements(_statements(size).where(StatementRow.digest == digest)))

    async def statement_at(self, index: int) -> StoredStatement | None:
        """The statement at a log index, signed or not."""
        return _first(await self.statements_at([index]))

    async def statements_at(self, indexes: Collection[int]) -> list[StoredStatement]:
        """The statements at these log indexes, in log order, signed or not."""
        given = {"indexes": sorted(indexes)}
        return await self._database.read(
            lambda connection: [stored_statement(row) for row in connection.execute(_AT, given).mappings()]
        )

    async def members(self, size: int, *, after: str = "", limit: int = 100) -> list[StoredStatement]:
        """The newest statement of each member, by actor id; ``after`` is the last id of the page before."""
        return await self._newest_of_each("member", size, after, limit)

    async def member(self, name: str, size: int) -> StoredStatement | None:
        """The newest statement of a member by actor id."""
        return await self._newest("member", name, size)

    async def neutrals(self, size: int, *, after: str = "", limit: int = 100) -> list[StoredStatement]:
        """The newest statement of each neutral, by actor id; ``after`` is the last id of the page before."""
        return await self._newest_of_each("neutral", size, after, limit)

    async def neutral(self, name: str, size: int) -> StoredStatement | None:
        """The newest statement of a neutral by actor id."""
        return await self._newest("neutral", name, size)

    async def accreditation(self, subject: str, size: int) -> StoredStatement | None:
        """The newest accreditation statement about an actor."""
        return await self._newest("accreditation", subject, size)

    async def accreditations(self, subjects: Collection[str], size: int) -> dict[str, StoredStatement]:
        """The newest accreditation statement about each of these actors, by actor id."""
        newest = select(func.max(StatementRow.index)).where(
            StatementRow.kind == "accreditation", StatementRow.subject.in_(sorted(subjects)), StatementRow.index < size
        )
        found = await self._statements(
            _statements(size).where(StatementRow.index.in_(newest.group_by(StatementRow.subject)))
        )
        return {one.subject: one for one in found if one.subject is not None}

    async def references(self, size: int, *, after: str = "", limit: int = 100) -> list[StoredStatement]:
        """The newest version of each reference, by id; ``after`` is the last id of the page before."""
        return await self._newest_of_each("reference", size, after, limit)

    async def reference(self, name: str, size: int) -> StoredStatement | None:
        """The newest version of a reference by its id."""
        return await self._newest("reference", name, size)

    async def history(self, subject: str, size: int, kinds: Sequence[str] = _SUBJECT_KINDS) -> list[StoredStatement]:
        """Every statement of these kinds about an actor, in log order: profile, keys, accreditation."""
        query = _statements(size).where(StatementRow.subject == subject, StatementRow.kind.in_(kinds))
        return await self._statements(query)

    async def policies(self, size: int) -> list[StoredStatement]:
        """Genesis and every policy after it, in log order."""
        return await self._statements(_statements(size).where(_OF_NETWORK))

    async def keyring(self, owner: str) -> dict[str, JSON]:
        """All keys that an owner ever had, by kid, as the rules keep them now; empty for an unknown owner."""
        found = await self._rule_state([f"keyring/{owner}"])
        return dict(found.get(f"keyring/{owner}", {}))

    async def key(self, kid: str) -> JSON:
        """The record of one key as the rules keep it now, or None."""
        found = await self._rule_state([f"kid/{kid}"])
        if not found:
            return None
        return (await self.keyring(found[f"kid/{kid}"]["owner"])).get(kid)

    async def kept(self, keys: Collection[str]) -> dict[str, JSON]:
        """What the rules keep now under some keys of their state, as far as they keep anything."""
        return await self._rule_state(keys)

    async def annexes(self, indexes: Collection[int]) -> dict[int, bytes]:
        """The annexes of the statements at these indexes, as far as they are kept."""
        keys = [(index,) for index in sorted(indexes)]
        found = await self._database.read(lambda connection: key_rows(connection, AnnexRow, keys)) if keys else {}
        return {index: bytes(octets) for (index,), (_, octets) in found.items()}

    async def accepted_keys(self) -> dict[str, JSON]:
        """Every key record of the network by kid: what a key cache is filled with at start."""
        query = select(RuleStateRow.value).where(RuleStateRow.key >= "keyring/", RuleStateRow.key < "keyring0")
        rings = await self._database.read(lambda connection: [json.loads(value) for value in connection.scalars(query)])
        return {kid: record for ring in rings for kid, record in ring.items()}

    async def awards_by_document(self, sha256: str, size: int) -> list[StoredStatement]:
        """Every award registered for a document of this SHA-256 (hex), in log order; they stand apart by issuer."""
        of_document = select(DocumentRow.index).where(DocumentRow.sha256 == sha256)
        return await self._statements(_statements(size).where(StatementRow.index.in_(of_document)))

    async def amendments(self, digest: str, size: int) -> list[StoredStatement]:
        """What amends a registration (reviews, later corrections and court outcomes), in log order."""
        return await self._statements(_statements(size).where(StatementRow.amends == digest))

    async def evidence(self, award: StoredStatement, signing_kids: Collection[str], size: int) -> list[StoredStatement]:
        """What a verifier needs beside an award, in log order.

        Genesis and policies; member or neutral, key and accreditation statements of the issuer and of the
        owner of each signing key; reviews and other amendments of the award, and the statements about
        whoever issued those; and about the providers that nominated any neutral among them, since they signed
        the neutral's entry. Keys are looked up by ``signing_kids``.
        """
        amendments = await self.amendments(award.digest, size)
        owners = await self._rule_state([f"kid/{kid}" for kid in signing_kids])
        subjects = {award.issuer, *(value["owner"] for value in owners.values()), *(one.issuer for one in amendments)}
        found = await self._evidence(award.digest, subjects, size)
        nominators = {name for one in found if (name := _nominator(one)) is not None}
        return found if nominators <= subjects else await self._evidence(award.digest, subjects | nominators, size)

    async def _evidence(self, digest: str, subjects: Collection[str], size: int) -> list[StoredStatement]:
        index = select(StatementRow.index)
        found = union_all(  # each through an index of its own: in a long log, looking at every statement takes seconds
            index.where(_OF_NETWORK),
            index.where(StatementRow.kind.in_(_SUBJECT_KINDS), StatementRow.subject.in_(sorted(subjects))),
            index.where(StatementRow.amends == digest),
        )
        return await self._statements(_statements(size).where(StatementRow.index.in_(found)))

    async def annex(self, index: int) -> bytes | None:
        """The annex of the statement at ``index``, while it is kept."""
        query = select(AnnexRow.octets).where(AnnexRow.index == index)
        return await self._database.read(lambda connection: connection.scalar(query))

    async def size_at(self, time: int, size: int) -> int:
        """How many of the first ``size`` entries are not newer than ``time`` (POSIX seconds).

        Entry times never fall, so a few entries tell.
        """
        query = select(EntryRow.time).where(EntryRow.index == bindparam("at"))

        def search(connection: Connection) -> int:
            def time_of(index: int) -> int:
                return connection.execute(query, {"at": index}).scalar_one()

            return bisect_right(range(size), time, key=time_of)

        return await self._database.read(search)

    async def count(self, kind: str, size: int) -> int:
        """How many statements of a kind are registered; the kind is one whose statements have a subject."""
        query = select(func.count()).where(StatementRow.kind == kind, _HAS_SUBJECT, StatementRow.index < size)
        return await self._database.read(lambda connection: int(connection.scalar(query) or 0))

    async def _newest(self, kind: str, subject: str, size: int) -> StoredStatement | None:
        query = _statements(size).where(StatementRow.kind == kind, StatementRow.subject == subject)
        return _first(await self._statements(query.order_by(None).order_by(StatementRow.index.desc()).limit(1)))

    async def _newest_of_each(self, kind: str, size: int, after: str, limit: int) -> list[StoredStatement]:
        newest = (
            select(func.max(StatementRow.index))
            .where(StatementRow.kind == kind, StatementRow.index < size, StatementRow.subject > after)
            .group_by(StatementRow.subject)
            .order_by(StatementRow.subject)
            .limit(limit)
        )
        query = _statements(size).where(StatementRow.index.in_(newest))
        return await self._statements(query.order_by(None).order_by(StatementRow.subject))

    async def _rule_state(self, keys: Collection[str]) -> dict[str, JSON]:
        return await self._database.read(lambda connection: rule_state(connection, keys))

    async def _statements(self, query: Select[Any]) -> list[StoredStatement]:
        return await self._database.read(lambda connection: [stored_statement(row) for row in rows(connection, query)])


def statement_columns() -> Select[Any]:
    """Statements with entry time and body (if it is kept), one row each, in log order."""
    return (
        select(StatementRow.__table__, EntryRow.time, BodyRow.document)
        .join(EntryRow, EntryRow.index == StatementRow.index)
        .join(BodyRow, BodyRow.index == StatementRow.index, isouter=True)
        .order_by(StatementRow.index)
    )


_AT = statement_columns().where(StatementRow.index.in_(bindparam("indexes", expanding=True)))


def rows(connection: Connection, query: Select[Any]) -> Sequence[RowMapping]:
    """All rows of a query, by column name (a row's own ``index`` is a method of tuples)."""
    found: Sequence[RowMapping] = connection.execute(query).mappings().all()
    return found


def stored_statement(row: RowMapping) -> StoredStatement:
    """The value of a row of ``statement_columns``."""
    return StoredStatement(**row)


def _statements(size: int) -> Select[Any]:
    return statement_columns().where(StatementRow.index < size)


def _nominator(stored: StoredStatement) -> str | None:
    """The provider that signed a neutral's entry beside the neutral, None for other kinds."""
    if stored.kind != "neutral" or stored.document is None:
        return None
    return str(parse_statement(stored.document).body["nominated_by"])


def _first(found: list[StoredStatement]) -> StoredStatement | None:
    return found[0] if found else None
