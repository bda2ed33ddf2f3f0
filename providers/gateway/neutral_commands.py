"""``odr-gateway neutral``: nominate neutrals; and for a neutral itself, ``http-key`` and ``held``."""

import asyncio
import json
from pathlib import Path

import click

from providers.errors import HubRefusedError
from providers.gateway import desk, keystore
from providers.gateway.asking import now
from providers.gateway.commands import EXISTING, NEW, passphrase_option, witnesses_line, yes_option
from providers.gateway.home import read_policy
from providers.gateway.invite_commands import neutral
from signing.secretkeys import SigningKey

__all__ = ["neutral"]

FILE = click.Path(dir_okay=False, path_type=Path)
hub_option = click.option("--hub", "url", required=True, help="The hub's address, http(s)://host[:port].")
policy_option = click.option(
    "--policy", type=EXISTING, required=True, help="verification-policy.txt, from outside the hub."
)
id_option = click.option("--id", "actor", required=True, help="Your id in the register of neutrals.")


@neutral.command("http-key")
@id_option
@hub_option
@policy_option
@click.option("--key", "key_path", type=EXISTING, required=True, help="Your key file, which signs your statements.")
@click.option(
    "--out", type=FILE, required=True,
    help="New key file, such as ann.http.key.json; a key that is there already is the one to be registered.",
)  # fmt: skip
@passphrase_option
@yes_option
@click.option("--wait", type=click.IntRange(0, 600), default=30, help="Seconds to wait for the witnesses.")
@click.option("--accept-unwitnessed", is_flag=True, help="In a network without witnesses, be content with a proof.")
def http_key(  # noqa: PLR0913 - one parameter per option
    *,
    actor: str,
    url: str,
    policy: Path,
    key_path: Path,
    out: Path,
    passphrase_file: Path | None,
    yes: bool,
    wait: int,
    accept_unwitnessed: bool,
) -> None:
    """As a neutral: make a second key with which you read what is held about you, and register it.

    It signs requests only, never statements. The new file has the same passphrase as the first.
    """
    from providers.gateway.keychanges import is_known  # noqa: PLC0415
    from providers.gateway.ownneutral import http_key_draft, is_registered, post_own  # noqa: PLC0415

    trust, secret = read_policy(policy), keystore.passphrase(passphrase_file)
    own = keystore.open_signing_key(key_path, secret)
    if out.exists():
        made = keystore.open_signing_key(out, secret)
    else:
        made = SigningKey.generate()
        keystore.save_keys({out: made}, secret)  # on disk before anything tells of it
    draft = asyncio.run(http_key_draft(url, trust, actor, own.kid, made, now()))
    click.echo("\n".join(desk.describe(draft, own.kid, None)))
    if not yes:
        click.confirm("\nSign this?", abort=True)
    signed = desk.sign_draft(desk.sign_draft(draft, own, now()), made, now())
    try:
        posted = asyncio.run(post_own(url, trust, signed, wait, accept_unwitnessed=accept_unwitnessed))
    except HubRefusedError as error:
        if not is_known(error) or not asyncio.run(is_registered(url, actor, made)):
            raise
        click.echo("\nThe key is registered already.")
    else:
        where = f"log index {posted.standing.index}; verified here: {witnesses_line(posted.standing.witnesses)}"
        click.echo(f"\nRegistered at {where}")
    click.echo(f"The key {made.kid} in {out} signs your requests.")
    click.echo(f"Next: odr-gateway neutral held --id {actor} --hub {url} --policy {policy} --key {out}")


@neutral.command()
@id_option
@hub_option
@policy_option
@click.option("--key", "key_path", type=EXISTING, required=True, help="Your http key file, as `http-key` made it.")
@passphrase_option
@click.option("--output", type=NEW, help="New file for all of it, as JSON.")
def held(  # noqa: PLR0913 - one parameter per option
    *, actor: str, url: str, policy: Path, key_path: Path, passphrase_file: Path | None, output: Path | None
) -> None:
    """As a neutral: read everything that the hub holds about you; each statement is proven to be in the log."""
    from providers.gateway.ownneutral import fetch_held, held_lines  # noqa: PLC0415

    key = keystore.open_signing_key(key_path, keystore.passphrase(passphrase_file))
    found = asyncio.run(fetch_held(url, read_policy(policy), actor, key, now))
    click.echo("\n".join(held_lines(found)))
    if output is not None:
        keystore.write_new(output, json.dumps(found.answer, indent=2, ensure_ascii=False).encode() + b"\n")
        click.echo(f"All of it: {output}")
