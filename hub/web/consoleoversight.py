"""Oversight in the console: which providers need an enquiry and why, what has changed, how good reports are, charts."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aiohttp import web

from hub.charts.figure import Figure
from hub.enquiries.desk import LONGEST
from hub.enquiries.errors import EnquiryError
from hub.errors import NotFoundError
from hub.oversight.matters import COUNTS, WORSE, Concern, Disputed, Flagged, concerns
from hub.oversight.overview import last_year
from hub.plaintext import is_storable
from hub.storage.enquiries import Enquiry
from hub.web.appkeys import CLOCK, COMPARING, DIRECTORY, ENQUIRIES, GATE, LANGUAGE, LOG, SESSION
from hub.web.comparisoncharts import comparison_charts
from hub.web.consoleguard import console_form, console_page
from hub.web.figuretext import measured
from hub.web.formats import number
from hub.web.indicators import computed_overview
from hub.web.languages import Language
from hub.web.neutralcells import neutral_cells
from hub.web.presenting import parsed
from hub.web.rankcharts import many_ranks, rank_chart
from metrics.comparison.alarms import Alarm
from metrics.comparison.flags import COMMENT_DAYS, QUALITY
from metrics.comparison.judgements import Change, Comparison
from metrics.comparison.quarters import Quarters
from metrics.definitions import definition, definitions
from metrics.quality import WEIGHTS, Quality

if TYPE_CHECKING:
    from multidict import MultiDictProxy

__all__ = ["comparison_page", "enquiry_form", "send_enquiry"]

_PROVIDERS = 1000
_OTHERS = 50
"""Enquiries about earlier quarters that the page shows, the newest ones."""
_OF_CASES_FILED = ("discontinuation", "resolved_in_time", "respondent_participation")
"""Indicators whose cases have sentences of their own."""
_SURE = (("certain", 0.001), ("very", 0.01), ("quite", 0.05))


@console_page("console/oversight.html")
async def comparison_page(request: web.Request) -> dict[str, Any]:
    """The flags and discrepancies first, one block each; then changes, data quality, charts and neutrals."""
    app, language = request.app, request[LANGUAGE].language
    quarters, names = await app[COMPARING].quarters(), await _names(app)
    year = last_year(app[CLOCK]())
    cells = neutral_cells(language, (await computed_overview(request, year)).neutrals)
    always = {"tab": "oversight", "quarters": quarters, "neutrals": cells, "year": (year.start, year.end - 1)}
    if quarters is None:
        return always
    name = _naming(names, quarters)
    enquiries = await app[ENQUIRIES].enquiries()
    blocks = [_block(language, one, name) for one in await _concerns(app, quarters, enquiries)]
    shown = {one["enquiry"].id for one in blocks if one["enquiry"] is not None}
    standing = Counter(one.provider for one in quarters.discrepancies)
    before = quarters.flagged_before(app[CLOCK]())
    signs = await app[COMPARING].alarms()
    now = {(one["code"], one["provider"]) for one in blocks if one["about"] == "flag"}
    return always | {
        "last": quarters.period.end - 1,
        "blocks": blocks,
        "asked_for": _providers(blocks, "to_ask"),
        "waiting": _providers(blocks, "waits"),
        "others": [_other(one, name) for one in enquiries if one.id not in shown][:_OTHERS],
        "signs": [_sign(one, names, name, quarters) for one in sorted(signs, key=lambda each: name(each.provider))],
        "changes": [_change(language, one, name) for one in quarters.changes() if one.direction != "not_shown"],
        "compared_before": len(quarters.comparisons) > 1,
        "ended": sorted((name(provider), code) for code, provider in before - now),
        "begun": sorted((name(provider), code) for code, provider in now - before),
        "parts": list(WEIGHTS),
        "qualities": [_quality(language, one, name, standing[one.provider]) for one in _by_name(quarters, name)],
        "compared": [_compared(one) for one in quarters.newest],
        "apart": sorted(
            (name(each.subject), one.indicator, each.alone, each.unknown)
            for one in quarters.newest
            for each in one.apart
        ),
        "questions": {one.id: one.compared for one in definitions()},
        "charts": [
            await _charts(app, language, one, name, by_value=asked and request.query.get("order") == "value")
            for one in quarters.newest
            if (asked := one.indicator == request.query.get("show")) or _outside(one)
        ],
    }


async def _charts(
    app: web.Application, language: Language, one: Comparison, name: Callable[[str], str], *, by_value: bool
) -> dict[str, Any]:
    """The funnel, and every provider in order of name; or of value, and then with the intervals of their ranks."""
    rows = await app[COMPARING].by_value(one) if by_value else ()

    def drawn() -> tuple[Figure, Figure]:
        funnel, names = comparison_charts(language, one, name)
        return funnel, rank_chart(language, one, rows, name) if by_value else names

    figures = await asyncio.to_thread(drawn)
    return {"one": one, "figures": figures, "by_value": by_value, "many_ranks": many_ranks(rows), "all": len(rows)}


def _compared(one: Comparison) -> dict[str, Any]:
    judged = sum(not each.withheld for each in one.judgements)
    return {"code": one.indicator, "all": len(one.judgements), "judged": judged, "outside": _outside(one)}


def _outside(one: Comparison) -> int:
    """How many providers lie outside the outer limits."""
    return sum(each.level == "enquiry" for each in one.judgements)


@console_page("console/enquiry.html")
async def enquiry_form(request: web.Request) -> dict[str, Any]:
    """The draft of an enquiry with the figures that it rests on."""
    return await _form_page(request, request.query, None)


@console_form("console/enquiry.html")
async def send_enquiry(request: web.Request, form: "MultiDictProxy[str]") -> dict[str, Any] | web.StreamResponse:
    """Send the enquiry as the officer left it; its evidence is what the hub knows now."""
    app = request.app
    app[GATE].require_open()
    one, _ = await _concern(app, form)
    try:
        await app[ENQUIRIES].ask(request[SESSION].owner, one.matter, form.get("text", ""), one.evidence)
    except EnquiryError as error:
        return await _form_page(request, form, error)
    lang = f"?lang={request[LANGUAGE].language.tag}" if request[LANGUAGE].asked else ""
    return web.Response(status=303, headers={"Location": f"/console/oversight{lang}#{_anchor(one)}"})


async def _form_page(request: web.Request, asked: Mapping[str, str], error: EnquiryError | None) -> dict[str, Any]:
    app, language = request.app, request[LANGUAGE].language
    one, quarters = await _concern(app, asked)
    block = _block(language, one, _naming(await _names(app), quarters))
    text = asked.get("text")
    kept = None if text is None else text.replace("\x00", "")  # a page can't carry it; so the same can be sent again
    return {
        "tab": "oversight", "block": block, "last": quarters.period.end - 1, "error": error, "text": kept,
        "unstorable": text is not None and not is_storable(text), "longest": LONGEST, "days": COMMENT_DAYS,
    }  # fmt: skip


async def _concern(app: web.Application, asked: Mapping[str, str]) -> tuple[Concern, Quarters]:
    """The matter that a form names, as it stands now.

    Raises:
        NotFoundError: there is no such matter any more.
    """
    quarters = await app[COMPARING].quarters()
    key = tuple(asked.get(name, "") for name in ("provider", "about", "code"))
    enquiries = await app[ENQUIRIES].enquiries()
    for one in await _concerns(app, quarters, enquiries) if quarters is not None else ():
        if (one.matter.provider, one.matter.about, one.matter.code) == key:
            return one, quarters  # type: ignore[return-value]  # without quarters there are no matters
    raise NotFoundError("not_found", "There is no such matter to enquire about in this quarter.", "code")


async def _concerns(app: web.Application, quarters: Quarters, enquiries: list[Enquiry]) -> tuple[Concern, ...]:
    flags = quarters.flags(app[ENQUIRIES].comments(enquiries), app[CLOCK]())
    return concerns(quarters, enquiries, flags)


async def _names(app: web.Application) -> dict[str, str]:
    """Registered providers by id."""
    found = await app[DIRECTORY].members(app[LOG].size, after="", limit=_PROVIDERS)
    bodies = [(one.subject, parsed(one).body) for one in found if one.subject]
    return {subject: str(body["profile"]["legal_name"]) for subject, body in bodies if body["type"] == "provider"}


def _naming(names: Mapping[str, str], quarters: Quarters) -> Callable[[str], str]:
    """What each provider is called; its id stands with a name that two of them have."""
    used = Counter(names.get(one, one) for one in quarters.qualities)

    def name(provider: str) -> str:
        known = names.get(provider, provider)
        return known if used[known] < 2 else f"{known} ({provider})"

    return name


def _block(language: Language, one: Concern, name: Callable[[str], str]) -> dict[str, Any]:
    """What the page says of a matter, numbers in words already."""
    told: dict[str, Any] = {
        "anchor": _anchor(one), "about": one.matter.about, "code": one.matter.code, "provider": one.matter.provider,
        "name": name(one.matter.provider), "enquiry": one.enquiry, "state": _state(one),
    }  # fmt: skip
    if isinstance(one, Disputed):
        return told | {"n": len(one.found), "since": one.since, "cases": one.cases, "confidential": False}
    if not isinstance(one, Flagged):
        raise TypeError(type(one).__name__)
    judged, (low, high), flag = one.flag.judgement, one.interval, one.flag
    return told | {
        "question": definition(one.matter.code).compared, "filed": one.matter.code in _OF_CASES_FILED,
        "n": judged.n, "numerator": judged.numerator, "counts": COUNTS[one.matter.code], "side": judged.side,
        "expected_count": round(judged.expected), "value": measured(language, one.share, "share"),
        "expected": measured(language, one.expected, "share"), "low": measured(language, low, "share"),
        "high": measured(language, high, "share"), "since": flag.since.start, "quarters": flag.periods,
        "start": flag.period.start, "last": flag.period.end - 1,
        "sure": next((code for code, bound in _SURE if flag.q < bound), "little"),
        "chance": measured(language, flag.q, "share") if flag.q >= _SURE[0][1] else None, "missing": flag.missing,
        "public": flag.public, "confidential": one.is_confidential,
    }  # fmt: skip


def _other(one: Enquiry, name: Callable[[str], str]) -> dict[str, Any]:
    """An enquiry whose matter is not of this quarter."""
    period = {"start": one.period_start, "last": one.period_end - 1}
    return {"name": name(one.provider), "about": one.about, "code": one.code, "enquiry": one, **period}


def _state(one: Concern) -> str:
    """Whether the provider is to be asked, or was and answered."""
    if one.enquiry is None:
        return "to_ask"
    return "waits" if one.enquiry.comment is None else "commented"


def _anchor(one: Concern) -> str:
    return f"{one.matter.provider}-{one.matter.code}".replace("_", "-")


def _providers(blocks: Sequence[dict[str, Any]], state: str) -> list[str]:
    return list(dict.fromkeys(one["name"] for one in blocks if one["state"] == state))


def _change(language: Language, one: Change, name: Callable[[str], str]) -> dict[str, Any]:
    rates = [{"value": measured(language, float(rate.share), "share"), "n": rate.n} for rate in one.rates]
    points = [number(language, round(100 * value)) for value in (one.limits.low, one.limits.high)]
    return {
        "code": one.indicator, "name": name(one.subject), "rates": rates, "up": one.direction == "up", "points": points,
    }  # fmt: skip


def _sign(one: Alarm, names: Mapping[str, str], name: Callable[[str], str], quarters: Quarters) -> dict[str, Any]:
    """An alarm as the page says it; the sort before it is stable, so that indicators stay in their order."""
    score = quarters.qualities[one.provider].score if one.provider in quarters.qualities else None
    return {
        "provider": one.provider, "registered": one.provider in names, "name": name(one.provider),
        "code": one.indicator, "fewer": WORSE[one.indicator] == "below", "since": one.since,
        "cases": one.cases, "bad": one.bad, "expected": round(one.expected), "rare": one.run_length,
        "unreliable": score is None or score < QUALITY,
    }  # fmt: skip


def _by_name(quarters: Quarters, name: Callable[[str], str]) -> list[Quality]:
    found = quarters.qualities
    return [found[one] for one in sorted(found, key=lambda each: (name(each).casefold(), each))]


def _quality(language: Language, one: Quality, name: Callable[[str], str], standing: int) -> dict[str, Any]:
    shown = {part: None if value is None else measured(language, value, "share") for part, value in one.parts.items()}
    return {
        "name": name(one.provider),
        "score": None if one.score is None else measured(language, one.score, "share"),
        "parts": shown,
        "low": one.score is None or one.score < QUALITY,
        "discrepancies": standing,
    }
