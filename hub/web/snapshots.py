"""The directory for mirrors: ``/v1/directory/snapshot``, its entries, and what changed since a log size."""

import json

from aiohttp import web

from hub.web.appkeys import SNAPSHOTS
from hub.web.directory import moment
from hub.web.requests import STATEMENT_TYPE, digest, number
from hub.web.responses import IMMUTABLE, json_response

__all__ = ["get_delta", "get_directory_entries", "get_snapshot"]


async def get_snapshot(request: web.Request) -> web.Response:
    """The newest snapshot: size, root, digest of the entries and how long they count, signed by the hub."""
    document = await request.app[SNAPSHOTS].newest()
    return web.Response(body=document, content_type=STATEMENT_TYPE, headers={"Cache-Control": "no-cache"})


async def get_directory_entries(request: web.Request) -> web.StreamResponse:
    """Every record of a snapshot, one a line, by the digest that the snapshot names."""
    lines = request.app[SNAPSHOTS].entries(digest(request.match_info["digest"], "digest"))
    response = web.StreamResponse(headers={"Cache-Control": IMMUTABLE, "Content-Type": "application/jsonl"})
    await response.prepare(request)
    async for some in lines:
        await response.write(some)
    await response.write_eof()
    return response


async def get_delta(request: web.Request) -> web.Response:
    """The records that are others now, or ``at`` a later size, than at the log size ``from``."""
    at = await moment(request)
    first = number(request, "from", 1, 2**53 - 1, 1)
    found = await request.app[SNAPSHOTS].delta(first, at.size)
    return json_response({**at.json(), "from": first, "entries": [json.loads(one) for one in found]})
