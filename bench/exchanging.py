"""Two real gateways on a real hub, and platforms that hand cases over as fast as they are let."""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import aiohttp

from tests.fakes.exchangehouse import House, Platform, house
from tests.providers.gateway.exchange.house import ACCEPT, sample_case, terms

__all__ = ["OURS", "THEIRS", "Exchange", "exchanging", "gateways", "hub_and_gateways"]

OURS, THEIRS = "provider-a", "provider-b"
SERVE = "\n[serve]\nport = 0\naccept_unwitnessed = true\nretry_first_seconds = 1\nretry_cap_seconds = 2\n"
_PATIENCE_SECONDS = 600.0


@contextmanager
def gateways() -> Iterator[House]:
    """A hub without witnesses and two gateways: five processes at rest, ended and removed with the block."""
    with (
        tempfile.TemporaryDirectory(prefix="odr-bench-") as folder,
        house(Path(folder), OURS, THEIRS, serve=SERVE, witnessed=False) as one,
    ):
        yield one


def hub_and_gateways(one: House) -> dict[str, int]:
    """The process ids of a house by name."""
    processes = {"hub": one.hub, "sender": one.platforms[OURS].process, "recipient": one.platforms[THEIRS].process}
    return {name: process.running.pid for name, process in processes.items() if process.running is not None}


@dataclass(slots=True)
class _Transfer:
    """When what was seen of one transfer, on the clock of ``time.perf_counter``."""

    seen: dict[str, float] = field(default_factory=dict)
    complete: asyncio.Event = field(default_factory=asyncio.Event)


class _Side:
    """A provider's platform with one session, which listens to its gateway's feed."""

    def __init__(self, platform: Platform, session: aiohttp.ClientSession) -> None:
        self._session, self._url = session, platform.url
        self._headers = platform.headers

    async def ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - of the session
        async with self._session.request(method, self._url + path, headers=self._headers, **more) as response:
            found: dict[str, Any] = await response.json(content_type=None)
            assert response.status < 300, found
            return found

    async def feed(self) -> AsyncIterator[dict[str, Any]]:
        after = 0
        while True:
            page = await self.ask("GET", f"/feed?after={after}&wait=20&limit=1000")
            for event in page["events"]:
                yield event
            after = page["next"]


class Exchange:
    """The platforms of both sides at work."""

    def __init__(self, ours: _Side, theirs: _Side) -> None:
        self._ours, self._theirs = ours, theirs
        self._known: dict[str, _Transfer] = {}
        self._accepting: set[asyncio.Task[dict[str, Any]]] = set()

    async def add_case(self, files: Mapping[str, bytes], large: Mapping[str, tuple[Path, str]] | None = None) -> str:
        """Take a case in at the sender; ``large`` are files on disk with their SHA-256. Returns the case's id."""
        large = large or {}
        case, documents = sample_case(int(time.time()), files={**files, **dict.fromkeys(large, b"")})
        form = aiohttp.FormData(quote_fields=False)
        opened: list[BinaryIO] = []
        for one in case["documents"]:
            name = one["name"]
            content: bytes | BinaryIO = documents[name]
            if name in large:
                path, digest = large[name]
                one |= {"size": path.stat().st_size, "sha256": digest}
                content = path.open("rb")
                opened.append(content)
            form.add_field("document", content, filename=name, content_type="application/octet-stream")
        form.add_field("case", json.dumps(case), filename="case.json")
        try:
            return str((await self._ours.ask("POST", "/cases", data=form))["case_id"])
        finally:
            for file in opened:
                file.close()

    async def hand_over(self, case_id: str) -> dict[str, float]:
        """Offer a case and see it through; the recipient accepts at once. Returns when what was seen.

        ``offer`` and ``accept`` are when a platform said so, all others events of the recipient's feed, and
        ``end`` when both sides had seen the completion.
        """
        began = time.perf_counter()
        offered = await self._ours.ask("POST", f"/cases/{case_id}/offers", json=terms())
        one = self._of(offered["transfer_id"])
        one.seen["offer"] = began
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await one.complete.wait()
        return one.seen

    async def listen(self) -> None:
        """Follow both feeds; accept whatever is offered."""
        await asyncio.gather(self._follow(self._ours, "sender"), self._follow(self._theirs, "recipient"))

    async def _follow(self, side: _Side, role: str) -> None:
        async for event in side.feed():
            if event.get("transfer_id") is None:
                continue
            one, name = self._of(event["transfer_id"]), event["type"]
            assert name not in ("refused", "expired", "non_retrieval_found"), event
            if role == "recipient":
                one.seen[name] = time.perf_counter()
            if role == "recipient" and name == "brief":
                one.seen["accept"] = time.perf_counter()
                path = f"/transfers/{event['transfer_id']}/accept"
                task = asyncio.create_task(side.ask("POST", path, json=ACCEPT))
                self._accepting.add(task)
                task.add_done_callback(self._accepting.discard)
            if name == "completed":
                one.seen[f"completed at the {role}"] = one.seen["end"] = time.perf_counter()
                if {"completed at the sender", "completed at the recipient"} <= one.seen.keys():
                    one.complete.set()

    def _of(self, transfer: str) -> _Transfer:
        return self._known.setdefault(transfer, _Transfer())


@asynccontextmanager
async def exchanging(one: House) -> AsyncIterator[Exchange]:
    """The platforms of a house, listening."""
    timeout = aiohttp.ClientTimeout(total=None, sock_read=120)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as session:
        exchange = Exchange(*(_Side(one.platforms[name], session) for name in (OURS, THEIRS)))
        listening = asyncio.create_task(exchange.listen())
        try:
            yield exchange
            if listening.done():
                listening.result()
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
