"""A quality report of a provider's own: the file that its people fill in, and the draft that is made of it.

The file is the body of the statement, as JSON. What is null in it has not been filled in: a figure without a value is
left out, and so is a member beside the figures. Faults are told with pointers into the file, not into the statement.

The figures to fill in are those that the hub computes for the period. Which statements of events they rest on is the
hub's word too; how many of these the gateway did not make itself is told, so that it can be looked into.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from providers.client import HubClient, connect, http_signer
from providers.errors import GatewayError, HubUnavailableError
from providers.gateway.admissions import checked
from providers.gateway.home import Home
from schemas.errors import SchemaViolationError, Violation
from signing.compose import new_salt, payload
from signing.drafts import Draft
from signing.encoding import JSON
from signing.secretkeys import SigningKey

__all__ = [
    "KIND",
    "MOST_DAYS",
    "Blank",
    "Filled",
    "blank_report",
    "draft_before",
    "filled",
    "report_draft",
    "source_root",
]

KIND = "quality-report"
MOST_DAYS = 366
"""A report on a longer period is refused by the hub's rules (``report_period``)."""

_DECIMALS = Decimal("0.000001")
_METRIC = re.compile(r"/metrics/(\d+)")


@dataclass(frozen=True, slots=True)
class Blank:
    """A report to fill in, and the digests (hex) of the statements that it counts, in log order."""

    body: Mapping[str, JSON]
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """The body without what was not filled in; ``places`` has the place in the file of each figure that is left."""

    body: Mapping[str, JSON]
    places: tuple[int, ...]


def source_root(digests: tuple[str, ...]) -> str:
    """SHA-256 (hex) of statement digests (hex), 32 bytes each, in log order."""
    return hashlib.sha256(b"".join(bytes.fromhex(one) for one in digests)).hexdigest()


async def blank_report(  # noqa: PLR0913 - whose, at which hub, about what
    actor: str, url: str, key: SigningKey, clock: Callable[[], int], *, days: tuple[str, str], values: bool
) -> Blank:
    """A report of ``actor`` about the period from the first to the last of ``days``, to be filled in.

    ``values``: with the figures as the hub computes them; else without any.

    Raises:
        GatewayError: ``period_too_long``; nothing was asked for.
        HubRefusedError, HubUnavailableError: as the client says; the period is not over.
    """
    first, last = (date.fromisoformat(day) for day in days)
    if (last - first).days >= MOST_DAYS:
        raise GatewayError("period_too_long", f"A report is about {MOST_DAYS} days at most.", f"{first} to {last}")
    async with connect(url, sign=http_signer(key, clock)) as hub:
        figures, until = await _figures(hub, actor, days, values=values)
        source = await hub.exchange("GET", f"/v1/quality-reports/source?until={until}")
        standing = await hub.exchange("GET", "/v1/quality-reports")
    try:
        statements = tuple(str(one) for one in source["statements"])
        root = source_root(statements)
        period = {"from": days[0], "to": days[1]}
        corrects = next((one["digest"] for one in standing["reports"] if one["period"] == period), None)
    except (KeyError, TypeError, ValueError):
        raise _unusable("/v1/quality-reports") from None
    body: dict[str, JSON] = {
        "period": period,
        "source": {"recorded_until": until, "statements": len(statements), "root": root},
        "metrics": figures,
        "systemic_problems": [],
        "training_hours": None,
        "network_cooperation": None,
        "corrects": corrects,
    }
    return Blank(body, statements)


async def _figures(hub: HubClient, actor: str, days: tuple[str, str], *, values: bool) -> tuple[list[JSON], str]:
    """Every figure of ``actor`` that the hub knows of, and until when what they rest on was recorded."""
    found = await hub.indicators(f"view=own&from={days[0]}&to={days[1]}")
    try:
        own = [one for one in found["figures"] if one["subject"] == actor]
        return [_figure(one, values=values) for one in own], str(found["freeze"])
    except (KeyError, TypeError, ArithmeticError):
        raise _unusable("/v1/indicators") from None


def _figure(told: Mapping[str, JSON], *, values: bool) -> dict[str, JSON]:
    part = {"part": told["part"]} if told["part"] else {}
    counts: dict[str, JSON] = {name: told[name] if values else None for name in _COUNTS if name in told}
    value = told.get("value") if values else None
    shown = None if value is None else _decimal(str(value))
    return {"id": told["indicator"], **part, "version": told["version"], **counts, "value": shown, "missing": 0}


_COUNTS = ("numerator", "denominator")


def _decimal(text: str) -> str:
    """At most six decimals, without an exponent."""
    rounded = f"{Decimal(text).quantize(_DECIMALS):f}"
    shown = rounded.rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def filled(file: Mapping[str, JSON]) -> Filled:
    """What was filled in; whether it is a report is the schema's question."""
    body = {name: value for name, value in file.items() if value is not None}
    metrics = body.get("metrics")
    if not isinstance(metrics, list):
        return Filled(body, ())
    kept = [(place, _without_none(one)) for place, one in enumerate(metrics) if not _unfilled(one)]
    return Filled(body | {"metrics": [one for _, one in kept]}, tuple(place for place, _ in kept))


def _unfilled(figure: JSON) -> bool:
    return isinstance(figure, Mapping) and "value" in figure and figure["value"] is None


def _without_none(figure: JSON) -> JSON:
    if not isinstance(figure, Mapping):
        return figure
    return {name: value for name, value in figure.items() if value is not None}


def report_draft(home: Home, report: Filled, now: int) -> Draft:
    """The draft of a report, which the provider alone signs.

    Raises:
        SchemaViolationError: with pointers into the file.
    """
    signers = [(home.public_key("statement").kid, "provider")]
    network = home.trust().network
    octets = payload(KIND, home.actor, report.body, signers, network=network, now=now, salt=new_salt())
    try:
        return checked(octets)
    except SchemaViolationError as error:
        raise SchemaViolationError(KIND, error.version, [_in_file(one, report) for one in error.violations]) from None


def _in_file(found: Violation, report: Filled) -> Violation:
    def place(match: re.Match[str]) -> str:
        return f"/metrics/{report.places[int(match[1])]}"

    pointer = _METRIC.sub(place, found.pointer.removeprefix("/body"), count=1)
    return Violation(pointer, found.message, found.rule)


def draft_before(path: Path, report: Filled) -> Draft | None:
    """The signed draft of the same report in ``path``, whose answer may have been lost; None where there is none.

    Raises:
        GatewayError: ``other_report``, the file holds another one.
    """
    if not path.exists():
        return None
    draft = Draft.from_bytes(path.read_bytes())
    if draft.payload.get("kind") == KIND and draft.payload.get("body") == report.body:
        return draft
    message = "Another report was signed under this name and perhaps posted; see `report list`, then remove its draft."
    raise GatewayError("other_report", message, str(path))


def _unusable(where: str) -> HubUnavailableError:
    return HubUnavailableError("bad_answer", "The hub's answer is not in the agreed form.", where, actor="hub")
