"""``odr-gateway enquiries``: what officers ask, and the answer; ``odr-gateway figures``: how your own compare."""

import json
from pathlib import Path

import click

from providers.gateway.answers import json_option
from providers.gateway.asking import ask_hub
from providers.gateway.commands import dir_option, passphrase_option
from providers.gateway.localclient import segment
from providers.gateway.oversight import comment_on, enquiry_lines, fetch_comparison, fetch_enquiries, figure_lines

__all__ = ["enquiries", "figures"]


@click.group()
def enquiries() -> None:
    """Read what officers ask you about your figures, and comment within 28 days."""


@enquiries.command("list")
@dir_option
@passphrase_option
@json_option
def list_enquiries(*, directory: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Print every enquiry to you, the newest first."""
    found = ask_hub(directory, passphrase_file, fetch_enquiries)
    click.echo(json.dumps(found) if as_json else "\n".join(enquiry_lines(found)))


@enquiries.command()
@dir_option
@passphrase_option
@click.argument("name", metavar="ID")
@click.argument("text")
def comment(*, directory: Path, passphrase_file: Path | None, name: str, text: str) -> None:
    """Comment with TEXT on the enquiry ID; a comment stays as it is, and is shown beside the finding."""
    ask_hub(directory, passphrase_file, lambda url, key, clock: comment_on(url, key, clock, segment(name), text))
    click.echo("Your comment is in. It is shown beside the finding.")


@click.command()
@dir_option
@passphrase_option
@json_option
def figures(*, directory: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Print how your figures compare with what was expected of you, and with the others, who have no names."""
    found = ask_hub(directory, passphrase_file, fetch_comparison)
    click.echo(json.dumps(found) if as_json else "\n".join(figure_lines(found)))
