"""Who is let into the console: a session of an officer whose http key is still current, from a page of this hub.

==================== ==========================================================================================
read a page          the session's cookie; without it the page that says how to get in, and nothing else
send a form          the cookie, the session's token in the form, and a browser that says the form is ours
open a session       a link's secret, and a browser that says the request is ours
==================== ==========================================================================================

The key is looked at each time: a session ends the moment its officer's key is revoked, or a policy no longer names
the officer. A session signs nothing.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from aiohttp import web

from hub.console.sessions import SESSION_SECONDS, Session
from hub.errors import AccessError, RequestError
from hub.web.access import Reader, may_enter_console
from hub.web.appkeys import CLOCK, HTTP_KEYS, PUBLICATION, SESSION, SESSIONS, SETTINGS
from hub.web.authentication import read_body
from hub.web.languages import CONSOLE
from hub.web.rendering import page
from signing.errors import KeyRefusedError
from signing.keyring import require_current

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler
    from multidict import MultiDictProxy

__all__ = [
    "FORM_TYPE",
    "console_form",
    "console_page",
    "cookie_name",
    "forget_cookie",
    "require_own_page",
    "set_cookie",
    "shown",
]

FORM_TYPE = "application/x-www-form-urlencoded"
_UTF8 = "utf-8"
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src {script}; connect-src {script}; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
_Answer = Callable[[web.Request], Awaitable[dict[str, Any] | web.StreamResponse]]
_FormAnswer = Callable[[web.Request, "MultiDictProxy[str]"], Awaitable[dict[str, Any] | web.StreamResponse]]


def console_page(template: str) -> Callable[[_Answer], "Handler"]:
    """Decorate a handler of the console that shows a page; ``request[SESSION]`` is there when it runs."""

    def decorated(handler: _Answer) -> "Handler":
        @wraps(handler)
        async def answer(request: web.Request) -> web.StreamResponse:
            session = await _session(request)
            if session is None:
                return await _outside(request)
            request[SESSION] = session
            return await shown(request, template, handler)

        return answer

    return decorated


def console_form(template: str) -> Callable[[_FormAnswer], "Handler"]:
    """Decorate a handler of the console that takes a form; its fields are the second argument.

    Without a session, or with a form of another one, the page that says how to get in is shown.

    Raises:
        AccessError: foreign_form.
        RequestError: wrong_media_type, not_utf8.
    """

    def decorated(handler: _FormAnswer) -> "Handler":
        @wraps(handler)
        async def answer(request: web.Request) -> web.StreamResponse:
            require_own_page(request)
            session = await _session(request)
            if session is None:
                return await _outside(request)
            fields = await _fields(request)
            if not session.holds(fields.get("token", "")):
                return await _outside(request, old_form=True)
            request[SESSION] = session
            return await shown(request, template, lambda one: handler(one, fields))

        return answer

    return decorated


async def shown(request: web.Request, template: str, handler: _Answer, *, script: bool = False) -> web.StreamResponse:
    """The answer of ``handler`` as a page of the console, under its headers; a response of its own stays what it is."""

    async def context(one: web.Request) -> dict[str, Any] | web.StreamResponse:
        found = await handler(one)
        if isinstance(found, web.StreamResponse):
            return found
        shared = {"settings": one.app[SETTINGS].hub, "now": one.app[CLOCK](), "session": one.get(SESSION)}
        return {"here": "console", **shared, **found}

    response = await page(template, CONSOLE)(context)(request)
    response.headers["Content-Security-Policy"] = _POLICY.format(script="'self'" if script else "'none'")
    response.headers.update(_HEADERS)
    return response


def require_own_page(request: web.Request) -> None:
    """Raise ``AccessError`` (foreign_form) unless the browser says that a page of this hub sent the request.

    ``Origin`` must name the host that the request names, which must be one of the hub's own; ``Sec-Fetch-Site``, which
    newer browsers send, must say the same.
    """
    origin, site = request.headers.get("Origin", ""), request.headers.get("Sec-Fetch-Site", "same-origin")
    own = request.host in request.app[SETTINGS].authorities
    if not own or origin not in (f"http://{request.host}", f"https://{request.host}") or site != "same-origin":
        raise AccessError("foreign_form", "This did not come from a page of this hub.")


def set_cookie(request: web.Request, response: web.StreamResponse, value: str) -> None:
    """Hand the session's cookie to the browser."""
    secure = _is_secure(request.app)
    response.set_cookie(
        cookie_name(request.app), value, max_age=SESSION_SECONDS, path="/", httponly=True, samesite="Strict",
        secure=secure,
    )  # fmt: skip


def forget_cookie(request: web.Request, response: web.StreamResponse) -> None:
    """Take the cookie back."""
    response.del_cookie(
        cookie_name(request.app), path="/", httponly=True, samesite="Strict", secure=_is_secure(request.app)
    )


def cookie_name(app: web.Application) -> str:
    """The cookie's name; over https browsers hold it to this very host by its prefix."""
    return "__Host-odr-console" if _is_secure(app) else "odr-console"


def _is_secure(app: web.Application) -> bool:
    return app[SETTINGS].hub.url.startswith("https://")


async def _session(request: web.Request) -> Session | None:
    """The session of the request's cookie, whose officer is one still."""
    app, cookie = request.app, request.cookies.get(cookie_name(request.app), "")
    session = app[SESSIONS].find(cookie) if cookie else None
    if session is not None and not await _is_officer_still(app, session):
        app[SESSIONS].end(cookie)
        return None
    return session


async def _is_officer_still(app: web.Application, session: Session) -> bool:
    ring = await app[HTTP_KEYS].ring(session.kid)
    try:
        record = require_current(ring, session.kid, app[PUBLICATION].signed.size, app[CLOCK]())
    except KeyRefusedError:
        return False
    return record.purpose == "http" and may_enter_console(Reader(record.owner, record.role, record.kid))


async def _outside(request: web.Request, *, old_form: bool = False) -> web.StreamResponse:
    async def nothing(_: web.Request) -> dict[str, Any]:
        return {"old_form": old_form}

    response = await shown(request, "console/outside.html", nothing, script=True)
    if isinstance(response, web.Response) and (old_form or request.path != "/console"):
        response.set_status(403)
    return response


async def _fields(request: web.Request) -> "MultiDictProxy[str]":
    if request.content_type != FORM_TYPE or (request.charset or _UTF8).lower() != _UTF8:
        raise RequestError("wrong_media_type", f"A form is {FORM_TYPE} in UTF-8.", "Content-Type")
    try:
        unquote_to_bytes(await read_body(request)).decode(_UTF8)  # other octets would become something else unnoticed
    except UnicodeDecodeError:
        raise RequestError("not_utf8", "The fields of a form are UTF-8.") from None
    return await request.post()  # type: ignore[return-value]  # this media type holds text alone
