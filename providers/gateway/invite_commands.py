"""``odr-gateway neutral invite``: asks somebody who has no key yet to make one and to sign their entry."""

import asyncio
from pathlib import Path

import click

from providers.draftlinks import new_secret
from providers.gateway import desk
from providers.gateway.admissions import officer_kids
from providers.gateway.asking import now
from providers.gateway.commands import EXISTING, dir_option, neutral, officer_option, passphrase_option
from providers.gateway.draft_commands import member_seat, print_links
from providers.gateway.home import load_home, read_json
from providers.gateway.online import fetch_network
from providers.gateway.owndrafts import INVITED, keep_own, named
from providers.invitations import Invitation
from signing.drafts import Draft
from signing.secretkeys import SigningKey

__all__ = ["neutral"]


@neutral.command("invite")
@dir_option
@click.option("--id", "actor", required=True, help="Actor id that the neutral asks for.")
@click.option("--profile", type=EXISTING, required=True, help="JSON file with key_custody and profile.")
@click.option("--annex", type=EXISTING, help="JSON file with the restricted annex, in canonical form.")
@officer_option
@passphrase_option
def invite(  # noqa: PLR0913 - one parameter per option
    *,
    directory: Path,
    actor: str,
    profile: Path,
    annex: Path | None,
    officers: tuple[str, ...],
    passphrase_file: Path | None,
) -> None:
    """Invite a neutral: they make a key themselves and sign; you and an officer sign afterwards."""
    home, entry = load_home(directory), read_json(profile)
    network = asyncio.run(fetch_network(home.hub, home.trust()))
    others = [(home.public_key("statement").kid, "provider")]
    others += [(kid, "officer") for kid in officer_kids(network.policy, officers)]
    body = {"status": "active", **entry, "nominated_by": home.actor}
    octets = None if annex is None else annex.read_bytes()
    invitation = Invitation("neutral", actor, network.id, body, tuple(others), octets)
    probe = SigningKey.generate().public  # shows at once what the schema has against the entry
    desk.checked_draft(Draft(invitation.payload(probe, now()), annex=octets))
    seat = member_seat(home, passphrase_file)
    own = keep_own(home, invitation, {INVITED: new_secret()})
    name = seat.ask(lambda drafts: drafts.post(invitation, {None: own.links[INVITED]}))
    named(home, own, name)
    click.echo(f"The invitation of {actor} waits on the hub as {name}.")
    print_links(home, name, dict(own.links), {INVITED: None})
    click.echo(f"Once they have signed: odr-gateway sign {name} --dir {directory}")
