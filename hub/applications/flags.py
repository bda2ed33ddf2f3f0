"""What an officer should look at twice in an application: names and ids that others have, or that look like theirs."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hub.evidence import document_of
from hub.storage.applications import Application, ApplicationStore
from hub.storage.directory import Directory
from hub.storage.values import StoredStatement
from providers.application.form import ApplicationForm
from registry.confusables import skeleton
from signing.encoding import JSON
from signing.statement import parse_statement

__all__ = ["Flag", "Flags", "legal_name"]

_PIECE = 500


@dataclass(frozen=True, slots=True)
class Flag:
    """A stable code and a sentence."""

    code: str
    message: str

    def json(self) -> dict[str, JSON]:
        """As it is sent."""
        return {"code": self.code, "message": self.message}


@dataclass(frozen=True, slots=True)
class _Named:
    """Somebody who has, or asks for, an id and a name; ``who`` in words."""

    who: str
    actor: str
    name: str


class Flags:
    """Compares an application with members and with other open applications.

    Args:
        store: the applications.
        directory: the members.
        size: the signed size of the log.
    """

    def __init__(self, store: ApplicationStore, directory: Directory, size: Callable[[], int]) -> None:
        self._store = store
        self._directory = directory
        self._size = size

    async def of(self, one: Application) -> list[Flag]:
        """Every flag of an open application; of one that has ended there are none."""
        name = legal_name(one)
        if one.ended is not None or name is None:
            return []
        others = await self._applicants(one.id)
        members: list[_Named] = []
        after = ""
        while found := await self._directory.members(self._size(), after=after, limit=_PIECE):
            members += await asyncio.to_thread(_members, found)
            after = found[-1].subject or ""
        return list(_flags(_Named("", one.actor, name), [*members, *others]))

    async def _applicants(self, own: str) -> list[_Named]:
        found: list[_Named] = []
        after = ""
        while piece := await self._store.page(only_open=True, after=after, limit=_PIECE):
            names = [(one, legal_name(one)) for one in piece if one.id != own]
            found += [_Named(f"application {one.id}", one.actor, name) for one, name in names if name is not None]
            after = piece[-1].id
        return found


def legal_name(one: Application) -> str | None:
    """The name in an application's profile; None once its text is gone."""
    if one.form is None:
        return None
    return str(ApplicationForm.from_bytes(one.form.encode("utf-8")).draft.payload["body"]["profile"]["legal_name"])


def _members(stored: list[StoredStatement]) -> list[_Named]:
    bodies = [(one.subject or "", parse_statement(document_of(one)).body) for one in stored]
    return [_Named(f"member {actor}", actor, body["profile"]["legal_name"]) for actor, body in bodies]


def _flags(own: _Named, others: Iterable[_Named]) -> Iterable[Flag]:
    name, actor = skeleton(own.name), skeleton(own.actor)
    for other in others:
        if other.actor == own.actor:
            yield Flag("actor_id_contested", f"The {other.who} asks for the same id, {own.actor}.")
        elif skeleton(other.actor) == actor:
            yield Flag("actor_id_alike", f"The id {own.actor} looks like {other.actor}, that of the {other.who}.")
        if other.name == own.name:
            yield Flag("name_same", f"The {other.who} has the same name, {own.name!r}.")
        elif skeleton(other.name) == name:
            yield Flag("name_alike", f"The name {own.name!r} looks like {other.name!r}, that of the {other.who}.")
