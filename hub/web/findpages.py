"""Which provider fits my dispute: five questions, the providers that fit with the reason, and a text to agree on.

One form, without script. Answers left open ask for nothing. Providers come in the order of their names.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from aiohttp import web
from markupsafe import Markup

from hub.errors import NotFoundError, RequestError
from hub.storage.offers import LOOKED_AT, Offer, Sifted
from hub.storage.search import Search
from hub.storage.searchqueries import Listed, ProviderQuery
from hub.web.agreement import Terms, agreement
from hub.web.amounts import read_amount
from hub.web.appkeys import CLOCK, DIRECTORY, LANGUAGE, LOG, SEARCH
from hub.web.fitting import Need, Point, fits, met_text, missed_text, points, where_text, would_fit
from hub.web.formats import currency, economy, tongue
from hub.web.languages import TAGS, Language, language
from hub.web.listpages import given
from hub.web.options import chosen, options
from hub.web.rendering import page
from hub.web.requests import Query, actor_id, is_actor_id
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
_SHOWN, _NEAR_SHOWN, _UNACCREDITED = 50, 12, 25
"""How many lines of those that fit are on the page, and of those that nearly do; how many may be unaccredited."""
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
    need, mistake = _need(request, wished, spoken)
    answered = mistake is None and any(name in wished for name in _QUESTIONS)
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
        "count": 0,
        "fitting": [],
        "near": [],
        "relaxed": [],
        "beyond": None,
    }
    return context | (await _results(request, need, size) if answered else {})


async def _results(request: web.Request, need: Need, size: int) -> dict[str, Any]:
    search, spoken = request.app[SEARCH], request[LANGUAGE].language
    query = ProviderQuery(
        dispute_type=need.dispute_type, stage=need.stage, language=need.language, accredited_only=True
    )
    found = await search.sifted(query, size, partial(would_fit, need=need))
    others = await _relaxed(search, query, need, size, found)
    counts = [(name, len(one.passed)) for name, one in others.items()]
    if need.amount is not None:
        counts.append(("amount", sum(would_fit(one.profile, need, ("amount",)) for one in found.missed)))
    unaccredited = await search.providers(replace(query, accredited_only=False), size, "", _UNACCREDITED)
    fitting = [_seen(one, need) for one in await search.lines(found.passed[:_SHOWN])]
    nearest = await search.lines(_nearest(found, others.values()))
    near = [one for one in (_seen(row, need) for row in (*nearest, *unaccredited.rows)) if not fits(one.found)]
    once = list({one.one.id: one for one in near}.values())[:_NEAR_SHOWN]
    return {
        "count": len(found.passed),
        "fitting": [one.shown(spoken, need) for one in fitting],
        "near": [one.shown(spoken, need) for one in sorted(once, key=lambda each: _by_name(each.one))],
        "relaxed": [(name, count) for name, count in counts if count],
        "beyond": None if found.whole else LOOKED_AT,
    }


async def _relaxed(search: Search, query: ProviderQuery, need: Need, size: int, found: Sifted) -> dict[str, Sifted]:
    """By condition that was asked for, the candidates without it: those who pass would fit if it were dropped.

    They are counted for the reader where nobody fits; where somebody does, a few are enough to be shown.
    """
    fitting = frozenset(one.index for one in found.passed)
    return {
        name: await search.sifted(
            _WITHOUT[name](query), size, partial(would_fit, need=need, without=_only(name)),
            fitting, _NEAR_SHOWN if fitting else None,
        )
        for name in _WITHOUT
        if getattr(need, name) is not None
    }  # fmt: skip


def _nearest(found: Sifted, others: Iterable[Sifted]) -> list[Offer]:
    """Accredited providers that don't fit, some of them: first those that would if one condition were dropped."""
    one_missed = [*found.missed, *(one for other in others for one in other.passed)]
    ordered = {one.index: one for one in (*one_missed, *(one for other in others for one in other.missed))}
    return list(ordered.values())[:_NEAR_SHOWN]


def _only(name: str) -> tuple[str, ...]:
    """The points that go with a condition when it is dropped."""
    return ("stage", "binding") if name == "stage" else (name,)


@page("agreement.html")
async def agreement_page(request: web.Request) -> dict[str, Any]:
    """An agreement text that names one provider, in four languages."""
    wished, size = given(request), request.app[LOG].size
    one = await _provider(request, wished.get("provider"), size)
    profile = one.record["profile"]
    stage = _chosen(wished, "stage", [name for name in _STAGES if name in profile["stages_offered"]], last=True)
    spoken = _chosen(wished, "language", profile["languages_procedure"])
    named = request.query.get("successor", profile.get("run_off_plan", {}).get("successor"))
    others = [(other.id, other.name) for other in await _successors(request, one.id, stage, size)]
    successor = await _successor(request, named, stage, size) if named and named != one.id else None
    if successor is not None and (successor.id, successor.name) not in others:
        others.append((successor.id, successor.name))
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
        "others": chosen(options(others), "" if successor is None else successor.id),
        "texts": [(each, agreement(each, terms)) for each in written],
        "size": size,
        "now": request.app[CLOCK](),
    }


def _need(request: web.Request, wished: Query, spoken: Language) -> tuple[Need, str | None]:
    """What is asked for, and what the reader has to write differently."""
    query, say = provider_query(request, wished), spoken.translations
    need = Need(
        query.dispute_type,
        query.stage,
        query.language,
        tuple(one for name in ("mine", "theirs") if (one := wished.get(name, "")) in code_list("countries")),
    )
    if (text := wished.get("amount")) is None:
        return need, None
    number, unit = read_amount(text[:40]), wished.get("currency")
    if number is None:
        return need, say.gettext("The amount can't be read: write it like 12500 or 12500.50.")
    if unit not in code_list("currencies"):
        return need, say.gettext("Choose the currency of the amount.")
    return replace(need, amount=number, currency=unit), None


def _seen(one: Listed, need: Need) -> _Seen:
    return _Seen(one, points(one.record["profile"], one.accredited, need))


def _by_name(one: Listed) -> tuple[str, str]:
    return one.name.casefold(), one.id


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


async def _successors(request: web.Request, provider: str, stage: str, size: int) -> list[Offer]:
    """Who can take the place of a provider: whoever else is accredited and conducts the stage, by name."""
    query = ProviderQuery(stage=stage, accredited_only=True)
    found = await request.app[SEARCH].sifted(query, size, lambda _: True)
    return [one for one in found.passed if one.id != provider]


async def _successor(request: web.Request, name: str, stage: str, size: int) -> Listed | None:
    """The provider of this id where it is accredited and conducts the stage, looked up by itself."""
    one = await request.app[SEARCH].one(name, size) if is_actor_id(name) else None
    fit = one is not None and one.role == "provider" and one.accredited
    return one if one is not None and fit and stage in one.record["profile"]["stages_offered"] else None


def _chosen(wished: Query, name: str, values: Sequence[str], *, last: bool = False) -> str:
    """The value asked for if it is among those that there are; else the first, or the last."""
    asked = wished.get(name, "")
    return asked if asked in values else values[-1 if last else 0]


def _in_force(rules: Sequence[dict[str, Any]], now: int) -> dict[str, Any]:
    """The rules that came into force last by now; where none has yet, those that come first."""
    today = timestamp(now)[:10]
    begun = [one for one in rules if one["effective"] <= today]
    return max(begun, key=_effective) if begun else min(rules, key=_effective)


def _effective(rules: dict[str, Any]) -> str:
    return str(rules["effective"])


def _seat(wished: Query) -> str | None:
    seat = wished.get("seat", "")
    if len(seat) > 100 or not seat.isprintable():
        raise RequestError("bad_parameter", "The seat has at most 100 characters, on one line.", "seat")
    return seat.strip() or None
