"""``odr-gateway sign``: shows what a draft says, and signs it: a file, a draft on a hub, or what a link leads to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from providers.draftlinks import DraftLink, is_draft_id
from providers.drafts import Awaited, DraftView
from providers.errors import GatewayError, UntrustedAnswerError
from providers.gateway import desk, keystore
from providers.gateway.asking import now
from providers.gateway.commands import DIRECTORY, EXISTING, passphrase_option, sign_file, yes_option
from providers.gateway.home import load_home
from providers.gateway.owndrafts import find_own, require_own
from providers.gateway.seat import Seat
from providers.invitations import Invitation
from providers.printable import printable
from signing.drafts import Draft
from signing.encoding import JSON
from signing.keyfile import parse_keyfile
from signing.secretkeys import SigningKey

__all__ = ["sign", "sign_on_desk", "standing", "wait_reason"]

OPEN, INVITED = "open", "invited"


@click.command()
@click.argument("draft")
@click.option(
    "--key", type=click.Path(dir_okay=False, path_type=Path), help="Your key file; for an invitation, a new one."
)
@click.option("--dir", "directory", type=DIRECTORY, help="Your gateway's directory, for a draft named by its id.")
@click.option("--document", type=EXISTING, help="The document, as you have it; needed for an award.")
@click.option("--decline", metavar="REASON", help="Don't sign, and tell the others why; needs a link or an id.")
@passphrase_option
@yes_option
def sign(  # noqa: PLR0913 - one parameter per option
    *,
    draft: str,
    key: Path | None,
    directory: Path | None,
    document: Path | None,
    decline: str | None,
    passphrase_file: Path | None,
    yes: bool,
) -> None:
    """Show in plain words what DRAFT says, and sign it. DRAFT is a file, a link, or an id on your hub's desk."""
    asked = _Asked(key, document, decline, passphrase_file, yes)
    if "#" in draft and not Path(draft).exists():
        link = DraftLink.parse(draft)
        _at_desk(Seat.of_link(link), link.draft, replace(asked, link=link))
    elif is_draft_id(draft):
        _as_member(draft, directory, asked)
    elif decline is not None:
        raise GatewayError("nobody_to_tell", "A file is declined by not signing it; name a link or an id.", "--decline")
    else:
        sign_file(Path(draft), _needed(key), document, passphrase_file, yes=yes)


def sign_on_desk(seat: Seat, draft: Draft, name: str, key: SigningKey) -> DraftView:
    """Sign a draft that was shown, and hand the signature in.

    Raises:
        GatewayError: ``not_a_signer`` or ``already_signed``.
        UntrustedAnswerError: ``signature_not_taken``, the hub does not show it afterwards.
    """
    signed = desk.sign_draft(draft, key, now())
    view = seat.ask(lambda drafts: drafts.sign(name, signed.signatures[-1]))
    return _taken(view, key)


def standing(view: DraftView) -> str:
    """One sentence on how a draft stands, as the hub tells; fit for a terminal."""
    return printable(_standing(view))


def _standing(view: DraftView) -> str:
    if view.state == "registered" and view.result is not None:
        return f"Registered at log index {view.result.get('index')}, as the hub tells; a bundle or a receipt proves it."
    if view.state == "refused" and view.result is not None:
        problem = view.result.get("problem", {})
        return f"The hub refused to register it: {problem.get('detail')} [{problem.get('code')}]"
    if view.state == "declined" and view.declined is not None:
        return f"Declined: {view.declined.get('reason')}"
    if view.state == "complete" and view.listed.waits is not None:
        until = view.listed.expires_at
        return f"Everybody has signed. {wait_reason(view.listed.waits)}; the hub tries again by itself until {until}."
    if view.state == "complete":
        return "Everybody has signed; the hub registers it as soon as it can."
    return (
        f"Still to sign: {', '.join(_who(one) for one in view.listed.missing)}."
        if view.state == OPEN
        else f"It is {view.state}."
    )


def wait_reason(problem: Mapping[str, JSON]) -> str:
    """Why a draft that everybody has signed is not registered yet, as the hub tells, and who can mend it."""
    detail, code, actor = (printable(problem.get(name)) for name in ("detail", "code", "actor"))
    return f"Waits: {detail} [{code}; to act: {actor}]"


def _who(one: Awaited) -> str:
    name = one.role if one.owner is None else f"{one.owner} ({one.role})"
    return f"{name} with key {one.kid}" if one.kid is not None else f"{name}, who is invited"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the command was given, apart from an id; ``secret`` once a passphrase was typed already."""

    key: Path | None
    document: Path | None
    decline: str | None
    passphrase_file: Path | None
    yes: bool
    secret: str | None = field(default=None, repr=False)
    link: DraftLink | None = None

    def require_network(self, network: object) -> None:
        if self.link is not None:
            self.link.require(network)

    def passphrase(self, *, new: bool = False) -> str:
        return keystore.passphrase(self.passphrase_file, new=new) if self.secret is None else self.secret


def _as_member(name: str, directory: Path | None, asked: _Asked) -> None:
    """A draft on the hub of one's own gateway: it must be what was posted, and of the network that is trusted."""
    if directory is None:
        raise GatewayError("no_gateway", "A draft named by its id needs your gateway's directory.", "--dir")
    home, secret = load_home(directory), asked.passphrase()

    def check(view: DraftView, draft: Draft) -> None:
        if (own := find_own(home, name)) is not None:
            require_own(own, view)
        if draft.payload.get("network") != home.trust().network:
            raise GatewayError("wrong_network", "The draft belongs to another network than the one you trust.", name)

    seat = Seat(home.hub, http=keystore.open_signing_key(home.key_file("http"), secret))
    path = asked.key or home.key_file("statement")
    _at_desk(seat, name, replace(asked, key=path, secret=secret), check)


def _at_desk(seat: Seat, name: str, asked: _Asked, check: Callable[[DraftView, Draft], None] | None = None) -> None:
    """Decline a draft, accept an invitation by its link, or show a draft and sign it once ``check`` has passed."""
    view = seat.ask(lambda drafts: drafts.get(name))
    if asked.decline is not None:
        _decline(seat, view, asked.decline, yes=asked.yes)
        return
    path = _needed(asked.key)
    if view.state == INVITED and seat.secret is not None:
        _accept(seat, view, path, asked)
        return
    draft = _open(view)
    asked.require_network(draft.payload.get("network"))
    if check is not None:
        check(view, draft)
    _show(draft, path, asked.document, yes=asked.yes)
    _say(sign_on_desk(seat, draft, name, keystore.open_signing_key(path, asked.passphrase())), path)


def _accept(seat: Seat, view: DraftView, path: Path, asked: _Asked) -> None:
    """Make a key, add it to what the invitation says, and sign that; a key that is there already is used again."""
    told = view.invitation or {}
    asked.require_network(told.get("network"))
    invitation = Invitation.from_json(told, str(told.get("network")))
    secret = asked.passphrase(new=not path.exists())
    key = keystore.open_signing_key(path, secret) if path.exists() else SigningKey.generate()
    draft = desk.checked_draft(Draft(invitation.payload(key.public, now()), annex=invitation.annex))
    _ask(draft, key.kid, None, yes=asked.yes)
    if not path.exists():
        keystore.save_keys({path: key}, secret)  # before anybody hears of it: whoever has signed can sign again
        click.echo(f"Made the key {key.kid}: {path}. Keep this file and its passphrase; give them to nobody.")
    completed = desk.sign_draft(draft, key, now())
    _say(_taken(seat.ask(lambda drafts: drafts.complete(view.listed.id, completed)), key), path)


def _open(view: DraftView) -> Draft:
    if view.state != OPEN or view.draft is None:
        raise GatewayError("draft_not_open", f"Nothing is to be signed here. {standing(view)}", view.listed.id)
    return desk.checked_draft(view.draft)


def _show(draft: Draft, path: Path, document: Path | None, *, yes: bool) -> None:
    facts = desk.measure(document) if document is not None else None
    desk.check_document(draft.payload, facts)
    try:
        kid = parse_keyfile(path.read_bytes()).public.kid
    except OSError as error:
        raise GatewayError(
            "key_file_unreadable", f"The key file can't be read: {error.strerror}.", str(path)
        ) from error
    _ask(draft, kid, facts, yes=yes)


def _ask(draft: Draft, kid: str, facts: desk.DocumentFacts | None, *, yes: bool) -> None:
    for line in desk.describe(draft, kid, facts):
        click.echo(line)
    click.echo()
    if not yes:
        click.confirm("Sign this?", abort=True)


def _decline(seat: Seat, view: DraftView, reason: str, *, yes: bool) -> None:
    if not yes:
        click.confirm("Decline to sign this, and end the draft?", abort=True)
    ended = seat.ask(lambda drafts: drafts.decline(view.listed.id, view.you, reason))
    click.echo(standing(ended))


def _taken(view: DraftView, key: SigningKey) -> DraftView:
    if key.kid not in {one.kid for one in view.signed}:
        message = "The hub took the signature, but does not show it. Ask its operator; signing again is safe."
        raise UntrustedAnswerError("signature_not_taken", message, key.kid, actor="hub", retryable=True)
    return view


def _say(view: DraftView, path: Path) -> None:
    click.echo(f"Signed with the key in {path}. {standing(view)}")


def _needed(key: Path | None) -> Path:
    if key is None:
        raise GatewayError(
            "key_needed", "Name your key file; for an invitation, a new one that is to be made.", "--key"
        )
    return key
