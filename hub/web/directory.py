"""Members, neutrals, keys and policies as the log has made them, now or ``?at`` an earlier log size or time."""

import re
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from hub.errors import NotFoundError, RequestError
from hub.storage.values import StoredStatement
from hub.web.appkeys import AWARDS, DIRECTORY, LOG
from hub.web.presenting import keys_json, member_json, neutral_json, ring_of
from hub.web.requests import actor_id, page
from hub.web.responses import json_response
from signing.encoding import JSON
from signing.errors import FormatError
from signing.statement import seconds

__all__ = ["get_key", "get_member", "get_neutral", "get_policy", "list_members", "list_neutrals", "log_size"]

Present = Callable[[StoredStatement, StoredStatement | None], dict[str, JSON]]
_SIZE = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)


async def get_policy(request: web.Request) -> web.Response:
    """Genesis and every policy after it, each with its receipt and with the proof under the quorum before it."""
    chain = await request.app[DIRECTORY].policies(request.app[LOG].size)
    proofs = [await request.app[AWARDS].with_proof(one) for one in chain]
    return json_response({"chain": [proof.json() for proof in proofs]})


async def list_members(request: web.Request) -> web.Response:
    """A page of members by id."""
    size, (after, limit) = await log_size(request), page(request)
    found = await request.app[DIRECTORY].members(size, after=after, limit=limit + 1)
    return await _listed(request, "members", member_json, found, size)


async def list_neutrals(request: web.Request) -> web.Response:
    """A page of neutrals by id."""
    size, (after, limit) = await log_size(request), page(request)
    found = await request.app[DIRECTORY].neutrals(size, after=after, limit=limit + 1)
    return await _listed(request, "neutrals", neutral_json, found, size)


async def get_member(request: web.Request) -> web.Response:
    """One member: profile, accreditation, keys, and the statement that decides with its receipt."""
    return await _single(request, "member", member_json, request.app[DIRECTORY].member)


async def get_neutral(request: web.Request) -> web.Response:
    """One neutral: profile, accreditation, keys, and the statement that decides with its receipt."""
    return await _single(request, "neutral", neutral_json, request.app[DIRECTORY].neutral)


async def get_key(request: web.Request) -> web.Response:
    """One key: whose it is, what it is for, what became of it, and the statement that introduced it."""
    kid, size = request.match_info["kid"], await log_size(request)
    directory = request.app[DIRECTORY]
    found = await directory.key(kid)
    if found is None or found["index"] >= size:
        raise NotFoundError("not_found", "No key of this kid is registered.", kid)
    told = [*await directory.policies(size), *await directory.history(found["owner"], size)]
    ring = ring_of(found["owner"], sorted(told, key=lambda one: one.index))
    statement = await directory.statement_at(found["index"])
    if statement is None:
        raise NotFoundError("not_found", "No key of this kid is registered.", kid)
    proof = await request.app[AWARDS].with_proof(statement)
    (shown,) = keys_json({kid: ring[kid]})
    return json_response({"size": size, "key": shown, **_pair(proof.json())})


async def log_size(request: web.Request) -> int:
    """The log size that the answer takes into account: now, or as ``at`` says.

    Raises:
        RequestError: bad_parameter.
    """
    now, at = request.app[LOG].size, request.query.get("at")
    if at is None:
        return now
    if _SIZE.fullmatch(at) and int(at) <= now:
        return int(at)
    try:
        size = await request.app[DIRECTORY].size_at(seconds(at), now)
    except FormatError:
        size = 0
    if not size:
        raise RequestError("bad_parameter", f"at is a log size from 1 to {now}, or a time since the log began.", "at")
    return size


async def _listed(
    request: web.Request, name: str, present: Present, found: Sequence[StoredStatement], size: int
) -> web.Response:
    _, limit = page(request)
    shown = found[:limit]
    decisions = await request.app[DIRECTORY].accreditations([one.subject or "" for one in shown], size)
    entries = [present(one, decisions.get(one.subject or "")) for one in shown]
    following = shown[-1].subject if len(found) > limit else None
    return json_response({"size": size, name: entries, "next": following})


async def _single(
    request: web.Request,
    name: str,
    present: Present,
    find: Callable[[str, int], Awaitable[StoredStatement | None]],
) -> web.Response:
    actor, size = actor_id(request.match_info["id"], "id"), await log_size(request)
    found = await find(actor, size)
    if found is None:
        raise NotFoundError("not_found", f"No {name} of this id is registered.", actor)
    directory = request.app[DIRECTORY]
    decision = await directory.accreditation(actor, size)
    ring = ring_of(actor, await directory.history(actor, size))
    proof = await request.app[AWARDS].with_proof(found)
    shown = {"size": size, name: present(found, decision), "keys": keys_json(ring)}
    return json_response({**shown, **_pair(proof.json())})


def _pair(proof: dict[str, JSON]) -> dict[str, JSON]:
    return {name: proof[name] for name in ("statement", "receipt")}
