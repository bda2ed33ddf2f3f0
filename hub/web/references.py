"""References: what officers have published for decisions to refer to, now or ``?at`` an earlier log size or time."""

import re

from aiohttp import web

from hub.errors import NotFoundError, RequestError
from hub.storage.values import StoredStatement
from hub.web.appkeys import AWARDS, DIRECTORY
from hub.web.directory import moment
from hub.web.presenting import parsed
from hub.web.requests import actor_id, page
from hub.web.responses import json_response
from signing.encoding import JSON

__all__ = ["get_reference", "list_references"]

_VERSION = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


async def list_references(request: web.Request) -> web.Response:
    """A page of references by id, each in its newest version."""
    at, (after, limit) = await moment(request), page(request)
    found = await request.app[DIRECTORY].references(at.size, after=after, limit=limit + 1)
    shown = found[:limit]
    following = shown[-1].subject if len(found) > limit else None
    return json_response({"size": at.size, "references": [_reference(one) for one in shown], "next": following})


async def get_reference(request: web.Request) -> web.Response:
    """One reference, the newest version or the one asked for, with the statement that published it."""
    name, at, wanted = actor_id(request.match_info["id"], "id"), await moment(request), request.query.get("version")
    if wanted is not None and not _VERSION.fullmatch(wanted):
        raise RequestError("bad_parameter", "version is a number from 1 on.", "version")
    versions = await request.app[DIRECTORY].history(name, at.size, ("reference",))
    if wanted is not None:
        versions = [one for one in versions if parsed(one).body["version"] == int(wanted)]
    if not versions:
        raise NotFoundError("not_found", "No reference of this id and version is registered.", name)
    proof = (await request.app[AWARDS].with_proof(versions[-1])).json()
    pair = {part: proof[part] for part in ("statement", "receipt")}
    return json_response({"size": at.size, "reference": _reference(versions[-1]), **pair})


def _reference(stored: StoredStatement) -> dict[str, JSON]:
    return {**parsed(stored).body, "digest": stored.digest, "index": stored.index}
