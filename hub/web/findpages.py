"""Which provider fits my dispute: five questions, the providers that fit with the reason, and a text to agree on.

One form, without script. Answers left open ask for nothing. Providers come in the order of their names.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from aiohttp import web
from markupsafe import Markup

from hub.errors import NotFoundError, RequestError
from hub.storage.searchqueries import Listed, ProviderQuery
from hub.web.agreement import Terms, agreement
from hub.web.amounts import read_amount
from hub.web.appkeys import CLOCK, DIRECTORY, LANGUAGE, LOG, SEARCH
from hub.web.fitting import Need, Point, fits, met_text, missed_text, points, where_text
from hub.web.formats import currency, economy, tongue
from hub.web.languages import TAGS, Language, language
from hub.web.listpages import given
from hub.web.options import chosen, options
from hub.web.rendering import page
from hub.web.requests import actor_id
from hub.web.searching import provider_query
from hub.web.wording import LISTS, coded
from schemas.codes import code_list
from signing.compose import timestamp

__all__ = ["agreement_page", "find_page"]

_STAGES = ("negotiation", "mediation", "arbitration")
_WITHOUT = {
    "dispute_type": partial(replace, dispute_type=None),
    "stage": partial(replace, stage=None),
    "language": partial(replace, language=None),
}
"""Condition -> the query without it."""
_LOOKED_AT, _NEAR, _NEAR_SHOWN = 50, 25, 12
_QUESTIONS = ("dispute_type", "mine", "theirs", "amount", "currency", "language", "stage")


@dataclass(frozen=True, slots=True)
class _Seen:
    """A provider as somebody who looks for one sees it."""

    one: Listed
    found: tuple[Point, ...]

    def shown(self, spoken: Language, need: Need) -> dict[str, Any]:
        profile = self.one.record["profile"]
        tell = met_text if fits(self.found) else missed_text
        where = where_text(spoken, profile, need)
        return {"one": self.one, "why": tell(spoken, self.found, need, profile), "where": where}


@page("find.html")
async def find_page(request: web.Request) -> dict[str, Any]:
    """The five questions; with answers, the providers that fit, those that nearly do, and what could be relaxed."""
    wished, size, spoken = given(request), request.app[LOG].size, request[LANGUAGE].language
    need, mistake = _need(wished, spoken)
    answered = mistake is None and any(name in wished.query for name in _QUESTIONS)
    everybody = await request.app[SEARCH].providers(ProviderQuery(), size, "", 1)
    context = {
        "size": size,
        "now": request.app[CLOCK](),
        "asked": {name: request.query.get(name, "") for name in _QUESTIONS},
        "mistake": mistake,
        "answered": answered,
        "spoken": _sorted(
            [(value, tongue(spoken, value)) for value, _ in everybody.facets.get("language", ())],
        ),
        "disputes": [(code, coded(spoken, "claim_types", code)) for code in LISTS["claim_types"]],
        "mine": chosen(_economies(spoken.tag), request.query.get("mine", "")),
        "theirs": chosen(_economies(spoken.tag), request.query.get("theirs", "")),
        "currencies": chosen(_currencies(spoken.tag), request.query.get("currency", "")),
        "stages": _STAGES,
        "fitting": [],
        "near": [],
        "relaxed": [],
        "more": False,
    }
    return context | (await _results(request, need, size) if answered else {})


async def _results(request: web.Request, need: Need, size: int) -> dict[str, Any]:
    search, spoken = request.app[SEARCH], request[LANGUAGE].language
    query = ProviderQuery(
        dispute_type=need.dispute_type, stage=need.stage, language=need.language, accredited_only=True
    )
    page_of_all = await search.providers(query, size, "", _LOOKED_AT)
    looked_at = [_seen(one, need) for one in page_of_all.rows]
    fitting, near = [one for one in looked_at if fits(one.found)], [one for one in looked_at if not fits(one.found)]
    relaxed = []
    for name, without in _WITHOUT.items():
        if getattr(need, name) is None:
            continue
        others = await search.providers(without(query), size, "", _NEAR)
        seen = [_seen(one, need) for one in others.rows]
        near += [one for one in seen if not fits(one.found)]
        relaxed.append((name, sum(fits(point for point in one.found if point.name not in _only(name)) for one in seen)))
    if need.amount is not None:
        relaxed.append(("amount", sum(fits(p for p in one.found if p.name != "amount") for one in looked_at)))
    unaccredited = await search.providers(replace(query, accredited_only=False), size, "", _NEAR)
    near += [one for one in (_seen(row, need) for row in unaccredited.rows) if not fits(one.found)]
    return {
        "fitting": [one.shown(spoken, need) for one in _by_name(fitting)],
        "near": [one.shown(spoken, need) for one in _by_name(near)[:_NEAR_SHOWN]],
        "relaxed": [(name, count) for name, count in relaxed if count],
        "more": page_of_all.next is not None,
    }


def _only(name: str) -> tuple[str, ...]:
    """The points that go with a condition when it is dropped."""
    return ("stage", "binding") if name == "stage" else (name,)


@page("agreement.html")
async def agreement_page(request: web.Request) -> dict[str, Any]:
    """An agreement text that names one provider, in four languages."""
    wished, size = given(request), request.app[LOG].size
    one = await _provider(request, wished.query.get("provider"), size)
    profile = one.record["profile"]
    stage = _chosen(wished, "stage", [name for name in _STAGES if name in profile["stages_offered"]], last=True)
    spoken = _chosen(wished, "language", profile["languages_procedure"])
    others = await _successors(request, one, stage, size)
    named = wished.query.get("successor") or profile.get("run_off_plan", {}).get("successor")
    successor = next((other for other in others if other.id == named), None)
    rules = _in_force(profile["rules"], request.app[CLOCK]())
    (genesis, *_) = await request.app[DIRECTORY].policies(size)
    terms = Terms(
        provider=(one.name, one.id),
        rules=(rules["name"], rules["version"]),
        stages=tuple(name for name in _STAGES[: _STAGES.index(stage) + 1] if name in profile["stages_offered"]),
        language=spoken,
        network=genesis.digest,
        seat=_seat(wished),
        successor=None if successor is None else (successor.name, successor.id),
    )
    first = request[LANGUAGE].language
    written = [first, *(language(tag) for tag in TAGS if tag != first.tag)]
    return {
        "one": one,
        "terms": terms,
        "stage": stage,
        "offered": [name for name in _STAGES if name in profile["stages_offered"]],
        "tongues": profile["languages_procedure"],
        "others": others,
        "texts": [(each, agreement(each, terms)) for each in written],
        "size": size,
        "now": request.app[CLOCK](),
    }


def _need(request: web.Request, spoken: Language) -> tuple[Need, str | None]:
    """What is asked for, and what the reader has to write differently."""
    query, say = provider_query(request), spoken.translations
    need = Need(
        query.dispute_type,
        query.stage,
        query.language,
        tuple(one for name in ("mine", "theirs") if (one := request.query.get(name, "")) in code_list("countries")),
    )
    if (text := request.query.get("amount")) is None:
        return need, None
    number, unit = read_amount(text[:40]), request.query.get("currency")
    if number is None:
        return need, say.gettext("The amount can't be read: write it like 12500 or 12500.50.")
    if unit not in code_list("currencies"):
        return need, say.gettext("Choose the currency of the amount.")
    return replace(need, amount=number, currency=unit), None


def _seen(one: Listed, need: Need) -> _Seen:
    return _Seen(one, points(one.record["profile"], one.accredited, need))


def _by_name(seen: Sequence[_Seen]) -> list[_Seen]:
    once = {each.one.id: each for each in seen}
    return sorted(once.values(), key=lambda each: (each.one.name.casefold(), each.one.id))


def _sorted(named: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(named, key=lambda one: one[1].casefold())


@cache
def _economies(tag: str) -> Markup:
    return options(_sorted([(code, economy(language(tag), code)) for code in code_list("countries").entries]))


@cache
def _currencies(tag: str) -> Markup:
    codes = sorted(code_list("currencies").entries)
    return options([(code, f"{code} {currency(language(tag), code)}") for code in codes])


async def _provider(request: web.Request, name: str | None, size: int) -> Listed:
    if name is None:
        raise RequestError("bad_parameter", "Name the provider: ?provider=, its identifier.", "provider")
    one = await request.app[SEARCH].one(actor_id(name, "provider"), size)
    if one is None or one.role != "provider":
        raise NotFoundError("not_found", "No provider of this id is registered.", name)
    return one


async def _successors(request: web.Request, one: Listed, stage: str, size: int) -> list[Listed]:
    query = ProviderQuery(stage=stage, accredited_only=True)
    found = await request.app[SEARCH].providers(query, size, "", _LOOKED_AT)
    others = [other for other in found.rows if other.id != one.id]
    return sorted(others, key=lambda other: other.name.casefold())


def _chosen(request: web.Request, name: str, values: Sequence[str], *, last: bool = False) -> str:
    """The value asked for if it is among those that there are; else the first, or the last."""
    asked = request.query.get(name, "")
    return asked if asked in values else values[-1 if last else 0]


def _in_force(rules: Sequence[dict[str, Any]], now: int) -> dict[str, Any]:
    """The rules that came into force last by now; where none has yet, those that come first."""
    today = timestamp(now)[:10]
    begun = [one for one in rules if one["effective"] <= today]
    return max(begun, key=_effective) if begun else min(rules, key=_effective)


def _effective(rules: dict[str, Any]) -> str:
    return str(rules["effective"])


def _seat(request: web.Request) -> str | None:
    seat = request.query.get("seat", "")
    if len(seat) > 100 or not seat.isprintable():
        raise RequestError("bad_parameter", "The seat has at most 100 characters, on one line.", "seat")
    return seat.strip() or None
