"""What operators do with a data directory from the command line: check, fold again, upgrade, hold."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hub import keystore
from hub.errors import NotFoundError
from hub.founding import POLICY_NAME
from hub.log.errors import RecoveryError, UnverifiedPolicyError
from hub.log.fsck import FsckReport, fsck
from hub.log.pinnedkey import pinned_log_key
from hub.log.rebuild import Changes, rebuild
from hub.log.recovery import DataLock
from hub.oversight.ledgerfile import FILE as FACTS_FILE
from hub.packages.files import PackageFiles
from hub.rotating import LOG_KEY
from hub.settings import Settings, load_settings
from hub.storage.engine import Database
from hub.storage.log_store import SqlLogStore
from hub.storage.opening import is_file, open_database
from hub.storage.packages import PackageStore
from hub.storage.schema import check_schema, upgrade
from hub.storage.searchmemory import FILE as SEARCH_FILE
from hub.storage.transfers import Transfers
from hub.storage.values import Head
from hub.storage.versions import DirectoryVersions
from signing.notes import VerifierKey
from signing.secretkeys import SigningKey
from signing.signnotes import log_signer

__all__ = ["check", "fold_again", "hold", "opened", "progress", "release", "upgrade_tables"]


async def check(data: Path, *, quiet: bool = False) -> FsckReport:
    """Check everything in ``data``, with progress on a terminal unless ``quiet``; the hub may be running.

    Where the log's key is not in its place, the public one will do that the verification policy in ``data`` names, or
    that the stored policies lead to from there. A stored policy that does not verify is a finding like any other; what
    the log has signed is then held against the key that the stored policies name.

    Raises:
        RecoveryError: no_log, wrong_log_key.
        KeystoreError: key_missing, key_exposed, key_unreadable.
    """
    settings = load_settings(data)
    async with opened(data, settings) as (database, head):
        try:
            log_key: VerifierKey | UnverifiedPolicyError
            log_key = await _log_key(data, data / settings.keys.directory / LOG_KEY, database, head)
        except UnverifiedPolicyError as error:
            log_key = error
        with progress("checking", head.size, quiet=quiet) as advance:
            return await fsck(database, log_key, advance, files=PackageFiles(data / settings.uploads.directory))


async def _log_key(data: Path, path: Path, database: Database, head: Head) -> VerifierKey:
    """The log's public key, on the word of what lies outside the database."""
    if (pinned := _pinned(data, path)) is not None:
        return await pinned_log_key(database, head, pinned)
    return log_signer(head.origin, keystore.read_as(path, SigningKey)).verifier


def _pinned(data: Path, path: Path) -> bytes | None:
    """The verification policy, if it is needed because the key is not at ``path``, and there."""
    policy = data / POLICY_NAME
    return policy.read_bytes() if not path.exists() and policy.exists() else None


async def fold_again(data: Path, *, quiet: bool = False) -> Changes:
    """Fold the rule state anew, and have the tables that follow the log read from it again when the hub starts.

    Refuses while a hub runs on ``data``.
    """
    settings = load_settings(data)
    with DataLock(data / "lock"):
        async with opened(data, settings) as (database, head):
            await database.claim(allow_async=True)
            with progress("folding", head.size, quiet=quiet):
                changes = await rebuild(database)
            await Transfers(database).rewind()
            await DirectoryVersions(database).rewind()
            for name in (FACTS_FILE, SEARCH_FILE):  # worked out of what is folded anew
                (data / name).unlink(missing_ok=True)
            return changes


async def upgrade_tables(data: Path) -> None:
    """Bring the tables to this program's version; refuses while a hub runs on ``data``."""
    settings = load_settings(data)
    with DataLock(data / "lock"):
        async with _database(data, settings) as database:
            await database.claim(allow_async=True)
            await upgrade(database)


async def hold(data: Path, sha256: str, reason: str, now: int) -> int:
    """Keep the packages of this hash whatever happens, until they are released; the hub may be running.

    Raises:
        NotFoundError: not_found.
    """
    async with opened(data, load_settings(data)) as (database, _):
        return _some(await PackageStore(database).hold(sha256, reason, now), sha256)


async def release(data: Path, sha256: str, now: int) -> int:
    """End the hold on the packages of this hash; the hub may be running.

    Raises:
        NotFoundError: not_found.
    """
    async with opened(data, load_settings(data)) as (database, _):
        return _some(await PackageStore(database).release(sha256, now), sha256)


def _some(count: int, sha256: str) -> int:
    if count == 0:
        raise NotFoundError("not_found", "No package of this hash is stored here.", sha256)
    return count


@asynccontextmanager
async def opened(data: Path, settings: Settings) -> AsyncIterator[tuple[Database, Head]]:
    """The database in ``data`` and the head of its log, until the block ends.

    Raises:
        RecoveryError: no_log.
        SchemaError: the tables are of another version.
    """
    async with _database(data, settings) as database:
        await check_schema(database)
        head = await SqlLogStore(database).head()
        if head is None:
            raise RecoveryError("no_log", "There is no log in this data directory; `odr-hub init` makes one.")
        yield database, head


@asynccontextmanager
async def _database(data: Path, settings: Settings) -> AsyncIterator[Database]:
    storage = settings.storage
    if is_file(storage) and not (data / storage.database).exists():
        raise RecoveryError("no_log", "There is no log in this data directory; `odr-hub init` makes one.")
    database = open_database(data, storage)
    try:
        yield database
    finally:
        await database.close()


class progress:  # noqa: N801  # used like a function
    """A progress bar on standard error, where that is a terminal, whatever the environment says of colours."""

    def __init__(self, what: str, total: int, *, quiet: bool) -> None:
        columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        hidden = quiet or not sys.stderr.isatty()
        self._progress = Progress(*columns, console=Console(file=sys.stderr), disable=hidden, transient=True)
        self._task = self._progress.add_task(what, total=total)

    def __enter__(self) -> Callable[[int], None]:
        self._progress.start()
        return lambda done: self._progress.update(self._task, completed=done)

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
