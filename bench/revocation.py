"""How long after its receipt a suspension is seen: by who asks the hub, through a cache, and in an open page.

The hub is a process of its own, the page is another site's, in Chromium; every clock and every cache is real. Also
how fast signed statuses and badges are served.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
import urllib.request

from bench.network import PROVIDER, Network, network
from bench.table import Row
from hub.trustmark.memberstatus import VALID_SECONDS
from signing.encoding import b64u_decode, b64u_encode
from tests.browser.chromium import chromium
from tests.browser.foreignsite import Site, serving

REQUESTS = 500


def rows() -> list[Row]:
    """Suspend a listed provider while a page shows it, and list it again."""
    with network() as hub:
        speeds = [_speed(hub, name) for name in ("status", "badge.svg")]
        return [*asyncio.run(_seen(hub)), *speeds]


async def _seen(hub: Network) -> list[Row]:
    site = Site(_mark(hub))
    async with serving(site), chromium() as browser:
        page = await browser.new_page()
        await page.goto(site.origin)
        state = "document.querySelector('odr-trust-mark').result.state"
        await page.wait_for_function(f"{state} === 'accredited'")
        hub.speaker.clock.now = int(time.time())
        await asyncio.to_thread(hub.post, hub.speaker.accreditation(PROVIDER, "suspended", 2))
        began = time.perf_counter()
        await asyncio.to_thread(_wait_until_told, hub)
        told = time.perf_counter() - began
        await page.wait_for_function(f"{state} !== 'accredited'", timeout=2000 * VALID_SECONDS)
        shown, after = await page.evaluate(state), time.perf_counter() - began
    limit = f"{VALID_SECONDS} s at most, by the signed expiry"
    return [
        Row("a suspension in the hub's signed answer", f"{1000 * told:.0f} ms after its receipt", limit, ""),
        Row("the same in a page that was open, in Chromium", f"{shown} {after:.1f} s after its receipt", limit, ""),
    ]


def _mark(hub: Network) -> str:
    url, key = f"http://127.0.0.1:{hub.port}", b64u_encode(hub.speaker.hub.statement.public.x)
    return (
        f'<script type="module" src="{url}/static/trust-mark.js"></script><odr-trust-mark hub="{url}"'
        f' member="{PROVIDER.id}" network="{hub.speaker.network}" hub-key="{key}"></odr-trust-mark>'
    )


def _read(hub: Network, name: str) -> bytes:
    url = f"http://127.0.0.1:{hub.port}/v1/members/{PROVIDER.id}/{name}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        octets: bytes = answer.read()
    return octets


def _wait_until_told(hub: Network) -> None:
    while _state(hub) != "suspended":
        time.sleep(0.001)


def _state(hub: Network) -> str:
    return str(json.loads(b64u_decode(json.loads(_read(hub, "status"))["payload"]))["state"])


def _speed(hub: Network, name: str) -> Row:
    times = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        _read(hub, name)
        times.append(1000 * (time.perf_counter() - began))
    p95 = statistics.quantiles(times, n=20)[-1]
    return Row(f"GET …/{name}, one after another", f"p50 {statistics.median(times):.1f} ms, p95 {p95:.1f} ms", "", "")
