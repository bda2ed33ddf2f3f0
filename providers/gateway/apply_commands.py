"""``odr-gateway apply``: apply for membership, and run the self-test; ``notices``: what will soon end."""

import asyncio
from pathlib import Path

import click

from providers.gateway import keystore
from providers.gateway.asking import ask_hub, now
from providers.gateway.commands import dir_option, passphrase_option
from providers.gateway.home import load_home

__all__ = ["apply", "notices"]


@click.command()
@dir_option
@click.option("--withdraw", is_flag=True, help="Take the application back.")
@passphrase_option
def apply(*, directory: Path, withdraw: bool, passphrase_file: Path | None) -> int:
    """Apply for membership with what `init` made, and run the self-test; call it again to see how things stand."""
    from providers.gateway import applying  # noqa: PLC0415

    home = load_home(directory)
    keys = applying.member_keys(home, keystore.passphrase(passphrase_file))

    if withdraw:
        click.echo(applying.asked(asyncio.run(applying.withdrawn(home, keys, now))))
        return 0
    seen = asyncio.run(applying.applied(home, keys, now(), now))
    if seen.state in ("received", "testing"):
        seen = asyncio.run(applying.tested(home, keys, seen, now))
    for line in applying.outcome_lines(seen):
        click.echo(line)
    click.echo(applying.asked(seen))
    return 0 if seen.state in ("ready", "admitted") else 1


@click.command()
@dir_option
@passphrase_option
def notices(*, directory: Path, passphrase_file: Path | None) -> None:
    """Print what of yours will end within 90 days: accreditation, keys, the time to comment on enquiries."""
    from providers.gateway.notices import fetch_notices, notice_lines  # noqa: PLC0415

    click.echo("\n".join(notice_lines(ask_hub(directory, passphrase_file, fetch_notices))))
