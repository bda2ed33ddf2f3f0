"""A monitor at work: opened on a gateway's directory, visiting once or again and again, and saying what changes.

::

    DIR/monitor/monitor.sqlite3    what it must not forget
    DIR/monitor/evidence/          contradictions, as files to be handed to others
    DIR/monitor/lock               one monitor at a time
"""

import asyncio
import json
import random
import signal
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from providers.alone import alone
from providers.client import connect
from providers.errors import GatewayError
from providers.gateway.home import Home
from providers.gateway.made import made_digests
from providers.monitor.ownkeys import OwnKeys
from providers.monitor.page import create_app
from providers.monitor.report import changes
from providers.monitor.source import LogSource
from providers.monitor.store import MonitorStore, Standing
from providers.monitor.visit import Monitor
from providers.printable import printable
from signing.compose import timestamp

__all__ = ["DIRECTORY", "Options", "look_once", "opened", "owner_of", "store_of", "watch"]

DIRECTORY = "monitor"
REQUEST_SECONDS = 20.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0
SHUTDOWN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Options:
    """How to watch.

    Seconds between visits; the age in seconds that makes the newest cosignature stale; files of digests of statements
    made elsewhere; the page's TCP port (0: any free one); whether lines are JSON.
    """

    interval: int = 60
    stale_after: int = 7_200
    known: tuple[Path, ...] = ()
    port: int = 0
    as_json: bool = False


def owner_of(home: Home, passphrase: str, more: Sequence[Path] = ()) -> OwnKeys:
    """The member whose gateway this is, with its monitor keys and further ones in the files ``more``.

    Raises:
        GatewayError: a key file can't be opened.
    """
    owner = OwnKeys(home, passphrase, more)
    owner()  # what can't be opened now is said before the first visit
    return owner


def store_of(home: Home) -> MonitorStore:
    """The monitor's store below a gateway's directory; made when it is not there."""
    directory = home.directory / DIRECTORY
    directory.mkdir(mode=0o700, exist_ok=True)
    return MonitorStore(directory / "monitor.sqlite3", home.trust().network, home.actor)


@asynccontextmanager
async def opened(home: Home, owner: OwnKeys, options: Options) -> AsyncIterator[Monitor]:
    """A monitor with its store and its client.

    Raises:
        GatewayError: ``monitor_running``, ``other_store``, or a file that can't be read.
    """
    store = store_of(home)
    try:
        with alone(home.directory / DIRECTORY, "monitor_running", "monitor"):
            async with connect(home.hub, timeout_seconds=REQUEST_SECONDS) as hub:
                yield Monitor(
                    directory=home.directory / DIRECTORY,
                    trust=home.trust(),
                    owner=owner,
                    store=store,
                    source=LogSource(hub, _pause),
                    made=lambda: made_digests(home, options.known),
                    clock=_now,
                    stale_after=options.stale_after,
                )
    finally:
        store.close()


async def look_once(home: Home, owner: OwnKeys, options: Options) -> Standing:
    """Visit the log once."""
    async with opened(home, owner, options) as monitor:
        return await monitor.visit()


async def watch(home: Home, owner: OwnKeys, options: Options, tell: Callable[[str], None]) -> None:
    """Visit the log until SIGTERM or SIGINT, show the page, and tell what changes.

    Args:
        home: the member's gateway.
        owner: as ``owner_of`` returned it.
        options: how.
        tell: gets one line when the page answers, and one for every change.

    Raises:
        GatewayError: as ``opened``; ``cannot_listen``.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with opened(home, owner, options) as monitor:
        runner = web.AppRunner(create_app(monitor, home.actor), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()
        try:
            address = await _listen(runner, options.port)
            tell(_line(options, _now(), "ready", f"monitor of {home.actor} listening on {address}"))
            visiting = asyncio.create_task(_visits(monitor, options, tell))
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({visiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for task in (visiting, stopping):
                task.cancel()
            await asyncio.gather(stopping, return_exceptions=True)
            if not stop.is_set():
                await visiting
            await asyncio.gather(visiting, return_exceptions=True)
        finally:
            await runner.cleanup()


async def _visits(monitor: Monitor, options: Options, tell: Callable[[str], None]) -> None:
    before: Standing | None = None
    while True:
        try:
            standing = await monitor.visit()
        except GatewayError as error:  # such as a full disk: it may pass, and nothing is lost
            tell(_line(options, _now(), error.code, str(error)))
        else:
            for code, sentence in changes(before, standing):
                tell(_line(options, standing.visited, code, sentence))
            before = standing
        unsure = before is None or before.problem is not None
        pause = min(options.interval, LONGEST_PAUSE) if unsure else options.interval
        await asyncio.sleep(pause * random.uniform(0.75, 1.25))  # noqa: S311 - so that not all members ask at once


def _line(options: Options, now: int, code: str, sentence: str) -> str:
    if options.as_json:
        return json.dumps({"time": timestamp(now), "code": code, "message": sentence})
    return printable(f"{timestamp(now)} {code}: {sentence}")


async def _pause(attempts: int) -> None:
    bound = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (attempts - 1))
    await asyncio.sleep(random.uniform(0.1, 1.0) * bound)  # noqa: S311 - jitter


def _now() -> int:
    return int(time.time())


async def _listen(runner: web.AppRunner, port: int) -> str:
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
    except OSError as error:
        why = error.strerror or "The address can't be used."
        raise GatewayError("cannot_listen", why, f"127.0.0.1:{port}") from error
    return "http://{}:{}".format(*runner.addresses[0][:2])
