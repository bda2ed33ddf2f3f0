"""``odr-gateway case`` and ``odr-gateway serve``: cases between providers, from the command line.

Everything goes through the local interface of the running gateway; nothing here knows keys. Exit codes: 0 done,
1 refused or not possible, 2 wrong usage, 3 a transfer that was waited for ended without the case changing hands.
"""

from pathlib import Path
from typing import Any

import click

from providers.errors import GatewayError
from providers.eventloop import run_server
from providers.gateway.answers import ask, json_option, print_answer
from providers.gateway.case_output import cases_in_turn, in_turn, inbox_lines, list_lines, show_lines
from providers.gateway.commands import EXISTING, dir_option, passphrase_option
from providers.gateway.home import load_home, read_json
from providers.gateway.localclient import LocalGateway, segment
from signing.encoding import JSON

__all__ = ["case", "serve"]

ENDED_OTHERWISE = 3
CASES_AT_A_TIME = 50
TEMPLATE = Path(__file__).with_name("case_template.json")
MAX_EVENTS_FILE = 16 * 1024 * 1024
_transfer = click.argument("transfer")
_wait = click.option("--wait", is_flag=True, help="Wait until the transfer has ended; a terminal shows progress.")
_quiet = click.option("--quiet", is_flag=True, help="Show no progress while waiting.")


@click.command()
@dir_option
@passphrase_option
@click.option("--port", type=click.IntRange(0, 65_535), help="Port of the local interface; 0: any free one.")
def serve(*, directory: Path, passphrase_file: Path | None, port: int | None) -> None:
    """Run the gateway: exchange cases with other providers until stopped."""
    from providers.gateway.exchange.serving import serve as run  # noqa: PLC0415 - spares the other commands the server
    from providers.gateway.keystore import passphrase  # noqa: PLC0415

    home = load_home(directory)
    run_server(run(home, passphrase(passphrase_file), click.echo, port))


@click.group()
def case() -> None:
    """Offer, accept and follow cases; needs a running `odr-gateway serve`."""


@case.command()
def template() -> None:
    """Print a small valid case.json to start from; its values are samples, and yours to replace."""
    click.echo(TEMPLATE.read_text(encoding="utf-8"), nl=False)


@case.command()
@dir_option
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.argument("documents", nargs=-1, type=EXISTING)
def new(*, directory: Path, source: Path, documents: tuple[Path, ...]) -> None:
    """Take a case in: SOURCE is case.json, or a folder with case.json and documents/."""
    file, found = source, list(documents)
    if source.is_dir():
        file = source / "case.json"
        found += sorted(one for one in (source / "documents").glob("*") if one.is_file())
    taken = ask(directory, lambda local: local.post_case(file, found))
    click.echo(f"The case is in: {taken['case_id']}, with {len(taken['documents'])} documents.")
    click.echo(f"Next: odr-gateway case offer {taken['case_id']} --terms terms.json --dir {directory}")


@case.command()
@dir_option
@click.argument("case_id")
@click.option("--terms", type=EXISTING, required=True, help="JSON file: recipient, reason, legal basis and so on.")
@click.option("--to", "recipient", help="Actor id of the recipient, instead of the one in the terms.")
@_wait
@_quiet
def offer(  # noqa: PLR0913 - one parameter per option
    *, directory: Path, case_id: str, terms: Path, recipient: str | None, wait: bool, quiet: bool
) -> int:
    """Offer a case to another provider."""
    said = read_json(terms) | ({"recipient": recipient} if recipient else {})
    made = ask(directory, lambda local: local.post(f"/cases/{segment(case_id)}/offers", said))
    click.echo(f"Offered to {made['peer']}: transfer {made['transfer_id']}")
    return _waited(directory, str(made["transfer_id"]), quiet=quiet) if wait else 0


@case.command()
@dir_option
@click.option("--all", "everything", is_flag=True, help="Ended transfers too.")
@json_option
def inbox(*, directory: Path, everything: bool, as_json: bool) -> None:
    """List transfers, those that wait for you first."""
    found = ask(directory, lambda local: local.get("/transfers" if everything else "/transfers?open=true"))
    transfers = in_turn(found["transfers"])
    print_answer({"transfers": transfers}, inbox_lines(transfers), as_json=as_json)


@case.command("list")
@dir_option
@json_option
def list_(*, directory: Path, as_json: bool) -> None:
    """List every case that is, was or is offered here with its transfers: what is to be done next, and by when."""
    cases = cases_in_turn(ask(directory, _known_cases))
    print_answer({"cases": cases}, list_lines(cases), as_json=as_json)


@case.command()
@dir_option
@_transfer
@click.option(
    "--conflicts",
    type=click.Choice(["none", "disclosed"]),
    required=True,
    help="Result of your check for conflicts of interest.",
)
@click.option("--neutral", type=click.Choice(["appoint_new", "keep_neutral"]), default="appoint_new", show_default=True)
@click.option(
    "--clock",
    type=click.Choice(["at_completion", "at_appointment"]),
    default="at_appointment",
    show_default=True,
    help="When the stopped clock runs again.",
)
@_wait
@_quiet
def accept(  # noqa: PLR0913 - one parameter per option
    *, directory: Path, transfer: str, conflicts: str, neutral: str, clock: str, wait: bool, quiet: bool
) -> int:
    """Accept an offer, after the check for conflicts of interest."""
    said = {"conflict_check": {"result": conflicts}, "neutral_plan": neutral, "clock_resumes": clock}
    ask(directory, lambda local: local.post(f"/transfers/{segment(transfer)}/accept", said))
    click.echo("Accepted; the case is fetched as soon as it is sent.")
    return _waited(directory, transfer, quiet=quiet) if wait else 0


@case.command()
@dir_option
@_transfer
@click.option("--reason", required=True, help="no_competence, conflict, language, capacity, consent_defect, law, …")
def decline(*, directory: Path, transfer: str, reason: str) -> None:
    """Decline an offer."""
    ask(directory, lambda local: local.post(f"/transfers/{segment(transfer)}/decline", {"reason": reason}))
    click.echo("Declined; the sender keeps the case.")


@case.command()
@dir_option
@_transfer
@click.option("--reason", required=True, help="settled, consent_withdrawn, error or other.")
def withdraw(*, directory: Path, transfer: str, reason: str) -> None:
    """Take an offer of yours back, before the case is sent."""
    asked = ask(directory, lambda local: local.post(f"/transfers/{segment(transfer)}/withdraw", {"reason": reason}))
    if asked["state"] == "cancelled":
        click.echo("Cancelled; the case stays here.")
        return
    click.echo("The withdrawal was asked for; the case stays here once it is in the log.")
    click.echo(f"See whether it is: odr-gateway case show {transfer} --dir {directory}")


@case.command()
@dir_option
@_transfer
@click.option("--save", type=click.Path(path_type=Path), help="New folder for the received case and its documents.")
@_wait
@_quiet
@json_option
def show(  # noqa: PLR0913 - one parameter per option
    *, directory: Path, transfer: str, save: Path | None, wait: bool, quiet: bool, as_json: bool
) -> int:
    """Show everything about a transfer; --save writes the received case to a folder."""
    code = _waited(directory, transfer, quiet=quiet, tell=not as_json) if wait else 0
    found = ask(directory, lambda local: local.get(f"/transfers/{segment(transfer)}"))
    print_answer(found, show_lines(found), as_json=as_json)
    if save is not None:
        count = ask(directory, lambda local: _save(local, transfer, save))
        click.echo(f"Saved case.json and {count} documents to {save}.", err=as_json)
    return code


@case.command()
@dir_option
@click.argument("events", type=EXISTING)
def report(*, directory: Path, events: Path) -> None:
    """Report case events: EVENTS is a JSON file of at most 16 MiB with an object {"events": [...]}."""
    made = ask(directory, lambda local: local.post("/events", read_json(events, MAX_EVENTS_FILE)))["reports"]
    click.echo(f"{sum(one['events'] for one in made)} events go out in {len(made)} statements.")


async def _known_cases(local: LocalGateway) -> list[dict[str, JSON]]:
    """Every page of the overview; a case that moves between pages while they are read is listed once."""
    found, after = dict[str, dict[str, JSON]](), ""
    while True:
        page = await local.get(f"/overview?limit={CASES_AT_A_TIME}{after}")
        found |= {one["case_id"]: one for one in page["cases"]}
        if page["next"] is None:
            return list(found.values())
        after = f"&after={segment(page['next'])}"


async def _save(local: LocalGateway, transfer: str, folder: Path) -> int:
    package = f"/transfers/{segment(transfer)}/package"
    names = (await local.get(package))["documents"]
    try:
        (folder / "documents").mkdir(parents=True)
    except OSError as error:
        raise GatewayError("file_exists", f"The folder can't be made: {error.strerror}.", str(folder)) from error
    await local.save(f"{package}/case.json", folder / "case.json")
    for name in names:
        await local.save(f"{package}/documents/{segment(name)}", folder / "documents" / name)
    return len(names)


def _waited(directory: Path, transfer: str, *, quiet: bool, tell: bool = True) -> int:
    """Follow a transfer, with progress bars unless ``quiet``; 0 when the case has changed hands."""
    from providers.gateway.case_progress import follow  # noqa: PLC0415 - rich loads slowly

    ended: dict[str, Any] = ask(directory, lambda local: follow(local, transfer, quiet=quiet))
    for line in show_lines(ended)[:4] if tell else ():
        click.echo(line)
    return 0 if ended["state"] == "completed" else ENDED_OTHERWISE
