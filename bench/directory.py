"""The directory of a large network: one entry, a page of a hundred, and searches with counts, over HTTP.

Providers and neutrals are admitted and accredited by real statements, which the hub verifies and registers.
"""

from __future__ import annotations

from itertools import cycle, islice
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import quote

from bench import limits, load
from bench.network import Network, network
from bench.table import Row
from tests.hub.world import Actor, example

if TYPE_CHECKING:
    from collections.abc import Iterator

PROVIDERS, NEUTRALS = 1000, 50_000
CLIENTS, ASKED = 4, 2000
_POSTED = 4000
_LANGUAGES = ("en", "fr", "es", "es-419", "zh-Hans", "zh-Hant", "ar", "ru", "pt-BR", "de", "ja", "sw", "hi", "id")
_FIELDS = tuple(f"field_{number:02}" for number in range(30))
_SYSTEMS = ("common_law", "civil_law", "CN", "SG", "NG", "GB", "FR", "BR", "PE", "IN", "KE", "JP", "AE", "US")
_SYLLABLES = ("ka", "ro", "mi", "ta", "le", "no", "sha", "bu", "ri", "an", "de", "wo", "li", "pe", "su", "ga")


def rows(neutrals: int = NEUTRALS, providers: int = PROVIDERS) -> list[Row]:
    """One entry, a page, and searches; each beside an echo of as many octets."""
    with network() as hub:
        chance = Random(7)
        members = [Actor(f"provider-{number:05}", "provider") for number in range(providers)]
        people = [Actor(f"neutral-{number:05}", "neutral") for number in range(neutrals)]
        _fill(hub, members, people, chance)
        asked = {
            "entry": [f"/v1/neutrals/{chance.choice(people).id}" for _ in range(ASKED)],
            "page of 100": [f"/v1/neutrals?after={chance.choice(people).id}" for _ in range(ASKED // 4)],
            "search, 20 rows": [_search(chance, members) for _ in range(ASKED)],
        }
        limit = {"entry": 20, "page of 100": 20, "search, 20 rows": 50}
        found = f"{providers:,} providers, {neutrals:,} neutrals, {CLIENTS} clients"
        return [_row(hub, f"directory, {name}; {found}", paths, limit[name]) for name, paths in asked.items()]


def _row(hub: Network, name: str, paths: list[str], most: int) -> Row:
    requests = [load.get(path) for path in paths]
    load.run(hub.port, requests[: len(requests) // 10], CLIENTS)
    run = load.run(hub.port, requests, CLIENTS)
    size = len(hub.read(paths[0]))
    echo = limits.echoes(b"x" * size, len(paths))
    answered = ", ".join(f"{count} x {status}" for status, count in sorted(run.statuses.items()))
    figures = f"p50 {run.quantile(0.5):.1f} ms, p95 {run.quantile(0.95):.1f} ms ({answered}, {size:,} octets each)"
    text = f"p95 {most} ms at most; aiohttp echo of as many octets {echo.rate:,.0f}/s"
    return Row(name, figures, text, f"{run.rate:,.0f}/s, {run.rate / echo.rate:.2f} of the echo")


def _fill(hub: Network, members: list[Actor], people: list[Actor], chance: Random) -> None:
    """Admit and accredit everybody; those who nominate first."""
    for statements in (_providers(hub, members), _decisions(hub, members), _neutrals(hub, members, people, chance)):
        _post(hub, statements)
    _post(hub, _decisions(hub, people))


def _post(hub: Network, statements: Iterator[bytes]) -> None:
    while some := list(islice(statements, _POSTED)):
        run = load.run(hub.port, [load.post("/v1/statements", one) for one in some])
        if set(run.statuses) - {201, 202}:
            raise RuntimeError(f"The hub refused statements of the directory: {run.statuses}.")


def _providers(hub: Network, members: list[Actor]) -> Iterator[bytes]:
    return (hub.speaker.member(one) for one in members)


def _decisions(hub: Network, actors: list[Actor]) -> Iterator[bytes]:
    return (hub.speaker.accreditation(one) for one in actors)


def _neutrals(hub: Network, members: list[Actor], people: list[Actor], chance: Random) -> Iterator[bytes]:
    given = example("neutral", "valid-active")["body"]["profile"]
    for one, provider in zip(people, cycle(members), strict=False):
        profile = given | {
            "display_name": f"{_name(chance)} {_name(chance)}",
            "roles": chance.sample(["mediator", "arbitrator"], chance.randint(1, 2)),
            "languages": chance.sample(_LANGUAGES, chance.randint(1, 3)),
            "practice_fields": chance.sample(_FIELDS, chance.randint(1, 4)),
            "legal_systems": chance.sample(_SYSTEMS, chance.randint(1, 2)),
        }
        yield hub.speaker.neutral(one, provider, body={"profile": profile})


def _name(chance: Random) -> str:
    return "".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))).title()


def _search(chance: Random, members: list[Actor]) -> str:
    """One to four conditions, as a reader combines them."""
    conditions = {
        "language": chance.choice(("en", "zh", "fr", "es", "ar", "ja")),
        "field": chance.choice(_FIELDS),
        "role": chance.choice(("mediator", "arbitrator")),
        "legal_system": chance.choice(_SYSTEMS),
        "available_only": "true",
        "text": chance.choice(_SYLLABLES),
        "provider": chance.choice(members).id,
    }
    chosen = chance.sample(sorted(conditions), chance.randint(1, 4))
    return "/v1/neutrals?limit=20&" + "&".join(f"{name}={quote(conditions[name])}" for name in chosen)
