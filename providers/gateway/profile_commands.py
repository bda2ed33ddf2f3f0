"""``odr-gateway profile``: changes of what a member shows."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from providers.gateway import keystore
from providers.gateway.asking import now
from providers.gateway.commands import EXISTING, NEW, dir_option, officer_option, waiting_for
from providers.gateway.home import load_home, read_json
from providers.printable import printable
from signing.encoding import JSON, canonical

__all__ = ["profile"]


@click.group()
def profile() -> None:
    """Change the member's public profile."""


@profile.command()
@click.argument("file", type=EXISTING)
@dir_option
@click.option("--output", type=NEW, help="New draft file; by default DIR/profile.draft.json.")
@officer_option
def update(*, file: Path, directory: Path, output: Path | None, officers: tuple[str, ...]) -> None:
    """Draft an update: FILE holds the whole new profile. You and an officer sign it."""
    from providers.gateway.admissions import officer_names  # noqa: PLC0415
    from providers.gateway.updates import update_draft  # noqa: PLC0415

    home = load_home(directory)
    network, before, draft = asyncio.run(update_draft(home, read_json(file), officers, now()))
    path = output or directory / "profile.draft.json"
    keystore.write_new(path, draft.to_bytes())
    changes = list(changed(before, draft.payload["body"]["profile"]))
    click.echo("\n".join(changes or ["Nothing in the profile changes."]))
    click.echo(f"Drafted the update of {home.actor}: {path}.")
    click.echo(waiting_for(draft, officer_names(network.policy), home))
    click.echo(f"First: odr-gateway sign {path} --key {home.key_file('statement')}; then send it to the officer.")


def changed(before: Mapping[str, JSON], after: Mapping[str, JSON]) -> Iterator[str]:
    """One line for each member of the profile that is new, gone or different."""
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old != new:
            yield f"  {name}: {_text(old)} -> {_text(new)}"


def _text(value: JSON) -> str:
    return "none" if value is None else printable(canonical(value).decode("utf-8"))
