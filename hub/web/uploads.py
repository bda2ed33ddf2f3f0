"""Uploads over tus: ``/v1/uploads``. Every request is signed; chunks are read as they come and never held whole.

What comes along with the announcement of a file is held: it is no larger than the body of any other request.
"""

from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from hub.errors import AccessError, RequestError
from hub.packages.uploads import Chunk
from hub.web.access import may_upload
from hub.web.appkeys import BODY_SHA256, GATE, QUOTAS, UPLOADS
from hub.web.authentication import known_reader, read_body
from hub.web.tus import announcement, check_version, upload_headers, whole_number

__all__ = ["ask_upload", "continue_upload", "create_upload", "end_upload"]

CHUNK_TYPE = "application/offset+octet-stream"


async def create_upload(request: web.Request) -> web.Response:
    """Begin an upload, with what comes along of it: 201 and where the other octets go."""
    check_version(request)
    reader = known_reader(request)
    if not may_upload(reader):
        raise AccessError("not_a_provider", "Briefs and packages are uploaded by providers.", reader.owner)
    request.app[GATE].require_open()
    request.app[QUOTAS].uploads_of(reader.owner)
    announced = announcement(request, reader.owner)
    upload = await request.app[UPLOADS].create(announced, await _first_chunk(request))
    return web.Response(status=201, headers={"Location": f"/v1/uploads/{upload.id}", **upload_headers(upload)})


async def ask_upload(request: web.Request) -> web.Response:
    """How much has arrived."""
    check_version(request)
    upload = await request.app[UPLOADS].find(request.match_info["id"], known_reader(request).owner)
    headers = {"Upload-Length": str(upload.size), "Cache-Control": "no-store", **upload_headers(upload)}
    return web.Response(headers=headers)


async def continue_upload(request: web.Request) -> web.Response:
    """Append a chunk: 204 and how much has arrived with it."""
    check_version(request)
    reader = known_reader(request)
    _check_type(request)
    if BODY_SHA256 not in request:
        raise AccessError("digest_missing", "The request has a body that its signature does not cover.")
    request.app[GATE].require_open()
    chunk = Chunk(whole_number(request, "Upload-Offset"), request[BODY_SHA256], _octets(request))
    upload = await request.app[UPLOADS].append(request.match_info["id"], reader.owner, chunk)
    return web.Response(status=204, headers=upload_headers(upload))


async def end_upload(request: web.Request) -> web.Response:
    """Give an upload up."""
    check_version(request)
    await request.app[UPLOADS].end(request.match_info["id"], known_reader(request).owner)
    return web.Response(status=204)


async def _first_chunk(request: web.Request) -> Chunk | None:
    """What an announcement brings of the file, whose digest its signature covers; None where it brings nothing."""
    body = await read_body(request)
    if not body:
        return None
    _check_type(request)

    async def octets() -> AsyncIterator[bytes]:
        yield body

    return Chunk(0, request[BODY_SHA256], octets())


def _check_type(request: web.Request) -> None:
    if request.content_type != CHUNK_TYPE:
        raise RequestError("wrong_media_type", f"A chunk is {CHUNK_TYPE}.", "Content-Type")


async def _octets(request: web.Request) -> AsyncIterator[bytes]:
    """The body as it comes."""
    try:
        async for octets in request.content.iter_any():
            yield octets
    except (ConnectionError, aiohttp.ClientError, web.RequestPayloadError):
        raise RequestError("request_timeout", "The request's body ended before it was whole.") from None
