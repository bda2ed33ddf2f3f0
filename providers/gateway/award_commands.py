"""``odr-gateway award``: from a finished PDF to a bundle that a court verifies offline."""

import asyncio
from dataclasses import replace
from pathlib import Path

import click

from providers.errors import GatewayError
from providers.gateway import awards, desk
from providers.gateway.asking import now
from providers.gateway.commands import (
    EXISTING,
    NEW,
    dir_option,
    passphrase_option,
    refuse_existing,
    sign_file,
    waiting_for,
    witnesses_line,
    yes_option,
)
from providers.gateway.home import Home, load_home, read_json
from providers.gateway.keystore import write_new
from providers.printable import printable
from signing.drafts import Draft

__all__ = ["award"]

REASONS = ("key_safe", "signed_by_owner", "key_compromised", "not_signed_by_owner")


@click.group()
def award() -> None:
    """Draft, sign, register and bundle awards."""


@award.command("id")
@dir_option
def new_id(*, directory: Path) -> None:
    """Print a new award id, to be printed on the document before it is finished."""
    click.echo(awards.new_award_id(load_home(directory), now()))


@award.command()
@dir_option
@click.option("--document", type=EXISTING, required=True, help="The finished PDF.")
@click.option("--case", "case_id", required=True, help="Id of the case, urn:odr:<member>:<uuid7>.")
@click.option("--neutral", "neutrals", multiple=True, required=True, help="Actor id of each neutral who signs.")
@click.option("--details", type=EXISTING, required=True, help="JSON file: type, date, seat, procedure and so on.")
@click.option("--award-id", help="Id printed on the document, from `award id`; a new one by default.")
@click.option("--output", type=NEW, help="New draft file; by default beside the document.")
def prepare(  # noqa: PLR0913 - one parameter per option
    *,
    directory: Path,
    document: Path,
    case_id: str,
    neutrals: tuple[str, ...],
    details: Path,
    award_id: str | None,
    output: Path | None,
) -> None:
    """Draft the registration of a finished award."""
    from providers.gateway.online import award_signers  # noqa: PLC0415

    path = output or document.with_suffix(".draft.json")
    refuse_existing(path)
    home, facts, stated = load_home(directory), desk.measure(document), read_json(details)
    network, signers = asyncio.run(award_signers(home, neutrals))
    made = now()
    chosen = award_id or awards.new_award_id(home, made)
    draft = awards.award_draft(
        home, network, facts, stated, award_id=chosen, case_id=case_id, signers=signers, now=made
    )
    write_new(path, draft.to_bytes())
    click.echo(f"Drafted the award {chosen} over {facts.name} (SHA-256 {facts.sha256}): {path}.")
    names = dict(zip((kid for kid, role in signers if role == "neutral"), dict.fromkeys(neutrals), strict=True))
    click.echo(waiting_for(draft, names, home))


@award.command()
@dir_option
@click.argument("draft", type=EXISTING)
@click.option("--document", type=EXISTING, required=True, help="The finished PDF, as you have it.")
@passphrase_option
@yes_option
def sign(*, directory: Path, draft: Path, document: Path, passphrase_file: Path | None, yes: bool) -> None:
    """Show what DRAFT says, and sign it for the provider."""
    sign_file(draft, load_home(directory).key_file("statement"), document, passphrase_file, yes=yes)


@award.command()
@dir_option
@click.argument("draft", type=EXISTING)
@click.option("--expires-at", help="When the draft is to end, like 2026-01-31T00:00:00Z; in 14 days by default.")
@passphrase_option
def send(*, directory: Path, draft: Path, expires_at: str | None, passphrase_file: Path | None) -> None:
    """Put DRAFT on the hub's signing desk, and print one link for each signer who is missing.

    Sent again it keeps its id and links, and hands in the signatures that DRAFT has by now.
    """
    from providers.draftlinks import new_secret  # noqa: PLC0415
    from providers.gateway.draft_commands import member_seat, print_links  # noqa: PLC0415
    from providers.gateway.made import remember_posted  # noqa: PLC0415
    from providers.gateway.owndrafts import keep_own, named  # noqa: PLC0415
    from providers.gateway.sign_commands import standing  # noqa: PLC0415

    home, text = load_home(directory), desk.read_draft(draft)
    mine = home.public_key("statement").kid
    seat = member_seat(home, passphrase_file)
    own = keep_own(home, text, {kid: new_secret() for kid in text.missing() if kid != mine})
    remember_posted(home, text.digest)  # the hub registers it in this member's name when everybody has signed
    links: dict[str | None, str] = {kid: secret for kid, secret in own.links.items()}  # noqa: C416  # wider keys
    name = seat.ask(lambda drafts: drafts.post(text, links, expires_at=expires_at))
    own = named(home, own, name)
    view = seat.ask(lambda drafts: drafts.get(name))
    if view.state != "open":
        click.echo(f"The hub has the draft as {name}. {standing(view)}")
        return
    click.echo(f"The draft waits on the hub as {name}, until {printable(view.listed.expires_at)}.")
    print_links(home, name, dict(own.links), {one.kid or "": one.owner for one in view.listed.missing})
    if mine in {one.kid for one in view.listed.missing}:
        click.echo(f"You sign it with: odr-gateway sign {name} --dir {directory} --document PDF")


@award.command()
@dir_option
@click.argument("draft")
@passphrase_option
@click.option("--wait", type=click.IntRange(0, 600), default=30, help="Seconds to wait for the witnesses.")
@click.option("--accept-unwitnessed", is_flag=True, help="In a network without witnesses, be content with a proof.")
def register(*, directory: Path, draft: str, passphrase_file: Path | None, wait: int, accept_unwitnessed: bool) -> None:
    """Register a completely signed DRAFT (a file, or its id on the hub); needs a witnessed receipt that verifies."""
    from providers.draftlinks import is_draft_id  # noqa: PLC0415
    from providers.gateway.online import post_draft  # noqa: PLC0415

    home = load_home(directory)
    complete = _from_desk(home, draft, passphrase_file) if is_draft_id(draft) else desk.read_draft(Path(draft))
    posted = asyncio.run(post_draft(home, complete, wait, accept_unwitnessed=accept_unwitnessed))
    path = awards.store_registration(home, posted.registration)
    standing = posted.standing
    click.echo(f"Registered at log index {standing.index}; the receipt verifies: {witnesses_line(standing.witnesses)}")
    click.echo(f"Digest {posted.registration.statement.digest}")
    click.echo(f"Receipt kept in {path}.")


@award.command()
@dir_option
@click.argument("digest")
@click.option("--decision", type=click.Choice(["confirm", "reject"]), required=True, help="Whether the award stands.")
@click.option("--reason", type=click.Choice(REASONS), required=True)
@click.option("--output", type=NEW, help="New draft file; by default DIR/review-DIGEST.draft.json.")
def review(*, directory: Path, digest: str, decision: str, reason: str, output: Path | None) -> None:
    """Draft the review of the disputed award registered as DIGEST; `sign` and `post` follow."""
    from providers.gateway.reviews import review_draft  # noqa: PLC0415

    path = output or directory / f"review-{digest[:8]}.draft.json"
    refuse_existing(path)
    home = load_home(directory)
    draft, names = asyncio.run(review_draft(home, digest, decision, reason, now()))
    write_new(path, draft.to_bytes())
    click.echo(f"Drafted the review: {path}.")
    click.echo(waiting_for(draft, names, home))
    click.echo(f"Each signs with: odr-gateway sign {path} --key FILE. Then: odr-gateway post {path} --dir {directory}")


@award.command()
@dir_option
@click.option("--document", type=EXISTING, required=True, help="The registered PDF.")
@click.option("--digest", help="Digest of the registration; by default the one kept for this document.")
@click.option("--output", type=NEW, help="New bundle; by default <document>-bundle.zip.")
def bundle(*, directory: Path, document: Path, digest: str | None, output: Path | None) -> None:
    """Make the bundle that a court verifies offline; it is verified here before it is written."""
    from providers.gateway.online import fetch_award  # noqa: PLC0415

    path = output or document.with_name(f"{document.stem}-bundle.zip")
    refuse_existing(path)
    home = load_home(directory)
    wanted = digest or awards.find_registration(home, desk.measure(document)).statement.digest
    proofs = asyncio.run(fetch_award(home, wanted))
    octets, report = awards.make_bundle(proofs, home.trust(), (document.name, document.read_bytes()), now())
    write_new(path, octets)
    shown = click.format_filename(path)  # which may be no Unicode
    click.echo(f"Wrote {shown} ({len(octets):,} bytes). Genuine: {report.genuine}. Status: {report.status}.")


def _from_desk(home: Home, name: str, passphrase_file: Path | None) -> Draft:
    """The draft as everybody has signed it, if it is the one that was sent from here.

    Once it is registered and its text deleted, from the award itself. Posting again obtains the same registration.
    """
    from providers.gateway.draft_commands import member_seat  # noqa: PLC0415
    from providers.gateway.online import fetch_award  # noqa: PLC0415
    from providers.gateway.owndrafts import find_own, require_own  # noqa: PLC0415

    own = find_own(home, name)
    if own is None or own.draft is None:
        message = "This gateway has not sent a draft of this id; nothing tells whether the hub shows the right one."
        raise GatewayError("own_draft_missing", message, name)
    view = member_seat(home, passphrase_file).ask(lambda drafts: drafts.get(name))
    if view.draft is not None or view.state != "registered":
        return require_own(own, view)
    found = asyncio.run(fetch_award(home, own.digest)).award.statement
    there = ({"protected": one.protected, "signature": one.signature} for one in found.signatures)
    return replace(own.draft, signatures=tuple(there))
