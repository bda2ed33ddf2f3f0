"""``odr-hub serve``: one process, until SIGTERM or until the log can't go on."""

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web

from hub.app import Deps, create_app
from hub.log.clock import steady_clock
from hub.settings import Settings, load_settings
from hub.web.appkeys import PRESENCE

__all__ = ["serve"]

LOG = logging.getLogger("hub")
GC_THRESHOLDS = (50_000, 20, 100)
"""A request allocates thousands of objects and leaves no cycles: looking for them less often saves a quarter."""

SWITCH_SECONDS = 0.0005
"""How long a thread that computes keeps the interpreter from one that waits for it.

The log's thread gives it up for every statement of SQL; Python's 5 ms to get it back are a third of a batch.
"""

GRACE_SECONDS = 10
"""How long the end may take beyond what open requests are given; then the process ends anyway."""


def serve(data: Path, host: str | None, port: int | None, log_level: str, *, allow_async: bool = False) -> int:
    """Serve the hub in ``data``; returns the exit code: 0 after SIGTERM, 1 when sequencing ended.

    Args:
        data: the data directory.
        host: address to listen on, None as the settings say.
        port: port to listen on, 0 for a free one, None as the settings say.
        log_level: name of the least severe level that is logged, to standard error.
        allow_async: do without a synchronous standby of PostgreSQL; for tests.
    """
    logging.basicConfig(
        level=log_level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    settings = load_settings(data)
    address = host or settings.server.host, settings.server.port if port is None else port
    return _run(lambda: _serve(data, settings, *address, allow_async=allow_async))


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
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=settings.server.shutdown_seconds)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        url = app[PRESENCE].url = _address(runner)
        await app[PRESENCE].write()
        _announce(url, settings)
        await ending.wait()
    finally:
        with _ended_anyway(settings.server.shutdown_seconds + GRACE_SECONDS):
            await runner.cleanup()
    return 1 if failed else 0


@contextmanager
def _ended_anyway(seconds: float) -> Iterator[None]:
    """End the process, should the block take longer: a commit may wait for a standby that does not come back.

    That is as if it had been killed: nothing was answered that is not stored, and the next start looks at what is.
    """

    def end() -> None:
        LOG.critical("the database did not answer for %g seconds; ended without waiting for it", seconds)
        os._exit(1)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _address(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"


def _announce(url: str, settings: Settings) -> None:
    """Print the ready line; what start-up allocated will live as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    sys.stdout.write(f"odr-hub is ready at {url} for {settings.hub.url}\n")
    sys.stdout.flush()


def _run(main: Callable[[], Awaitable[int]]) -> int:
    """Run on uvloop where it exists."""
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        factory = None
    else:
        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(_awaited(main))


async def _awaited(main: Callable[[], Awaitable[int]]) -> int:
    return await main()
