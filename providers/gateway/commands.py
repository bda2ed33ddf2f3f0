"""Commands of ``odr-gateway``: init, keygen, neutral prepare, post; and what other commands share.

Each parses its options, calls one function, and says what was done and what comes next. All of them run
without a terminal when ``--passphrase-file`` and ``--yes`` are given.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import click

from providers.errors import GatewayError
from providers.gateway import desk, keystore
from providers.gateway.asking import now
from providers.gateway.home import Home, create_home, load_home, read_json, read_policy
from signing.drafts import Draft
from signing.keyfile import parse_keyfile
from signing.secretkeys import SigningKey

__all__ = ["init", "keygen", "neutral", "post"]

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW = click.Path(dir_okay=False, path_type=Path)
DIRECTORY = click.Path(file_okay=False, path_type=Path)

USES = {
    "statement": "signs your statements",
    "http": "signs requests for what is not public",
    "monitor": "finds entries in your name in the log",
    "inbox": "receives encrypted case files",
}
"""What each of a member's keys is for."""

passphrase_option = click.option(
    "--passphrase-file", type=EXISTING, help="File whose first line is the passphrase; else it is asked for."
)
yes_option = click.option("--yes", is_flag=True, help="Sign without asking for confirmation.")
dir_option = click.option(
    "--dir", "directory", type=DIRECTORY, required=True, help="The gateway's directory, as `init` made it."
)
officer_option = click.option(
    "--officer", "officers", multiple=True, help="Actor id of an officer who is to sign; the first one by default."
)


@click.command()
@click.option("--dir", "directory", type=DIRECTORY, required=True, help="New directory for keys and settings.")
@click.option("--id", "actor", required=True, help="Actor id to ask for, such as sample-provider.")
@click.option("--type", "member_type", type=click.Choice(["provider", "court", "observer"]), required=True)
@click.option("--hub", "url", required=True, help="The hub's address, http(s)://host[:port].")
@click.option("--policy", type=EXISTING, required=True, help="verification-policy.txt, from outside the hub.")
@click.option("--profile", type=EXISTING, required=True, help="JSON file with the public profile.")
@officer_option
@passphrase_option
def init(  # noqa: PLR0913 - one parameter per option
    *,
    directory: Path,
    actor: str,
    member_type: str,
    url: str,
    policy: Path,
    profile: Path,
    officers: tuple[str, ...],
    passphrase_file: Path | None,
) -> None:
    """Create a member's keys, settings and admission draft."""
    from providers.gateway.admissions import MemberKeys, member_draft, officer_names  # noqa: PLC0415
    from providers.gateway.online import fetch_network  # noqa: PLC0415

    secret = keystore.passphrase(passphrase_file, new=True)
    network = asyncio.run(fetch_network(url, read_policy(policy)))
    keys = MemberKeys.generate()
    draft = member_draft(
        network,
        actor,
        member_type=member_type,
        profile=read_json(profile),
        keys=keys,
        officers=officers,
        now=now(),
    )
    home = create_home(directory, actor=actor, member_type=member_type, hub=url, policy=policy.read_bytes())
    keystore.save_keys({home.key_file(purpose): key for purpose, key in keys.by_purpose().items()}, secret)
    path = directory / "admission.draft.json"
    keystore.write_new(path, draft.to_bytes())
    click.echo(f"Created four keys for {actor}, sealed with your passphrase:")
    for purpose, key in keys.by_purpose().items():
        click.echo(f"  {home.key_file(purpose)}: key {key.public.kid}, {USES[purpose]}")
    click.echo(f"Created the application, signed with the first two of them: {path}")
    click.echo(waiting_for(draft, officer_names(network.policy)))
    click.echo(f"Next: odr-gateway apply --dir {directory}")


@click.command()
@click.option("--out", type=NEW, required=True, help="New key file, such as neutral.key.json; keep it yourself.")
@click.option("--public", type=NEW, help="New file for the public key; by default beside the key file.")
@passphrase_option
def keygen(*, out: Path, public: Path | None, passphrase_file: Path | None) -> None:
    """Create a key file for a neutral or an officer."""
    key = SigningKey.generate()
    public = public or out.with_name(f"{out.name.removesuffix('.json').removesuffix('.key')}.public.json")
    secret = keystore.passphrase(passphrase_file, new=True)
    keystore.save_keys({out: key}, secret)
    keystore.write_public_key(public, key.public)
    click.echo(f"Created the key {key.kid}.")
    click.echo(f"  {out}: the secret, protected by your passphrase. Keep it; give it to nobody.")
    click.echo(f"  {public}: the public key, to be handed over.")


@click.group()
def neutral() -> None:
    """Nominate neutrals; as a neutral, read what is held about you."""


@neutral.command("prepare")
@dir_option
@click.option("--id", "actor", required=True, help="Actor id that the neutral asks for.")
@click.option("--key", type=EXISTING, required=True, help="The neutral's public key file, as `keygen` made it.")
@click.option("--profile", type=EXISTING, required=True, help="JSON file with key_custody and profile.")
@click.option("--output", type=NEW, help="New draft file; by default DIR/ACTOR.draft.json.")
@officer_option
def prepare(  # noqa: PLR0913 - one parameter per option
    *, directory: Path, actor: str, key: Path, profile: Path, output: Path | None, officers: tuple[str, ...]
) -> None:
    """Draft a neutral's first entry in the register."""
    from providers.gateway.admissions import neutral_draft, officer_names  # noqa: PLC0415
    from providers.gateway.online import fetch_network  # noqa: PLC0415

    home = load_home(directory)
    network = asyncio.run(fetch_network(home.hub, home.trust()))
    provider = (home.actor, home.public_key("statement").kid)
    public = keystore.read_public_key(key)
    draft = neutral_draft(
        network,
        actor,
        entry=read_json(profile),
        key=public,
        provider=provider,
        officers=officers,
        now=now(),
    )
    path = output or directory / f"{actor}.draft.json"
    keystore.write_new(path, draft.to_bytes())
    click.echo(f"Drafted the entry of {actor}: {path}.")
    click.echo(waiting_for(draft, {public.kid: actor, **officer_names(network.policy)}, home))


@click.command()
@click.argument("draft", type=EXISTING)
@dir_option
@click.option("--wait", type=click.IntRange(0, 600), default=30, help="Seconds to wait for the witnesses.")
@click.option("--accept-unwitnessed", is_flag=True, help="In a network without witnesses, be content with a proof.")
def post(*, draft: Path, directory: Path, wait: int, accept_unwitnessed: bool) -> None:
    """Post a complete DRAFT and wait for a receipt that verifies."""
    from providers.gateway.online import post_draft  # noqa: PLC0415

    complete = desk.read_draft(draft)
    posted = asyncio.run(post_draft(load_home(directory), complete, wait, accept_unwitnessed=accept_unwitnessed))
    standing = posted.standing
    click.echo(f"Registered at log index {standing.index}; verified here: {witnesses_line(standing.witnesses)}")
    click.echo(f"Digest {posted.registration.statement.digest}")


def sign_file(path: Path, key_path: Path, document: Path | None, passphrase_file: Path | None, *, yes: bool) -> None:
    """Show a draft, ask, and replace the file by one with this key's signature."""
    draft = desk.read_draft(path)
    facts = desk.measure(document) if document is not None else None
    desk.check_document(draft.payload, facts)
    key_id = parse_keyfile(key_path.read_bytes()).public.kid
    for line in desk.describe(draft, key_id, facts):
        click.echo(line)
    click.echo()
    if not yes:
        click.confirm("Sign this?", abort=True)
    key = keystore.open_signing_key(key_path, keystore.passphrase(passphrase_file))
    signed = desk.sign_draft(draft, key, now())
    keystore.replace_file(path, signed.to_bytes())
    click.echo(f"Signed with key {key.kid}. {waiting_for(signed)}")


def waiting_for(draft: Draft, names: Mapping[str, str] | None = None, home: Home | None = None) -> str:
    """One sentence on who still has to sign, and with which key.

    Args:
        draft: signed by some or by nobody.
        names: kid -> actor id, as far as they are known.
        home: the gateway whose own statement key is named with its file.
    """
    missing = draft.missing()
    if not missing:
        return "Every signature is there."
    files = {} if home is None else {home.public_key("statement").kid: home.key_file("statement")}
    told = []
    for kid, role in missing.items():
        who = f"{names[kid]} ({role})" if names and kid in names else role
        told.append(f"{who} with key {kid}" + (f" (in {files[kid]})" if kid in files else ""))
    return f"Still to sign: {', '.join(told)}."


def witnesses_line(witnesses: dict[str, int]) -> str:
    """Which witnesses cosigned, in words."""
    if not witnesses:
        return "no witness has cosigned (unwitnessed)."
    return f"cosigned by {', '.join(sorted(witnesses))}."


def refuse_existing(path: Path) -> None:
    """Raise before work is done whose result could not be written."""
    if path.exists():
        raise GatewayError("file_exists", "This file exists already; it is not overwritten.", str(path))
