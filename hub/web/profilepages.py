"""One provider or neutral as a page: the profile, every decision on accreditation, the keys, and where it stands."""

from typing import Any

from aiohttp import web

from hub.errors import NotFoundError
from hub.storage.searchqueries import Listed
from hub.web.appkeys import DIRECTORY, NAMESAKES, SEARCH
from hub.web.directory import Moment
from hub.web.listpages import at_context, given, shown_moment
from hub.web.presenting import key_state, parsed
from hub.web.rendering import page
from hub.web.requests import actor_id
from signing.keyring import KeyRecord

__all__ = ["neutral_page", "provider_page"]


@page("provider.html")
async def provider_page(request: web.Request) -> dict[str, Any]:
    """What a provider does, where, at what cost, under which rules, and how it was accredited."""
    at = await shown_moment(request)
    one = await _found(request, at, "provider")
    alike = await request.app[NAMESAKES].of(one, at.size)
    return await _context(request, at, one) | {"data": f"/v1/members/{one.id}", "alike": alike}


@page("neutral.html")
async def neutral_page(request: web.Request) -> dict[str, Any]:
    """What a neutral does, with which qualification, nominated by whom, and how accredited."""
    at = await shown_moment(request)
    one = await _found(request, at, "neutral")
    return await _context(request, at, one) | {"data": f"/v1/neutrals/{one.id}"}


async def _found(request: web.Request, at: Moment, role: str) -> Listed:
    actor = actor_id(request.match_info["id"], "id")
    one = await request.app[SEARCH].one(actor, at.size, time=at.time)
    if one is None or one.role != role:
        raise NotFoundError("not_found", f"No {role} of this id is registered.", actor)
    return one


async def _context(request: web.Request, at: Moment, one: Listed) -> dict[str, Any]:
    decisions = await request.app[DIRECTORY].history(one.id, at.size, ("accreditation",))
    return {
        "at": at_context(given(request), at),
        "one": one,
        "decisions": [
            {"time": told.time, "index": told.index, "digest": told.digest, "body": parsed(told).body}
            for told in reversed(decisions)
        ],
        "keys": _keys(one, at),
        "sources": one.record["profile"].get("sources", {}),
        "alike": (),
    }


def _keys(one: Listed, at: Moment) -> list[dict[str, Any]]:
    ring = {key["kid"]: KeyRecord(**key) for key in one.record["keys"]}
    return [key | {"state": key_state(ring, key["kid"], at.size, at.time)} for key in one.record["keys"]]
