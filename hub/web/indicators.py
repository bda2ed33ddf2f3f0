"""Figures about providers: ``/v1/indicators`` for programs, ``/oversight`` for people."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from aiohttp import web

from hub.errors import AccessError, RequestError
from hub.oversight.overview import Overview, last_year
from hub.oversight.turns import NAMED, SOON, STRANGER, Asker
from hub.web.access import Reader, is_officer
from hub.web.appkeys import CLOCK, COMPARING, DIRECTORY, LANGUAGE, LOG, OVERSIGHT, SETTINGS
from hub.web.authentication import known_reader, reader_of
from hub.web.figuretext import interval_text, part_text, value_text
from hub.web.keptparts import KEPT_PARTS
from hub.web.languages import Language
from hub.web.neutralcells import neutral_cells
from hub.web.oversightcharts import oversight_charts
from hub.web.owncomparison import own_comparison
from hub.web.presenting import parsed
from hub.web.rendering import page
from hub.web.responses import json_response
from metrics.definitions import definitions
from metrics.errors import BadPeriodError
from metrics.figures import Figure, Period
from metrics.pairing import FEDERATION
from metrics.report import as_data
from signing.compose import timestamp
from signing.encoding import JSON

__all__ = ["asked_period", "computed_overview", "get_indicators", "oversight_page"]

VIEWS = ("public", "own", "supervised")
_PROVIDERS = 1000


async def get_indicators(request: web.Request) -> web.Response:
    """Definitions and figures: for anybody the federation's, for a provider its own too, for officers all."""
    view = request.query.get("view", "public")
    if view not in VIEWS:
        raise RequestError("bad_parameter", f"view is one of {', '.join(VIEWS)}.", "view")
    reader = None if view == "public" else known_reader(request)  # before anything is computed
    if view == "supervised" and reader is not None and not is_officer(reader):
        raise AccessError("not_for_you", "The figures of single providers are shown to officers.", "view")
    overview = await computed_overview(request, asked_period(request))
    if reader is None:
        overview = overview.public()
    elif view == "own":
        overview = overview.own(reader.owner)
    members = _members(overview, view)
    if view == "own":
        members["comparison"] = await _comparison(request)
    private = {} if view == "public" else {"Cache-Control": "private, no-cache"}
    return json_response(members, headers=private)


@page("oversight.html")
async def oversight_page(request: web.Request) -> dict[str, Any]:
    """The public figures, each with the question that it answers and what it does not say."""
    overview, language = await computed_overview(request, asked_period(request)), request[LANGUAGE].language
    made = partial(_public_figures, overview, language)
    return {
        "settings": request.app[SETTINGS].hub,
        "now": request.app[CLOCK](),
        "size": request.app[LOG].size,
        "events": overview.events,
        "first": overview.period.start,
        "last": overview.period.end - 1,
        "part": await request.app[KEPT_PARTS].part(request, "kept/oversight.html", overview.number, made)
        if overview.events
        else "",
    }


def _public_figures(computed: Overview, language: Language) -> dict[str, Any]:
    overview = computed.public()
    return {
        "neutrals": neutral_cells(language, overview.neutrals),
        "charts": {} if overview.curves is None else oversight_charts(language, overview.curves),
        "indicators": [
            (one, [_row(language, figure) for figure in overview.figures if figure.indicator == one.id])
            for one in definitions()
            if one.view != "supervised"
        ],
    }


async def _comparison(request: web.Request) -> JSON:
    """How the provider that asks compares with the others, who have no names; null for who is no provider."""
    app, reader = request.app, known_reader(request)
    quarters = await app[COMPARING].quarters() if reader.role == "provider" else None
    return None if quarters is None else own_comparison(quarters, reader.owner)


async def computed_overview(request: web.Request, period: Period) -> Overview:
    """Everything that officers may see of the period; the caller makes of it what the reader may see.

    Raises:
        RequestError: bad_parameter; the period is not over yet.
        FiguresBusyError: the asker waits for as many other periods as it may.
        FactsBehindError: facts are being folded anew.
    """
    app = request.app

    async def providers() -> list[str]:
        members = await app[DIRECTORY].members(app[LOG].size, after="", limit=_PROVIDERS)
        return [one.subject for one in members if one.subject and parsed(one).body["type"] == "provider"]

    try:
        return await app[OVERSIGHT].supervised(period, providers, _asker(reader_of(request)))
    except BadPeriodError as error:
        raise RequestError("bad_parameter", error.message, "to") from None


def _asker(reader: Reader | None) -> Asker:
    """Who signed the request comes before who did not, and officers come before all."""
    if reader is None:
        return STRANGER
    return Asker(SOON if is_officer(reader) else NAMED, reader.owner)


def asked_period(request: web.Request) -> Period:
    """From ``from`` to ``to``, both included; the last 365 whole days when neither is given."""
    given = {name: request.query[name] for name in ("from", "to") if name in request.query}
    if not given:
        return last_year(request.app[CLOCK]())
    days: dict[str, date] = {}
    for name in ("from", "to"):
        try:
            days[name] = date.fromisoformat(given[name])
        except (KeyError, ValueError):
            raise RequestError("bad_parameter", "Give from and to, both as days like 2026-01-31.", name) from None
    try:
        return Period.of(days["from"], days["to"])
    except BadPeriodError as error:
        raise RequestError("bad_parameter", error.message, "from") from None


def _members(overview: Overview, view: str) -> dict[str, JSON]:
    members: dict[str, JSON] = {
        "view": view,
        "period": {"from": _day(overview.period.start), "to": _day(overview.period.end - 1)},
        "freeze": timestamp(overview.freeze),
        "events": overview.events,
        "definitions": [asdict(one) for one in definitions()],
        "figures": [one for figure in overview.figures for one in as_data([figure], supervised=_inner(figure, view))],
    }
    if overview.defects is not None and view == "supervised":
        members |= {"unlinked": overview.unlinked, "disagreements": overview.disagreements, "defects": overview.defects}
    return members


def _inner(figure: Figure, view: str) -> bool:
    """Whether the reader may see counts and small values of the figure."""
    return view == "supervised" or (view == "own" and figure.subject != FEDERATION)


def _row(language: Language, figure: Figure) -> dict[str, Any]:
    return {
        "part": part_text(language, figure.part) if figure.part else "",
        "value": value_text(language, figure),
        "interval": interval_text(language, figure),
        "level": figure.interval and round(100 * figure.interval.level),
        "shown": figure.value is not None,
        "n": figure.n if figure.value is not None else None,
    }


def _day(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).date().isoformat()
