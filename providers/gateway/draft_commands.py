"""``odr-gateway draft``: what waits on the hub's signing desk: list, show, fetch, withdraw."""

from collections.abc import Mapping
from pathlib import Path

import click

from providers.draftlinks import DraftLink
from providers.errors import GatewayError
from providers.gateway import desk, keystore
from providers.gateway.commands import NEW, dir_option, passphrase_option, refuse_existing
from providers.gateway.home import Home, load_home
from providers.gateway.owndrafts import INVITED, find_own, require_own
from providers.gateway.seat import Seat
from providers.gateway.sign_commands import standing, wait_reason
from providers.printable import printable

__all__ = ["draft", "member_seat", "print_links"]

STATES = ("invited", "open", "complete", "registered", "refused", "declined", "expired", "withdrawn")


@click.group()
def draft() -> None:
    """Follow drafts that wait for signatures on the hub."""


@draft.command("list")
@dir_option
@click.option("--state", type=click.Choice(STATES), help="Those in this state; else all that wait.")
@passphrase_option
def list_drafts(*, directory: Path, state: str | None, passphrase_file: Path | None) -> None:
    """List drafts that you posted, or that wait for your signature.

    Without --state: open ones, and complete ones that the hub does not register for now, with the reason.
    """
    home = load_home(directory)
    found = member_seat(home, passphrase_file).ask(
        lambda drafts: drafts.waiting() if state is None else drafts.list(state)
    )
    for one in found:
        waits = ", ".join(each.owner or each.role for each in one.missing) or "nobody"
        click.echo(printable(f"{one.id}  {one.kind} of {one.issuer}, until {one.expires_at}; missing: {waits}"))
        if one.waits is not None:
            click.echo(f"  {wait_reason(one.waits)}")
    if not found:
        click.echo(f"No draft is {state or 'open'}.")


@draft.command()
@dir_option
@click.argument("name", metavar="ID")
@passphrase_option
def show(*, directory: Path, name: str, passphrase_file: Path | None) -> None:
    """Show what a draft says, who has signed, and the links of those who have not."""
    home = load_home(directory)
    view = member_seat(home, passphrase_file).ask(lambda drafts: drafts.get(name))
    own = find_own(home, name)
    if view.draft is not None:
        text = view.draft if own is None else require_own(own, view)
        click.echo("\n".join(desk.describe(desk.checked_draft(text), "", None)) + "\n")
    click.echo(standing(view))
    if own is not None and view.state in ("open", "invited"):
        print_links(home, name, own.links, {one.kid or INVITED: one.owner for one in view.listed.missing})


@draft.command()
@dir_option
@click.argument("name", metavar="ID")
@click.option("--output", type=NEW, required=True, help="New draft file.")
@passphrase_option
def fetch(*, directory: Path, name: str, output: Path, passphrase_file: Path | None) -> None:
    """Write a draft with the signatures so far to a file, if it is the one that was posted."""
    refuse_existing(output)
    home = load_home(directory)
    view = member_seat(home, passphrase_file).ask(lambda drafts: drafts.get(name))
    if view.draft is None:
        raise GatewayError("draft_without_text", f"The hub shows no text of this draft. {standing(view)}", name)
    own = find_own(home, name)
    found = desk.checked_draft(view.draft if own is None else require_own(own, view))
    keystore.write_new(output, found.to_bytes())
    click.echo(f"Wrote {output}. {standing(view)}")


@draft.command()
@dir_option
@click.argument("name", metavar="ID")
@passphrase_option
def withdraw(*, directory: Path, name: str, passphrase_file: Path | None) -> None:
    """Take a draft back that you posted."""
    view = member_seat(load_home(directory), passphrase_file).ask(lambda drafts: drafts.withdraw(name))
    click.echo(standing(view))


def member_seat(home: Home, passphrase_file: Path | None) -> Seat:
    """The member's own seat; asks for the passphrase of its http key."""
    secret = keystore.passphrase(passphrase_file)
    return Seat(home.hub, http=keystore.open_signing_key(home.key_file("http"), secret))


def print_links(home: Home, name: str, links: Mapping[str, str], missing: Mapping[str, str | None]) -> None:
    """Print the link of each signer who is missing, with kid and owner as the hub tells; each names the network."""
    network = home.trust().network
    for kid, secret in links.items():
        if kid in missing:
            who = "who is invited" if kid == INVITED else f"{printable(missing[kid] or 'the owner')} with key {kid}"
            click.echo(f"Link for {who}; hand it to nobody else:")
            click.echo(f"  {DraftLink(home.hub, name, secret, network).text()}")
