"""A backup: one encrypted file with everything that a hub needs to go on, made while it runs.

::

    1 copy       the database as it is at one moment
    2 choose     the packages that are stored then and still due
    3 pack       settings, database, packages; the secrets only if asked for; the manifest last
    4 name       brought to the disk under another name, then named

The hub's secrets are left out unless they are asked for: whoever can open a backup with ``log.pem`` in it can sign
another history. The copy of the database lies in the data directory while it is packed, as readable as the database
itself, and is deleted after.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

from hub.founding import POLICY_NAME
from hub.keeping.archive import DATABASE, PACKAGES, Packer
from hub.keeping.errors import BackupError
from hub.keeping.manifest import Manifest
from hub.log.recovery import DataLock, open_head
from hub.packages.deletion import DAY
from hub.packages.files import PackageFiles
from hub.settings import FILE_NAME, Settings
from hub.storage.copying import copy_database
from hub.storage.deleted import DeletionTables
from hub.storage.directory import Directory
from hub.storage.engine import Database, sqlite_url
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from hub.storage.packages import PackageStore
from hub.storage.schema import SCHEMA
from hub.storage.values import Head
from providers.durable import flush, sync_folder
from signing.keys import PublicKey

__all__ = ["BackedUp", "Order", "back_up"]

_COPY = ".backup.sqlite3"
_ALL = 1 << 40


@dataclass(frozen=True, slots=True)
class Order:
    """A backup that is asked for.

    Args:
        data: the data directory.
        settings: its settings.
        target: the backup's name; nothing may be there.
        recipients: X25519 keys that can open it.
        now: POSIX seconds.
        with_keys: whether to pack the hub's secrets too.
    """

    data: Path
    settings: Settings
    target: Path
    recipients: tuple[PublicKey, ...]
    now: int
    with_keys: bool = False


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A finished backup; ``damaged`` are packages whose file on disk is not what its name says."""

    manifest: Manifest
    size: int
    damaged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Copied:
    """The copy of the database: where it lies, the head in it, the network, and the packages that are still due."""

    path: Path
    head: Head
    network: str
    packages: tuple[str, ...]


async def back_up(order: Order, database: Database, progress: Callable[[int], None] = lambda _: None) -> BackedUp:
    """Make a backup; the hub may be running.

    Args:
        order: what to back up, where to, for whom.
        database: the hub's database.
        progress: told the octets packed so far.

    Raises:
        BackupError: backup_exists, or backup_unwritable.
        StorageError: copy_failed.
        RecoveryError: locked, while another backup is made; no_log.
        CorruptionError: the copy contradicts itself: there is something wrong with the database.
    """
    copy = order.data / _COPY
    try:
        _require_free(order.target)
        with DataLock(order.data / ".backup.lock"):
            try:
                copied = await _copied(order, database, copy)
                return await asyncio.to_thread(_pack, order, copied, progress)
            finally:
                _remove(copy)
    except OSError as error:
        message = f"The backup can't be written: {error.strerror}."
        raise BackupError("backup_unwritable", message, order.target.name) from None


def _require_free(target: Path) -> None:
    if target.exists():
        raise BackupError("backup_exists", "There is a file of this name; a backup never overwrites one.", target.name)


async def _copied(order: Order, database: Database, path: Path) -> _Copied:
    """Steps 1 and 2."""
    _remove(path)  # what a backup that was killed has left
    await copy_database(database, path)
    limits, now = order.settings.retention, order.now
    copy = Database.open(sqlite_url(path))
    try:
        head, _ = await open_head(SqlLogStore(copy), LogReads(copy))
        network = (await Directory(copy).policies(1))[0].digest
        over = await PackageStore(copy).endings(
            uploaded_before=now - limits.packages_days * DAY,
            unclaimed_before=now - limits.unclaimed_days * DAY,
            limit=_ALL,
        )
        due = await DeletionTables(copy).live() - {one.package.sha256 for one in over}
    finally:
        await copy.close()
    return _Copied(path, head, network, tuple(sorted(due)))


def _remove(copy: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        copy.with_name(copy.name + ending).unlink(missing_ok=True)


def _pack(order: Order, copied: _Copied, progress: Callable[[int], None]) -> BackedUp:
    """Steps 3 and 4."""
    with _written(order.target) as waiting, waiting.open("r+b") as file:
        packer, damaged, done = Packer(file, order.recipients, order.now), [], 0
        for name, path in _files(order, copied):
            source = _opened(path, name)
            if source is None:
                continue
            with source:
                packed = packer.add(name, source, os.fstat(source.fileno()).st_size)
            if name.startswith(PACKAGES) and packed.sha256 != path.name:
                damaged.append(path.name)
            done += packed.size
            progress(done)
        head = copied.head
        manifest = Manifest(
            version("odr-hub"), order.now, copied.network, head.origin, head.size, head.root.hex(), SCHEMA,
            order.with_keys, tuple(packer.files),
        )  # fmt: skip
        packer.finish(manifest)
        flush(file)
        size = file.tell()
    return BackedUp(manifest, size, tuple(damaged))


def _opened(path: Path, name: str) -> BinaryIO | None:
    """The file, None for a package that was deleted since the copy was made."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        if name.startswith(PACKAGES):
            return None
        raise


def _files(order: Order, copied: _Copied) -> Iterator[tuple[str, Path]]:
    """What is packed, in order: name in the archive, and where it lies."""
    data, settings = order.data, order.settings
    yield FILE_NAME, data / FILE_NAME
    if (data / POLICY_NAME).exists():
        yield POLICY_NAME, data / POLICY_NAME
    if order.with_keys:
        for path in sorted((data / settings.keys.directory).glob("*.pem")):
            yield f"keys/{path.name}", path
    yield DATABASE, copied.path
    files = PackageFiles(data / settings.uploads.directory)
    for sha256 in copied.packages:
        yield f"{PACKAGES}/{sha256[:2]}/{sha256}", files.path(sha256)


@contextmanager
def _written(target: Path) -> Iterator[Path]:
    """A new file beside ``target`` that takes its name once the block has ended well."""
    waiting = target.with_name(f".{target.name}.new")
    waiting.unlink(missing_ok=True)
    waiting.touch(mode=0o600)
    try:
        yield waiting
        _require_free(target)
        waiting.rename(target)
        sync_folder(target.parent)
    finally:
        waiting.unlink(missing_ok=True)
