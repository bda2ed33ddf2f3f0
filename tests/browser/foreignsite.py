"""Another site, at an origin of its own, that embeds a trust mark; and a hub that lies."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Page

from signing.encoding import b64u_encode
from signing.keys import PublicKey
from tests.hub.running import Hub

__all__ = ["Liar", "Site", "address", "mark", "result", "serving"]

RESULT = "() => document.querySelector('odr-trust-mark')?.result?.state !== 'checking'"


@dataclass
class Site:
    """What the site answers at ``/``."""

    html: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    origin: str = ""

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/", self._page)
        return app

    async def _page(self, _: web.Request) -> web.Response:
        text = (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Trade portal</title>'
            '<link rel="icon" href="data:,"><main><h1>Trade portal</h1>'
            f"{self.html}</main></html>"
        )
        return web.Response(text=text, content_type="text/html", headers=self.headers)


@dataclass
class Liar:
    """Somebody at the hub's place: answers every status with these octets."""

    body: bytes = b""
    status: int = 200
    origin: str = ""
    asked: int = 0

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        return app

    async def _answer(self, _: web.Request) -> web.Response:
        self.asked += 1
        headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}
        return web.Response(body=self.body, status=self.status, content_type="application/jose+json", headers=headers)


@asynccontextmanager
async def serving(one: Site | Liar) -> AsyncIterator[TestServer]:
    """Serve at an origin of its own; ``origin`` says which."""
    server = TestServer(one.app())
    await server.start_server()
    one.origin = f"http://127.0.0.1:{server.port}"
    try:
        yield server
    finally:
        await server.close()


def address(hub: Hub) -> str:
    """Where the hub listens."""
    return f"http://127.0.0.1:{hub.client.port}"


def mark(hub: Hub, /, *, at: str = "", keys: tuple[PublicKey, ...] = (), **attributes: Any) -> str:
    """What a site writes into its page; ``at`` is another place to ask than the hub."""
    pinned = keys or (hub.speaker.hub.statement.public,)
    members: dict[str, Any] = {
        "hub": at or address(hub),
        "network": hub.speaker.network,
        "hub-key": " ".join(b64u_encode(key.x) for key in pinned),
    } | attributes
    if "neutral" not in members:
        members.setdefault("member", "provider-a")
    written = " ".join(f'{name}="{value}"' for name, value in members.items())
    script = f'<script type="module" src="{address(hub)}/static/trust-mark.js"></script>'
    return f"{script}<odr-trust-mark {written}><a href='{address(hub)}/directory'>status</a></odr-trust-mark>"


async def result(page: Page) -> tuple[str, str | None, str]:
    """State, code and all the text that the mark shows, once it has made up its mind."""
    await page.wait_for_function(RESULT)
    found = await page.evaluate(
        "() => { const one = document.querySelector('odr-trust-mark');"
        " return [one.result.state, one.result.code, one.shadowRoot.querySelector('a').textContent] }"
    )
    return found[0], found[1], found[2]
