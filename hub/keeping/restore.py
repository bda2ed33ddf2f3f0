"""Restoring a backup into a new data directory, or only trying it.

::

    1 unpack     beside the new directory; every file as the manifest says, the last octet authentic
    2 settings   those of the backup (or given ones) put database, keys and packages inside the directory
    3 database   of this program's version; its right edge gives the root that the manifest names
    4 deletions  what a list names is deleted again; what was under way is forgotten
    5 server     where the settings name a server, its empty database takes the rows; the file goes
    6 name       the directory takes its place

What became due after the backup is deleted when the hub starts, before it serves anything. A hub that is started on an
old backup recognises that by its witnesses and takes nothing in until it is complete (``completing``).
"""

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hub.keeping.archive import DATABASE, PACKAGES, unpack
from hub.keeping.deletions import parse_deletions
from hub.keeping.errors import RestoreError
from hub.keeping.manifest import Manifest
from hub.log.fsck import Finding, fsck
from hub.log.recovery import open_head
from hub.settings import FILE_NAME, Settings, read_settings
from hub.storage.copying import load_database
from hub.storage.deleted import DeletionTables
from hub.storage.directory import Directory
from hub.storage.engine import Database, sqlite_url
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from hub.storage.opening import is_file, leads_out, open_database
from hub.storage.schema import check_schema
from providers.durable import sync_folder
from signing.notes import VerifierKey
from signing.secretkeys import AgreementKey
from signing.statement import parse_statement

__all__ = ["Restored", "Source", "restore", "try_restore"]


_EVERY = 1 << 62


@dataclass(frozen=True, slots=True)
class Source:
    """A backup to restore.

    Args:
        backup: the file.
        identity: opens it.
        deletions: octets of a list of what was deleted since, if there is one.
        settings: octets of a settings file to use instead of the backup's.
        now: POSIX seconds.
    """

    backup: Path
    identity: AgreementKey
    now: int
    deletions: bytes | None = None
    settings: bytes | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: the manifest, how many packages, how many deletions were done again, what is damaged."""

    manifest: Manifest
    packages: int
    deleted: int
    damaged: tuple[str, ...]
    findings: tuple[Finding, ...] = ()


async def restore(source: Source, data: Path) -> Restored:
    """Restore into ``data``, which must be empty or not be there, and into the server that the settings name.

    The server's database must be empty too. It takes the rows before ``data`` is named: should this be cut off between
    the two, drop that database and begin again.

    Raises:
        StorageError: database_not_empty or copy_failed.
        ClaimError: locked, or another reason not to write to that server.
        UnreachableError: the server can't be reached.
        RestoreError: not_empty, backup_unreadable, backup_differs, bad_manifest, head_differs, setting_outside,
            bad_deletions, deletions_of_other or restore_unwritable.
        SigningError: the file is not an age file, not for this identity, cut off, or changed.
        SchemaError: the backup is of another version than this program.
        CorruptionError: the database in it contradicts itself.
    """
    _require_empty(data)
    with _beside(data) as folder:
        done = await _restored(source, folder, None)
        await _to_server(source, folder)
        folder.rename(data)
        sync_folder(data.parent)
    return done


def _require_empty(data: Path) -> None:
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise RestoreError("not_empty", "A backup is restored into an empty directory only.", data.name)


async def try_restore(source: Source, progress: Callable[[int], None] = lambda _: None) -> Restored:
    """Restore into a temporary directory, check everything in it (``fsck``), and delete it; errors as ``restore``.

    The log's key is the one that the newest policy in the backup names. Compare the network yourself: anybody who
    knows the recipient can make a sound backup of another network.
    """
    with tempfile.TemporaryDirectory(prefix="odr-restore-") as name:
        return await _restored(source, Path(name), progress)


async def _restored(source: Source, folder: Path, check: Callable[[int], None] | None) -> Restored:
    manifest = await asyncio.to_thread(_unpacked, source, folder)
    settings = _settings(source, folder)
    deletions = None if source.deletions is None else parse_deletions(source.deletions, manifest.network)
    database = Database.open(sqlite_url(_database_path(settings, folder)))
    try:
        await check_schema(database)
        await _check_head(database, manifest)
        tables = DeletionTables(database)
        deleted = 0 if deletions is None else await tables.apply(deletions)
        stored, damaged = await asyncio.to_thread(_packages, folder / PACKAGES, await tables.live())
        await tables.forget_files(await tables.live() - stored, source.now)
        findings = (
            () if check is None else (await fsck(database, await _log_key(database, manifest.origin), check)).findings
        )
    finally:
        await database.close()
    _move(folder / PACKAGES, folder / settings.uploads.directory / PACKAGES)
    _move(folder / "keys", folder / settings.keys.directory)
    await asyncio.to_thread(_sync, folder)
    return Restored(manifest, len(stored), deleted, damaged, findings)


def _database_path(settings: Settings, folder: Path) -> Path:
    """Where the database of the backup lies; brought there from the place it was unpacked to."""
    place = folder / settings.storage.database
    _move(folder / DATABASE, place)
    return place


async def _to_server(source: Source, folder: Path) -> None:
    """Step 5."""
    settings = _settings(source, folder)
    if is_file(settings.storage):
        return
    path = _database_path(settings, folder)
    database = open_database(folder, settings.storage)
    try:
        await database.claim(allow_async=True)  # `serve` asks for the standby; here nothing new is promised
        await load_database(path, database)
    finally:
        await database.close()
    path.unlink()


def _unpacked(source: Source, folder: Path) -> Manifest:
    try:
        with source.backup.open("rb") as file:
            manifest = unpack(file, source.identity, folder)
        if source.settings is not None:
            (folder / FILE_NAME).write_bytes(source.settings)
    except OSError as error:
        raise RestoreError("restore_unwritable", f"The backup can't be unpacked: {error.strerror}.") from None
    for name in (FILE_NAME, DATABASE):
        if not (folder / name).exists():
            raise RestoreError("backup_unreadable", "The backup lacks a file.", name)
    return manifest


def _settings(source: Source, folder: Path) -> Settings:
    """Step 2: no path of the settings may lead out of the new directory, where another hub may be."""
    text = (source.settings or (folder / FILE_NAME).read_bytes()).decode("utf-8", "replace")
    settings = read_settings(text)
    for name, place in (
        ("storage.database", settings.storage.database),
        ("keys.directory", settings.keys.directory),
        ("uploads.directory", settings.uploads.directory),
    ):
        if leads_out(folder, place):
            message = "This setting leads out of the new directory; give a settings file of its own with --settings."
            raise RestoreError("setting_outside", message, name)
    return settings


async def _check_head(database: Database, manifest: Manifest) -> None:
    """Step 3."""
    head, _ = await open_head(SqlLogStore(database), LogReads(database))
    network = (await Directory(database).policies(1))[0].digest
    told = (manifest.origin, manifest.size, manifest.root, manifest.network)
    if (head.origin, head.size, head.root.hex(), network) != told:
        raise RestoreError("head_differs", "The database in the backup is not of the log that its manifest names.")


async def _log_key(database: Database, origin: str) -> VerifierKey:
    """The key that the newest policy about the log ``origin`` names; a later one may already name its successor."""
    bodies = [parse_statement(one.document or b"").body for one in await Directory(database).policies(_EVERY)]
    return VerifierKey.parse([body["log_key"] for body in bodies if body["origin"] == origin][-1])


def _packages(folder: Path, wanted: set[str]) -> tuple[set[str], tuple[str, ...]]:
    """Delete the files of packages that are not to be stored, and those that are damaged; the rest is stored."""
    stored, damaged = set(), []
    for path in sorted(folder.glob("??/*")):
        whole = _hash(path) == path.name
        if not whole:
            damaged.append(path.name)
        if whole and path.name in wanted:
            stored.add(path.name)
        else:
            path.unlink()
    return stored, tuple(damaged)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _move(found: Path, place: Path) -> None:
    if found.exists() and found.resolve() != place.resolve():
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        found.rename(place)


def _sync(folder: Path) -> None:
    for path in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        sync_folder(path)


@contextmanager
def _beside(data: Path) -> Iterator[Path]:
    """A new directory beside ``data``; deleted with all that is in it unless it was renamed."""
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{data.name}.", dir=data.parent))
    except OSError as error:
        raise RestoreError("restore_unwritable", f"There is no place for it: {error.strerror}.", data.name) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
