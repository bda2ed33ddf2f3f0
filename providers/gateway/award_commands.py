"""``odr-gateway award``: from a finished PDF to a bundle that a court verifies offline."""

import asyncio
import time
from pathlib import Path

import click

from providers.gateway import awards, desk
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
from providers.gateway.home import load_home, read_json
from providers.gateway.keystore import write_new

__all__ = ["award"]


@click.group()
def award() -> None:
    """Draft, sign, register and bundle awards."""


@award.command("id")
@dir_option
def new_id(*, directory: Path) -> None:
    """Print a new award id, to be printed on the document before it is finished."""
    click.echo(awards.new_award_id(load_home(directory), int(time.time())))


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
    now = int(time.time())
    chosen = award_id or awards.new_award_id(home, now)
    draft = awards.award_draft(home, network, facts, stated, award_id=chosen, case_id=case_id, signers=signers, now=now)
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
@click.option("--wait", type=click.IntRange(0, 600), default=30, help="Seconds to wait for the witnesses.")
def register(*, directory: Path, draft: Path, wait: int) -> None:
    """Register a completely signed DRAFT; succeeds only with a witnessed receipt that verifies."""
    from providers.gateway.online import post_draft  # noqa: PLC0415

    home = load_home(directory)
    posted = asyncio.run(post_draft(home, desk.read_draft(draft), wait))
    path = awards.store_registration(home, posted.registration)
    standing = posted.standing
    click.echo(f"Registered at log index {standing.index}; the receipt verifies: {witnesses_line(standing.witnesses)}")
    click.echo(f"Digest {posted.registration.statement.digest}")
    click.echo(f"Receipt kept in {path}.")


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
    octets, report = awards.make_bundle(proofs, home.trust(), (document.name, document.read_bytes()), int(time.time()))
    write_new(path, octets)
    click.echo(f"Wrote {path} ({len(octets):,} bytes). Genuine: {report.genuine}. Status: {report.status}.")
