"""``odr-hub officer feedback``: counts of the feedback on a provider, exactly."""

import asyncio
import time
from pathlib import Path
from urllib.parse import quote

import click

from signing.encoding import JSON
from signing.secretkeys import SigningKey

__all__ = ["COMMANDS"]

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("provider")
@click.option("--hub", "url", required=True, help="The hub's address, http(s)://host[:port].")
@click.option("--key", type=EXISTING, required=True, help="Your http key file.")
@click.option("--passphrase-file", type=EXISTING, help="File whose first line is the passphrase; else it is asked for.")
def feedback(*, provider: str, url: str, key: Path, passphrase_file: Path | None) -> None:
    """Print how many parties of PROVIDER were asked and answered, and their scores."""
    from providers.feedback import standing_lines  # noqa: PLC0415
    from providers.gateway.keystore import open_signing_key, passphrase  # noqa: PLC0415

    secret = open_signing_key(key, passphrase(passphrase_file))
    for line in standing_lines(asyncio.run(_fetched(url, secret, provider))):
        click.echo(line)


async def _fetched(url: str, key: SigningKey, provider: str) -> dict[str, JSON]:
    from providers.client import connect, http_signer  # noqa: PLC0415

    async with connect(url, sign=http_signer(key, lambda: int(time.time()))) as hub:
        return await hub.exchange("GET", f"/v1/feedback/providers/{quote(provider, safe='')}")


COMMANDS = (feedback,)
