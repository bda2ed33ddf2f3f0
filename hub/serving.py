"""``odr-hub serve``: one process, until SIGTERM or until the log can't go on.

It ends in this order, each step with a time of its own::

    1 no new connections; who waits for its inbox or for witnesses is answered with what there is
    2 open requests finish, or are cut off     server.shutdown_seconds, all together
    3 jobs and log end, the database closes    GRACE_SECONDS; then the process ends without waiting for them
"""

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from aiohttp import web

from hub.app import Deps, create_app
from hub.errors import ListenError
from hub.log.clock import steady_clock
from hub.settings import Settings, load_settings
from hub.web.appkeys import PRESENCE, PUBLICATION
from providers.eventloop import run_server
from providers.memory import keep

__all__ = ["serve"]

LOG = logging.getLogger("hub")
GRACE_SECONDS = 10
"""How long the end may take once no request is open any more; then the process ends anyway.

Whatever else is awaited then has a shorter time of its own, so that it is the database that does not answer.
"""

LEAST_SECONDS = 0.05
"""What open requests are given at least: aiohttp takes none at all for as long as they like."""


def serve(data: Path, host: str | None, port: int | None, log_level: str, *, allow_async: bool = False) -> int:
    """Serve the hub in ``data``; returns the exit code: 0 after SIGTERM, 1 when sequencing ended.

    Args:
        data: the data directory.
        host: address to listen on, None as the settings say.
        port: port to listen on, 0 for a free one, None as the settings say.
        log_level: name of the least severe level that is logged, to standard error.
        allow_async: do without a synchronous standby of PostgreSQL; for tests.

    Raises:
        ListenError: cannot_listen.
    """
    logging.basicConfig(
        level=log_level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    settings = load_settings(data)
    address = host or settings.server.host, settings.server.port if port is None else port
    return run_server(_serve(data, settings, *address, allow_async=allow_async))


async def _serve(data: Path, settings: Settings, host: str, port: int, *, allow_async: bool) -> int:
    ending = asyncio.Event()
    failed: list[BaseException] = []

    def stopped(error: BaseException) -> None:
        LOG.critical("sequencing ended, the process ends with it: %r", error)
        failed.append(error)
        ending.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    app = create_app(settings, Deps(data, lambda: int(time.time()), stopped, allow_async, steady_clock))
    timer = threading.Timer(GRACE_SECONDS, _end_anyway)
    timer.daemon = True
    app.on_shutdown.append(_release_posts)
    app.cleanup_ctx.append(partial(_armed_at_the_end, timer))
    # aiohttp waits so long for requests, then as long again with their uploads cut off, and then cancels them
    patience = max(settings.server.shutdown_seconds / 2, LEAST_SECONDS)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=patience)
    await runner.setup()
    try:
        await _listen(runner, host, port)
        url = app[PRESENCE].url = _address(runner)
        await app[PRESENCE].write()
        _announce(url, settings)
        await ending.wait()
    finally:
        try:
            await runner.cleanup()
        finally:
            timer.cancel()
    return 1 if failed else 0


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except (OSError, OverflowError, ValueError) as error:  # a port that is none, and a host that can't be one
        why = getattr(error, "strerror", None) or "the address can't be used"
        message = f"The hub can't listen here: {why}. End what listens there, or name another --host or --port."
        raise ListenError("cannot_listen", message, f"{host}:{port}") from error


def _end_anyway() -> None:
    """End the process: a commit may wait for a standby that does not come back.

    That is as if it had been killed: nothing was answered that is not stored, and the next start looks at what is.
    """
    LOG.critical("the database did not answer for %g seconds; ended without waiting for it", GRACE_SECONDS)
    os._exit(1)


async def _armed_at_the_end(timer: threading.Timer, _: web.Application) -> AsyncIterator[None]:
    """Start the timer when the end of the application begins: what is entered last is left first."""
    yield
    timer.start()


async def _release_posts(app: web.Application) -> None:
    """Answer who waits for witnesses: registered, with a receipt that is provisional as yet."""
    await app[PUBLICATION].release()


def _address(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"


def _announce(url: str, settings: Settings) -> None:
    """Print the ready line; what start-up allocated will live as long as the process."""
    keep()
    sys.stdout.write(f"odr-hub is ready at {url} for {settings.hub.url}\n")
    sys.stdout.flush()
