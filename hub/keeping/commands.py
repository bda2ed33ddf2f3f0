"""``odr-hub export``: the commands by which an operator keeps the log. Each imports its work when it is called."""

import asyncio
import json
from pathlib import Path

import click

__all__ = ["COMMANDS", "export"]

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


COMMANDS = (export,)
"""What ``odr-hub`` offers of this package."""
