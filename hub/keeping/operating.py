"""What the commands of this package do with a data directory: settings, keys and database opened, work called."""

import asyncio
from pathlib import Path

import aiohttp

from hub import keystore
from hub.alarms.heads import heads_elsewhere
from hub.alarms.register import Alarms
from hub.keeping.backup import BackedUp, Order, back_up
from hub.keeping.completing import Completed, complete
from hub.keeping.deletions import format_deletions, parse_deletions
from hub.keeping.errors import BackupError, RestoreError
from hub.keeping.export import Exported, export, object_count
from hub.keeping.objectstore import open_target
from hub.keeping.ownstatements import own_statements, pack
from hub.keeping.restore import Restored, Source, restore, try_restore
from hub.log.cosigning import CosignClient
from hub.log.recovery import DataLock
from hub.maintenance import opened, progress
from hub.settings import load_settings
from hub.storage.deleted import DeletionTables
from hub.storage.directory import Directory
from providers.durable import sync_folder, write_new
from signing.agekeys import format_identity, format_recipient, parse_identity, parse_recipient
from signing.errors import SigningError
from signing.secretkeys import AgreementKey
from signing.signnotes import log_signer

__all__ = [
    "back_up_to",
    "complete_from",
    "export_to",
    "new_identity",
    "read_identity",
    "restore_from",
    "write_deletions",
    "write_own",
]

_MAX_IDENTITY_FILE = 65_536
_WITNESS_SECONDS = 5.0
"""For a witness to say what it has seen; nobody waits for a receipt here."""


async def export_to(data: Path, target: str, *, quiet: bool = False) -> Exported:
    """Export the log in ``data`` to ``target``, with progress on a terminal unless ``quiet``; errors as ``export``."""
    settings = load_settings(data)
    keys = keystore.load(data / settings.keys.directory)
    async with opened(data, settings) as (database, head):
        log_key = log_signer(head.origin, keys.log).verifier
        with open_target(target) as store, progress("exporting", object_count(head.size), quiet=quiet) as advance:
            return await export(database, head, log_key, store, advance)


async def back_up_to(  # noqa: PLR0913  # what, where, for whom, when, how
    data: Path, target: Path, recipients: tuple[str, ...], now: int, *, with_keys: bool = False, quiet: bool = False
) -> BackedUp:
    """Back ``data`` up to ``target`` for ``recipients`` (``age1…``); errors as ``back_up``, and bad_age_key."""
    settings = load_settings(data)
    order = Order(data, settings, target, tuple(map(parse_recipient, recipients)), now, with_keys)
    async with opened(data, settings) as (database, _):
        file = data / settings.storage.database
        with progress("packing", file.stat().st_size if file.exists() else 0, quiet=quiet) as advance:
            return await back_up(order, database, advance)


async def restore_from(source: Source, data: Path | None, *, quiet: bool = False) -> Restored:
    """Restore into ``data``, or where that is None into a temporary directory, to see whether it can be done."""
    if data is not None:
        return await restore(source, data)
    with progress("checking", 1, quiet=quiet) as advance:
        return await try_restore(source, advance)


async def complete_from(  # noqa: PLR0913  # its sources, each used
    data: Path,
    source: str | None,
    offered: tuple[Path, ...],
    listed: Path | None = None,
    *,
    identity: Path | None = None,
    without_annexes: bool = False,
    quiet: bool = False,
) -> Completed:
    """Complete the log in ``data``, up to what its witnesses have seen; errors as ``complete``.

    The heads that start-up compares bind here too: those that alarms keep, and the published checkpoint.
    What ``listed`` says was deleted is deleted again.

    Refuses while a hub runs on ``data``.
    """
    settings = load_settings(data)
    opens = None if identity is None else read_identity(identity)
    with DataLock(data / "lock"):
        keys = keystore.load(data / settings.keys.directory)
        async with opened(data, settings) as (database, head):
            await database.claim(allow_async=True)
            signer = log_signer(head.origin, keys.log)
            async with aiohttp.ClientSession() as session:
                witnesses = CosignClient(session, _no_proof, cut_off=_WITNESS_SECONDS)
                known = await heads_elsewhere(_alarms(data), session, settings.log.public_checkpoint, data)
                with progress("completing", head.size, quiet=quiet) as advance:
                    done = await complete(
                        data, database, signer, source, offered=offered, identity=opens,
                        without_annexes=without_annexes, ask=witnesses.reported,
                        known=tuple(known.values()), progress=advance,
                    )  # fmt: skip
            if listed is not None:
                network = (await Directory(database).policies(1))[0].digest
                octets = await asyncio.to_thread(listed.read_bytes)
                await DeletionTables(database).apply(parse_deletions(octets, network))
    return done


async def write_deletions(data: Path, target: Path, now: int) -> tuple[int, int]:
    """Write the list of what was deleted to ``target``, in place of an older one; how many packages and texts.

    Raises:
        BackupError: backup_unwritable.
    """
    async with opened(data, load_settings(data)) as (database, head):
        deleted = await DeletionTables(database).read()
        network = (await Directory(database).policies(1))[0].digest
    octets = format_deletions(deleted, network, head.size, now)
    await asyncio.to_thread(_replace, target, octets)
    return len(deleted.packages), len(deleted.texts)


async def write_own(data: Path, target: Path, recipients: tuple[str, ...]) -> int:
    """Write the hub's own sealed statements to ``target``, in place of an older file; how many they are.

    Raises:
        BackupError: backup_unwritable.
        SigningError: bad_age_key.
    """
    keys = tuple(map(parse_recipient, recipients))
    async with opened(data, load_settings(data)) as (database, _):
        documents = await own_statements(database)
    await asyncio.to_thread(_replace, target, await asyncio.to_thread(pack, documents, keys))
    return len(documents)


def new_identity(target: Path) -> str:
    """Write a new age identity to ``target``; its recipient (``age1…``).

    Raises:
        BackupError: backup_exists or backup_unwritable.
    """
    key = AgreementKey.generate()
    recipient = format_recipient(key.public)
    try:
        write_new(target, f"# recipient: {recipient}\n{format_identity(key)}\n".encode())
        sync_folder(target.parent)
    except FileExistsError:
        raise BackupError("backup_exists", "There is a file already; it is not overwritten.", target.name) from None
    except OSError as error:
        raise BackupError("backup_unwritable", f"The file can't be written: {error.strerror}.", target.name) from None
    return recipient


def read_identity(path: Path) -> AgreementKey:
    """The one identity in a file as ``age-keygen`` writes it: lines, those with ``#`` are comments.

    Raises:
        RestoreError: bad_identity.
    """
    with path.open("rb") as file:
        text = file.read(_MAX_IDENTITY_FILE).decode("ascii", "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        (line,) = lines
        return parse_identity(line)
    except (ValueError, SigningError):
        raise RestoreError("bad_identity", "The file holds not exactly one age identity.", path.name) from None


def _alarms(data: Path) -> Alarms:
    """The register, to read what it keeps; nothing is raised here."""
    return Alarms(data / "alarms", lambda: 0)


async def _no_proof(old: int, new: int) -> tuple[bytes, ...]:
    """Witnesses are asked what they have seen, and for no cosignature."""
    raise AssertionError(f"no checkpoint is offered: {old}, {new}")


def _replace(target: Path, octets: bytes) -> None:
    waiting = target.with_name(f".{target.name}.new")
    try:
        waiting.unlink(missing_ok=True)
        write_new(waiting, octets)
        waiting.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise BackupError("backup_unwritable", f"The file can't be written: {error.strerror}.", target.name) from None
