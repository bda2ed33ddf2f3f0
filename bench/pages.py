"""Row 8: every public page of a large network at a steady rate, as readers who don't wait for each other ask for them.

Beside each stands the processor time of one request. Pages that look something up are asked for something else each
time, each page in the four languages in turn. The federation's figures are of cases that were reported just before,
and are computed once; whoever asks first waits for that, outside of what is measured here.
"""

from collections.abc import Callable, Iterator
from itertools import cycle
from random import Random

from bench import load
from bench.directory import ASKED_LANGUAGES, NEUTRALS, PROVIDERS, SYLLABLES, actor, conditions, followed, large_network
from bench.events import TOGETHER, case_events
from bench.network import PROVIDER, Network
from bench.table import Row

PAGES_A_SECOND, PAGES = 50, 1000
_REPORTS = 10
_LONGEST_MS = 50
_STAGES = ("negotiation", "mediation", "arbitration")
_LANGUAGES = ("en", "zh-Hans", "es", "fr")

Address = Callable[[], str]


def rows(neutrals: int = NEUTRALS, providers: int = PROVIDERS, pages: int = PAGES) -> list[Row]:
    """One row for each public page, ``pages`` requests each."""
    chance = Random(8)
    with large_network(neutrals, providers, chance) as hub:
        followed(hub, neutrals)
        for one in case_events(hub.speaker, PROVIDER, _REPORTS * TOGETHER):
            hub.post(one)
        found = f"{providers:,} providers, {neutrals:,} neutrals, {_REPORTS * TOGETHER:,} events"
        return [
            _row(hub, f"page {name}; {found}", address, pages)
            for name, address in addresses(chance, providers, neutrals).items()
        ]


def _row(hub: Network, name: str, address: Address, pages: int) -> Row:
    requests = list(_requests(address, pages))
    hub.read(address())
    load.paced(hub.port, requests[: pages // 10], PAGES_A_SECOND)
    before = hub.processor()
    run = load.paced(hub.port, requests, PAGES_A_SECOND)
    each = (hub.processor() - before) / pages * 1000
    return Row(f"{name}, {PAGES_A_SECOND} a second", load.figures(run, each), f"p95 {_LONGEST_MS} ms at most", "")


def _requests(address: Address, pages: int) -> Iterator[bytes]:
    languages = cycle(_LANGUAGES)
    for _ in range(pages):
        path = address()
        yield load.get(f"{path}{'&' if '?' in path else '?'}lang={next(languages)}")


def addresses(chance: Random, providers: int, neutrals: int) -> dict[str, Address]:
    """The public pages, and how readers ask for each."""

    def provider() -> str:
        return actor("provider", chance.randrange(providers))

    return {
        "/": lambda: "/",
        "/directory": lambda: f"/directory?language={chance.choice(ASKED_LANGUAGES)}&text={chance.choice(SYLLABLES)}",
        "/directory/providers/{id}": lambda: f"/directory/providers/{provider()}",
        "/directory/neutrals": lambda: f"/directory/neutrals?{conditions(chance, providers)}",
        "/directory/neutrals/{id}": lambda: f"/directory/neutrals/{actor('neutral', chance.randrange(neutrals))}",
        "/directory/others": lambda: "/directory/others",
        "/find": lambda: f"/find?language={chance.choice(ASKED_LANGUAGES)}&stage={chance.choice(_STAGES)}",
        "/find/agreement": lambda: f"/find/agreement?provider={provider()}&language={chance.choice(ASKED_LANGUAGES)}",
        "/oversight": lambda: "/oversight",
        "/feedback": lambda: "/feedback",
        "/desk": lambda: "/desk",
        "/static/sign.html": lambda: "/static/sign.html",
        "/docs": lambda: "/docs",
        "/docs/problems": lambda: "/docs/problems",
    }
