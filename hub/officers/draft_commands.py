"""``odr-hub officer drafts`` and ``sign``: what waits on the desk for this officer, taking it back, and signing it.

``sign`` signs a draft file as well.
"""

from pathlib import Path

import click

from hub.errors import OfficerError
from providers.printable import printable

__all__ = ["drafts", "sign"]

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
STATES = ("invited", "open", "complete", "registered", "refused", "declined", "expired", "withdrawn")


@click.command()
@click.option("--hub", "url", required=True, help="The hub's address, http(s)://host[:port].")
@click.option("--key", type=EXISTING, required=True, help="Your http key file.")
@click.option("--state", type=click.Choice(STATES), help="Those in this state; else all that wait.")
@click.option(
    "--withdraw", "taken_back", metavar="ID", multiple=True, help="Take back a draft that you put there; repeatable."
)
@click.option("--passphrase-file", type=EXISTING, help="File whose first line is the passphrase; else it is asked for.")
def drafts(
    *, url: str, key: Path, state: str | None, taken_back: tuple[str, ...], passphrase_file: Path | None
) -> None:
    """List drafts on the hub's signing desk that wait for your signature, or that you put there; or take some back.

    Without --state: open ones, and complete ones that the hub does not register for now, with the reason.
    """
    from hub.officers.sharing import awaiting, officer_seat, withdrawn  # noqa: PLC0415
    from providers.gateway import keystore  # noqa: PLC0415
    from providers.gateway.sign_commands import standing, wait_reason  # noqa: PLC0415

    seat = officer_seat(url, key, keystore.passphrase(passphrase_file))
    for name in taken_back:
        click.echo(f"{name}  {standing(withdrawn(seat, name))}")
    if taken_back:
        return
    found = awaiting(seat, state)
    for one in found:
        waits = printable(", ".join(each.owner or each.role for each in one.missing) or "nobody")
        click.echo(printable(f"{one.id}  {one.kind} of {one.issuer}, until {one.expires_at}"))
        click.echo(f"  missing: {waits}" if one.waits is None else f"  {wait_reason(one.waits)}")
    if not found:
        click.echo(f"No draft is {state or 'open'}.")


@click.command()
@click.argument("draft")
@click.option(
    "--key", "keys", type=EXISTING, multiple=True, required=True, help="Your key file; repeat it to sign with several."
)
@click.option("--hub", "url", help="The hub's address, for a draft named by its id.")
@click.option("--http-key", type=EXISTING, help="Your http key file; the one beside your key if not given.")
@click.option("--policy", "pinned", type=EXISTING, help="Your verification-policy.txt; as for other commands.")
@click.option("--passphrase-file", type=EXISTING, help="File whose first line is the passphrase; else it is asked for.")
@click.option("--yes", is_flag=True, help="Sign without asking for confirmation.")
def sign(  # noqa: PLR0913 - one parameter per option
    *,
    draft: str,
    keys: tuple[Path, ...],
    url: str | None,
    http_key: Path | None,
    pinned: Path | None,
    passphrase_file: Path | None,
    yes: bool,
) -> None:
    """Show DRAFT, and sign it once you agree: a file, which is replaced, or an id on the hub's signing desk."""
    from hub.officers.commands import sign_file  # noqa: PLC0415
    from hub.officers.pinning import pinned_policy  # noqa: PLC0415
    from hub.officers.sharing import fetched, http_key_of, officer_seat, signed_on_desk  # noqa: PLC0415
    from providers.draftlinks import is_draft_id  # noqa: PLC0415
    from providers.gateway import desk, keystore  # noqa: PLC0415
    from providers.gateway.sign_commands import standing  # noqa: PLC0415
    from signing.keyfile import parse_keyfile  # noqa: PLC0415

    if not is_draft_id(draft):
        sign_file(Path(draft), keys, passphrase_file, yes=yes)
        return
    if url is None:
        raise OfficerError("hub_needed", "A draft named by its id is on a hub's desk; name the hub.", "--hub")
    trust, known_by = pinned_policy(pinned, keys), http_key_of(http_key, keys)
    secret = keystore.passphrase(passphrase_file)
    seat = officer_seat(url, known_by, secret)
    text = fetched(seat, draft, trust)
    kids = [parse_keyfile(one.read_bytes()).public.kid for one in keys]
    click.echo("\n".join(desk.describe(text, kids[0], None)))
    if not yes:
        click.confirm("\nSign this?", abort=True, err=True)
    view = signed_on_desk(seat, text, draft, keys, secret)
    click.echo(f"\nSigned with {', '.join(kids)}. {standing(view)}")
