"""The directory of a large network, over HTTP: one entry, a page of a hundred, searches with counts; and as pages.

Clients of the API send their next request when the one before is answered. Pages are asked for at a steady rate,
because readers don't wait for each other. Beside each stands the processor time of one request: the hub is one
process, so that four clients wait for about four times as much.

A log of as many admissions and decisions is made (``populating``); the hub then follows it, as after an upgrade.
"""

from __future__ import annotations

import json
import time
import urllib.error
from contextlib import ExitStack, suppress
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bench import limits, load
from bench.network import NEUTRAL, PROVIDER, Network, network, serve
from bench.populating import Made, populate
from bench.processes import stopped, wait_for_port
from bench.table import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROVIDERS, NEUTRALS = 1000, 50_000
CLIENTS, ASKED = 4, 2000
PAGES_A_SECOND, PAGES = 50, 1000
_LANGUAGES = ("en", "fr", "es", "es-419", "zh-Hans", "zh-Hant", "ar", "ru", "pt-BR", "de", "ja", "sw", "hi", "id")
_FIELDS = tuple(f"field_{number:02}" for number in range(30))
_SYSTEMS = ("common_law", "civil_law", "CN", "SG", "NG", "GB", "FR", "BR", "PE", "IN", "KE", "JP", "AE", "US")
_ASKED_LANGUAGES = ("en", "zh", "fr", "es", "ar", "ja")
_STAGES = ("negotiation", "mediation", "arbitration")
_SYLLABLES = ("ka", "ro", "mi", "ta", "le", "no", "sha", "bu", "ri", "an", "de", "wo", "li", "pe", "su", "ga")


def rows(neutrals: int = NEUTRALS, providers: int = PROVIDERS) -> list[Row]:
    """One entry, a page, and searches, each beside an echo of as many octets; pages at a steady rate."""
    with network() as hub, ExitStack() as stack:
        chance = Random(7)
        hub.post(hub.speaker.accreditation(NEUTRAL))
        hub.process.terminate()
        hub.process.wait(60)
        populate(hub.data, _everybody(providers, neutrals, chance), chance)
        hub.process = stack.enter_context(stopped(serve(hub.data, hub.port)))
        wait_for_port(hub.port, 120.0)
        followed = _followed(hub, neutrals)
        asked = {
            "entry": [f"/v1/neutrals/{_id('neutral', chance.randrange(neutrals))}" for _ in range(ASKED)],
            "page of 100": [
                f"/v1/neutrals?after={_id('neutral', chance.randrange(neutrals))}" for _ in range(ASKED // 4)
            ],
            "search, 20 rows": [_search(chance, providers) for _ in range(ASKED)],
        }
        limit = {"entry": 20, "page of 100": 20, "search, 20 rows": 50}
        found = f"{providers:,} providers, {neutrals:,} neutrals, {CLIENTS} clients"
        made = [_row(hub, f"directory, {name}; {found}", paths, limit[name]) for name, paths in asked.items()]
        made += [_page(hub, f"{path}; {found}", address) for path, address in _pages(chance, providers).items()]
        memory = Row("hub process with this directory", f"{hub.memory():.0f} MB", "", "")
        return [*made, memory, Row("the directory made from the log", f"{followed:.1f} s", "", "")]


def _followed(hub: Network, neutrals: int) -> float:
    """Seconds until the hub shows everybody."""
    began = time.perf_counter()
    while True:
        with suppress(urllib.error.HTTPError):
            if json.loads(hub.read("/v1/neutrals?limit=1"))["total"] > neutrals:
                return time.perf_counter() - began
        time.sleep(0.2)


def _row(hub: Network, name: str, paths: list[str], most: int) -> Row:
    requests = [load.get(path) for path in paths]
    load.run(hub.port, requests[: len(requests) // 10], CLIENTS)
    before = hub.processor()
    run = load.run(hub.port, requests, CLIENTS)
    each = (hub.processor() - before) / len(requests) * 1000
    size = len(hub.read(paths[0]))
    echo = limits.echoes(b"x" * size, len(paths))
    figures = f"{_figures(run, each)}, {size:,} octets each"
    text = f"p95 {most} ms at most; aiohttp echo of as many octets {echo.rate:,.0f}/s"
    return Row(name, figures, text, f"{run.rate:,.0f}/s, {run.rate / echo.rate:.2f} of the echo")


def _page(hub: Network, name: str, address: Callable[[], str]) -> Row:
    requests = [load.get(address()) for _ in range(PAGES)]
    load.paced(hub.port, requests[: PAGES // 10], PAGES_A_SECOND)
    before = hub.processor()
    run = load.paced(hub.port, requests, PAGES_A_SECOND)
    each = (hub.processor() - before) / PAGES * 1000
    return Row(f"page {name}, {PAGES_A_SECOND} a second", _figures(run, each), "p95 50 ms at most", "")


def _figures(run: load.Load, each: float) -> str:
    answered = ", ".join(f"{count} x {status}" for status, count in sorted(run.statuses.items()))
    quantiles = f"p50 {run.quantile(0.5):.1f} ms, p95 {run.quantile(0.95):.1f} ms"
    return f"{quantiles} ({answered}), {each:.1f} ms of processor time each"


def _pages(chance: Random, providers: int) -> dict[str, Callable[[], str]]:
    """The public pages that look through the directory, and how readers ask for each."""
    return {
        "/directory": lambda: f"/directory?language={chance.choice(_ASKED_LANGUAGES)}&text={chance.choice(_SYLLABLES)}",
        "/directory/neutrals": lambda: _search(chance, providers).replace(
            "/v1/neutrals?limit=20&", "/directory/neutrals?"
        ),
        "/find": lambda: f"/find?language={chance.choice(_ASKED_LANGUAGES)}&stage={chance.choice(_STAGES)}",
    }


def _everybody(providers: int, neutrals: int, chance: Random) -> Iterator[Made]:
    """Those who nominate first."""
    for number in range(providers):
        name = _name(chance)
        yield Made(PROVIDER.id, _id("provider", number), partial(_named, f"{name} ODR"))
    for number in range(neutrals):
        yield Made(NEUTRAL.id, _id("neutral", number), partial(_described, _id("provider", number % providers), chance))


def _id(kind: str, number: int) -> str:
    return f"{kind}-{number:05}"


def _named(name: str, data: dict[str, Any]) -> None:
    data["profile"] |= {"legal_name": name}


def _described(provider: str, chance: Random, data: dict[str, Any]) -> None:
    data["nominated_by"] = provider
    data["profile"] |= {
        "display_name": f"{_name(chance)} {_name(chance)}",
        "roles": chance.sample(["mediator", "arbitrator"], chance.randint(1, 2)),
        "languages": chance.sample(_LANGUAGES, chance.randint(1, 3)),
        "practice_fields": chance.sample(_FIELDS, chance.randint(1, 4)),
        "legal_systems": chance.sample(_SYSTEMS, chance.randint(1, 2)),
    }


def _name(chance: Random) -> str:
    return "".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))).title()


def _search(chance: Random, providers: int) -> str:
    """One to four conditions, as a reader combines them."""
    conditions = {
        "language": chance.choice(_ASKED_LANGUAGES),
        "field": chance.choice(_FIELDS),
        "role": chance.choice(("mediator", "arbitrator")),
        "legal_system": chance.choice(_SYSTEMS),
        "available_only": "true",
        "text": chance.choice(_SYLLABLES),
        "provider": _id("provider", chance.randrange(providers)),
    }
    chosen = chance.sample(sorted(conditions), chance.randint(1, 4))
    return "/v1/neutrals?limit=20&" + "&".join(f"{name}={quote(conditions[name])}" for name in chosen)
