"""The monitor's page, on loopback: is all well, and since when; what is not, and what is to be done.

::

    GET /              for people, without script
    GET /alerts.json   the same for machines
    GET /style.css

Whoever can open the page learns what the alerts say, and can change nothing. A name that is not loopback's is refused,
so that no other site's name can be pointed here.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from aiohttp import web

from providers.errors import GatewayError
from providers.monitor.report import first_line, report, when
from providers.monitor.visit import Monitor
from signing.compose import timestamp

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

__all__ = ["create_app"]

_HERE = Path(__file__).parent / "templates"
_MONITOR = web.AppKey("monitor", Monitor)
_ACTOR = web.AppKey("actor", str)
_TEMPLATE = web.AppKey("template", jinja2.Template)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def create_app(monitor: Monitor, actor: str) -> web.Application:
    """The page's application, for the member ``actor``."""
    app = web.Application(middlewares=[_guard])
    app[_MONITOR] = monitor
    app[_ACTOR] = actor
    app[_TEMPLATE] = _template()
    app.router.add_get("/", _page)
    app.router.add_get("/alerts.json", _alerts)
    app.router.add_get("/style.css", _style)
    return app


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"when": when, "iso": timestamp}
    return environment.get_template("monitor.html")


@web.middleware
async def _guard(request: web.Request, handler: "Handler") -> web.StreamResponse:
    """Loopback names only; headers that keep a browser from doing more than showing what was sent."""
    if request.url.host not in _LOOPBACK:
        return web.Response(status=403, text="This page answers under the names of this computer alone.\n")
    try:
        response = await handler(request)
    except GatewayError as error:
        response = web.Response(status=503, text=f"{error} [{error.code}]\n")
    response.headers.update(_HEADERS)
    return response


async def _page(request: web.Request) -> web.Response:
    monitor = request.app[_MONITOR]
    standing = await monitor.standing()
    said = {"actor": request.app[_ACTOR], "home": monitor.directory.parent, "now": monitor.clock()}
    text = request.app[_TEMPLATE].render(standing=standing, first_line=first_line(standing), **said)
    return web.Response(text=text, content_type="text/html")


async def _alerts(request: web.Request) -> web.Response:
    return web.json_response(report(await request.app[_MONITOR].standing()))


async def _style(_: web.Request) -> web.Response:
    return web.Response(body=_STYLE, content_type="text/css")


_STYLE = (_HERE / "monitor.css").read_bytes()
