"""The directory of a large network, over HTTP: one entry, a page of a hundred, searches with counts.

Each is asked for in two ways: by four clients that send their next request when the one before is answered, and at a
steady rate, since most readers don't wait for each other. Beside each stands the processor time of one request: the
hub is one process, so that four clients wait for about four times as much.

A log of as many admissions and decisions is made (``populating``); the hub then follows it, as after an upgrade.
"""

from __future__ import annotations

import json
import time
import urllib.error
from contextlib import contextmanager, suppress
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
    from collections.abc import Iterator

PROVIDERS, NEUTRALS = 1000, 50_000
CLIENTS, ASKED = 4, 2000
READS_A_SECOND = 50
_LANGUAGES = ("en", "fr", "es", "es-419", "zh-Hans", "zh-Hant", "ar", "ru", "pt-BR", "de", "ja", "sw", "hi", "id")
_FIELDS = tuple(f"field_{number:02}" for number in range(30))
_SYSTEMS = ("common_law", "civil_law", "CN", "SG", "NG", "GB", "FR", "BR", "PE", "IN", "KE", "JP", "AE", "US")
ASKED_LANGUAGES = ("en", "zh", "fr", "es", "ar", "ja")
SYLLABLES = ("ka", "ro", "mi", "ta", "le", "no", "sha", "bu", "ri", "an", "de", "wo", "li", "pe", "su", "ga")


def rows(neutrals: int = NEUTRALS, providers: int = PROVIDERS) -> list[Row]:
    """One entry, a page, and searches, each beside an echo of as many octets."""
    chance = Random(7)
    with large_network(neutrals, providers, chance) as hub:
        seconds = followed(hub, neutrals)
        asked = {
            "entry": [f"/v1/neutrals/{actor('neutral', chance.randrange(neutrals))}" for _ in range(ASKED)],
            "page of 100": [
                f"/v1/neutrals?after={actor('neutral', chance.randrange(neutrals))}" for _ in range(ASKED // 4)
            ],
            "search, 20 rows": [f"/v1/neutrals?limit=20&{conditions(chance, providers)}" for _ in range(ASKED)],
        }
        limit = {"entry": 20, "page of 100": 20, "search, 20 rows": 50}
        found = f"{providers:,} providers, {neutrals:,} neutrals"
        made = [
            row
            for name, paths in asked.items()
            for row in _rows(hub, f"directory, {name}; {found}", paths, limit[name])
        ]
        memory = Row("hub process with this directory", f"{hub.memory():.0f} MB", "", "")
        return [*made, memory, Row("the directory made from the log", f"{seconds:.1f} s", "", "")]


def followed(hub: Network, neutrals: int) -> float:
    """Seconds until the hub shows everybody."""
    began = time.perf_counter()
    while True:
        with suppress(urllib.error.HTTPError):
            if json.loads(hub.read("/v1/neutrals?limit=1"))["total"] > neutrals:
                return time.perf_counter() - began
        time.sleep(0.2)


@contextmanager
def large_network(neutrals: int, providers: int, chance: Random) -> Iterator[Network]:
    """A hub with so many in its directory, who were admitted by a log that was made for it."""
    with network() as hub:
        hub.post(hub.speaker.accreditation(NEUTRAL))
        hub.process.terminate()
        hub.process.wait(60)
        populate(hub.data, _everybody(providers, neutrals, chance), chance)
        with stopped(serve(hub.data, hub.port)) as hub.process:
            wait_for_port(hub.port, 120.0)
            yield hub


def _rows(hub: Network, name: str, paths: list[str], most: int) -> tuple[Row, Row]:
    requests = [load.get(path) for path in paths]
    load.run(hub.port, requests[: len(requests) // 10], CLIENTS)
    before = hub.processor()
    run = load.run(hub.port, requests, CLIENTS)
    between = hub.processor()
    paced = load.paced(hub.port, requests, READS_A_SECOND)
    first, second = (time / len(requests) * 1000 for time in (between - before, hub.processor() - between))
    size = len(hub.read(paths[0]))
    echo = limits.echoes(b"x" * size, len(paths))
    limit = f"p95 {most} ms at most"
    return (
        Row(
            f"{name}, {CLIENTS} clients",
            f"{load.figures(run, first)}, {size:,} octets each",
            f"{limit}; aiohttp echo of as many octets {echo.rate:,.0f}/s",
            f"{run.rate:,.0f}/s, {run.rate / echo.rate:.2f} of the echo",
        ),
        Row(f"{name}, {READS_A_SECOND} a second", load.figures(paced, second), limit, ""),
    )


def _everybody(providers: int, neutrals: int, chance: Random) -> Iterator[Made]:
    """Those who nominate first."""
    for number in range(providers):
        name = _name(chance)
        yield Made(PROVIDER.id, actor("provider", number), partial(_named, f"{name} ODR"))
    for number in range(neutrals):
        yield Made(
            NEUTRAL.id, actor("neutral", number), partial(_described, actor("provider", number % providers), chance)
        )


def actor(kind: str, number: int) -> str:
    """The actor id of one of them."""
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
    return "".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))).title()


def conditions(chance: Random, providers: int) -> str:
    """The query with one to four conditions, as a reader combines them."""
    possible = {
        "language": chance.choice(ASKED_LANGUAGES),
        "field": chance.choice(_FIELDS),
        "role": chance.choice(("mediator", "arbitrator")),
        "legal_system": chance.choice(_SYSTEMS),
        "available_only": "true",
        "text": chance.choice(SYLLABLES),
        "provider": actor("provider", chance.randrange(providers)),
    }
    chosen = chance.sample(sorted(possible), chance.randint(1, 4))
    return "&".join(f"{name}={quote(possible[name])}" for name in chosen)
