"""How an officer gets into the console and out: ``/v1/sessions``, ``/console/session``, ``/console/leave``."""

import re

from aiohttp import web

from hub.errors import AccessError, RequestError
from hub.web.access import may_enter_console
from hub.web.appkeys import QUOTAS, SESSIONS
from hub.web.authentication import known_reader, read_body
from hub.web.consoleguard import console_form, cookie_name, forget_cookie, require_own_page, set_cookie
from hub.web.responses import json_response
from signing.compose import timestamp
from signing.encoding import is_hex_digest, loads
from signing.errors import SigningError

__all__ = ["announce_session", "leave_console", "open_session"]

_MOST = 1024
_LINK, _SECRET = re.compile(r"[A-Za-z0-9_-]{16}"), re.compile(r"[A-Za-z0-9_-]{22}")
_PRIVATE = {"Cache-Control": "no-store"}


async def announce_session(request: web.Request) -> web.Response:
    """An officer's own program announces the hash of a secret: 201, and the link's id."""
    reader = known_reader(request)
    if not may_enter_console(reader):
        raise AccessError("not_an_officer", "Only officers enter the console.", reader.owner)
    members = await _members(request, {"secret_sha256"})
    if not is_hex_digest(members["secret_sha256"]):
        raise _bad("secret_sha256 is the SHA-256 of the secret in hex.", "/secret_sha256")
    link = request.app[SESSIONS].announce(reader.owner, reader.kid, bytes.fromhex(members["secret_sha256"]))
    return json_response({"id": link.id, "expires_at": timestamp(link.expires)}, 201, _PRIVATE)


async def open_session(request: web.Request) -> web.Response:
    """The console's script hands in the secret of a link: 204, and the session's cookie."""
    require_own_page(request)
    request.app[QUOTAS].posts_from(request.remote)
    members = await _members(request, {"id", "secret"})
    if not _LINK.fullmatch(members["id"]) or not _SECRET.fullmatch(members["secret"]):
        raise AccessError("session_link_refused", "This link is not whole. Copy it again, or make a new one.")
    value, _ = request.app[SESSIONS].open(members["id"], members["secret"])
    response = web.Response(status=204, headers=_PRIVATE)
    set_cookie(request, response, value)
    return response


@console_form("console/outside.html")
async def leave_console(request: web.Request, _: object) -> web.Response:
    """Log out."""
    request.app[SESSIONS].end(request.cookies[cookie_name(request.app)])
    response = web.Response(status=303, headers={"Location": "/console"})
    forget_cookie(request, response)
    return response


async def _members(request: web.Request, names: set[str]) -> dict[str, str]:
    """The request's JSON object, whose members are these and text."""
    if request.content_type != "application/json":
        raise RequestError("wrong_media_type", "Send application/json.")
    try:
        found = loads(await read_body(request), max_bytes=_MOST)
    except SigningError:
        found = None
    if not isinstance(found, dict) or set(found) != names or not all(isinstance(one, str) for one in found.values()):
        raise _bad(f"Send a JSON object of exactly {' and '.join(sorted(names))}, as text.")
    return found


def _bad(message: str, where: str = "") -> RequestError:
    return RequestError("bad_session_request", message, where)
