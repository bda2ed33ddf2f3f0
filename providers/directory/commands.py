"""``odr-gateway directory``: keep a verified copy of the hub's directory, and look somebody up in it."""

import asyncio
import json
import time
from pathlib import Path

import click

from providers.client import connect
from providers.directory.mirror import Freshness, Updated, require_copy, update
from providers.directory.store import MirrorFolder
from providers.errors import GatewayError, HubRefusedError, HubUnavailableError
from providers.exits import CANT_TELL
from providers.keystates import key_told, read_ring
from providers.printable import printable
from signing.compose import timestamp
from signing.encoding import JSON, loads

__all__ = ["directory"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_IN_FORCE = ("listed", "conditional", "concern", "referred")
_dir_option = click.option("--dir", "folder", type=_FOLDER, required=True, help="The mirror's directory.")


@click.group()
def directory() -> None:
    """Keep a verified copy of the directory of providers and neutrals."""


@directory.command()
@_dir_option
@click.option("--hub", "url", help="The hub's address; needed until something was verified.")
@click.option("--policy", type=_FILE, help="verification-policy.txt, from outside the hub; needed as --hub.")
def mirror(*, folder: Path, url: str | None, policy: Path | None) -> None:
    """Fetch what changed, verify all of it, and keep it; exit code 2 where the copy is stale."""
    kept = _opened(folder, url, policy)
    now = int(time.time())
    try:
        updated = asyncio.run(_update(kept, now))
    except (HubRefusedError, HubUnavailableError) as error:
        if not _is_no_answer(error):
            raise
        click.echo(f"The hub gives no answer: {error} (code {error.code})", err=True)
        copy = require_copy(kept, now)
        _say(Freshness.of(copy.snapshot, now, reached=False))
        return
    what = "the whole directory" if updated.whole else "what changed"
    click.echo(f"Verified {len(updated.copy.lines)} entries; fetched {what}: {updated.fetched}.")
    _say(Freshness.of(updated.copy.snapshot, now))


@directory.command()
@_dir_option
@click.argument("actor")
@click.option("--json", "as_json", is_flag=True, help="Print the record as JSON.")
def show(*, folder: Path, actor: str, as_json: bool) -> None:
    """Show ACTOR as the copy has it, without asking the hub; exit code 2 where the copy is stale."""
    now = int(time.time())
    copy = require_copy(MirrorFolder(folder), now)
    if actor not in copy.lines:
        message = f"The directory of log size {copy.snapshot.size} has nobody of this id."
        raise GatewayError("not_found", message, actor)
    record = loads(copy.lines[actor])
    click.echo(json.dumps(record, indent=2) if as_json else "\n".join(_described(record, now)))
    _say(Freshness.of(copy.snapshot, now), err=as_json)


def _is_no_answer(error: HubRefusedError | HubUnavailableError) -> bool:
    """Whether the hub can't answer now: unreachable, or it says itself that it must be put right and asked again.

    ``newest_unknown``, ``directory_behind`` and the like. A refusal of what was asked is an answer.
    """
    return isinstance(error, HubUnavailableError) or (error.retryable and error.actor == "hub")


async def _update(folder: MirrorFolder, now: int) -> Updated:
    async with connect(folder.hub(), timeout_seconds=120) as hub:
        return await update(hub, folder, now)


def _opened(folder: Path, url: str | None, policy: Path | None) -> MirrorFolder:
    """The mirror in a folder; a new one where the hub and the policy are named, if none was ever verified there."""
    kept = MirrorFolder(folder)
    if (url is None) != (policy is None):
        raise click.UsageError("Name --hub and --policy together, until something was verified.")
    if url is not None and policy is not None:
        return MirrorFolder.create(folder, url, policy.read_bytes())
    kept.hub()
    return kept


def _described(record: JSON, now: int) -> list[str]:
    profile, decision = record["profile"], record["accreditation"]
    name = profile.get("display_name") or profile.get("legal_name") or record["id"]
    lines = [f"{name} ({record['role']} {record['id']})", f"Accreditation: {_accreditation(decision, now)}"]
    if "status" in record:
        lines.append(f"Takes appointments: {record['status']}; nominated by {', '.join(record['providers'])}")
    ring, size = read_ring(record["keys"], record["id"]), record["index"] + 1  # as of the entry that the record is of
    kids = [key.kid for key in ring.values() if key.purpose == "statement"]
    lines += [f"Key {kid}: {key_told(ring, kid, size, now)}" for kid in kids]
    return [printable(line) for line in lines]


def _accreditation(decision: JSON, now: int) -> str:
    if decision is None:
        return "none"
    status = decision["status"]
    if status in _IN_FORCE and now >= decision["ends"]:
        status = "expired"
    elif status in _IN_FORCE and now < decision["begins"]:
        status = "pending"
    return f"{status} ({decision['scheme']}, {decision['valid_from'][:10]} to {decision['valid_to'][:10]})"


def _say(found: Freshness, *, err: bool = False) -> None:
    """How much the copy counts; ends the command with 2 where it is stale."""
    snapshot = found.snapshot
    told = f"log size {snapshot.size}, signed {timestamp(snapshot.time)}"
    if found.stale_since is None:
        click.echo(f"Fresh until {timestamp(snapshot.next)} ({told}).", err=err)
        return
    click.echo(f"STALE since {timestamp(found.stale_since)} ({told}): what is said here may be overtaken.", err=err)
    raise click.exceptions.Exit(CANT_TELL)
