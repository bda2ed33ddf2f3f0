"""Applications for membership: kept until they end, remembered for a while, never logged.

Nothing else repeats what a row says, so each row is sealed: its ``seal`` is the SHA-256 of all its other columns, and
``fsck`` computes it again. It tells damage, not forgery.
"""

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from hub.drafts.values import DeskDraft
from hub.storage import seals
from hub.storage.applicationmodels import ApplicationRow
from hub.storage.drafts import waiting_draft, write_draft
from hub.storage.engine import Database
from hub.storage.models import StatementRow
from hub.storage.rule_state import rule_state

__all__ = ["Application", "ApplicationStore", "Ending", "Met", "seal_of"]


@dataclass(frozen=True, slots=True)
class Application:
    """An application; times are POSIX seconds.

    Args:
        id: a UUID.
        kid: thumbprint of the new statement key.
        http_key: octets of the new http key.
        actor: id asked for.
        type: provider, court or observer.
        state: received, testing, ready; or admitted, declined, expired, withdrawn.
        received: when it came.
        expires: when it ends by itself.
        ended: when it ended, None while it is open.
        ended_by: the officer who declined it.
        reason: why it was declined.
        form: what was posted, None once it has ended.
        challenge: JSON of the challenge and of what is expected, None once it has ended.
        outcomes: JSON of the outcomes of the newest self-test.
        statement: id of the statement that it posted, once it has ended; None where it ended before these were kept.
    """

    id: str
    kid: str
    http_key: bytes
    actor: str
    type: str
    state: str
    received: int
    expires: int
    ended: int | None = None
    ended_by: str | None = None
    reason: str | None = None
    form: str | None = None
    challenge: str | None = None
    outcomes: str | None = None
    statement: str | None = None


@dataclass(frozen=True, slots=True)
class Met:
    """What an application that comes in meets.

    Args:
        same: the open application of the same statement key.
        pending: how many are open.
        known: keys of the register that are there: of the actor (``actor/…``) and of its keys (``kid/…``).
    """

    same: Application | None
    pending: int
    known: frozenset[str]


Ending = Callable[[Application, DeskDraft | None], tuple[Application, DeskDraft | None]]
"""Makes of an application, and of the unfinished draft of its statement, what they become; no draft: it stays."""


class ApplicationStore:
    """Rows of applications."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, new: Application, kids: Collection[str], check: Callable[[Met], Application]) -> Application:
        """Keep what ``check`` returns, in one transaction with what it was told: ``new``, or one that is there already.

        ``check`` runs where the database is written and is to be quick; what it raises keeps nothing.

        Args:
            new: the application.
            kids: every key that it introduces.
            check: decides.
        """

        def add(connection: Connection) -> Application:
            kept = check(_met(connection, new, kids))
            if kept is new:
                connection.execute(insert(ApplicationRow), _row(new))
            return kept

        return await self._database.write(add)

    async def application(self, name: str) -> Application | None:
        """The application of this id."""
        query = _COLUMNS.where(ApplicationRow.id == name)
        return await self._database.query(lambda connection: _first(connection, query))

    async def change(self, name: str, decide: Callable[[Application], Application]) -> Application | None:
        """Replace an application by what ``decide`` makes of it, in one transaction; None when there is none.

        ``decide`` runs where the database is written and is to be quick; what it raises changes nothing.
        """

        def change(connection: Connection) -> Application | None:
            found = _first(connection, _COLUMNS.where(ApplicationRow.id == name))
            if found is None:
                return None
            changed = decide(found)
            _replace(connection, found, changed)
            return changed

        return await self._database.write(change)

    async def end(self, name: str, statement: str, now: int, decide: Ending) -> Application | None:
        """Replace an application, and the draft that waits on the desk for its statement, in one transaction.

        Returns None when there is no such application. ``decide`` is as in ``change``.

        Args:
            name: id of the application.
            statement: id of the statement that it posted; the issuer is the actor that it asks for.
            now: POSIX seconds; a draft whose time is over by then counts as none.
            decide: what both become.
        """

        def end(connection: Connection) -> Application | None:
            found = _first(connection, _COLUMNS.where(ApplicationRow.id == name))
            if found is None:
                return None
            changed, draft = decide(found, waiting_draft(connection, found.actor, statement, now))
            if draft is not None:
                write_draft(connection, draft)
            _replace(connection, found, changed)
            return changed

        return await self._database.write(end)

    async def page(self, *, only_open: bool, after: str, limit: int) -> list[Application]:
        """Applications by id, which is by the time they came; ``after`` is the last id of the page before."""
        query = _COLUMNS.where(ApplicationRow.id > after).order_by(ApplicationRow.id).limit(limit)
        return await self._all(query.where(ApplicationRow.ended.is_(None)) if only_open else query)

    async def queue(self, start: int, limit: int) -> tuple[list[Application], int]:
        """Open applications from the ``start``-th on, those that are ready first, each by id; and how many are open.

        Whoever wants may apply, so that those that nobody has tested must not hide one that waits for officers.
        """
        is_open = ApplicationRow.ended.is_(None)
        some = _COLUMNS.where(is_open).order_by(ApplicationRow.state != "ready", ApplicationRow.id)
        count = select(func.count()).select_from(ApplicationRow).where(is_open)
        total = await self._database.query(lambda connection: connection.scalar(count))
        return await self._all(some.offset(start).limit(limit)), int(total or 0)

    async def open_of_actor(self, actor: str, after: str, limit: int) -> list[Application]:
        """Open applications for an actor id, by id; ``after`` is the last id of the page before."""
        some = _COLUMNS.where(ApplicationRow.actor == actor, ApplicationRow.ended.is_(None), ApplicationRow.id > after)
        return await self._all(some.order_by(ApplicationRow.id).limit(limit))

    async def open_of_keys(self, kids: Collection[str]) -> list[Application]:
        """Open applications whose new statement key is one of these; there is one at most for each."""
        return await self._all(_COLUMNS.where(ApplicationRow.kid.in_(list(kids)), ApplicationRow.ended.is_(None)))

    async def ended_of(self, statement: str, kids: Collection[str]) -> list[Application]:
        """Applications that have ended and had posted a statement of this id, with one of these new statement keys.

        The key is looked at because an id is anybody's to choose, and a key is not.
        """
        some = _COLUMNS.where(ApplicationRow.statement == statement, ApplicationRow.kid.in_(list(kids)))
        return await self._all(some.where(ApplicationRow.ended.is_not(None)).order_by(ApplicationRow.id))

    async def overdue(self, now: int) -> list[Application]:
        """Open applications whose time is over at ``now``."""
        return await self._all(_COLUMNS.where(ApplicationRow.ended.is_(None), ApplicationRow.expires <= now))

    async def decided(self, size: int) -> list[tuple[Application, str]]:
        """Open applications for an id that a member or neutral has below log index ``size``, with its first digest."""
        first = (
            select(StatementRow.subject, func.min(StatementRow.index).label("index"))
            .join(ApplicationRow, ApplicationRow.actor == StatementRow.subject)
            .where(
                StatementRow.kind.in_(("member", "neutral")),
                StatementRow.subject.is_not(None),
                StatementRow.index < size,
                ApplicationRow.ended.is_(None),
            )
            .group_by(StatementRow.subject)
            .subquery()
        )
        query = (
            select(ApplicationRow.__table__, StatementRow.digest)
            .join(first, first.c.subject == ApplicationRow.actor)
            .join(StatementRow, StatementRow.index == first.c.index)
            .where(ApplicationRow.ended.is_(None))
        )

        def decided(connection: Connection) -> list[tuple[Application, str]]:
            rows = connection.execute(query).mappings().all()
            return [(_application(dict(row)), row["digest"]) for row in rows]

        return await self._database.read(decided)

    async def forget(self, ended: int, received: int) -> None:
        """Delete applications that ended before a time, and came before another."""
        gone = delete(ApplicationRow).where(ApplicationRow.ended < ended, ApplicationRow.received < received)
        await self._database.write(lambda connection: connection.execute(gone))

    async def sealed(self, after: str, limit: int) -> list[tuple[Application, str]]:
        """Applications by id with their seals, for ``fsck``."""
        query = select(ApplicationRow.__table__).where(ApplicationRow.id > after)

        def sealed(connection: Connection) -> list[tuple[Application, str]]:
            rows = connection.execute(query.order_by(ApplicationRow.id).limit(limit)).mappings().all()
            return [(_application(dict(row)), row["seal"]) for row in rows]

        return await self._database.read(sealed)

    async def _all(self, query: Select[Any]) -> list[Application]:
        return await self._database.query(
            lambda connection: [_application(dict(row)) for row in connection.execute(query).mappings()]
        )


_NAMES = tuple(one.name for one in fields(Application))
_COLUMNS = select(*(getattr(ApplicationRow, name) for name in _NAMES))


def seal_of(one: Application) -> str:
    """SHA-256 over every other column, hex; without a statement id it is what it was before there were any."""
    columns = {name: value for name, value in asdict(one).items() if name != "statement" or value is not None}
    return seals.seal_of({**columns, "http_key": one.http_key.hex()})


def _row(one: Application) -> dict[str, Any]:
    return {**asdict(one), "seal": seal_of(one)}


def _application(row: dict[str, Any]) -> Application:
    return Application(**{name: row[name] for name in _NAMES})


def _first(connection: Connection, query: Select[Any]) -> Application | None:
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _application(dict(row))


def _replace(connection: Connection, found: Application, changed: Application) -> None:
    if changed != found:
        connection.execute(update(ApplicationRow).where(ApplicationRow.id == found.id), _row(changed))


def _met(connection: Connection, new: Application, kids: Collection[str]) -> Met:
    is_open = ApplicationRow.ended.is_(None)
    same = _first(connection, _COLUMNS.where(ApplicationRow.kid == new.kid, is_open))
    pending = connection.scalar(select(func.count()).select_from(ApplicationRow).where(is_open))
    known = rule_state(connection, [f"actor/{new.actor}", *(f"kid/{kid}" for kid in kids)])
    return Met(same, int(pending or 0), frozenset(known))
