"""Members, neutrals, keys and policies as the log has made them, now or ``?at`` an earlier log size or time."""

import json
import re
from dataclasses import dataclass

from aiohttp import web

from hub.errors import NotFoundError, RequestError
from hub.evidence import kept
from hub.storage.searchqueries import SearchPage
from hub.storage.values import StoredStatement
from hub.web.access import may_read_annex
from hub.web.appkeys import AWARDS, CLOCK, DIRECTORY, LOG, RECEIPTS, SEARCH
from hub.web.authentication import reader_of
from hub.web.presenting import key_state, keys_json, ring_of
from hub.web.requests import actor_id, page
from hub.web.responses import as_stored, json_response
from hub.web.searching import facets_json, listed_json, neutral_query, provider_query
from signing.compose import timestamp
from signing.encoding import JSON
from signing.errors import FormatError
from signing.statement import seconds

__all__ = [
    "Moment",
    "get_key",
    "get_member",
    "get_neutral",
    "get_policy",
    "is_time",
    "list_members",
    "list_neutrals",
    "log_size",
    "moment",
]

_SIZE = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Moment:
    """What an answer is about: the log size, and the time (POSIX seconds) for which validity is judged."""

    size: int
    time: int

    def json(self) -> dict[str, JSON]:
        """The members ``size`` and ``time``."""
        return {"size": self.size, "time": timestamp(self.time)}


async def get_policy(request: web.Request) -> web.Response:
    """Genesis and every policy after it, each with its receipt and with the proof under the quorum before it."""
    at = await moment(request)
    chain = await request.app[DIRECTORY].policies(at.size)
    proofs = [await request.app[AWARDS].with_proof(one) for one in chain]
    return json_response({**at.json(), "chain": [proof.json() for proof in proofs]})


async def list_members(request: web.Request) -> web.Response:
    """A page of members by id, those that meet the conditions of the query."""
    at, (after, limit) = await moment(request), page(request)
    found = await request.app[SEARCH].members(provider_query(request), at.size, after, limit, time=at.time)
    return _listed("members", found, at)


async def list_neutrals(request: web.Request) -> web.Response:
    """A page of neutrals by id, those who meet the conditions of the query."""
    query, at, (after, limit) = neutral_query(request), await moment(request), page(request)
    found = await request.app[SEARCH].neutrals(query, at.size, after, limit, time=at.time)
    return _listed("neutrals", found, at)


async def get_member(request: web.Request) -> web.Response:
    """One member: profile, accreditation, keys, and the statement that decides with its receipt."""
    return await _single(request, "member")


async def get_neutral(request: web.Request) -> web.Response:
    """One neutral: profile, accreditation, keys, and the statement that decides with its receipt.

    The neutral, members and officers, when they sign the request, also get the annex.
    """
    return await _single(request, "neutral")


async def get_key(request: web.Request) -> web.Response:
    """One key: whose it is, what it is for, what became of it by then, and the statement that introduced it."""
    kid, at = request.match_info["kid"], await moment(request)
    directory = request.app[DIRECTORY]
    found = await directory.key(kid)
    if found is None or found["index"] >= at.size:
        raise NotFoundError("not_found", "No key of this kid is registered.", kid)
    told = [*await directory.policies(at.size), *await directory.history(found["owner"], at.size)]
    ring = ring_of(found["owner"], sorted(told, key=lambda one: one.index))
    proof = await request.app[AWARDS].with_proof(await _registered(request, found["index"]))
    (shown,) = keys_json({kid: ring[kid]})
    state = key_state(ring, kid, at.size, at.time)
    return json_response({**at.json(), "key": shown, "state": state, **_pair(proof.json())})


async def moment(request: web.Request) -> Moment:
    """What the answer is about: now, or as ``at`` says.

    A size is about the time of its last entry, because nothing later is known of it; a time is about the log as it
    was then. A time to come is refused: what will have been recorded by then nobody knows, and an answer may be signed.

    Raises:
        RequestError: bad_parameter.
    """
    now, at = request.app[CLOCK](), request.query.get("at")  # before the size: what comes meanwhile is not of that time
    size = await log_size(request)
    if at is None:
        return Moment(size, now)
    if _SIZE.fullmatch(at):
        return Moment(size, (await _registered(request, size - 1)).time)
    time = seconds(at)
    if time > now:
        message = f"at is a time to come; by this hub's clock it is {timestamp(now)}. Ask about now by leaving at out."
        raise RequestError("bad_parameter", message, "at")
    return Moment(size, time)


def is_time(at: str) -> bool:
    """Whether ``at``, which was read already, is a time and not a log size."""
    return not _SIZE.fullmatch(at)


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


def _listed(name: str, found: SearchPage, at: Moment) -> web.Response:
    rows = [listed_json(one) for one in found.rows]
    more: dict[str, JSON] = {"next": found.next, "total": found.total, "facets": facets_json(found)}
    return json_response({**at.json(), name: rows, **more})


async def _single(request: web.Request, name: str) -> web.Response:
    actor, at = actor_id(request.match_info["id"], "id"), await moment(request)
    found = await request.app[SEARCH].entry(actor, at.size, time=at.time)
    if found is None or (found[0].role == "neutral") != (name == "neutral"):
        raise NotFoundError("not_found", f"No {name} of this id is registered.", actor)
    line, entry = found
    record = entry.version.record
    shown: dict[str, JSON] = {**at.json(), name: listed_json(line), "keys": record["keys"]}
    shown["key_statement"] = entry.key_statement
    if line.role == "neutral" and may_read_annex(reader_of(request), actor):
        annex = entry.version.annex
        octets = None if annex is None else await request.app[DIRECTORY].annex(annex)
        shown["annex"] = None if octets is None else json.loads(octets)
    shown["statement"] = as_stored(kept(entry.document, record["digest"]))
    receipt = await request.app[RECEIPTS].receipt_of(record["digest"], record["statement"], entry.octets)
    return json_response({**shown, "receipt": receipt.json()})


async def _registered(request: web.Request, index: int) -> StoredStatement:
    found = await request.app[DIRECTORY].statement_at(index)
    if found is None:
        raise NotFoundError("not_found", "No statement is registered at this index.", str(index))
    return found


def _pair(proof: dict[str, JSON]) -> dict[str, JSON]:
    return {name: proof[name] for name in ("statement", "receipt")}
