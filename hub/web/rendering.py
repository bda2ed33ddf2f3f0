"""Templates, style sheet and the headers of pages."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp_jinja2
import jinja2
from aiohttp import web

from hub.errors import NotFoundError
from hub.web.appkeys import SETTINGS
from hub.web.pages import day, iso, when
from signing.statement import seconds

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

__all__ = ["page_headers", "set_up", "static_file"]

_HERE = Path(__file__).parent
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FILES = {path.name: path.read_bytes() for path in sorted((_HERE / "static").iterdir()) if path.suffix in _TYPES}
VERSION = hashlib.sha256(b"".join(_FILES.values())).hexdigest()[:12]
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def set_up(app: web.Application) -> None:
    """Give the application its templates; every text in them is marked for translation."""
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.filters |= {"when": when, "day": day, "iso": iso, "seconds": seconds}
    environment.globals["title"] = app[SETTINGS].hub.title
    environment.globals["style"] = f"/static/style.css?v={VERSION}"
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # added by the extension


@web.middleware
async def page_headers(request: web.Request, handler: "Handler") -> web.StreamResponse:
    """Headers that keep a browser from doing more than showing what was sent."""
    response = await handler(request)
    response.headers["X-Content-Type-Options"] = "nosniff"
    if response.content_type == "text/html":
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "no-cache")
    return response


async def static_file(request: web.Request) -> web.Response:
    """The style sheet, an image or the script for other sites; there are few, so they are kept in memory."""
    name = request.match_info["file"]
    if name not in _FILES:
        raise NotFoundError("not_found", "There is no such file.", name[:64])
    seconds = 31_536_000 if request.query.get("v") == VERSION else 300
    headers = {"Cache-Control": f"public, max-age={seconds}"}
    return web.Response(body=_FILES[name], content_type=_TYPES[Path(name).suffix], headers=headers)
