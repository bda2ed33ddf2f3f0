"""``odr-gateway monitor``: follow the hub's log as a member.

Exit codes with ``--once``: 0 all is well, 1 something needs attention, 2 can't tell (the hub can't be reached or
answers nonsense, or the monitor's own files can't be used).
"""

import asyncio
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from providers.errors import GatewayError, ProvidersError
from providers.exits import CantTellError
from providers.gateway.commands import DIRECTORY, EXISTING, passphrase_option
from providers.gateway.home import load_home
from providers.printable import printable

if TYPE_CHECKING:
    from providers.monitor.store import Standing

__all__ = ["monitor"]

_home = click.option("--home", "--dir", "directory", type=DIRECTORY, help="The gateway's directory, as `init` made it.")
_known = click.option(
    "--known", type=EXISTING, multiple=True, help="File with digests, one a line, of statements made elsewhere."
)


@click.group(invoke_without_command=True)
@_home
@click.option("--once", is_flag=True, help="Look once: exit code 0 all is well, 1 alert, 2 can't tell.")
@click.option(
    "--interval", type=click.IntRange(1, 86_400), default=60, show_default=True, help="Seconds between visits."
)
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8710, show_default=True, help="The page's port; 0: any."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a machine, and nothing else.")
@click.option(
    "--stale-after",
    type=click.IntRange(60, 31_536_000),
    default=7_200,
    show_default=True,
    help="Seconds after which the newest cosignature is too old.",
)
@_known
@click.option("--monitor-key", "keys", type=EXISTING, multiple=True, help="Key file of an older monitor key.")
@passphrase_option
@click.pass_context
def monitor(  # noqa: PLR0913 - one parameter per option
    ctx: click.Context,
    *,
    directory: Path | None,
    once: bool,
    interval: int,
    port: int,
    as_json: bool,
    stale_after: int,
    known: tuple[Path, ...],
    keys: tuple[Path, ...],
    passphrase_file: Path | None,
) -> int:
    """Follow the hub's log: is it whole, is it witnessed, does it hold what was not made here?"""
    if ctx.invoked_subcommand is not None:
        ctx.obj = directory
        return 0
    from providers.gateway.keystore import passphrase  # noqa: PLC0415 - spares `acknowledge` the HTTP client
    from providers.monitor.watching import Options, look_once, owner_of, watch  # noqa: PLC0415

    options = Options(interval, stale_after, known, port, as_json)
    try:
        home = load_home(_required(directory))
        owner = owner_of(home, passphrase(passphrase_file), keys)
        if not once:
            asyncio.run(watch(home, owner, options, click.echo))
            return 0
        standing = asyncio.run(look_once(home, owner, options))
    except ProvidersError as error:
        raise CantTellError(error) from error
    return _shown(standing, as_json=as_json)


def _shown(standing: "Standing", *, as_json: bool) -> int:
    from providers.monitor.report import EXIT_CODES, lines, report  # noqa: PLC0415

    if as_json:
        click.echo(json.dumps(report(standing)))
    else:
        for line in lines(standing):
            click.echo(printable(line))
    return EXIT_CODES[standing.state]


@monitor.command()
@click.argument("indexes", nargs=-1, type=click.IntRange(0))
@click.option("--incident", "incidents", type=click.IntRange(1), multiple=True, help="Number of an incident.")
@click.option("--all", "everything", is_flag=True, help="Every entry that stands now, as after the first run.")
@_home
@_known
@click.pass_obj
def acknowledge(  # noqa: PLR0913 - one parameter per option
    above: Path | None,
    *,
    indexes: tuple[int, ...],
    incidents: tuple[int, ...],
    everything: bool,
    directory: Path | None,
    known: tuple[Path, ...],
) -> None:
    """Say that you know of the entries at these log INDEXES; they are alerts no more."""
    from providers.gateway.made import made_digests  # noqa: PLC0415
    from providers.monitor.watching import store_of  # noqa: PLC0415

    if not (indexes or incidents or everything):
        raise click.UsageError("Name at least one log index, --incident or --all.")
    home = load_home(_required(directory or above))
    store, chosen = store_of(home), None if everything else indexes
    try:
        made = made_digests(home, known)
        count = store.acknowledge(int(time.time()), made, indexes=chosen, incidents=incidents)
    finally:
        store.close()
    click.echo(f"Acknowledged: {count}.")


def _required(directory: Path | None) -> Path:
    if directory is None:
        raise GatewayError("option_missing", "The gateway's directory is needed.", "--home")
    return directory
