"""Membership: ``/v1/applications``. Anybody applies; an application is its applicant's and the officers' alone."""

import json
import re
from functools import partial

from aiohttp import web

from hub.applications.flags import legal_name
from hub.applications.service import unknown
from hub.errors import AccessError, RequestError
from hub.plaintext import is_storable
from hub.storage.applications import Application
from hub.web.access import may_decide_applications, may_read_application
from hub.web.appkeys import APPLICATIONS, CLOCK, GATE, QUOTAS, SIGNED_AT
from hub.web.authentication import known_reader, read_body
from hub.web.requests import actor_id, flag, limit
from hub.web.responses import json_response
from providers.application.form import MAX_APPLICATION
from providers.application.selftest import Answer
from signing.compose import timestamp
from signing.encoding import JSON, loads
from signing.errors import SigningError

__all__ = [
    "answer_self_test", "decline_application", "get_application", "list_applications", "post_application",
    "withdraw_application",
]  # fmt: skip

MAX_REASON = 500
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


async def post_application(request: web.Request) -> web.Response:
    """Apply: 201 with the challenge of the self-test; 200 when the same application is open already."""
    quotas = request.app[QUOTAS]
    quotas.posts_from(request.remote)
    request.app[GATE].require_open()
    if request.content_type != "application/json":
        raise RequestError("wrong_media_type", "Post application/json.", "Content-Type")
    count = partial(quotas.applications_from, request.remote)
    kept, new = await request.app[APPLICATIONS].receive(await _body(request), count)
    headers = {"Location": f"/v1/applications/{kept.id}"}
    return json_response(_for_applicant(kept), 201 if new else 200, headers)


async def list_applications(request: web.Request) -> web.Response:
    """The officers' queue: open applications by the time they came, those for one id, or all of them; page by page."""
    _officer(request)
    most, after, actor = limit(request), request.query.get("after", ""), request.query.get("actor")
    if after and not _ID.fullmatch(after):
        raise RequestError("bad_parameter", "after is the id of an application.", "after")
    if actor is not None:
        found = await request.app[APPLICATIONS].of_actor(actor_id(actor, "actor"), after, most + 1)
    else:
        found = await request.app[APPLICATIONS].page(after, most + 1, only_open=not flag(request, "ended"))
    shown = found[:most]
    following = shown[-1].id if len(found) > most else None
    return json_response({"applications": [_listed(one) for one in shown], "next": following})


async def get_application(request: web.Request) -> web.Response:
    """One application: for its applicant its state and self-test, for an officer what was posted and flags too."""
    name, reader = request.match_info["id"], known_reader(request)
    if not may_read_application(reader, name):
        raise unknown(name)
    one = await request.app[APPLICATIONS].find(name)
    return json_response(await _shown(request, one))


async def answer_self_test(request: web.Request) -> web.Response:
    """Judge the answer to the challenge."""
    name = _own(request)
    try:
        answer = Answer.from_json(loads(await _body(request)))
    except SigningError as error:
        raise RequestError(error.code, error.message, error.where) from None
    ahead = request[SIGNED_AT] - request.app[CLOCK]()
    return json_response(_for_applicant(await request.app[APPLICATIONS].test(name, answer, ahead)))


async def decline_application(request: web.Request) -> web.Response:
    """End an application, with a reason for the applicant."""
    officer, members = _officer(request), await _object(request)
    reason = members.get("reason")
    if set(members) != {"reason"} or not isinstance(reason, str) or not 1 <= len(reason.strip()) <= MAX_REASON:
        raise RequestError("bad_reason", f"Say why, in 1 to {MAX_REASON} characters.", "/reason")
    if not is_storable(reason):
        raise RequestError("bad_reason", "The reason holds the character U+0000.", "/reason")
    one = await request.app[APPLICATIONS].decline(request.match_info["id"], officer, reason.strip())
    return json_response(await _shown(request, one))


async def withdraw_application(request: web.Request) -> web.Response:
    """End an application as its applicant wishes."""
    return json_response(_for_applicant(await request.app[APPLICATIONS].withdraw(_own(request))))


def _officer(request: web.Request) -> str:
    reader = known_reader(request)
    if not may_decide_applications(reader):
        raise AccessError("not_for_you", "Officers read and decide applications.", reader.owner)
    return reader.owner


def _own(request: web.Request) -> str:
    """The application's id, if the request is signed with its own key."""
    name, reader = request.match_info["id"], known_reader(request)
    if reader.role != "applicant" or reader.owner != name:
        raise unknown(name)
    return name


async def _body(request: web.Request) -> bytes:
    body = await read_body(request)
    if len(body) > MAX_APPLICATION:
        raise web.HTTPRequestEntityTooLarge(max_size=MAX_APPLICATION, actual_size=len(body))
    return body


async def _object(request: web.Request) -> dict[str, JSON]:
    try:
        members = loads(await _body(request))
    except SigningError as error:
        raise RequestError(error.code, error.message, error.where) from None
    if not isinstance(members, dict):
        raise RequestError("not_an_object", "Expected a JSON object.")
    return members


async def _shown(request: web.Request, one: Application) -> dict[str, JSON]:
    if not may_decide_applications(known_reader(request)):
        return _for_applicant(one)
    flags = await request.app[APPLICATIONS].flags(one)
    form = None if one.form is None else json.loads(one.form)
    more = {"legal_name": legal_name(one), "flags": [each.json() for each in flags], "application": form}
    return {**_common(one), "outcomes": _outcomes(one), **more}


def _listed(one: Application) -> dict[str, JSON]:
    return {**_common(one), "legal_name": legal_name(one)}


def _for_applicant(one: Application) -> dict[str, JSON]:
    challenge = None if one.challenge is None else json.loads(one.challenge)["challenge"]
    return {**_common(one), "self_test": {"challenge": challenge, "outcomes": _outcomes(one)}}


def _common(one: Application) -> dict[str, JSON]:
    return {
        "id": one.id,
        "state": one.state,
        "actor": one.actor,
        "type": one.type,
        "received_at": timestamp(one.received),
        "expires_at": timestamp(one.expires),
        "ended_at": None if one.ended is None else timestamp(one.ended),
        "ended_by": one.ended_by,
        "reason": one.reason,
    }


def _outcomes(one: Application) -> JSON:
    return [] if one.outcomes is None else json.loads(one.outcomes)
