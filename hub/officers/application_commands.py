"""``odr-hub officer applications`` and ``admit``: the queue of those who want to become members."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import click

from hub.errors import OfficerError
from hub.officers.commands import (
    EXISTING,
    hub_option,
    key_option,
    passphrase_option,
    policy_option,
    post_now,
    signed,
    yes_option,
)
from signing.drafts import Draft

__all__ = ["COMMANDS"]

POST_SECONDS = 10


@click.command()
@click.argument("name", metavar="[ID]", required=False)
@hub_option
@click.option("--key", type=EXISTING, required=True, help="Your http key file.")
@passphrase_option
@click.option("--decline", "reason", metavar="REASON", help="Decline this application; the applicant reads why.")
def applications(*, name: str | None, url: str, key: Path, passphrase_file: Path | None, reason: str | None) -> None:
    """List open applications, or show the one with ID (of the application, or the actor id asked for)."""
    from hub.officers.applications import Queue, application_lines, queue_lines  # noqa: PLC0415
    from providers.gateway import desk, keystore  # noqa: PLC0415

    if name is None and reason is not None:
        raise click.UsageError("name the application that is declined")
    queue = Queue(url, keystore.open_signing_key(key, keystore.passphrase(passphrase_file)), _now)
    if name is None:
        click.echo("\n".join(queue_lines(asyncio.run(queue.open()))))
        return
    found = asyncio.run(queue.one(name) if reason is None else queue.decline(name, reason))
    click.echo("\n".join(application_lines(found)))
    if found.form is not None:
        click.echo("\n" + "\n".join(desk.describe(found.form.draft, "", None)))


@click.command()
@click.argument("draft", metavar="ID|DRAFT")
@key_option
@passphrase_option
@yes_option
@click.option("--hub", "url", help="Where the application waits, and where it is posted when it is complete.")
@policy_option
@click.option("--share", "shared", is_flag=True, help="Put a file on the hub's signing desk while others are missing.")
@click.option("--http-key", type=EXISTING, help="Your http key file; the one beside your statement key if not given.")
def admit(  # noqa: PLR0913 - one parameter per option
    *,
    draft: str,
    keys: tuple[Path, ...],
    passphrase_file: Path | None,
    yes: bool,
    url: str | None,
    pinned: Path | None,
    shared: bool,
    http_key: Path | None,
) -> None:
    """Show the application of a member or neutral, sign it, and post it when nobody else is missing.

    It is a draft file, or one that waits at the hub: the id of the application, or the actor id asked for.
    """
    secret = _remembered(passphrase_file)
    if Path(draft).is_file():
        if shared and url is None:
            raise OfficerError("hub_needed", "A draft is shared on a hub's desk; name the hub.", "--hub")
        done = _admit_file(Path(draft), keys, secret, yes=yes, url=url, pinned=pinned)
        if shared and url is not None and done.missing():
            _share(done, url, keys, http_key, secret)
        return
    if url is None:
        raise click.UsageError(f"{draft} is no file; with --hub it is looked for among the applications there")
    _admit_waiting(draft, keys, http_key, secret, yes=yes, url=url, pinned=pinned)


def _admit_file(  # noqa: PLR0913 - what the command was given
    path: Path, keys: tuple[Path, ...], secret: Callable[[], str], *, yes: bool, url: str | None, pinned: Path | None
) -> Draft:
    from hub.officers.pinning import pinned_policy, require_network  # noqa: PLC0415
    from providers.gateway import desk, keystore  # noqa: PLC0415

    application = desk.read_draft(path)
    kind = application.payload["kind"]
    if kind not in ("member", "neutral"):
        message = f"This draft is of kind {kind}; members and neutrals are admitted."
        raise OfficerError("not_an_admission", message, path.name)
    trust = None if url is None and pinned is None else pinned_policy(pinned, keys)
    if trust is not None:
        require_network(application, trust)
    done, told = signed(application, keys, secret, yes=yes)
    keystore.replace_file(path, done.to_bytes())
    click.echo(told)
    if url is not None and trust is not None and not done.missing():
        post_now(done, url, trust, POST_SECONDS)
    return done


def _share(draft: Draft, url: str, keys: tuple[Path, ...], http_key: Path | None, secret: Callable[[], str]) -> None:
    from hub.officers import sharing  # noqa: PLC0415

    name = sharing.share(sharing.officer_seat(url, sharing.http_key_of(http_key, keys), secret()), draft)
    click.echo(f"It waits on the desk as {name}.")


def _admit_waiting(  # noqa: PLR0913 - what the command was given
    name: str,
    keys: tuple[Path, ...],
    http_key: Path | None,
    secret: Callable[[], str],
    *,
    yes: bool,
    url: str,
    pinned: Path | None,
) -> None:
    from hub.officers.applications import Queue, application_lines, ready_draft  # noqa: PLC0415
    from hub.officers.pinning import pinned_policy, require_network  # noqa: PLC0415
    from hub.officers.sharing import http_key_of  # noqa: PLC0415
    from providers.gateway import keystore  # noqa: PLC0415
    from signing.keyfile import parse_keyfile  # noqa: PLC0415

    trust = pinned_policy(pinned, keys)
    own = keystore.open_signing_key(http_key_of(http_key, keys), secret())
    found = asyncio.run(Queue(url, own, _now).one(name))
    click.echo("\n".join([*application_lines(found), ""]))
    draft = ready_draft(found, parse_keyfile(keys[0].read_bytes()).public.kid)
    require_network(draft, trust)
    done, told = signed(draft, keys, secret, yes=yes)
    click.echo(told)
    if done.missing():
        raise OfficerError("signature_missing", "Further officers are to sign; the applicant named them.", name)
    post_now(done, url, trust, POST_SECONDS)


def _remembered(file: Path | None) -> Callable[[], str]:
    """Asks for the passphrase at most once."""
    from providers.gateway import keystore  # noqa: PLC0415

    known: list[str] = []

    def secret() -> str:
        if not known:
            known.append(keystore.passphrase(file))
        return known[0]

    return secret


def _now() -> int:
    return int(time.time())


COMMANDS = (applications, admit)
"""Commands of ``odr-hub officer``."""
