"""``odr-gateway report``: a provider's quality report is made, signed and posted, and held against its events."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from providers.gateway import desk, keystore
from providers.gateway.answers import json_option
from providers.gateway.asking import ask_hub, now
from providers.gateway.commands import EXISTING, NEW, dir_option, passphrase_option, yes_option
from providers.gateway.home import Home, load_home, read_json
from providers.gateway.made import made_digests
from providers.gateway.qualityreports import Blank, Filled, blank_report, draft_before, filled, report_draft
from providers.gateway.recomputed import fetch_recomputed, fetch_reports, recomputed_lines, report_lines
from signing.drafts import Draft
from signing.secretkeys import SigningKey

__all__ = ["report"]

_DAY = "%Y-%m-%d"
_day = click.DateTime(formats=[_DAY])


@click.group()
def report() -> None:
    """Report on your own work in a period, and see your figures beside those that your events give."""


@report.command()
@dir_option
@passphrase_option
@click.option("--from", "first", type=_day, required=True, metavar="DAY", help="First day of the period.")
@click.option("--to", "last", type=_day, required=True, metavar="DAY", help="Last day of the period; it is over.")
@click.option("--values", is_flag=True, help="Fill in what the hub computes from your events.")
@click.option("--output", type=NEW, help="New file; by default DIR/report-FROM-TO[-corrects-DIGEST].json.")
def template(  # noqa: PLR0913 - one parameter per option
    *, directory: Path, passphrase_file: Path | None, first: datetime, last: datetime, values: bool, output: Path | None
) -> None:
    """Write the file of a report, to be filled in. What stays null in it is left out."""
    days, home = (f"{first:{_DAY}}", f"{last:{_DAY}}"), load_home(directory)

    def work(url: str, key: SigningKey, clock: Callable[[], int]) -> Coroutine[Any, Any, Blank]:
        return blank_report(home.actor, url, key, clock, days=days, values=values)

    blank = ask_hub(directory, passphrase_file, work)
    path = output or directory / _file_name(days, blank)
    keystore.write_new(path, json.dumps(blank.body, indent=2, ensure_ascii=False).encode() + b"\n")
    for line in _blank_lines(home, blank, path):
        click.echo(line)


def _file_name(days: tuple[str, str], blank: Blank) -> str:
    """A correction has a name of its own: the file of what it corrects, and its draft, are still there."""
    corrects = blank.body["corrects"]
    return f"report-{days[0]}-{days[1]}{f'-corrects-{corrects[:8]}' if corrects else ''}.json"


def _blank_lines(home: Home, blank: Blank, path: Path) -> list[str]:
    metrics, counted = blank.body["metrics"], blank.statements
    known = sum(one["value"] is not None for one in metrics)
    foreign = len(set(counted) - made_digests(home))
    until = blank.body["source"]["recorded_until"]
    lines = [f"Wrote {path}: {len(metrics)} figures, {known} of them with a value."]
    lines += [f"Statements of events that it counts: {len(counted)}, recorded until {until}."]
    lines += [f"Of these were not made with this gateway: {foreign}."] if foreign else []
    if corrects := blank.body["corrects"]:
        lines.append(f"It corrects the report that stands on this period: {corrects}.")
    return [*lines, f"Fill it in. Next: odr-gateway report post {path} --dir {home.directory}"]


@report.command()
@click.argument("file", type=EXISTING)
@dir_option
@passphrase_option
@yes_option
@click.option("--wait", type=click.IntRange(0, 600), default=30, help="Seconds to wait for the witnesses.")
@click.option("--accept-unwitnessed", is_flag=True, help="In a network without witnesses, be content with a proof.")
def post(  # noqa: PLR0913 - one parameter per option
    *, file: Path, directory: Path, passphrase_file: Path | None, yes: bool, wait: int, accept_unwitnessed: bool
) -> None:
    """Sign the report in FILE and post it; then print its figures beside those that your events give.

    The same again is safe: a report that was signed is posted once more as it was.
    """
    home, body = load_home(directory), filled(read_json(file))
    path = directory / f"{file.name.removesuffix('.json')}.draft.json"
    draft, secret = _signed(home, body, path, passphrase_file, yes=yes)
    digest = _posted(home, draft, path, wait, accept_unwitnessed=accept_unwitnessed)
    own = keystore.open_signing_key(home.key_file("http"), secret)
    for line in recomputed_lines(asyncio.run(fetch_recomputed(home.hub, own, now, digest))):
        click.echo(line)


def _signed(home: Home, body: Filled, path: Path, passphrase_file: Path | None, *, yes: bool) -> tuple[Draft, str]:
    """The signed draft, on disk when this returns; and the passphrase."""
    before = draft_before(path, body)
    draft = before or report_draft(home, body, now())
    click.echo("\n".join(desk.describe(draft, home.public_key("statement").kid, None)))
    if before is None and not yes:
        click.confirm("\nSign this?", abort=True)
    secret = keystore.passphrase(passphrase_file)
    if before is not None:
        return before, secret
    signed = desk.sign_draft(draft, keystore.open_signing_key(home.key_file("statement"), secret), now())
    keystore.write_new(path, signed.to_bytes())
    return signed, secret


def _posted(home: Home, draft: Draft, path: Path, wait: int, *, accept_unwitnessed: bool) -> str:
    """Post the draft; its digest."""
    from providers.gateway.online import post_kept  # noqa: PLC0415

    posted = asyncio.run(post_kept(home, draft, path, wait, accept_unwitnessed=accept_unwitnessed))
    digest = posted.registration.statement.digest
    click.echo(f"\nRegistered at log index {posted.standing.index}, digest {digest}\n")
    return digest


@report.command("list")
@dir_option
@passphrase_option
@json_option
def list_reports(*, directory: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Print the report that stands for each period."""
    found = ask_hub(directory, passphrase_file, fetch_reports)
    click.echo(json.dumps(found) if as_json else "\n".join(report_lines(found)))


@report.command()
@click.argument("digest")
@dir_option
@passphrase_option
@json_option
def show(*, digest: str, directory: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Print the figures of the report DIGEST beside those that your events give."""
    found = ask_hub(directory, passphrase_file, lambda url, key, clock: fetch_recomputed(url, key, clock, digest))
    click.echo(json.dumps(found) if as_json else "\n".join(recomputed_lines(found)))
