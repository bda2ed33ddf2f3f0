"""``odr-hub officer key``: a new key for somebody who has lost theirs; ``affected``, ``notices``: what to see to."""

import asyncio
import time
from pathlib import Path
from typing import Any

import click

from hub.officers.commands import (
    EXISTING,
    by_option,
    deliver,
    fetched_network,
    hub_option,
    passphrase_option,
    policy_option,
)
from hub.officers.delivery import Delivery, delivery_options
from providers.kidargument import TakesKid

__all__ = ["COMMANDS"]


@click.group()
def key() -> None:
    """Give a new key to a member or neutral who has lost theirs."""


@key.command()
@click.argument("owner")
@click.option("--type", "owner_type", type=click.Choice(["member", "neutral"]), required=True)
@click.option(
    "--purpose", type=click.Choice(["statement", "http"]), default="statement", show_default=True,
    help="What the new key is for.",
)  # fmt: skip
@click.option("--public", type=EXISTING, required=True, help="The new public key file, from the owner's own hands.")
@hub_option
@policy_option
@by_option
@delivery_options
def add(  # noqa: PLR0913 - one parameter per option
    *,
    owner: str,
    owner_type: str,
    purpose: str,
    public: Path,
    url: str,
    pinned: Path | None,
    by: tuple[str, ...],
    **delivery: Any,  # noqa: ANN401
) -> None:
    """Draft a new key for OWNER, by the threshold of officers; it counts 72 hours after it is registered.

    The owner signs the draft with the new key too: `odr-gateway sign DRAFT --key FILE`.
    """
    from hub.officers.drafting import key_draft  # noqa: PLC0415
    from hub.officers.online import newest_key_statement  # noqa: PLC0415
    from providers.gateway.keystore import read_public_key  # noqa: PLC0415

    goes, new = Delivery.of(delivery), read_public_key(public)
    network = fetched_network(url, pinned)
    previous = asyncio.run(newest_key_statement(url, owner, owner_type))
    deliver(goes, url, key_draft(network, owner, purpose, new, previous, by, int(time.time())))


@click.command(cls=TakesKid)
@click.argument("kid")
@hub_option
@click.option("--key", "http_key", type=EXISTING, required=True, help="Your http key file.")
@passphrase_option
@click.option("--from", "since", type=click.IntRange(0), help="Log size from which the key is in doubt.")
def affected(*, kid: str, url: str, http_key: Path, passphrase_file: Path | None, since: int | None) -> None:
    """List the awards that are in doubt, or would be, because of the key KID and those that came in through it.

    Without --from: from where its revocation says; of a key that is not revoked, all that it ever signed.
    """
    from providers.gateway import keystore  # noqa: PLC0415
    from providers.gateway.affected import affected_lines, fetch_affected  # noqa: PLC0415

    own = keystore.open_signing_key(http_key, keystore.passphrase(passphrase_file))
    found = asyncio.run(fetch_affected(url, own, kid, since, lambda: int(time.time())))
    click.echo("\n".join(affected_lines(found)))


@click.command()
@hub_option
@click.option("--key", "http_key", type=EXISTING, required=True, help="Your http key file.")
@passphrase_option
def notices(*, url: str, http_key: Path, passphrase_file: Path | None) -> None:
    """Print what of anybody's will end within 90 days: accreditations, keys, the time to comment on enquiries."""
    from providers.gateway import keystore  # noqa: PLC0415
    from providers.gateway.notices import fetch_notices, notice_lines  # noqa: PLC0415

    own = keystore.open_signing_key(http_key, keystore.passphrase(passphrase_file))
    click.echo("\n".join(notice_lines(asyncio.run(fetch_notices(url, own, lambda: int(time.time()))))))


COMMANDS = (key, affected, notices)
"""Commands of ``odr-hub officer``."""
