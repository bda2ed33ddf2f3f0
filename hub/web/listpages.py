"""The directory as pages: providers, neutrals, and courts and observers, each with filters that work without script.

Awards and cases are listed nowhere. Filters by nationality are for members and officers, so pages have none.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from multidict import MultiDict, MultiDictProxy

from hub.storage.searchqueries import NeutralQuery, ProviderQuery, SearchPage
from hub.web.appkeys import CLOCK, LANGUAGE, LOG, SEARCH
from hub.web.directory import Moment, moment
from hub.web.formats import economy, legal_system, tongue
from hub.web.languages import Language
from hub.web.rendering import page
from hub.web.requests import Query
from hub.web.requests import page as paging
from hub.web.searching import neutral_query, provider_query
from hub.web.wording import coded, sector

__all__ = ["at_context", "given", "neutrals_page", "others_page", "providers_page", "shown_moment"]

_ROWS = 24


@dataclass(frozen=True, slots=True)
class _Filter:
    """A condition that is chosen from a list; ``write`` names its values."""

    name: str
    label: str
    write: Callable[[Language, str], str]


def _named(list_name: str) -> Callable[[Language, str], str]:
    return lambda language, code: coded(language, list_name, code)


def _filters(language: Language, neutral: bool) -> tuple[_Filter, ...]:  # noqa: FBT001  # which of the two
    say = language.translations
    if neutral:
        return (
            _Filter("language", say.gettext("Language"), tongue),
            _Filter("role", say.gettext("Acts as"), _named("neutral_roles")),
            _Filter("field", say.gettext("Field"), _named("practice_fields")),
            _Filter("legal_system", say.gettext("Legal system"), legal_system),
        )
    return (
        _Filter("dispute_type", say.gettext("Kind of dispute"), _named("claim_types")),
        _Filter("stage", say.gettext("Stage"), _named("stages")),
        _Filter("language", say.gettext("Language"), tongue),
        _Filter("economy", say.gettext("Established in"), economy),
        _Filter("sector", say.gettext("Industry"), sector),
    )


@page("directory.html")
async def providers_page(request: web.Request) -> dict[str, Any]:
    """Providers that meet the conditions."""
    wished, at, (after, _) = given(request), await shown_moment(request), paging(request)
    query = provider_query(request, wished)
    found = await request.app[SEARCH].providers(query, at.size, after, _ROWS, time=at.time)
    language = request[LANGUAGE].language
    tick = {"label": language.translations.gettext("Accredited only"), "name": "accredited_only"}
    return _listed(request, wished, "providers", at, found, _filters(language, neutral=False), query, tick)


@page("directory.html")
async def neutrals_page(request: web.Request) -> dict[str, Any]:
    """Neutrals who meet the conditions."""
    wished, at = given(request, without=("exclude_nationality",)), await shown_moment(request)
    query, (after, _) = neutral_query(request, wished), paging(request)
    found = await request.app[SEARCH].neutrals(query, at.size, after, _ROWS, time=at.time)
    language = request[LANGUAGE].language
    tick = {"label": language.translations.gettext("Accredited and taking cases only"), "name": "available_only"}
    return _listed(request, wished, "neutrals", at, found, _filters(language, neutral=True), query, tick)


@page("directory.html")
async def others_page(request: web.Request) -> dict[str, Any]:
    """Courts and observers; they are few, so they come whole and unfiltered."""
    at, search = await shown_moment(request), request.app[SEARCH]
    courts = await search.members(ProviderQuery(type="court"), at.size, "", 1000, time=at.time)
    observers = await search.members(ProviderQuery(type="observer"), at.size, "", 1000, time=at.time)
    found = SearchPage((*courts.rows, *observers.rows), None, courts.total + observers.total, {}, at.time)
    return _listed(request, given(request), "others", at, found, (), ProviderQuery(), {"label": "", "name": ""})


def given(request: web.Request, without: Iterable[str] = ()) -> Query:
    """The parameters that are not empty: a form sends every field, and an empty one asks for nothing."""
    kept = [(name, value) for name, value in request.query.items() if value.strip() and name not in without]
    return MultiDictProxy(MultiDict(kept))


async def shown_moment(request: web.Request) -> Moment:
    """``moment``, for pages: an empty ``at`` is now.

    Raises:
        RequestError: bad_parameter.
    """
    if "at" in given(request):
        return await moment(request)
    return Moment(request.app[LOG].size, request.app[CLOCK]())


def at_context(wished: Query, at: Moment) -> dict[str, Any]:
    """What pages of the directory say about the moment that they show."""
    return {"asked": wished.get("at"), "size": at.size, "time": at.time}


def _listed(  # noqa: PLR0913, PLR0917  # what a list shows
    request: web.Request,
    wished: Query,
    register: str,
    at: Moment,
    found: SearchPage,
    filters: Iterable[_Filter],
    query: ProviderQuery | NeutralQuery,
    tick: Mapping[str, str],
) -> dict[str, Any]:
    language, asked = request[LANGUAGE].language, {name: getattr(query, name) for name in query.__slots__}
    kept = {name: value for name, value in wished.items() if name not in ("after", "lang", "limit")}
    return {
        "register": register,
        "path": request.path,
        "path_of_one": f"/directory/{register}/",
        "at": at_context(wished, at),
        "asked": asked,
        "filters": [
            {
                "name": one.name,
                "label": one.label,
                "chosen": asked[one.name],
                "values": _values(language, one, found.facets.get(one.name, ()), asked[one.name]),
            }
            for one in filters
        ],
        "tick": {**tick, "chosen": asked.get(tick["name"], False)},
        "hidden": {"provider": asked["provider"]} if asked.get("provider") else {},
        "narrowed": any(asked.values()),
        "rows": found.rows,
        "total": found.total,
        "after": wished.get("after"),
        "following": found.next,
        "kept": kept,
    }


def _values(
    language: Language, one: _Filter, counted: Iterable[tuple[str, int]], chosen: str | None
) -> list[dict[str, Any]]:
    """The values that can be chosen, by their names; the chosen one is there even where it finds nothing."""
    counts = dict(counted)
    if chosen is not None:
        counts.setdefault(chosen, 0)
    named = [{"value": value, "label": one.write(language, value), "count": count} for value, count in counts.items()]
    return sorted(named, key=lambda entry: str(entry["label"]).casefold())
