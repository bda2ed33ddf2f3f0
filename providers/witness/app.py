"""The witness over HTTP (C2SP tlog-witness): ``add-checkpoint`` and the monitors' read side.

::

    POST /add-checkpoint                      200 | 400 | 403 | 404 | 409 | 422
    GET  /<hex SHA-256 of origin>/checkpoint  200 | 404
    GET  /<hex SHA-256 of origin>/tile/…      200 | 404     of a mirror: every entry and hash that is stored
    GET  /mirror/<hex SHA-256 of origin>/…    200 | 404     of a mirror: the log as it was published (checkpoint, tile)

A cosignature is answered only after the store has put it on disk; a mirror's only after every entry is there too.
Whatever fails inside the witness itself is 503, and so is a mirror that is still fetching.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp
from aiohttp import web

from providers.errors import ProvidersError
from providers.witness.config import source_of
from providers.witness.errors import (
    ConflictError,
    InconsistentError,
    MalformedError,
    UnknownLogError,
    UntrustedLogError,
    WitnessError,
)
from providers.witness.mirror import Mirror
from providers.witness.mirrored import MirroredLog
from providers.witness.service import Witness
from providers.witness.submission import MAX_BODY
from signing.errors import FormatError
from signing.tiles import parse_tile_path

__all__ = ["create_app"]


@dataclass(frozen=True, slots=True)
class _Service:
    witness: Witness
    clock: Callable[[], int]
    mirror: Path | None


_SERVICE = web.AppKey("service", _Service)
_THREAD = web.AppKey("thread", ThreadPoolExecutor)
_MIRROR = web.AppKey("mirror", Mirror)
_IMMUTABLE = "public, max-age=31536000, immutable"
_FETCHING = aiohttp.ClientTimeout(total=30, connect=5)
_STATUS: dict[type[ProvidersError], int] = {
    MalformedError: 400,
    UntrustedLogError: 403,
    UnknownLogError: 404,
    ConflictError: 409,
    InconsistentError: 422,
    WitnessError: 503,
}
_log = logging.getLogger(__name__)


def create_app(witness: Witness, clock: Callable[[], int], mirror: Path | None = None) -> web.Application:
    """The witness's application; closes ``witness`` at the end.

    Args:
        witness: an opened witness.
        clock: POSIX seconds.
        mirror: directory of the witness, if it is a mirror.
    """
    app = web.Application(client_max_size=MAX_BODY, handler_args={"auto_decompress": False})
    app[_SERVICE] = _Service(witness, clock, mirror)
    app.cleanup_ctx.append(_run_thread)
    if mirror is not None:
        app.cleanup_ctx.append(_run_mirror)
        app.router.add_get("/{origin_hash:[0-9a-f]{64}}/{tile:tile/.+}", _tile)
        app.router.add_get("/mirror/{origin_hash:[0-9a-f]{64}}/{tile:tile/.+}", _tile)
        app.router.add_get("/mirror/{origin_hash:[0-9a-f]{64}}/checkpoint", _published)
    app.router.add_post("/add-checkpoint", _add_checkpoint)
    app.router.add_get("/{origin_hash:[0-9a-f]{64}}/checkpoint", _checkpoint)
    return app


async def _run_thread(app: web.Application) -> AsyncIterator[None]:
    # One thread: the state is decided about one submission at a time, and the event loop never waits for the disk.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="witness") as thread:
        app[_THREAD] = thread
        yield
    app[_SERVICE].witness.close()


async def _run_mirror(app: web.Application) -> AsyncIterator[None]:
    directory = app[_SERVICE].mirror
    if directory is None:
        raise TypeError("only a mirror is run as one")
    async with aiohttp.ClientSession(timeout=_FETCHING) as session:
        app[_MIRROR] = Mirror(directory, session, partial(source_of, directory))
        yield
        await app[_MIRROR].close()


async def _add_checkpoint(request: web.Request) -> web.Response:
    service, loop = request.app[_SERVICE], asyncio.get_running_loop()
    try:
        body = await _read(request)
        if service.mirror is not None:
            asked = await loop.run_in_executor(request.app[_THREAD], service.witness.examine, body)
            await request.app[_MIRROR].store(asked)
            request.app[_MIRROR].follow(asked.key)
        lines = await loop.run_in_executor(
            request.app[_THREAD], lambda: service.witness.add_checkpoint(body, service.clock())
        )
    except ConflictError as error:
        return web.Response(status=409, text=f"{error.size}\n", content_type="text/x.tlog.size")
    except ProvidersError as error:
        return _refusal(error)
    return web.Response(text=lines)


async def _checkpoint(request: web.Request) -> web.Response:
    witness, hashed, loop = request.app[_SERVICE].witness, request.match_info["origin_hash"], asyncio.get_running_loop()
    try:
        note = await loop.run_in_executor(request.app[_THREAD], witness.published, hashed)
    except WitnessError as error:
        return _refusal(error)
    if note is None:
        return web.Response(status=404, text="This witness has cosigned no checkpoint of that log.\n")
    return web.Response(body=note, content_type="text/plain", charset="utf-8", headers={"Cache-Control": "no-cache"})


async def _tile(request: web.Request) -> web.Response:
    """A stored tile; mirrors of mirrors and the log's own recovery read them."""
    try:
        tile, log = parse_tile_path(request.match_info["tile"]), await _log_of(request)
        data = None if log is None else await asyncio.to_thread(log.read, tile)
    except FormatError:
        data = None
    except WitnessError as error:
        return _refusal(error)
    if data is None:
        return web.Response(status=404, text="This mirror has no such tile.\n")
    return web.Response(body=data, content_type="application/octet-stream", headers={"Cache-Control": _IMMUTABLE})


async def _published(request: web.Request) -> web.Response:
    """The newest note that the log has published and whose every entry is stored."""
    try:
        log = await _log_of(request)
        note = None if log is None else await asyncio.to_thread(log.published_note)
    except WitnessError as error:
        return _refusal(error)
    if note is None:
        return web.Response(status=404, text="This mirror has no published checkpoint of that log yet.\n")
    return web.Response(body=note, content_type="text/plain", charset="utf-8", headers={"Cache-Control": "no-cache"})


async def _log_of(request: web.Request) -> MirroredLog | None:
    service, hashed = request.app[_SERVICE], request.match_info["origin_hash"]
    run = asyncio.get_running_loop().run_in_executor
    key = await run(request.app[_THREAD], service.witness.watched, hashed)
    return None if key is None else await request.app[_MIRROR].log(key)


async def _read(request: web.Request) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise MalformedError("too_large", f"A submission has at most {MAX_BODY} bytes.") from None


def _refusal(error: ProvidersError) -> web.Response:
    status = _STATUS[type(error)]
    if status != 503:
        return web.Response(status=status, text=f"{error} [{error.code}]\n")
    if error.code == "mirror_behind":
        _log.warning("not cosigned yet: %s", error)
    else:
        _log.error("refused: %s: %s", error.code, error, exc_info=error)
    return web.Response(status=503, text=f"{error} [{error.code}]\n", headers={"Retry-After": "1"})
