"""``odr-gateway key``: see, add, retire, revoke and confirm the member's keys."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from providers.errors import HubRefusedError
from providers.gateway import desk, keystore
from providers.gateway.asking import now
from providers.gateway.commands import dir_option, passphrase_option, witnesses_line, yes_option
from providers.gateway.home import Home, load_home
from providers.kidargument import TakesKid
from signing.drafts import Draft
from signing.encoding import JSON

if TYPE_CHECKING:
    from providers.gateway.posting import Posted

__all__ = ["key"]

PURPOSES = ("statement", "http", "monitor", "inbox")
REASONS = ("compromised", "lost", "superseded", "left")
wait_option = click.option("--wait", type=click.IntRange(0, 600), default=30, help="Seconds to wait for the witnesses.")
unwitnessed_option = click.option(
    "--accept-unwitnessed", is_flag=True, help="In a network without witnesses, be content with a proof."
)


@click.group()
def key() -> None:
    """See and change the member's keys."""


@key.command("list")
@dir_option
def list_keys(*, directory: Path) -> None:
    """Print every key that the member ever had, and what became of it."""
    from providers.gateway.keychanges import key_lines, member_state  # noqa: PLC0415

    home = load_home(directory)
    for line in key_lines(asyncio.run(member_state(home)), home, now()):
        click.echo(line)


@key.command()
@dir_option
@click.option("--purpose", type=click.Choice(PURPOSES), required=True, help="What the new key is for.")
@passphrase_option
@yes_option
@wait_option
@unwitnessed_option
def add(  # noqa: PLR0913 - one parameter per option
    *, directory: Path, purpose: str, passphrase_file: Path | None, yes: bool, wait: int, accept_unwitnessed: bool
) -> None:
    """Make a new key, register it, and take it into use; the one before goes on until you retire it."""
    from providers.gateway import keychanges  # noqa: PLC0415
    from signing.secretkeys import SigningKey  # noqa: PLC0415

    home, secret = load_home(directory), keystore.passphrase(passphrase_file)
    standing = asyncio.run(keychanges.member_state(home))
    made = keychanges.new_key(home, purpose, secret)
    draft = keychanges.add_draft(home, standing, purpose, made, now())
    _show(draft, home, yes=yes)
    signed = desk.sign_draft(draft, keystore.open_signing_key(home.key_file("statement"), secret), now())
    if isinstance(made, SigningKey):
        signed = desk.sign_draft(signed, made, now())
    try:
        _post(home, signed, wait, accept_unwitnessed=accept_unwitnessed)
    except HubRefusedError as error:
        if not keychanges.is_known(error):
            raise
        click.echo("The key is registered already.")
    old = home.public_key(purpose).kid
    before = keychanges.adopt(home, purpose)
    click.echo(f"The {purpose} key in use is now {made.kid}, in {home.key_file(purpose)}.")
    click.echo(f"The one before is kept in {before}. `odr-gateway serve` takes the new one at its next start.")
    click.echo(f"Once nobody uses it any more: odr-gateway key retire {old} --dir {directory}")


@key.command(cls=TakesKid)
@click.argument("kid")
@dir_option
@passphrase_option
@yes_option
@wait_option
@unwitnessed_option
def retire(*, kid: str, directory: Path, **options: object) -> None:
    """Let the key KID end: it is good for 30 days more."""
    from providers.gateway import keychanges  # noqa: PLC0415

    _change(directory, kid, {"action": "retire"}, options)
    click.echo(f"The key is good until {keychanges.overlap_end(now())}.")


@key.command(cls=TakesKid)
@click.argument("kid")
@click.option("--reason", type=click.Choice(REASONS), required=True)
@dir_option
@passphrase_option
@yes_option
@wait_option
@unwitnessed_option
def revoke(*, kid: str, reason: str, directory: Path, **options: object) -> None:
    """End the key KID at once, from now on. That it was unsafe earlier only the officers say."""
    _change(directory, kid, {"action": "revoke", "reason": reason}, options)
    click.echo("The key is revoked. If somebody else may have used it before, tell an officer from when on.")


@key.command(cls=TakesKid)
@click.argument("kid")
@dir_option
@passphrase_option
@yes_option
@wait_option
@unwitnessed_option
def confirm(*, kid: str, directory: Path, **options: object) -> None:
    """Say that the suspended key KID is yours although it came in through a key that was revoked."""
    _change(directory, kid, {"action": "confirm"}, options)


@key.command(cls=TakesKid)
@click.argument("kid")
@dir_option
@passphrase_option
@click.option("--from", "since", type=click.IntRange(0), help="Log size from which the key is in doubt.")
def affected(*, kid: str, directory: Path, passphrase_file: Path | None, since: int | None) -> None:
    """List the awards in doubt, or that would be, because of the key KID and those that came in through it."""
    from providers.gateway.affected import affected_lines, fetch_affected  # noqa: PLC0415
    from providers.gateway.keychanges import member_state  # noqa: PLC0415

    home = load_home(directory)
    whole = asyncio.run(member_state(home)).record(kid).kid
    own = keystore.open_signing_key(home.key_file("http"), keystore.passphrase(passphrase_file))
    click.echo("\n".join(affected_lines(asyncio.run(fetch_affected(home.hub, own, whole, since, now)))))


def _change(directory: Path, kid: str, body: Mapping[str, JSON], options: Mapping[str, object]) -> None:
    from providers.gateway import keychanges  # noqa: PLC0415

    home = load_home(directory)
    standing = asyncio.run(keychanges.member_state(home))
    named = {**body, "kid": standing.record(kid).kid}
    kept = keychanges.kept_change(home, named)
    if kept.exists():
        click.echo(f"This was signed before; it is in {kept}.\n")
        _show(signed := desk.read_draft(kept), home, yes=True)
    else:
        signed = _signed(keychanges.change_draft(home, standing, named, now()), home, options)
        keystore.write_new(kept, signed.to_bytes())
    _post_kept(home, kept, signed, options)


def _signed(draft: Draft, home: Home, options: Mapping[str, object]) -> Draft:
    _show(draft, home, yes=options["yes"] is True)
    file = options["passphrase_file"]
    secret = keystore.passphrase(file if isinstance(file, Path) else None)
    return desk.sign_draft(draft, keystore.open_signing_key(home.key_file("statement"), secret), now())


def _post_kept(home: Home, kept: Path, draft: Draft, options: Mapping[str, object]) -> None:
    """Post a change whose draft is kept until its receipt has verified, or until it is refused for good.

    Witnesses may be late and answers may be lost when the change is in the log already; it can't be stated again.
    """
    from providers.gateway.online import post_kept  # noqa: PLC0415

    wait, accept = options["wait"], options["accept_unwitnessed"] is True
    seconds = wait if isinstance(wait, int) else 0
    _tell(asyncio.run(post_kept(home, draft, kept, seconds, accept_unwitnessed=accept)))
    kept.unlink()


def _show(draft: Draft, home: Home, *, yes: bool) -> None:
    click.echo("\n".join(desk.describe(draft, home.public_key("statement").kid, None)))
    if not yes:
        click.confirm("\nSign this?", abort=True)


def _post(home: Home, draft: Draft, wait: int, *, accept_unwitnessed: bool) -> None:
    from providers.gateway.online import post_draft  # noqa: PLC0415

    _tell(asyncio.run(post_draft(home, draft, wait, accept_unwitnessed=accept_unwitnessed)))


def _tell(posted: "Posted") -> None:
    standing = posted.standing
    click.echo(f"\nRegistered at log index {standing.index}; verified here: {witnesses_line(standing.witnesses)}")
