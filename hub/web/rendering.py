"""Templates, style sheet and the headers of pages.

Every text in the templates is marked for translation; the language of a page is chosen for each request (``page``).
Templates find in their context ``language``, ``languages`` (each with the address of this page in it), ``lang`` (what
was asked for), ``link`` (an address that keeps the reader's choice) and ``this_page`` (this one, other parameters).
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import aiohttp_jinja2
import jinja2
from aiohttp import web
from jinja2.runtime import Context

from hub.errors import NotFoundError
from hub.web.appkeys import LANGUAGE, SETTINGS
from hub.web.formats import FILTERS
from hub.web.languages import TAGS, Choice, choose, language

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

__all__ = ["page", "page_headers", "set_up", "spoken", "static_file"]

_Page = Callable[[web.Request], Awaitable[dict[str, Any] | web.StreamResponse]]

_HERE = Path(__file__).parent
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FILES = {path.name: path.read_bytes() for path in sorted((_HERE / "static").iterdir()) if path.suffix in _TYPES}
VERSION = hashlib.sha256(b"".join(_FILES.values())).hexdigest()[:12]
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def set_up(app: web.Application) -> None:
    """Give the application its templates and read the catalogues."""
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        auto_reload=False,  # templates are read once; else each page asks for the times of all its files
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.filters |= dict(FILTERS)
    environment.globals["title"] = app[SETTINGS].hub.title
    environment.globals["style"] = f"/static/style.css?v={VERSION}"
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        _gettext, _ngettext, newstyle=True, pgettext=_pgettext
    )
    for tag in TAGS:
        language(tag)


def page(name: str, among: Sequence[str] = TAGS) -> Callable[[_Page], "Handler"]:
    """Decorate a handler that returns the context of the template ``name``, or a response of its own.

    The language is chosen before the handler runs and is then in ``request[LANGUAGE]``.

    Args:
        name: the template.
        among: tags of the languages that the page is written in.
    """

    def decorated(handler: _Page) -> "Handler":
        @wraps(handler)
        async def shown(request: web.Request) -> web.StreamResponse:
            choice = choose(request.query.get("lang"), request.headers.get("Accept-Language", ""), among)
            request[LANGUAGE] = choice
            context = await handler(request)
            if isinstance(context, web.StreamResponse):
                return context
            return aiohttp_jinja2.render_template(name, request, spoken(request, choice) | context)

        return shown

    return decorated


def spoken(request: web.Request, choice: Choice) -> dict[str, Any]:
    """What every template finds in its context: the language, the others, and how to make addresses."""
    own = "/" + request.rel_url.raw_path.lstrip("/")  # "//" at its head would name another host

    def link(path: str, **query: str | int | None) -> str:
        """An address of this hub that keeps the language that the reader asked for; None leaves a parameter out."""
        kept = {"lang": choice.language.tag} if choice.asked else {}
        path, mark, fragment = path.partition("#")
        given = urlencode({name: value for name, value in query.items() if value is not None} | kept)
        return f"{path}{'?' if given else ''}{given}{mark}{fragment}"

    def this_page(**changed: str | int | None) -> str:
        """This page with other parameters; None takes one away."""
        query = [(name, value) for name, value in request.query.items() if name not in changed]
        query += [(name, str(value)) for name, value in changed.items() if value is not None]
        return own + (f"?{urlencode(query)}" if query else "")

    return {
        "language": choice.language,
        "languages": [(language(tag), this_page(lang=tag)) for tag in choice.among],
        "link": link,
        "this_page": this_page,
        "lang": choice.language.tag if choice.asked else None,
    }


@jinja2.pass_context
def _gettext(context: Context, message: str) -> str:
    return str(context["language"].translations.gettext(message))


@jinja2.pass_context
def _ngettext(context: Context, singular: str, plural: str, count: int) -> str:
    return str(context["language"].translations.ngettext(singular, plural, count))


@jinja2.pass_context
def _pgettext(context: Context, name: str, message: str) -> str:
    return str(context["language"].translations.pgettext(name, message))


@web.middleware
async def page_headers(request: web.Request, handler: "Handler") -> web.StreamResponse:
    """Headers that keep a browser from doing more than showing what was sent."""
    response = await handler(request)
    response.headers["X-Content-Type-Options"] = "nosniff"
    if response.content_type == "text/html":
        response.headers.setdefault("Content-Security-Policy", POLICY)  # the console's pages bring their own
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "no-cache")
        if LANGUAGE in request:
            response.headers["Content-Language"] = request[LANGUAGE].language.tag
            response.headers.setdefault("Vary", "Accept-Language")
    return response


async def static_file(request: web.Request) -> web.Response:
    """The style sheet, an image or the script for other sites; there are few, so they are kept in memory."""
    name = request.match_info["file"]
    if name not in _FILES:
        raise NotFoundError("not_found", "There is no such file.", name[:64])
    seconds = 31_536_000 if request.query.get("v") == VERSION else 300
    headers = {"Cache-Control": f"public, max-age={seconds}"}
    return web.Response(body=_FILES[name], content_type=_TYPES[Path(name).suffix], headers=headers)
