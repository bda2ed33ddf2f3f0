"""``odr-hub officer console``: an address that opens the officers' console once."""

import asyncio
import time
from pathlib import Path

import click

from hub.officers.commands import EXISTING, hub_option, passphrase_option

__all__ = ["console"]


@click.command()
@hub_option
@click.option("--key", type=EXISTING, required=True, help="Your http key file.")
@passphrase_option
def console(*, url: str, key: Path, passphrase_file: Path | None) -> None:
    """Print an address that opens the officers' console in your browser, once, within a minute."""
    from hub.officers.entering import console_link  # noqa: PLC0415
    from providers.gateway.keystore import open_signing_key, passphrase  # noqa: PLC0415

    secret = open_signing_key(key, passphrase(passphrase_file))
    click.echo(asyncio.run(console_link(url, secret, lambda: int(time.time()))))
