"""``odr-gateway feedback``: links to the questionnaire for the parties, relayed answers, counts.

Everything goes through the local interface of the running gateway; nothing here knows keys.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from providers.errors import GatewayError
from providers.feedback import standing_lines
from providers.gateway.answers import ask, json_option, print_answer
from providers.gateway.commands import dir_option
from providers.gateway.localclient import segment

if TYPE_CHECKING:
    from signing.encoding import JSON

__all__ = ["feedback"]

LANGUAGES = ("en", "zh-Hans", "es", "fr")
ROLES = ("claimant", "respondent")
OUTCOMES = ("won", "lost", "partly", "settled", "undecided")
_case = click.argument("case")


@click.group()
def feedback() -> None:
    """Ask parties how their case was handled; needs a running `odr-gateway serve`."""


@feedback.command()
@dir_option
@_case
@click.option(
    "--language", type=click.Choice(LANGUAGES), required=True, help="Language in which the links open, for both."
)
@click.option("--respondent-language", type=click.Choice(LANGUAGES), help="Another one for the respondent.")
@click.option("--role", "roles", type=click.Choice(ROLES), multiple=True, help="Only this party; both by default.")
@json_option
def slots(  # noqa: PLR0913 - one parameter per option
    *,
    directory: Path,
    case: str,
    language: str,
    respondent_language: str | None,
    roles: tuple[str, ...],
    as_json: bool,
) -> None:
    """Have a slot issued for each party of CASE, by its pseudonym, and print the links to send."""
    tags = {"claimant": language, "respondent": respondent_language or language}
    wanted: list[JSON] = [{"role": role, "language": tags[role]} for role in roles or ROLES]
    found = ask(directory, lambda local: local.post("/feedback/slots", {"case": case, "slots": wanted}))
    print_answer(found, [*_links(found), _NEXT], as_json=as_json)


@feedback.command()
@dir_option
@_case
@json_option
def links(*, directory: Path, case: str, as_json: bool) -> None:
    """Print the links of CASE again."""
    found = ask(directory, lambda local: local.get(f"/feedback/slots/{segment(case)}"))
    print_answer(found, _links(found), as_json=as_json)


@feedback.command()
@dir_option
@_case
@click.option("--role", type=click.Choice(ROLES), required=True, help="Whose answer it is.")
@click.option("--outcome", type=click.Choice(OUTCOMES), required=True, help="How the case ended for that party.")
@click.option("--score", "scores", multiple=True, required=True, help="QUESTION=1..5, such as overall=4; repeat it.")
def relay(*, directory: Path, case: str, role: str, outcome: str, scores: tuple[str, ...]) -> None:
    """Hand in an answer that a party of CASE gave you; the hub labels it as relayed."""
    said = {"case": case, "role": role, "outcome_side": outcome, "scores": _scores(scores)}
    ask(directory, lambda local: local.post("/feedback/relayed", said))
    click.echo(f"The answer of the {role} is in, labelled as relayed by you.")


@feedback.command()
@dir_option
@json_option
def counts(*, directory: Path, as_json: bool) -> None:
    """Print how many slots were used, and scores, in groups of at least five parties."""
    found = ask(directory, lambda local: local.get("/feedback"))
    print_answer(found, standing_lines(found), as_json=as_json)


_NEXT = (
    "Send each party its own link once the case has ended, and nobody else.\n"
    "Report the case as commenced through this gateway: the event then names these slots."
)


def _links(found: Mapping[str, Any]) -> list[str]:
    lines = [f"Slots of case {found['case']}:"]
    for one in found["slots"]:
        lines += [f"  {one['role']} ({one['language']}), until {one['expires_at'][:10]}:", f"    {one['url']}"]
    return lines


def _scores(texts: tuple[str, ...]) -> dict[str, int]:
    """The scores by question; a question given twice contradicts itself, and an answer can't be changed."""
    scores = dict[str, int]()
    for text in texts:
        name, score = _score(text)
        if name in scores:
            raise GatewayError("question_twice", "Give each question one score; this one is there twice.", name)
        scores[name] = score
    return scores


def _score(text: str) -> tuple[str, int]:
    name, _, value = text.partition("=")
    if not value.isdecimal():
        raise GatewayError("unknown_term", "A score is written QUESTION=1..5, such as overall=4.", text)
    return name, int(value)
