"""The witness over HTTP (C2SP tlog-witness): ``add-checkpoint`` and the monitors' read side.

::

    POST /add-checkpoint                      200 | 400 | 403 | 404 | 409 | 422
    GET  /<hex SHA-256 of origin>/checkpoint  200 | 404

A cosignature is answered only after the store has put it on disk. Whatever fails inside the witness itself is 503.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from aiohttp import web

from providers.errors import ProvidersError
from providers.witness.errors import (
    ConflictError,
    InconsistentError,
    MalformedError,
    UnknownLogError,
    UntrustedLogError,
    WitnessError,
)
from providers.witness.service import Witness
from providers.witness.submission import MAX_BODY

__all__ = ["create_app"]


@dataclass(frozen=True, slots=True)
class _Service:
    witness: Witness
    clock: Callable[[], int]


_SERVICE = web.AppKey("service", _Service)
_THREAD = web.AppKey("thread", ThreadPoolExecutor)
_STATUS: dict[type[ProvidersError], int] = {
    MalformedError: 400,
    UntrustedLogError: 403,
    UnknownLogError: 404,
    ConflictError: 409,
    InconsistentError: 422,
    WitnessError: 503,
}
_log = logging.getLogger(__name__)


def create_app(witness: Witness, clock: Callable[[], int]) -> web.Application:
    """The witness's application; closes ``witness`` at the end.

    Args:
        witness: an opened witness.
        clock: POSIX seconds.
    """
    app = web.Application(client_max_size=MAX_BODY, handler_args={"auto_decompress": False})
    app[_SERVICE] = _Service(witness, clock)
    app.cleanup_ctx.append(_run_thread)
    app.router.add_post("/add-checkpoint", _add_checkpoint)
    app.router.add_get("/{origin_hash:[0-9a-f]{64}}/checkpoint", _checkpoint)
    return app


async def _run_thread(app: web.Application) -> AsyncIterator[None]:
    # One thread: the state is decided about one submission at a time, and the event loop never waits for the disk.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="witness") as thread:
        app[_THREAD] = thread
        yield
    app[_SERVICE].witness.close()


async def _add_checkpoint(request: web.Request) -> web.Response:
    service, loop = request.app[_SERVICE], asyncio.get_running_loop()
    try:
        body = await _read(request)
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


async def _read(request: web.Request) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise MalformedError("too_large", f"A submission has at most {MAX_BODY} bytes.") from None


def _refusal(error: ProvidersError) -> web.Response:
    status = _STATUS[type(error)]
    if status == 503:
        _log.error("refused: %s: %s", error.code, error, exc_info=error)
    return web.Response(status=status, text=f"{error} [{error.code}]\n")
