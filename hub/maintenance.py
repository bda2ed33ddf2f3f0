"""What operators do with a data directory from the command line: check it, fold it again, describe it."""

import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hub import keystore
from hub.log.errors import RecoveryError
from hub.log.fsck import FsckReport, fsck
from hub.log.rebuild import Changes, rebuild
from hub.log.recovery import DataLock
from hub.settings import Settings, load_settings
from hub.storage.engine import Database, sqlite_url
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from hub.storage.schema import check_schema
from hub.storage.values import Head
from signing.encoding import JSON
from signing.signnotes import log_signer

__all__ = ["check", "describe", "fold_again"]


async def check(data: Path) -> FsckReport:
    """Check everything in ``data``, with progress on a terminal; the hub may be running."""
    settings = load_settings(data)
    keys = keystore.load(data / settings.keys.directory)
    async with _opened(data, settings) as (database, head):
        log_key = log_signer(head.origin, keys.log).verifier
        with _progress("checking", head.size) as advance:
            return await fsck(database, log_key, advance)


async def fold_again(data: Path) -> Changes:
    """Fold the rule state anew; refuses while a hub runs on ``data``."""
    settings = load_settings(data)
    with DataLock(data / "lock"):
        async with _opened(data, settings) as (database, head):
            with _progress("folding", head.size):
                return await rebuild(database)


async def describe(data: Path) -> dict[str, JSON]:
    """Facts about the log in ``data``: origin, sizes, newest entry, cosignatures of the newest checkpoint."""
    settings = load_settings(data)
    async with _opened(data, settings) as (database, head):
        reads = LogReads(database)
        newest = await reads.checkpoint(head.signed_size)
        witnessed = await reads.newest_witnessed()
    return {
        "url": settings.hub.url,
        "origin": head.origin,
        "size": head.size,
        "signed_size": head.signed_size,
        "witnessed_size": 0 if witnessed is None else witnessed.size,
        "root": head.root.hex(),
        "newest_entry": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(head.time)),
        "cosigned_by": [] if newest is None else sorted(newest.lines),
    }


@asynccontextmanager
async def _opened(data: Path, settings: Settings) -> AsyncIterator[tuple[Database, Head]]:
    path = data / settings.storage.database
    if not path.exists():
        raise RecoveryError("no_log", "There is no log in this data directory; `odr-hub init` makes one.")
    database = Database.open(sqlite_url(path), busy_timeout_ms=settings.storage.busy_timeout_ms)
    try:
        await check_schema(database.engine)
        head = await SqlLogStore(database).head()
        if head is None:
            raise RecoveryError("no_log", "There is no log in this data directory; `odr-hub init` makes one.")
        yield database, head
    finally:
        await database.close()


class _progress:  # noqa: N801  # used like a function
    """A progress bar on standard error, where that is a terminal."""

    def __init__(self, what: str, total: int) -> None:
        columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        console = Console(file=sys.stderr)
        self._progress = Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
        self._task = self._progress.add_task(what, total=total)

    def __enter__(self) -> Callable[[int], None]:
        self._progress.start()
        return lambda done: self._progress.update(self._task, completed=done)

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
