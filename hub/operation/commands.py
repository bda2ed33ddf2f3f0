"""``odr-hub status`` and ``odr-hub alarms``."""

import asyncio
import json
import time
from pathlib import Path

import click

from hub.alarms.kinds import KINDS, command_for
from hub.alarms.register import Alarm, Alarms, alarm_facts
from hub.errors import HubError
from hub.settings import load_settings
from signing.compose import timestamp

__all__ = ["alarms", "status"]

_data = click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), required=True, help="The hub's data directory."
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for a machine.")


@click.command()
@_data
@_json
def status(*, data: Path, as_json: bool) -> int:
    """Show how the hub is, in one screen; it may be running or not.

    Exit codes: 0 all is well; 1 an alarm is on; 2 can't tell, because the hub doesn't run or its data can't be read.
    """
    from hub.operation import condition, screen  # noqa: PLC0415  # a command loads what it needs

    try:
        found = asyncio.run(condition.condition(data, _clock()))
    except (HubError, OSError) as error:
        click.echo(f"{error} [{error.code}]" if isinstance(error, HubError) else str(error), err=True)
        return 2
    click.echo(json.dumps(condition.as_json(found)) if as_json else screen.screen(found).removesuffix("\n"))
    return found.exit_code


@click.group()
def alarms() -> None:
    """Read the register of alarms, and clear what somebody has dealt with."""


@alarms.command("list")
@_data
@_json
def list_alarms(*, data: Path, as_json: bool) -> int:
    """List the alarms that are on, each with the command that leads out; exit code 1 if there are any.

    In JSON, evidence_files names every piece of evidence, and evidence the first one, below DATA/alarms.
    """
    register = _register(data)
    on = register.active
    if as_json:
        told = [alarm_facts(one, str(data)) | {"evidence_files": _evidence_files(register, one, data)} for one in on]
        click.echo(json.dumps(told))
        return 1 if on else 0
    for one in on:
        subject = f" ({one.subject})" if one.subject else ""
        click.echo(f"{one.kind.severity}: {one.code}{subject}, since {timestamp(one.since)}")
        click.echo(f"  {one.detail}\n  {one.kind.sentence}")
        for path in _evidence_files(register, one, data):
            click.echo(f"  Evidence: {path}")
        click.echo(f"  Do: {command_for(one.kind, str(data))}\n  Read: {one.kind.runbook}")
    if not on:
        click.echo("No alarm is on.")
    return 1 if on else 0


@alarms.command("clear")
@click.argument("code", type=click.Choice(sorted(KINDS)))
@_data
@click.option("--reason", required=True, help="What was found and done; it is kept in the register's history.")
def clear_alarm(*, code: str, data: Path, reason: str) -> None:
    """Take back every alarm of a code; the hub may be running. Evidence and history stay.

    A log that is read-only looks again when the hub is started anew, and raises the alarm again if its cause is still
    there.
    """
    from hub.alarms.heads import clear  # noqa: PLC0415  # a command loads what it needs

    for one in clear(_register(data), data, code, reason):
        click.echo(f"Cleared: {one.code}{f' ({one.subject})' if one.subject else ''}.")


def _evidence_files(register: Alarms, alarm: Alarm, data: Path) -> list[str]:
    """Where each piece of evidence lies; the first one first, also when somebody has moved it away."""
    names = dict.fromkeys([alarm.evidence, *register.evidences(alarm)] if alarm.evidence else [])
    return [str(data / "alarms" / name) for name in names]


def _register(data: Path) -> Alarms:
    load_settings(data)  # says that there is no hub here
    return Alarms(data / "alarms", _clock, str(data))


def _clock() -> int:
    return int(time.time())
