"""``odr-gateway witness``: make a witness, tell it which logs to watch, run it, check what a mirror stores."""

import time
from pathlib import Path

import click

from providers.eventloop import run_server
from providers.exits import CantTellError
from providers.printable import printable
from providers.witness.config import add_log, become_mirror, confirm_clock, init_witness
from providers.witness.errors import WitnessError
from signing.compose import timestamp

__all__ = ["witness"]

_directory = click.option(
    "--dir", "directory", type=click.Path(path_type=Path), required=True, help="Directory of the witness."
)

_mirror = click.option(
    "--mirror", is_flag=True, help="Store every entry before cosigning, from now on; needs the URL of each log."
)


@click.group()
def witness() -> None:
    """Run a witness of the hub's log."""


@witness.command()
@_directory
@click.option("--name", required=True, help="Name in signature lines, such as witness.example/w1.")
@_mirror
def init(*, directory: Path, name: str, mirror: bool) -> None:
    """Create a witness with a new key, and print its verifier key."""
    click.echo(init_witness(directory, name, mirror=mirror, now=int(time.time())))


@witness.command("add-log")
@_directory
@click.argument("vkey")
@click.option("--url", help="Where its checkpoint and tiles are, such as https://hub.example/log; a mirror needs it.")
def add(*, directory: Path, vkey: str, url: str | None) -> None:
    """Watch the log with this verifier key (VKEY) from now on; a witness that mirrors needs --url for each log."""
    add_log(directory, vkey, url)
    click.echo(f"The witness now watches {vkey.partition('+')[0]}.")


@witness.command()
@_directory
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=0, show_default=True, type=click.IntRange(0, 65_535), help="Port; 0: any free one.")
@_mirror
def serve(*, directory: Path, host: str, port: int, mirror: bool) -> None:
    """Answer submissions until stopped."""
    from providers.witness.serving import serve as run  # noqa: PLC0415  # spares the other commands the HTTP server

    if mirror:
        become_mirror(directory)
    run_server(run(directory, host, port, click.echo))


@witness.command("confirm-clock")
@_directory
@click.option("--yes", is_flag=True, help="Ask nothing: the clock was compared with another one.")
def confirm(*, directory: Path, yes: bool) -> None:
    """Say that this machine's clock is right, for a witness that has signed nothing for longer than a week."""
    now = int(time.time())
    click.echo(f"This machine's clock says {timestamp(now)}.")
    if not yes:
        click.confirm("A signature under a wrong time can't be taken back. Is the clock right?", abort=True)
    confirm_clock(directory, now)
    click.echo("Confirmed; the witness goes on by itself.")


@witness.command()
@_directory
def check(*, directory: Path) -> int:
    """Recompute what a mirror stores; exit code 0: all is there, 1: something is not, 2: it can't be checked."""
    from providers.witness.checking import check_mirror  # noqa: PLC0415  # spares the other commands the reading

    faults = 0
    try:
        for one in check_mirror(directory):
            click.echo(printable(f"{one.origin}: {one.size} entries" + ("" if one.faults else ", all in order")))
            for fault in one.faults:
                click.echo(printable(f"  {fault}"))
            faults += len(one.faults)
    except WitnessError as error:
        raise CantTellError(error) from error
    return 1 if faults else 0
