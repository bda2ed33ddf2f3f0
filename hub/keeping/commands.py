"""``odr-hub export``, ``backup``, ``restore`` …: how an operator keeps the log. Each imports its work when called."""

import asyncio
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.officers.commands import EXISTING
from providers.printable import printable
from signing.compose import timestamp

if TYPE_CHECKING:
    from hub.keeping.completing import Completed, Seen
    from hub.keeping.manifest import Manifest
    from hub.keeping.restore import Restored

__all__ = ["COMMANDS", "backup", "backup_key", "complete", "deletions", "export", "own_statements", "restore"]

_FILE = click.Path(dir_okay=False, path_type=Path)
_SHOWN = 20
_FOLDER = click.Path(file_okay=False, path_type=Path)

_data = click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), required=True, help="The hub's data directory."
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for a machine.")
_quiet = click.option("--quiet", is_flag=True, help="Show no progress.")


@click.command()
@_data
@_json
@_quiet
@click.argument("target")
def export(*, data: Path, as_json: bool, quiet: bool, target: str) -> None:
    """Write the log as static files (C2SP tlog-tiles) to TARGET, a directory or s3://bucket/prefix.

    Writes what is new since the last export to the same place, reads it back, and the checkpoint last. Never
    overwrites an immutable file, never goes back, and refuses a place that holds another history. The hub may be
    running. For S3 the environment says who asks and where (AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, ...).
    """
    from hub.keeping import operating  # noqa: PLC0415

    done = asyncio.run(operating.export_to(data, target, quiet=quiet))
    if as_json:
        click.echo(json.dumps(done.json()))
        return
    click.echo(f"{done.size} entries of {done.origin} lie there, {done.size - done.before} of them new.")
    click.echo(f"{done.written} objects written, {done.present} were there already; read back, they give the root.")


@click.command()
@_data
@_json
@_quiet
@click.option("--to", "target", type=_FILE, required=True, help="The backup; nothing may be there.")
@click.option("--recipient", "recipients", required=True, multiple=True, help="Who can open it, age1...; repeat it.")
@click.option("--with-keys", is_flag=True, help="Pack the hub's secrets too, the log's key among them.")
def backup(  # noqa: PLR0913  # one option each
    *, data: Path, as_json: bool, quiet: bool, target: Path, recipients: tuple[str, ...], with_keys: bool
) -> int:
    """Write one encrypted file (age v1) with everything the hub needs to go on; the hub may be running.

    In it: the database as it is at one moment, the settings, and the stored packages that are still due.
    Not in it, unless asked for: the hub's secrets. Keep those elsewhere. Try the backup with restore --test.
    """
    from hub.keeping import operating  # noqa: PLC0415

    done = asyncio.run(
        operating.back_up_to(data, target, recipients, int(time.time()), with_keys=with_keys, quiet=quiet)
    )
    manifest = done.manifest
    if as_json:
        facts = {"size": manifest.size, "root": manifest.root, "bytes": done.size, "damaged": list(done.damaged)}
        click.echo(json.dumps({"origin": manifest.origin, "network": manifest.network, **facts}))
    else:
        click.echo(f"{manifest.size} entries of {manifest.origin}, {_packages(manifest)} packages: {done.size} bytes.")
        click.echo(f"Try it: odr-hub restore --test --from {target} --identity FILE")
    for sha256 in done.damaged:
        click.echo(f"A stored package is damaged on disk, and so it is in the backup: {sha256}", err=True)
    return 1 if done.damaged else 0


@click.command("backup-key")
@click.option("--out", "target", type=_FILE, required=True, help="File for the identity, which opens backups.")
def backup_key(*, target: Path) -> None:
    """Make a key for backups (as age-keygen does), and print its recipient for backup --recipient."""
    from hub.keeping import operating  # noqa: PLC0415

    click.echo(operating.new_identity(target))


@click.command()
@_data
@click.option("--out", "target", type=_FILE, required=True, help="The list, in place of an older one.")
def deletions(*, data: Path, target: Path) -> None:
    """List what was deleted, for restore --deletions: a restored backup must not bring it back.

    Write it often and keep it apart from the disk of the hub. The hub may be running.
    """
    from hub.keeping import operating  # noqa: PLC0415

    packages, texts = asyncio.run(operating.write_deletions(data, target, int(time.time())))
    click.echo(f"{packages} packages and the texts of {texts} statements were deleted so far.")


@click.command("own-statements")
@_data
@click.option("--out", "target", type=_FILE, required=True, help="The file, in place of an older one.")
@click.option("--recipient", "recipients", required=True, multiple=True, help="Who can open it, age1...; repeat it.")
def own_statements(*, data: Path, target: Path, recipients: tuple[str, ...]) -> None:
    """Write the sealed statements that the hub signed itself, encrypted, for complete --statements.

    Registered feedback is among them, which nobody else could bring back after an old backup was restored.
    Write the file often and keep it apart from the disk of the hub. The hub may be running.
    """
    from hub.keeping import operating  # noqa: PLC0415

    count = asyncio.run(operating.write_own(data, target, recipients))
    click.echo(f"Statements of the hub's own that are in it: {count}.")


@click.command()
@_json
@_quiet
@click.option("--from", "source", type=EXISTING, required=True, help="The backup.")
@click.option("--identity", type=EXISTING, required=True, help="File with the age identity that opens it.")
@click.option("--data", type=_FOLDER, help="New data directory: empty, or not there yet.")
@click.option("--test", "only_test", is_flag=True, help="Restore into a temporary directory, check all, delete it.")
@click.option("--deletions", "listed", type=EXISTING, help="List of what was deleted since (odr-hub deletions).")
@click.option("--settings", type=EXISTING, help="hub.toml to use instead of the one in the backup.")
def restore(  # noqa: PLR0913  # one option each
    *,
    as_json: bool,
    quiet: bool,
    source: Path,
    identity: Path,
    data: Path | None,
    only_test: bool,
    listed: Path | None,
    settings: Path | None,
) -> int:
    """Restore a backup into a new data directory, or try it with --test.

    Ends with 1 when --test finds anything that is not sound.
    """
    from hub.keeping import operating  # noqa: PLC0415
    from hub.keeping.restore import Source  # noqa: PLC0415

    if (data is None) != only_test:
        raise click.UsageError("Give either --data or --test.")
    asked = Source(
        source,
        operating.read_identity(identity),
        int(time.time()),
        None if listed is None else listed.read_bytes(),
        None if settings is None else settings.read_bytes(),
    )
    done = asyncio.run(operating.restore_from(asked, data, quiet=quiet))
    _tell_restored(done, data, as_json=as_json)
    return 1 if done.findings or done.damaged else 0


@click.command()
@_data
@_json
@_quiet
@click.option("--from", "source", help="An export or a mirror of the log: its address, or a directory.")
@click.option(
    "--statements", "offered", type=click.Path(exists=True, path_type=Path), multiple=True,
    help="File, or directory of files, with statements: JWS, bundles, receipts, answers of a hub. Repeat it.",
)  # fmt: skip
@click.option("--identity", type=EXISTING, help="Age identity that opens encrypted ones (odr-hub own-statements).")
@click.option("--deletions", "listed", type=EXISTING, help="List of what was deleted since (odr-hub deletions).")
@click.option("--without-annexes", is_flag=True, help="Annexes that are not offered are lost: do not wait for them.")
def complete(  # noqa: PLR0913  # one option each
    *,
    data: Path,
    as_json: bool,
    quiet: bool,
    source: str | None,
    offered: tuple[Path, ...],
    identity: Path | None,
    listed: Path | None,
    without_annexes: bool,
) -> int:
    """Bring back what a log lacks that was restored from an old backup; the hub must not be running.

    The missing entries come from an export or a mirror, and must give a checkpoint with this log's signature
    and the quorum, or one that a witness shows now or showed before; without a quorum, they must also fit every
    head that an alarm keeps or that is published. Their statements come from members and officers, who have
    them, and from the file of own-statements; each must give its entry byte for byte. Run it again with more
    statements until none is awaited; --from is needed once. A statement that names an annex is awaited with it.
    Ends with 1 while statements are awaited, or somebody is known to have seen more.
    """
    from hub.keeping import operating  # noqa: PLC0415

    completing = operating.complete_from(
        data, source, offered, listed, identity=identity, without_annexes=without_annexes, quiet=quiet
    )
    done = asyncio.run(completing)
    if as_json:
        click.echo(json.dumps(asdict(done)))
    else:
        _tell_completed(done, data)
    return 1 if done.size < done.target or done.seen else 0


def _tell_completed(done: "Completed", data: Path) -> None:
    click.echo(f"{done.appended} entries appended; {done.origin} has {done.size} of {done.target} entries here.")
    for index in done.without_annex:
        click.echo(f"Entry {index} came without the annex that its statement names.")
    for head in done.seen:
        _tell_seen(head)
    if done.size == done.target and done.seen:
        if not all(head.differs for head in done.seen):
            click.echo(f"Take them from a mirror that has them: odr-hub complete --data {data} --from URL")
        else:
            click.echo(f"Next: odr-hub serve --data {data}; its alarm store_differs names what proves it, and the way.")
        return
    if done.size == done.target:
        click.echo(f"Nothing is missing. Next: odr-hub fsck --data {data}; odr-hub serve --data {data}")
        return
    click.echo(f"{len(done.awaited)} statements are awaited from whoever has them:")
    for one in done.awaited[:_SHOWN]:
        annex = "" if one.annex is None else f", its annex alone: {one.annex}"
        told = f"  entry {one.index}: {one.kind} {one.issuer or '(issuer not told)'} {one.name}{annex}"
        click.echo(printable(told))
    if len(done.awaited) > _SHOWN:
        click.echo(f"  and {len(done.awaited) - _SHOWN} more; --json lists all.")
    click.echo(f"Then: odr-hub complete --data {data} --statements FILE")


def _tell_seen(head: "Seen") -> None:
    who, has, of = "A head that is kept here, published or stored by a mirror", "has", "is of"
    if head.witnesses:
        verb = "have" if len(head.witnesses) > 1 else "has"
        who, has, of = " and ".join(head.witnesses), f"{verb} seen", f"{verb} seen"
    if head.differs:
        click.echo(f"{who} {of} another log of {head.size} entries under this name: the hub will read only.")
    else:
        click.echo(f"{who} {has} {head.size} entries of this log; the source does not bring them all.")


def _tell_restored(done: "Restored", data: Path | None, *, as_json: bool) -> None:
    manifest = done.manifest
    found = [{"code": one.code, "message": one.message, "where": one.where} for one in done.findings]
    if as_json:
        facts = {"packages": done.packages, "deleted": done.deleted, "damaged": list(done.damaged), "findings": found}
        told = {"origin": manifest.origin, "network": manifest.network, "size": manifest.size, "root": manifest.root}
        click.echo(json.dumps({**told, "made_at": manifest.made_at, "with_keys": manifest.with_keys, **facts}))
        return
    for one in done.findings:
        click.echo(one.line)
    for sha256 in done.damaged:
        click.echo(f"A package in the backup is damaged and left out: {sha256}")
    click.echo(f"network {manifest.network}, made at {timestamp(manifest.made_at)} by version {manifest.program}")
    click.echo(f"{manifest.size} entries of {manifest.origin}, {done.packages} packages; {done.deleted} deleted again")
    if data is None:
        click.echo("Restored and checked: " + ("NOT SOUND" if done.findings or done.damaged else "sound"))
        return
    if not manifest.with_keys:
        click.echo(f"Put the hub's keys into {data / 'keys'}: they are not in the backup.")
    click.echo(f"Next: odr-hub fsck --data {data}; odr-hub serve --data {data}")


def _packages(manifest: "Manifest") -> int:
    return sum(one.name.startswith("packages/") for one in manifest.files)


COMMANDS = (export, backup, backup_key, complete, deletions, own_statements, restore)
"""What ``odr-hub`` offers of this package."""
