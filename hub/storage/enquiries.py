"""Enquiries: what officers asked providers, and what these said; kept beside the log, each row sealed.

Nothing else repeats what a row says, so its ``seal`` is the SHA-256 of all its other columns, and ``fsck`` computes it
again. It tells damage, not forgery.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select, update

from hub.storage.engine import Database
from hub.storage.enquirymodels import EnquiryRow
from hub.storage.seals import sealed_row
from signing.encoding import JSON, canonical

__all__ = ["Enquiry", "EnquiryStore"]


@dataclass(frozen=True, slots=True)
class Enquiry:
    """One enquiry; times are POSIX seconds.

    Args:
        provider: who is asked.
        about: flag, a difference that a comparison found; or discrepancy, between events and register.
        code: the indicator, or the code of the discrepancy.
        period_start, period_end: the quarter that the matter is seen in.
        text: what the officer wrote.
        evidence: the figures that the enquiry rests on, as they were when it was sent.
        asked_by: actor id of the officer.
        due: until when the provider may comment.
        comment: what the provider said; None while it has said nothing.
    """

    id: str
    provider: str
    about: str
    code: str
    period_start: int
    period_end: int
    text: str
    evidence: Mapping[str, JSON]
    asked_by: str
    asked_at: int
    due: int
    comment: str | None = None
    commented_at: int | None = None

    def waits(self, now: int) -> bool:
        """Whether the provider has said nothing and still may, at ``now`` (POSIX seconds)."""
        return self.comment is None and now < self.due


class EnquiryStore:
    """Rows of enquiries. What ``check`` or ``decide`` raises changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, one: Enquiry, check: Callable[[Enquiry | None], None]) -> None:
        """Keep an enquiry, when ``check`` lets pass what is there about the same matter, in one transaction."""
        table = EnquiryRow
        same = select(table.__table__).where(
            table.provider == one.provider, table.about == one.about, table.code == one.code,
            table.period_start == one.period_start,
        )  # fmt: skip

        def add(connection: Connection) -> None:
            found = _read(connection, same)
            check(found[0] if found else None)
            connection.execute(insert(table), _row(one))

        await self._database.write(add)

    async def change(self, name: str, decide: Callable[[Enquiry | None], Enquiry]) -> Enquiry:
        """Keep what ``decide`` makes of the enquiry of this id."""
        query = select(EnquiryRow.__table__).where(EnquiryRow.id == name)

        def change(connection: Connection) -> Enquiry:
            found = _read(connection, query)
            before = found[0] if found else None
            after = decide(before)
            if after != before:
                connection.execute(update(EnquiryRow).where(EnquiryRow.id == name), _row(after))
            return after

        return await self._database.write(change)

    async def all(self, provider: str | None = None) -> list[Enquiry]:
        """Every enquiry, or every one to a provider, the newest first."""
        query = select(EnquiryRow.__table__).order_by(EnquiryRow.asked_at.desc(), EnquiryRow.id)
        chosen = query if provider is None else query.where(EnquiryRow.provider == provider)
        return await self._database.read(lambda connection: _read(connection, chosen))

    async def forget(self, before: int) -> int:
        """Delete enquiries that were sent before a time; tells how many."""
        query = delete(EnquiryRow).where(EnquiryRow.asked_at < before)
        return await self._database.write(lambda connection: connection.execute(query).rowcount)

    async def rows(self, after: str, limit: int) -> list[dict[str, Any]]:
        """Rows by id, for ``fsck``; not read any further."""
        query = select(EnquiryRow.__table__).where(EnquiryRow.id > after).order_by(EnquiryRow.id).limit(limit)
        return await self._database.read(lambda connection: [dict(row) for row in connection.execute(query).mappings()])


def _row(one: Enquiry) -> dict[str, Any]:
    return sealed_row({**asdict(one), "evidence": canonical(dict(one.evidence)).decode("utf-8")})


def _read(connection: Connection, query: Select[Any]) -> list[Enquiry]:
    found = []
    for row in connection.execute(query).mappings():
        told = {name: value for name, value in row.items() if name != "seal"}
        found.append(Enquiry(**{**told, "evidence": json.loads(told["evidence"])}))
    return found
