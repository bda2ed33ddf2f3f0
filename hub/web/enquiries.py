"""Enquiries over HTTP: ``/v1/enquiries``, for the provider concerned, which may comment, and for officers."""

from typing import Any

from aiohttp import web

from hub.enquiries.errors import BadEnquiryError
from hub.errors import AccessError, RequestError
from hub.storage.enquiries import Enquiry
from hub.web.access import is_officer, may_be_asked, may_read_enquiries
from hub.web.appkeys import ENQUIRIES, GATE, QUOTAS
from hub.web.authentication import known_reader, read_body
from hub.web.responses import json_response
from signing.compose import timestamp
from signing.encoding import JSON, loads
from signing.errors import SigningError

__all__ = ["comment_enquiry", "list_enquiries"]

_MOST = 32_768
_PRIVATE = {"Cache-Control": "no-store"}


async def list_enquiries(request: web.Request) -> web.Response:
    """The enquiries to the provider that asks, or all of them for officers, the newest first."""
    reader = known_reader(request)
    if not may_read_enquiries(reader):
        raise AccessError("not_for_you", "Enquiries are for the provider concerned and for officers.")
    officer = is_officer(reader)
    found = await request.app[ENQUIRIES].enquiries(None if officer else reader.owner)
    members: list[JSON] = [_members(one, officer=officer) for one in found]
    return json_response({"enquiries": members}, headers=_PRIVATE)


async def comment_enquiry(request: web.Request) -> web.Response:
    """The provider concerned comments on an enquiry, once."""
    reader = known_reader(request)
    if not may_be_asked(reader):
        raise AccessError("not_for_you", "The provider that was asked comments on an enquiry, nobody else.")
    request.app[GATE].require_open()
    request.app[QUOTAS].posts_of(reader.owner)
    kept = await request.app[ENQUIRIES].comment(reader.owner, request.match_info["id"], await _comment(request))
    return json_response(_members(kept, officer=False), headers=_PRIVATE)


async def _comment(request: web.Request) -> str:
    if request.content_type != "application/json":
        raise RequestError("wrong_media_type", "Send application/json.", "Content-Type")
    try:
        given: Any = loads(await read_body(request), max_bytes=_MOST)
    except SigningError as error:
        raise BadEnquiryError("bad_enquiry", error.message, error.where) from None
    if not isinstance(given, dict) or set(given) != {"comment"} or not isinstance(given["comment"], str):
        raise BadEnquiryError("bad_enquiry", "Send one member, comment, a text.", "/comment")
    return str(given["comment"])


def _members(one: Enquiry, *, officer: bool) -> dict[str, JSON]:
    """An enquiry as JSON; which officer sent it is told to officers."""
    members: dict[str, JSON] = {
        "id": one.id,
        "provider": one.provider,
        "about": one.about,
        "code": one.code,
        "period": {"from": timestamp(one.period_start)[:10], "to": timestamp(one.period_end - 1)[:10]},
        "text": one.text,
        "evidence": dict(one.evidence),
        "asked_at": timestamp(one.asked_at),
        "due": timestamp(one.due),
        "comment": one.comment,
        "commented_at": None if one.commented_at is None else timestamp(one.commented_at),
    }
    return members | ({"asked_by": one.asked_by} if officer else {})
