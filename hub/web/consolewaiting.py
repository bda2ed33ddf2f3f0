"""The draft that waits on the desk already for the statement that an officer wants to put there, in words.

One statement waits once. Officers may read every application, so that each of them is told who put its admission on the
desk, who is to sign it and until when; the draft itself is shown to its poster and its signers, as everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from hub.drafts import standing
from hub.drafts.alternatives import officers_who_signed
from hub.drafts.values import OPEN, DeskDraft
from hub.officers.drafting import Network
from hub.web.appkeys import DESK, SESSION

__all__ = ["Waiting", "waiting_for"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A draft that waits, as an officer is told of it.

    Args:
        draft: the draft.
        poster: name of who put it on the desk; the actor id where that is no officer.
        missing: names of the officers whose signatures are missing; kid or role of others.
        signed: names of the officers who have signed.
        seen: whether this officer may see the draft.
    """

    draft: DeskDraft
    poster: str
    missing: tuple[str, ...]
    signed: tuple[str, ...]
    seen: bool

    @property
    def open(self) -> bool:
        """Whether signatures are missing."""
        return self.draft.state == OPEN


async def waiting_for(request: web.Request, network: Network, payload: Mapping[str, Any]) -> Waiting | None:
    """The draft that waits for the statement of this payload; None where none does."""
    found = await request.app[DESK].waiting(payload["issuer"], payload["id"])
    if found is None:
        return None
    by_kid = network.officer_names()
    by_id = {str(one["id"]): str(one["name"]) for one in network.body["officers"]}
    return Waiting(
        found,
        by_id.get(found.poster, found.poster),
        tuple(by_kid.get(one.kid, one.owner or one.role) for one in found.missing),
        tuple(by_kid.get(kid, kid) for kid in officers_who_signed(found)),
        standing.by_owner(found, request[SESSION].owner) is not None,
    )
