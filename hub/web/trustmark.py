"""The trust mark for other sites: signed status and badge, cacheable for seconds, readable from any origin."""

import hashlib
from urllib.parse import urlsplit

from aiohttp import web

from hub.errors import NotFoundError, RequestError
from hub.newest import NewestUnknownError, require_known
from hub.trustmark.badge import Shown, badge
from hub.trustmark.look import LANGUAGES, THEMES
from hub.trustmark.memberstatus import SignedStatus
from hub.trustmark.statuses import Kind
from hub.web.appkeys import CLOCK, DIRECTORY, SEQUENCER, SETTINGS, STATUSES
from hub.web.directory import is_time, log_size
from hub.web.requests import STATEMENT_TYPE, actor_id
from signing.statement import seconds

__all__ = ["CACHED_SECONDS", "get_badge", "get_member_status", "get_neutral_status"]

CACHED_SECONDS = 20
"""How long a cache may keep an answer: with what the hub itself keeps, at least half of the 60 seconds are left."""


async def get_member_status(request: web.Request) -> web.Response:
    """The signed status of a member."""
    return await _status(request, "member")


async def get_neutral_status(request: web.Request) -> web.Response:
    """The signed status of a neutral."""
    return await _status(request, "neutral")


async def get_badge(request: web.Request) -> web.Response:
    """The badge of a member; of somebody unknown a grey one with 404, while the newest is unknown one with 503."""
    actor = actor_id(request.match_info["id"], "id")
    theme, language = _one_of(request, "theme", tuple(THEMES)), _one_of(request, "lang", LANGUAGES)
    shown, status = await _badge(request, actor)
    response = _cacheable(request, badge(shown, theme, language), "image/svg+xml", status)
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


async def _badge(request: web.Request, actor: str) -> tuple[Shown, int]:
    """What the badge says, and the answer's status."""
    hub, now = urlsplit(request.app[SETTINGS].hub.url).netloc, request.app[CLOCK]()
    try:
        found = await request.app[STATUSES].current("member", actor)
    except NewestUnknownError:
        return Shown(actor, "unverified", now, hub), 503
    if found is None:
        return Shown(actor, "unknown", now, hub), 404
    return Shown(found.standing.name, found.standing.state, found.moment.time, hub), 200


async def _status(request: web.Request, kind: Kind) -> web.Response:
    actor = actor_id(request.match_info["id"], "id")
    found = await _found(request, kind, actor)
    if found is None:
        raise NotFoundError("not_found", f"No {kind} of this id is registered.", actor)
    return _cacheable(request, found.document, STATEMENT_TYPE)


async def _found(request: web.Request, kind: Kind, actor: str) -> SignedStatus | None:
    at = request.query.get("at")
    if at is None:
        return await request.app[STATUSES].current(kind, actor)
    size = await log_size(request)
    return await request.app[STATUSES].past(kind, actor, size, await _time_of(request, at, size))


async def _time_of(request: web.Request, at: str, size: int) -> int:
    """The time that ``at`` asks about, never in the future and known here; of a log size that of its newest entry."""
    if is_time(at):
        time = min(seconds(at), request.app[CLOCK]())
        require_known(request.app[SEQUENCER], time)
        return time
    newest = await request.app[DIRECTORY].statement_at(size - 1)
    if newest is None:
        raise NotFoundError("beyond_log", "The log has no such entry.", at)
    return newest.time


def _one_of(request: web.Request, name: str, values: tuple[str, ...]) -> str:
    value = request.query.get(name, values[0])
    if value not in values:
        raise RequestError("bad_parameter", f"{name} is one of {', '.join(values)}.", name)
    return value


def _cacheable(request: web.Request, body: bytes, content_type: str, status: int = 200) -> web.Response:
    """An answer that caches keep for seconds, or 304 to whoever has it already."""
    tag = hashlib.sha256(body).hexdigest()[:32]
    headers = {"Cache-Control": f"public, max-age={CACHED_SECONDS}, must-revalidate", "ETag": f'"{tag}"'}
    if status == 200 and any(one.value in (tag, "*") for one in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, status=status, content_type=content_type, headers=headers)
