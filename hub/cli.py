"""``odr-hub``: the program of operators and officers.

Exit codes: 0 done; 1 refused or failed, with one sentence, its code and where; 2 wrong usage.
Commands import what they need when they are called, so that ``--help`` is quick.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from hub.errors import HubError
from hub.jobs.commands import register_answers
from hub.keeping.commands import COMMANDS as KEEPING
from hub.officers.application_commands import COMMANDS as QUEUE
from hub.officers.commands import EXISTING, officer
from hub.officers.console_command import console
from hub.officers.deciding import COMMANDS as DECIDING
from hub.officers.feedback_commands import COMMANDS as FEEDBACK
from hub.officers.key_commands import COMMANDS as KEYS
from hub.operation.commands import alarms, status
from hub.rotation_commands import rotate
from providers.errors import ProvidersError
from providers.memory import collect_seldom
from providers.printable import printable_lines
from registry.errors import Refused
from schemas.errors import SchemasError, SchemaViolationError
from signing.encoding import is_hex_digest
from signing.errors import SigningError

__all__ = ["main"]

data_option = click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), required=True, help="The hub's data directory."
)
digest_argument = click.argument("sha256", callback=lambda _context, _parameter, value: _digest(value))
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a machine.")
quiet_option = click.option("--quiet", is_flag=True, help="Show no progress.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def program() -> None:
    """Run an ODR hub, and act as its officer."""


for _command in (*QUEUE, *DECIDING, *FEEDBACK, *KEYS, console):
    officer.add_command(_command)
program.add_command(officer)
program.add_command(rotate)
program.add_command(register_answers)
program.add_command(status)
program.add_command(alarms)
for _command in KEEPING:
    program.add_command(_command)


@program.command()
@data_option
@click.option("--url", help="Public address of the hub, http(s)://host[:port].")
@click.option("--origin", help="Name of the log; host/log/1 if not given.")
@click.option("--officer", "officers", type=EXISTING, multiple=True, help="Public file of a first officer.")
@click.option("--threshold", type=click.IntRange(1, 32), help="How many officers decide; more than half if not given.")
@click.option("--witness-policy", type=EXISTING, help="File with witness, group and quorum lines (C2SP tlog-policy).")
@click.option("--witness", "witnesses", multiple=True, metavar="'NAME VKEY URL'", help="A witness; repeat it.")
@click.option("--quorum", type=click.IntRange(1, 32), help="How many witnesses must cosign; all if not given.")
@click.option("--monitor", type=EXISTING, help="The coordinator's public monitor key; made here if not given.")
@click.option("--passphrase-file", type=EXISTING, help="Seals the key files made here; a new one if not given.")
@click.option(
    "--storage-url", default="", help="postgresql://user@host/database for the tables; a SQLite file if not given."
)
@click.option("--storage-passfile", default="", help="libpq's password file for --storage-url.")
@click.option("--genesis", type=EXISTING, help="Complete genesis draft: create the log with it.")
def init(*, data: Path, url: str | None, genesis: Path | None, **options: Any) -> None:  # noqa: ANN401
    """Make a hub: settings, keys, genesis and log.

    Without --officer, one new officer is made in DATA/officer and the log is created at once. With
    --officer, a genesis draft is written that each officer signs; then init --genesis creates the log.
    """
    from hub import initialising  # noqa: PLC0415

    if genesis is not None:
        told = initialising.finish(data, genesis, _clock)
    elif url is None:
        raise click.UsageError("Give --url, or --genesis with a complete draft.")
    else:
        told = initialising.begin(data, url, options, _clock)
    click.echo(told)


@program.command()
@data_option
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on, instead of the setting.")
@click.option("--host", help="Address to listen on, instead of the setting.")
@click.option(
    "--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="warning", show_default=True
)
@click.option("--allow-async", is_flag=True, help="On PostgreSQL, do without a synchronous standby; for tests.")
def serve(*, data: Path, port: int | None, host: str | None, log_level: str, allow_async: bool) -> int:
    """Serve the hub until SIGTERM; ends with 1 if the log can't go on."""
    from hub.serving import serve as run  # noqa: PLC0415

    return run(data, host, port, log_level, allow_async=allow_async)


@program.command()
@data_option
@json_option
@quiet_option
def fsck(*, data: Path, as_json: bool, quiet: bool) -> int:
    """Check everything that is stored against everything else; changes nothing.

    Exit codes: 0 sound; 1 not sound, each finding on a line; 2 it could not be checked. The hub may be running.
    """
    from hub import maintenance  # noqa: PLC0415

    try:
        report = asyncio.run(maintenance.check(data, quiet=quiet))
    except (HubError, SigningError) as error:
        click.echo(_sentence(error), err=True)
        return 2
    found = [{"code": one.code, "message": one.message, "where": one.where} for one in report.findings]
    if as_json:
        click.echo(json.dumps({"entries": report.entries, "checkpoints": report.checkpoints, "findings": found}))
    else:
        for one in report.findings:
            click.echo(one.line)
        click.echo(f"{report.entries} entries, {report.checkpoints} checkpoints: {_verdict(report.sound)}")
    return 0 if report.sound else 1


@program.command()
@data_option
@json_option
@quiet_option
def rebuild(*, data: Path, as_json: bool, quiet: bool) -> None:
    """Fold the rule state anew from the effects in the log; the hub must not be running."""
    from hub import maintenance  # noqa: PLC0415

    changes = asyncio.run(maintenance.fold_again(data, quiet=quiet))
    counts = {name: len(getattr(changes, name)) for name in ("added", "changed", "removed")}
    if as_json:
        click.echo(json.dumps({"entries": changes.entries, **counts}))
    else:
        told = ", ".join(f"{count} {name}" for name, count in counts.items())
        click.echo(f"{changes.entries} entries folded; rule state: {told}.")


@program.command()
@data_option
def upgrade(*, data: Path) -> None:
    """Bring the tables to the version of this program; the hub must not be running. Make a copy first."""
    from hub import maintenance  # noqa: PLC0415

    asyncio.run(maintenance.upgrade_tables(data))
    click.echo("The tables are of this program's version.")


@program.command()
@data_option
@digest_argument
@click.option("--reason", required=True, help="Why it is held, such as the court's file number.")
def hold(*, data: Path, sha256: str, reason: str) -> None:
    """Keep a package, by the SHA-256 of the encrypted file, until it is released; nothing else deletes it."""
    from hub import maintenance  # noqa: PLC0415

    asyncio.run(maintenance.hold(data, sha256, reason, _clock()))
    click.echo("Held.")


@program.command()
@data_option
@digest_argument
def release(*, data: Path, sha256: str) -> None:
    """End the hold on a package; it is deleted when its time is over, which may be at once."""
    from hub import maintenance  # noqa: PLC0415

    asyncio.run(maintenance.release(data, sha256, _clock()))
    click.echo("Released.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code; never raises for what a user can put right."""
    collect_seldom()
    try:
        result = program.main(arguments, prog_name="odr-hub", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Nothing was signed or changed.", err=True)
        return 1
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (HubError, Refused, ProvidersError, SigningError, SchemasError) as error:
        click.echo(_sentence(error), err=True)
        return 1
    return result if isinstance(result, int) else 0


def _sentence(error: Exception) -> str:
    """One sentence, the code and where; each violation of a schema on a line of its own."""
    code, message, where = (getattr(error, name) for name in ("code", "message", "where"))
    lines = [f"{message} [{code}{f' at {where}' if where else ''}]"]
    if isinstance(error, SchemaViolationError):
        lines += [f"  {one.pointer or '/'}: {one.message}" for one in error.violations]
    return printable_lines("\n".join(lines))


def _digest(value: str) -> str:
    if not is_hex_digest(value):
        raise click.BadParameter("a SHA-256 is 64 lowercase hexadecimal digits.")
    return value


def _verdict(sound: bool) -> str:  # noqa: FBT001
    return "sound" if sound else "NOT SOUND"


def _clock() -> int:
    return int(time.time())


if __name__ == "__main__":
    sys.exit(main())
