"""``odr-hub officer accredit`` and ``reference``: what officers decide, and the data that decisions refer to.

Both draft a statement; ``sign`` and ``post`` are in ``commands``. The schema is checked here; the rules judge what is
posted.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from hub.errors import OfficerError
from hub.officers.commands import (
    EXISTING,
    by_option,
    deliver,
    fetched_network,
    hub_option,
    policy_option,
    post_now,
    signed,
    yes_option,
)
from hub.officers.delivery import Delivery, delivery_options
from signing.drafts import Draft
from signing.encoding import JSON

__all__ = ["COMMANDS"]

POST_SECONDS = 10

STATUSES = ("applied", "listed", "conditional", "concern", "referred", "suspended", "removed", "expired")
BASES = ("rejected", "recommendation", "cure_failed", "own_request", "ceased")
APPEALS = ("open", "lodged", "allowed", "dismissed")
RESULTS = ("met", "partly", "not_met")

Command = Callable[..., None]
_OPTIONS = (
    click.option("--type", "subject_type", type=click.Choice(["provider", "neutral"]), required=True),
    click.option("--status", type=click.Choice(STATUSES), required=True, help="The status from now on."),
    click.option("--scheme", required=True, help="Code of the scheme under which it is judged."),
    click.option("--valid-from", required=True, help="Time like 2026-01-31T00:00:00Z."),
    click.option("--valid-to", required=True, help="Time like 2029-01-31T00:00:00Z."),
    click.option("--decided-by", required=True, help="The body that decided."),
    click.option("--decision-date", help="Date like 2026-01-31; today if not given."),
    click.option("--criteria-set", metavar="ID@VERSION", help="The registered criteria that the findings follow."),
    click.option(
        "--criterion", "criteria", multiple=True, metavar="CODE=RESULT[,SHA256]",
        help="A finding: met, partly or not_met, and the hash of the evidence; repeat it.",
    ),
    click.option("--ground", "ground_code", help="Ground code of a concern, referral, suspension or removal."),
    click.option(
        "--condition", "conditions", multiple=True, metavar="[CODE=]TEXT",
        help="What a conditional listing asks for, after the criterion that it serves; repeat it.",
    ),
    click.option("--cure-deadline", help="Time until which conditions are fulfilled, or a concern is cured."),
    click.option("--provision", help="The provision that a referral says is broken."),
    click.option(
        "--panel", multiple=True, metavar="ECONOMY:INSTITUTION",
        help="An institution that a referral goes to, like SG:Law Faculty; repeat it.",
    ),
    click.option("--consultation", type=EXISTING, help="JSON file with the panel's findings, as the schema has them."),
    click.option("--removal-basis", type=click.Choice(BASES), help="What a removal rests on."),
    click.option("--appeal", type=click.Choice(APPEALS), help="State of the appeal; with --appeal-until."),
    click.option("--appeal-until", help="Time until which an appeal can be lodged."),
    click.option("--reasons", type=EXISTING, help="Text file, a paragraph a line: for members and officers only."),
)  # fmt: skip
_AS_THEY_ARE = (
    "subject_type", "scheme", "status", "valid_from", "valid_to", "decided_by", "ground_code", "cure_deadline",
    "removal_basis",
)  # fmt: skip


def _decision_options(command: Command) -> Command:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command()
@click.argument("subject")
@_decision_options
@hub_option
@policy_option
@by_option
@delivery_options
@click.option("--key", "keys", type=EXISTING, multiple=True, help="Sign at once with this key file, and post.")
@yes_option
def accredit(  # noqa: PLR0913 - one parameter per option
    *,
    subject: str,
    url: str,
    pinned: Path | None,
    by: tuple[str, ...],
    keys: tuple[Path, ...],
    yes: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Draft a decision on the accreditation of SUBJECT; suspension and removal need the threshold.

    With --key it is signed and posted at once, where nobody else has to sign.
    """
    from hub.officers.drafting import accreditation_draft  # noqa: PLC0415
    from hub.officers.online import newest_accreditation  # noqa: PLC0415

    delivery, now = None if keys else Delivery.of(options), int(time.time())
    body = _decision(subject, options, now)
    reasons = [] if options["reasons"] is None else _paragraphs(options["reasons"])
    network = fetched_network(url, pinned, keys)
    previous = asyncio.run(newest_accreditation(url, subject, options["subject_type"]))
    draft = accreditation_draft(network, body, previous, by, now, reasons)
    if delivery is None:
        _decide_now(draft, url, pinned, keys, options["passphrase_file"], yes=yes)
    else:
        deliver(delivery, url, draft)


def _decide_now(  # noqa: PLR0913 - what the command was given
    draft: Draft, url: str, pinned: Path | None, keys: tuple[Path, ...], passphrase_file: Path | None, *, yes: bool
) -> None:
    """Show, sign and post a decision.

    Raises:
        OfficerError: signature_missing; nothing was posted, and the others sign a draft.
    """
    from hub.officers.pinning import pinned_policy  # noqa: PLC0415
    from providers.gateway import keystore  # noqa: PLC0415

    done, told = signed(draft, keys, partial(keystore.passphrase, passphrase_file), yes=yes)
    click.echo(told)
    if done.missing():
        message = "Further officers have to sign: make a draft with --out or --share instead of --key."
        raise OfficerError("signature_missing", message, "--key")
    post_now(done, url, pinned_policy(pinned, keys), POST_SECONDS)


@click.command()
@click.argument("reference", metavar="FILE|ID")
@hub_option
@policy_option
@by_option
@delivery_options
def reference(
    *,
    reference: str,
    url: str,
    pinned: Path | None,
    by: tuple[str, ...],
    **delivery: Any,  # noqa: ANN401
) -> None:
    """Draft the publication of criteria: FILE is the body of the reference, ID a set that comes with the program.

    Shipped: apec-provider-duties, eu-uk-adr-requirements, guangzhou-recommended-standard (a place kept free),
    icodr-standards, uncitral-technical-notes. The threshold signs.
    """
    from hub.officers.drafting import reference_draft  # noqa: PLC0415
    from hub.officers.shipped import read_reference  # noqa: PLC0415

    body, goes = read_reference(reference), Delivery.of(delivery)
    deliver(goes, url, reference_draft(fetched_network(url, pinned), body, by, int(time.time())))


COMMANDS = (accredit, reference)


def _decision(subject: str, options: Mapping[str, Any], now: int) -> dict[str, JSON]:
    """The body of an accreditation statement from the options of ``accredit``; what was not given is left out."""
    given: dict[str, JSON] = {name: options[name] for name in _AS_THEY_ARE}
    given |= {
        "subject": subject,
        "criteria": [_finding(text) for text in options["criteria"]],
        "decision_date": options["decision_date"] or time.strftime("%Y-%m-%d", time.gmtime(now)),
        "criteria_set": _criteria_set(options["criteria_set"]),
        "conditions": [_condition(text) for text in options["conditions"]] or None,
        "referral": _referral(options["provision"], options["panel"]),
        "consultation": _consultation(options["consultation"]),
        "appeal": _appeal(options["appeal"], options["appeal_until"]),
    }
    return {name: value for name, value in given.items() if value is not None}


def _finding(text: str) -> dict[str, JSON]:
    code, _, rest = text.partition("=")
    result, _, evidence = rest.partition(",")
    if result not in RESULTS:
        raise click.BadParameter("a finding is written CODE=met, CODE=partly or CODE=not_met", param_hint="--criterion")
    return {"code": code, "result": result} | ({"evidence_sha256": evidence} if evidence else {})


def _criteria_set(text: str | None) -> dict[str, JSON] | None:
    if text is None:
        return None
    name, _, version = text.partition("@")
    if not version.isdecimal():
        raise click.BadParameter("a set of criteria is written ID@VERSION", param_hint="--criteria-set")
    return {"id": name, "version": int(version)}


def _condition(text: str) -> dict[str, JSON]:
    code, equals, rest = text.partition("=")
    return {"text": rest, "criterion": code} if equals and " " not in code else {"text": text}


def _referral(provision: str | None, panel: tuple[str, ...]) -> dict[str, JSON] | None:
    if provision is None and not panel:
        return None
    institutions = []
    for text in panel:
        economy, colon, name = text.partition(":")
        if not colon:
            raise click.BadParameter("an institution is written ECONOMY:INSTITUTION", param_hint="--panel")
        institutions.append({"institution": name, "economy": economy})
    return {"panel": institutions} | ({} if provision is None else {"provision": provision})


def _consultation(path: Path | None) -> JSON:
    from signing.encoding import loads  # noqa: PLC0415

    return None if path is None else loads(path.read_bytes(), max_bytes=16_384)


def _appeal(state: str | None, until: str | None) -> dict[str, JSON] | None:
    if (state is None) != (until is None):
        raise click.BadParameter("--appeal and --appeal-until go together", param_hint="--appeal")
    return None if state is None else {"state": state, "until": until}


def _paragraphs(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
