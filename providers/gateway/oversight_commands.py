"""``odr-gateway enquiries``: what officers ask, and the answer; ``odr-gateway figures``: how your own compare."""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click

from providers.gateway import keystore
from providers.gateway.answers import json_option
from providers.gateway.commands import dir_option, passphrase_option
from providers.gateway.home import load_home
from providers.gateway.localclient import segment
from providers.gateway.oversight import comment_on, enquiry_lines, fetch_comparison, fetch_enquiries, figure_lines
from signing.secretkeys import SigningKey

__all__ = ["enquiries", "figures"]

T = TypeVar("T")


@click.group()
def enquiries() -> None:
    """Read what officers ask you about your figures, and comment within 28 days."""


@enquiries.command("list")
@dir_option
@passphrase_option
@json_option
def list_enquiries(*, directory: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Print every enquiry to you, the newest first."""
    found = _ask(directory, passphrase_file, fetch_enquiries)
    click.echo(json.dumps(found) if as_json else "\n".join(enquiry_lines(found)))


@enquiries.command()
@dir_option
@passphrase_option
@click.argument("name", metavar="ID")
@click.argument("text")
def comment(*, directory: Path, passphrase_file: Path | None, name: str, text: str) -> None:
    """Comment with TEXT on the enquiry ID; a comment stays as it is, and is shown beside the finding."""
    _ask(directory, passphrase_file, lambda url, key, clock: comment_on(url, key, clock, segment(name), text))
    click.echo("Your comment is in. It is shown beside the finding.")


@click.command()
@dir_option
@passphrase_option
@json_option
def figures(*, directory: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Print how your figures compare with what was expected of you, and with the others, who have no names."""
    found = _ask(directory, passphrase_file, fetch_comparison)
    click.echo(json.dumps(found) if as_json else "\n".join(figure_lines(found)))


_Work = Callable[[str, SigningKey, Callable[[], int]], Coroutine[Any, Any, T]]


def _ask(directory: Path, passphrase_file: Path | None, work: _Work[T]) -> T:
    home = load_home(directory)
    own = keystore.open_signing_key(home.key_file("http"), keystore.passphrase(passphrase_file))
    return asyncio.run(work(home.hub, own, lambda: int(time.time())))
