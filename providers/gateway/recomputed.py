"""Quality reports as the hub recomputes them: each stated figure beside what the provider's events give."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from providers.client import connect, http_signer
from providers.errors import HubUnavailableError
from providers.gateway.asking import listed
from providers.gateway.localclient import segment
from providers.printable import printable
from signing.encoding import JSON
from signing.secretkeys import SigningKey

__all__ = ["fetch_recomputed", "fetch_reports", "recomputed_lines", "report_lines"]

_PLAIN = ("same", "not_stated", "for_officers")
"""Statuses that are counted or named; figures of any other are listed."""


async def fetch_reports(url: str, key: SigningKey, clock: Callable[[], int]) -> list[Mapping[str, Any]]:
    """The standing reports of the owner of an http key, by period.

    Raises:
        HubRefusedError, HubUnavailableError: as the client says.
    """
    async with connect(url, sign=http_signer(key, clock)) as hub:
        return listed(await hub.exchange("GET", "/v1/quality-reports"), "reports", "/v1/quality-reports")


async def fetch_recomputed(url: str, key: SigningKey, clock: Callable[[], int], digest: str) -> Mapping[str, Any]:
    """A report with its figures recomputed. Raises as ``fetch_reports``."""
    path = f"/v1/quality-reports/{segment(digest)}"
    async with connect(url, sign=http_signer(key, clock)) as hub:
        found = await hub.exchange("GET", path)
    if not {"report", "source", "figures", "registered_at", "stands", "digest"} <= found.keys():
        raise HubUnavailableError("bad_answer", "The hub's answer holds no report.", path, actor="hub")
    return found


def report_lines(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line for each standing report."""
    if not found:
        return ["No report of yours is registered."]
    return [
        printable(
            f"{one['period']['from']} to {one['period']['to']}  {one['digest']}  registered {one['registered_at']}"
        )
        for one in found
    ]


def recomputed_lines(found: Mapping[str, Any]) -> list[str]:
    """What came of the comparison: how many figures are the same, each that is not, and what was left out."""
    period, figures = found["report"]["period"], found["figures"]
    counts = Counter(one["status"] for one in figures)
    uncompared = counts["not_stated"] + counts["for_officers"]
    lines = [
        f"Report on {period['from']} to {period['to']}, registered {found['registered_at']}",
        *([] if found["stands"] else ["A later report on this period corrects it."]),
        _source(found["report"]["source"], found["source"]),
        f"Same as your events give: {counts['same']} of {len(figures) - uncompared} figures.",
    ]
    for one in figures:
        if one["status"] not in _PLAIN:
            lines += _differing(one)
    lines += _named("Not stated", "not_stated", figures)
    lines += _named("Of parties' answers, compared for officers alone", "for_officers", figures)
    return [printable(line) for line in lines]


def _named(label: str, status: str, figures: Sequence[Mapping[str, Any]]) -> list[str]:
    names = [_name(one) for one in figures if one["status"] == status]
    return [f"{label}: {', '.join(names)}."] if names else []


def _source(stated: Mapping[str, Any], counted: Mapping[str, Any]) -> str:
    if counted["same"]:
        return f"It counts the statements of events that the log has: {counted['statements']}."
    told = f"Statements of events that it counts: {stated['statements']}; that the log has: {counted['statements']}"
    return f"{told}. They are not the same ones: differences may come of that."


def _differing(one: Mapping[str, Any]) -> list[str]:
    computed = one["computed"] and one["computed"].get("value")
    told = [f"stated {one['stated']['value']}", f"computed {_short(computed) if computed else 'none'}"]
    told += [] if one["difference"] is None else [f"difference {_short(one['difference'])}"]
    return [f"  {_name(one)}: {', '.join(told)}", f"    {one['meaning']}"]


def _name(one: Mapping[str, JSON]) -> str:
    return f"{one['indicator']}/{one['part']}" if one["part"] else str(one["indicator"])


def _short(value: JSON) -> str:
    return f"{float(str(value)):.6g}"
