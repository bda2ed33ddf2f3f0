"""How well a provider reports: ``/v1/data-quality``, and its own reports recomputed: ``/v1/quality-reports``.

Both are for the provider itself and for officers.
"""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from hub.errors import AccessError, NotFoundError, RequestError
from hub.reporting import spaces
from hub.web.access import is_officer, may_read_quality
from hub.web.appkeys import DATA_QUALITY, DIRECTORY, LOG, RECOMPUTING
from hub.web.authentication import known_reader
from hub.web.indicators import asked_period
from hub.web.presenting import parsed
from hub.web.requests import actor_id, digest
from hub.web.responses import json_response
from metrics.crosschecks import DISCREPANCIES, Discrepancy
from metrics.errors import BadPeriodError
from metrics.figures import Figure
from metrics.quality import WEIGHTS, Quality
from metrics.recomputed import STATUSES, Compared
from metrics.report import as_data
from signing.compose import timestamp
from signing.encoding import JSON
from signing.errors import SigningError
from signing.statement import seconds

__all__ = ["get_data_quality", "get_quality_report", "get_report_source", "list_quality_reports"]

_PRIVATE = {"Cache-Control": "private, no-cache"}


async def get_data_quality(request: web.Request) -> web.Response:
    """The score of a provider's reporting, what it is made of, and where its events and the register disagree."""
    provider, period = await _provider(request), asked_period(request)
    try:
        found, open_questions = await request.app[DATA_QUALITY].of(provider, period, request.app[LOG].size)
    except BadPeriodError as error:
        raise RequestError("bad_parameter", error.message, "to") from None
    members: dict[str, JSON] = {
        "provider": provider,
        "period": {"from": timestamp(period.start)[:10], "to": timestamp(period.end - 1)[:10]},
        **_quality(found),
        "discrepancies": [_discrepancy(one) for one in open_questions],
    }
    return json_response(members, headers=_PRIVATE)


async def list_quality_reports(request: web.Request) -> web.Response:
    """The report that stands for each period."""
    provider = await _provider(request)
    standing = await _standing(request, provider)
    reports: list[JSON] = [_named(period, standing[period]) for period in sorted(standing)]
    return json_response({"provider": provider, "reports": reports}, headers=_PRIVATE)


async def get_report_source(request: web.Request) -> web.Response:
    """The statements of events that a report counts which takes in what was recorded until an instant."""
    provider, told = await _provider(request), request.query.get("until", "")
    try:
        until = seconds(told)
    except SigningError:
        raise RequestError("bad_parameter", "Give until as a time like 2026-01-31T09:00:00Z.", "until") from None
    app = request.app
    digests: list[JSON] = [*await app[RECOMPUTING].counted(provider, until, app[LOG].size)]
    members: dict[str, JSON] = {"provider": provider, "recorded_until": told, "statements": digests}
    return json_response(members, headers=_PRIVATE)


async def get_quality_report(request: web.Request) -> web.Response:
    """A report with its figures recomputed from the provider's events, and the differences that the reader may see."""
    name, app, reader = digest(request.match_info["digest"], "digest"), request.app, known_reader(request)
    stored = await app[DIRECTORY].statement(name, app[LOG].size)
    if stored is None or stored.kind != "quality-report" or not may_read_quality(reader, stored.issuer):
        raise NotFoundError("not_found", "There is no such report of yours; officers may ask for any.", name)
    body = parsed(stored).body
    found = await app[RECOMPUTING].report(stored.issuer, body, app[LOG].size)
    found = found if is_officer(reader) else found.own()
    period = spaces.period(body["period"]["from"], body["period"]["to"])
    standing = (await _standing(request, stored.issuer)).get(period)
    members: dict[str, JSON] = {
        "provider": stored.issuer,
        "digest": name,
        "registered_at": timestamp(stored.time),
        "stands": standing is not None and standing["digest"] == name,
        "report": body,
        "source": {"same": found.same_source, "statements": found.statements, "root": found.root},
        "figures": [_compared(one) for one in found.figures],
    }
    return json_response(members, headers=_PRIVATE)


async def _provider(request: web.Request) -> str:
    """Whose reporting is asked about: the reader's own, or any for officers."""
    reader = known_reader(request)
    provider = actor_id(request.query.get("provider", reader.owner), "provider")
    if not may_read_quality(reader, provider):
        raise AccessError("not_for_you", "How a provider reports is shown to it and to officers.", "provider")
    member = await request.app[DIRECTORY].member(provider, request.app[LOG].size)
    if member is None:
        raise NotFoundError("not_found", "No provider of this id is registered; officers name one.", provider)
    return provider


async def _standing(request: web.Request, provider: str) -> dict[str, Any]:
    """The standing reports of a provider that may be shown, by period."""
    key, size = spaces.reports(provider), request.app[LOG].size
    found: dict[str, Any] = (await request.app[DIRECTORY].kept([key])).get(key) or {}
    return {period: one for period, one in found.items() if one["index"] < size}


def _named(period: str, one: dict[str, Any]) -> dict[str, JSON]:
    first, last = period.split("/")
    told = {"digest": one["digest"], "index": one["index"], "registered_at": timestamp(one["time"])}
    return {"period": {"from": first, "to": last}, **told}


def _quality(found: Quality) -> dict[str, JSON]:
    counts = asdict(found.counts)
    counts["unknown"] = {name: {"unknown": a, "asked": b} for name, (a, b) in found.counts.unknown.items()}
    parts: dict[str, JSON] = {
        name: {"value": _decimal(value), "weight": _decimal(WEIGHTS[name])} for name, value in found.parts.items()
    }
    return {"score": _decimal(found.score), "parts": parts, "counts": counts}


def _discrepancy(one: Discrepancy) -> dict[str, JSON]:
    told = {"code": one.code, "meaning": DISCREPANCIES[one.code], "about": one.about}
    return {**told, "since": timestamp(one.since)}


def _compared(one: Compared) -> dict[str, JSON]:
    stated: JSON = None
    if one.stated is not None:
        stated = {
            "version": one.stated.version,
            "value": str(one.stated.value),
            "numerator": one.stated.numerator,
            "denominator": one.stated.denominator,
            "missing": one.stated.missing,
        }
    return {
        "indicator": one.indicator,
        "part": one.part,
        "status": one.status,
        "meaning": STATUSES[one.status],
        "stated": stated,
        "computed": _figure(one.computed),
        "difference": None if one.difference is None else f"{one.difference:f}",
    }


def _figure(figure: Figure | None) -> JSON:
    return None if figure is None else as_data([figure], supervised=True)[0]


def _decimal(value: float | None) -> str | None:
    """A number as text: JSON of this network has no floats."""
    return None if value is None else f"{value:.4f}"
