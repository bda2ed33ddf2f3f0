"""Who a page of the console is about: a provider, neutral, court or observer with its newest profile and decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hub.errors import NotFoundError
from hub.storage.directory import Directory
from hub.storage.watchlist import Watchlist
from registry import state as spaces
from signing.encoding import JSON
from signing.statement import parse_statement

__all__ = ["Subject", "find_subject"]

_JUDGED = frozenset({"provider", "neutral"})


@dataclass(frozen=True, slots=True)
class Subject:
    """A member or neutral.

    Attributes:
        actor: actor id.
        type: provider, neutral, court or observer.
        name: of the newest profile.
        body: of its newest statement.
        since: entry time of that statement (POSIX seconds).
        newest: the record of the newest decision as the rules keep it, None without a decision.
        decision: digest of that decision, None without one.
        decided: body of that decision, empty without one.
        nominators: the providers that nominate a neutral.
    """

    actor: str
    type: str
    name: str
    body: Mapping[str, Any] = field(repr=False)
    since: int
    newest: Mapping[str, JSON] | None = None
    decision: str | None = None
    decided: Mapping[str, Any] = field(default_factory=dict, repr=False)
    nominators: tuple[str, ...] = ()

    @property
    def judged(self) -> bool:
        """Whether its accreditation is decided about."""
        return self.type in _JUDGED

    @property
    def related(self) -> tuple[str, ...]:
        """Actors with whom an officer must have nothing to do who decides about it: itself, and all who nominate it."""
        return (self.actor, *self.nominators)


async def find_subject(directory: Directory, watchlist: Watchlist, actor: str, size: int) -> Subject:
    """The subject of this actor id as of log ``size``.

    Raises:
        NotFoundError: not_found.
    """
    stored = await directory.member(actor, size) or await directory.neutral(actor, size)
    if stored is None or stored.document is None:
        raise NotFoundError("not_found", "No member or neutral of this id is registered.", actor)
    body = parse_statement(stored.document).body
    profile = body["profile"]
    name = str(profile.get("display_name") or profile.get("legal_name") or actor)
    kind = str(body["type"]) if stored.kind == "member" else "neutral"
    known = Subject(actor, kind, name, body, stored.time, nominators=await _nominators(directory, actor, kind))
    decision = await directory.accreditation(actor, size)
    if decision is None or decision.document is None:
        return known
    decided = parse_statement(decision.document).body
    return replace(known, newest=await watchlist.record(actor), decision=decision.digest, decided=decided)


async def _nominators(directory: Directory, actor: str, kind: str) -> tuple[str, ...]:
    """As the rules keep them: a neutral's newest statement may name one only, and leave the others as they were."""
    if kind != "neutral":
        return ()
    record = (await directory.kept([spaces.actor(actor)]))[spaces.actor(actor)]
    return tuple(record.get("providers", [record["nominated_by"]]))
