"""``odr-hub rotate``: prepare, finish."""

import asyncio
from pathlib import Path

import click

from hub.log.recovery import DataLock

__all__ = ["rotate"]

_data = click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), required=True, help="The hub's data directory."
)


@click.group()
def rotate() -> None:
    """Let the network go on under another log: another name, another key, the same tree."""


@rotate.command()
@_data
@click.option("--origin", help="Name of the next log; the number at the end goes up by one if not given.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("rotation.json"),
    show_default=True,
    help="The file for the officers; it must not exist yet.",
)
def prepare(*, data: Path, origin: str | None, out: Path) -> None:
    """Make the next log's key, and the file from which the officers draft their policy."""
    from hub import maintenance, rotating  # noqa: PLC0415
    from hub.founding import write_new  # noqa: PLC0415
    from hub.settings import load_settings  # noqa: PLC0415

    async def run() -> rotating.Rotation:
        settings = load_settings(data)
        async with maintenance.opened(data, settings) as (database, _):
            return await rotating.prepare(database, data / settings.keys.directory, origin)

    found = asyncio.run(run())
    write_new(out, found.to_bytes())
    click.echo(
        f"{out} names the log {found.origin}, after {found.base['size']} entries of {found.base['origin']}.\n"
        f"Its key: {found.log_key}\n"
        f"Now every witness adds it (odr-gateway witness add-log), and the officers decide:\n"
        f"    odr-hub officer policy --hub URL --rotation {out} --out policy.draft"
    )


@rotate.command()
@_data
def finish(*, data: Path) -> None:
    """Go on under the log that the newest policy names; the hub must not be running."""
    from hub import maintenance, rotating  # noqa: PLC0415
    from hub.settings import load_settings  # noqa: PLC0415

    async def run() -> tuple[str, int]:
        settings = load_settings(data)
        with DataLock(data / "lock"):
            async with maintenance.opened(data, settings) as (database, _):
                head = await rotating.finish(database, data / settings.keys.directory)
                return head.origin, head.size

    origin, size = asyncio.run(run())
    click.echo(
        f"The log is {origin} now, with the same {size} entries. Start the hub.\n"
        f"The key of the log that ended lies in the directory of the keys as ended-….pem: destroy it."
    )
