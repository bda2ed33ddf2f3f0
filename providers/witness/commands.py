"""``odr-gateway witness``: make a witness, tell it which logs to watch, run it."""

import asyncio
from pathlib import Path

import click

from providers.witness.config import add_log, init_witness

__all__ = ["witness"]

_directory = click.option(
    "--dir", "directory", type=click.Path(path_type=Path), required=True, help="Directory of the witness."
)


@click.group()
def witness() -> None:
    """Run a witness of the hub's log."""


@witness.command()
@_directory
@click.option("--name", required=True, help="Name in signature lines, such as witness.example/w1.")
def init(*, directory: Path, name: str) -> None:
    """Create a witness with a new key, and print its verifier key."""
    click.echo(init_witness(directory, name))


@witness.command("add-log")
@_directory
@click.argument("vkey")
def add(*, directory: Path, vkey: str) -> None:
    """Watch the log with this verifier key (VKEY) from now on."""
    add_log(directory, vkey)
    click.echo(f"The witness now watches {vkey.partition('+')[0]}.")


@witness.command()
@_directory
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=0, show_default=True, type=click.IntRange(0, 65_535), help="Port; 0: any free one.")
def serve(*, directory: Path, host: str, port: int) -> None:
    """Answer submissions until stopped."""
    from providers.witness.serving import serve as run  # noqa: PLC0415  # spares the other commands the HTTP server

    asyncio.run(run(directory, host, port, click.echo))
