"""The directory for mirrors: ``/v1/directory/snapshot``, its entries, and what changed since a log size."""

import hashlib
from collections.abc import AsyncIterable

from aiohttp import web

from hub.web.appkeys import SIGNED, SNAPSHOTS
from hub.web.directory import moment
from hub.web.requests import STATEMENT_TYPE, digest, number
from hub.web.responses import IMMUTABLE, InPieces, as_stored, json_response
from signing.httpsig import digest_field

__all__ = ["get_delta", "get_directory_entries", "get_snapshot"]


async def get_snapshot(request: web.Request) -> web.Response:
    """The newest snapshot: size, root, digest of the entries and how long they count, signed by the hub."""
    document = await request.app[SNAPSHOTS].newest()
    return web.Response(body=document, content_type=STATEMENT_TYPE, headers={"Cache-Control": "no-cache"})


async def get_directory_entries(request: web.Request) -> web.StreamResponse:
    """Every record of a snapshot, one a line, by the digest that the snapshot names."""
    snapshots, name = request.app[SNAPSHOTS], digest(request.match_info["digest"], "digest")
    lines = snapshots.entries(name)
    headers = {"Cache-Control": IMMUTABLE, "Content-Type": "application/jsonl"}
    if SIGNED in request and request.method != "HEAD":  # read twice: the digest goes ahead of what is never held whole
        headers["Content-Digest"] = digest_field(await _sha256(snapshots.entries(name)))
    return InPieces(lines, headers)


async def get_delta(request: web.Request) -> web.Response:
    """The records that are others now, or ``at`` a later size, than at the log size ``from``."""
    at = await moment(request)
    first = number(request, "from", 1, 2**53 - 1, 1)
    found = await request.app[SNAPSHOTS].delta(first, at.size)
    return json_response({**at.json(), "from": first, "entries": [as_stored(one) for one in found]})


async def _sha256(pieces: AsyncIterable[bytes]) -> bytes:
    found = hashlib.sha256()
    async for piece in pieces:
        found.update(piece)
    return found.digest()
