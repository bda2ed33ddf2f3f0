"""``odr-hub officer``: keygen, show, drafts, sign, policy, revoke, post (the others have modules of their own).

Each parses its options, calls one function and says what was done and what comes next. None needs a
terminal when ``--passphrase-file`` and ``--yes`` are given. Those that ask a hub believe it only as far as the
pinned verification policy reaches.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub.errors import OfficerError
from hub.officers.delivery import Delivery, delivery_options
from hub.officers.draft_commands import drafts, sign
from providers.kidargument import TakesKid
from signing.drafts import Draft

if TYPE_CHECKING:  # commands import what they need when they are called
    from hub.officers.drafting import Network
    from signing.encoding import JSON
    from signing.trust import TrustFile

__all__ = [
    "EXISTING",
    "by_option",
    "deliver",
    "fetched_network",
    "hub_option",
    "key_option",
    "officer",
    "passphrase_option",
    "policy_option",
    "post_now",
    "sign_file",
    "signed",
    "yes_option",
]

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW = click.Path(dir_okay=False, path_type=Path)
DIRECTORY = click.Path(file_okay=False, path_type=Path)
REASONS = ("compromised", "lost", "superseded", "left")

hub_option = click.option("--hub", "url", required=True, help="The hub's address, http(s)://host[:port].")
by_option = click.option(
    "--by",
    multiple=True,
    metavar="ID",
    help="Officer who is to sign; repeat it. The first ones of the policy if not given.",
)
key_option = click.option(
    "--key", "keys", type=EXISTING, multiple=True, required=True, help="Your key file; repeat it to sign with several."
)
passphrase_option = click.option(
    "--passphrase-file", type=EXISTING, help="File whose first line is the passphrase; else it is asked for."
)
policy_option = click.option(
    "--policy",
    "pinned",
    type=EXISTING,
    help="Your verification-policy.txt, from outside the hub; the one beside your key or here if not given.",
)
yes_option = click.option("--yes", is_flag=True, help="Sign without asking for confirmation.")


@click.group()
def officer() -> None:
    """What officers do: make keys, read and sign drafts, decide, post."""


@officer.command()
@click.option("--id", "officer_id", required=True, help="Your actor id, such as officer-lee.")
@click.option("--name", required=True, help="Your name, as people read it.")
@click.option("--dir", "directory", type=DIRECTORY, required=True, help="Where the key files go.")
@passphrase_option
def keygen(*, officer_id: str, name: str, directory: Path, passphrase_file: Path | None) -> None:
    """Make an officer's keys: two sealed key files, and a public file for the network."""
    from hub.officers.keys import new_officer  # noqa: PLC0415
    from providers.gateway.keystore import passphrase  # noqa: PLC0415

    made = new_officer(officer_id, name, directory, passphrase(passphrase_file, new=True))
    click.echo(f"Keep secret: {directory}/{officer_id}.statement.key and {officer_id}.http.key")
    click.echo(f"Hand over:   {directory}/{officer_id}.officer, statement key {made.statement.kid}")


@officer.command()
@click.argument("draft", type=EXISTING)
def show(*, draft: Path) -> None:
    """Print in plain words what a draft says and who has signed it."""
    from providers.gateway import desk  # noqa: PLC0415

    found = desk.read_draft(draft)
    click.echo("\n".join(desk.describe(found, "", None)))
    click.echo(_standing(found))


@officer.command()
@click.option("--threshold", type=click.IntRange(1, 32), help="How many officers decide from then on.")
@click.option("--witness-policy", type=EXISTING, help="File with the new witness, group and quorum lines.")
@click.option("--add-officer", "added", type=EXISTING, multiple=True, help="Public file of a new officer.")
@click.option("--remove-officer", "removed", multiple=True, metavar="ID", help="Officer who leaves.")
@click.option(
    "--affiliation", "affiliations", multiple=True, metavar="OFFICER=MEMBER",
    help="The officer belongs to MEMBER and decides nothing about it; repeat it. `OFFICER=` takes all back.",
)  # fmt: skip
@click.option("--rotation", type=EXISTING, help="File of `odr-hub rotate prepare`: go on under that log.")
@hub_option
@policy_option
@by_option
@delivery_options
def policy(  # noqa: PLR0913 - one parameter per option
    *,
    threshold: int | None,
    witness_policy: Path | None,
    added: tuple[Path, ...],
    removed: tuple[str, ...],
    affiliations: tuple[str, ...],
    rotation: Path | None,
    url: str,
    pinned: Path | None,
    by: tuple[str, ...],
    **delivery: Any,  # noqa: ANN401
) -> None:
    """Draft a new policy: the one in force with these changes. The threshold in force signs it."""
    from hub.network import read_officer  # noqa: PLC0415
    from hub.officers.drafting import policy_draft  # noqa: PLC0415
    from hub.rotating import Rotation  # noqa: PLC0415

    goes = Delivery.of(delivery)
    if added and goes.share:
        message = (
            "A new officer signs the policy too, and the desk doesn't know them yet. Make the draft with --out FILE: "
            "the new officer signs the file with both keys, then the others, and one of you posts it."
        )
        raise OfficerError("newcomer_not_on_desk", message, "--share")
    people = [read_officer(path.read_bytes(), path.name) for path in added]
    text = None if witness_policy is None else witness_policy.read_text(encoding="ascii")
    successor = None if rotation is None else Rotation.from_bytes(rotation.read_bytes())
    draft = policy_draft(
        fetched_network(url, pinned), int(time.time()), threshold=threshold, witness_policy=text, added=people,
        removed=removed, chosen=by, rotation=successor, affiliations=affiliations,
    )  # fmt: skip
    deliver(goes, url, draft)


@officer.command(cls=TakesKid)
@click.argument("owner")
@click.argument("kid")
@click.option("--reason", type=click.Choice(REASONS), required=True)
@click.option("--invalid-from", type=click.IntRange(0), help="Log size from which its signatures are in doubt.")
@hub_option
@policy_option
@by_option
@delivery_options
def revoke(  # noqa: PLR0913 - one parameter per option
    *,
    owner: str,
    kid: str,
    reason: str,
    invalid_from: int | None,
    url: str,
    pinned: Path | None,
    by: tuple[str, ...],
    **delivery: Any,  # noqa: ANN401
) -> None:
    """Draft the revocation of OWNER's key KID by the threshold of officers."""
    from hub.officers.drafting import revocation_draft  # noqa: PLC0415

    body: dict[str, JSON] = {"action": "revoke", "owner": owner, "kid": kid, "reason": reason}
    if invalid_from is not None:
        body["invalid_from"] = invalid_from
    deliver(Delivery.of(delivery), url, revocation_draft(fetched_network(url, pinned), body, by, int(time.time())))


@officer.command()
@click.argument("draft", type=EXISTING)
@hub_option
@policy_option
@click.option(
    "--wait", type=click.IntRange(0, 30), default=10, show_default=True, help="Seconds to wait for witnesses."
)
def post(*, draft: Path, url: str, pinned: Path | None, wait: int) -> None:
    """Post a complete draft; it counts as registered once its receipt verifies against your policy."""
    from hub.officers.pinning import pinned_policy  # noqa: PLC0415

    post_now(_read(draft), url, pinned_policy(pinned), wait)


def _read(path: Path) -> Draft:
    from providers.gateway import desk  # noqa: PLC0415

    return desk.read_draft(path)


def sign_file(
    path: Path, keys: tuple[Path, ...], passphrase_file: Path | None, *, yes: bool, secret: str | None = None
) -> Draft:
    """Show a draft file, ask, and replace it by one with these keys' signatures."""
    from providers.gateway import desk, keystore  # noqa: PLC0415

    def ask() -> str:
        return keystore.passphrase(passphrase_file) if secret is None else secret

    draft, told = signed(desk.read_draft(path), keys, ask, yes=yes)
    keystore.replace_file(path, draft.to_bytes())
    click.echo(told)
    return draft


def signed(draft: Draft, keys: Sequence[Path], secret: Callable[[], str], *, yes: bool) -> tuple[Draft, str]:
    """Show a draft, ask, and sign it with every key; returns it with a sentence on what was done.

    Args:
        draft: read and held against its schema already.
        keys: the signer's key files.
        secret: gives their passphrase, once it is needed.
        yes: do not ask.
    """
    from providers.gateway import desk, keystore  # noqa: PLC0415
    from signing.keyfile import parse_keyfile  # noqa: PLC0415

    kids = [parse_keyfile(one.read_bytes()).public.kid for one in keys]
    click.echo("\n".join(desk.describe(draft, kids[0], None)))
    if not yes:
        click.confirm("\nSign this?", abort=True, err=True)
    passphrase = secret()
    for one in keys:
        draft = desk.sign_draft(draft, keystore.open_signing_key(one, passphrase), int(time.time()))
    return draft, f"\nSigned with {', '.join(kids)}. {_standing(draft)}"


def fetched_network(url: str, pinned: Path | None, keys: Sequence[Path] = ()) -> "Network":
    """The network as the hub at ``url`` tells it, verified from the pinned policy on."""
    from hub.officers.online import fetch_network  # noqa: PLC0415
    from hub.officers.pinning import pinned_policy  # noqa: PLC0415

    return asyncio.run(fetch_network(url, pinned_policy(pinned, keys)))


def post_now(draft: Draft, url: str, trust: "TrustFile", wait: int) -> None:
    """Post a complete draft, and say where the log holds it."""
    from hub.officers.online import post_draft  # noqa: PLC0415

    standing = asyncio.run(post_draft(url, trust, draft, wait)).standing
    state = f"witnessed by {', '.join(standing.witnesses)}" if standing.witnessed else "unwitnessed"
    click.echo(f"Registered at index {standing.index}: {state}.")


def _standing(draft: Draft) -> str:
    missing = draft.missing()
    if not missing:
        return "Everybody has signed; it can be posted."
    return "Still to sign: " + ", ".join(f"{role} {kid}" for kid, role in missing.items()) + "."


def deliver(delivery: Delivery, url: str, draft: Draft) -> None:
    """Write a new draft to a file, or put it on the desk of the hub; it is shown either way."""
    from hub.officers import sharing  # noqa: PLC0415
    from providers.gateway import desk, keystore  # noqa: PLC0415

    click.echo("\n".join(desk.describe(draft, "", None)))
    if delivery.out is not None:
        keystore.write_new(delivery.out, draft.to_bytes())
        click.echo(f"\n{delivery.out} is written. {_standing(draft)}")
    elif delivery.http_key is not None:
        secret = keystore.passphrase(delivery.passphrase_file)
        name = sharing.share(sharing.officer_seat(url, delivery.http_key, secret), draft)
        click.echo(f"\nIt waits on the desk as {name}. {_standing(draft)}")


@officer.command()
@hub_option
@click.option("--key", type=EXISTING, required=True, help="Your http key file.")
@passphrase_option
@click.option("--provider", help="Only this provider's figures; `federation` for those of all together.")
@click.option("--indicator", "chosen", multiple=True, metavar="ID", help="Only this indicator; repeat it.")
@click.option("--from", "first", help="First day like 2026-01-01; with --to. Without both, the last 365 days.")
@click.option("--to", "last", help="Last day.")
def figures(  # noqa: PLR0913 - one parameter per option
    *,
    url: str,
    key: Path,
    passphrase_file: Path | None,
    provider: str | None,
    chosen: tuple[str, ...],
    first: str | None,
    last: str | None,
) -> None:
    """Print the figures of every provider, small ones too, and the defects of the data."""
    from hub.officers.figures import fetch_figures, figure_lines  # noqa: PLC0415
    from providers.gateway.keystore import open_signing_key, passphrase  # noqa: PLC0415

    if (first is None) != (last is None):
        raise OfficerError("bad_period", "Give --from and --to, or neither.", "--from")
    secret = open_signing_key(key, passphrase(passphrase_file))
    period = None if first is None or last is None else (first, last)
    answer = asyncio.run(fetch_figures(url, secret, lambda: int(time.time()), period))
    for line in figure_lines(answer, provider, chosen):
        click.echo(line)


for _command in (drafts, sign):
    officer.add_command(_command)
