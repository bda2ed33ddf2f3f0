"""Feedback: ``/v1/feedback``. Providers have slots issued; parties answer with their token; nobody reads one answer."""

from aiohttp import web

from hub.errors import AccessError, NotFoundError, RequestError
from hub.feedback.errors import BadAnswerError
from hub.feedback.questions import LOWEST, read_given, read_relayed, read_wanted
from hub.feedback.standing import GROUP, PARTY, Month, Scores, Standing
from hub.feedback.tokens import hash_of, read_token
from hub.web.access import is_officer, may_ask_feedback, may_read_feedback
from hub.web.appkeys import DIRECTORY, FEEDBACK, GATE, LOG, QUOTAS
from hub.web.authentication import known_reader, read_body
from hub.web.languages import TAGS
from hub.web.presenting import parsed
from hub.web.requests import actor_id
from hub.web.responses import json_response
from signing.compose import timestamp
from signing.encoding import JSON, loads
from signing.errors import SigningError

__all__ = ["get_slot", "get_standing", "issue_slots", "post_answer", "relay_answer"]

_MOST = 4096
_PRIVATE = {"Cache-Control": "no-store"}


async def issue_slots(request: web.Request) -> web.Response:
    """Issue a slot for each party of a case that the provider names: 201, and the tokens, told this once."""
    provider = _provider(request)
    request.app[GATE].require_open()
    wanted = read_wanted(await _json(request), TAGS)
    slots: list[JSON] = [
        {
            "role": one.role,
            "token": one.token,
            "token_sha256": hash_of(one.token),
            "url": one.url,
            "expires_at": timestamp(one.expires),
        }
        for one in await request.app[FEEDBACK].issue(provider, wanted)
    ]
    return json_response({"case": wanted.case, "slots": slots}, 201, _PRIVATE)


async def get_slot(request: web.Request) -> web.Response:
    """What a token is for: the provider, and the role of who answers."""
    slot = await request.app[FEEDBACK].open_slot(_token(request))
    provider = {"id": slot.provider, "name": await _name(request, slot.provider)}
    members: dict[str, JSON] = {"provider": provider, "role": slot.role, "expires_at": timestamp(slot.expires)}
    return json_response(members, headers=_PRIVATE)


async def post_answer(request: web.Request) -> web.Response:
    """A party answers with its token: 201; 200 when the same answer came before."""
    request.app[GATE].require_open()
    request.app[QUOTAS].posts_from(request.remote)
    given = read_given(await _json(request))
    _, new = await request.app[FEEDBACK].answer(_token(request), given)
    return json_response({"source": PARTY}, 201 if new else 200, _PRIVATE)


async def relay_answer(request: web.Request) -> web.Response:
    """A provider hands in an answer that it took down: 201; 200 when the same one came before."""
    provider = _provider(request)
    request.app[GATE].require_open()
    kept, new = await request.app[FEEDBACK].relay(provider, read_relayed(await _json(request)))
    return json_response({"case": kept.case, "role": kept.role, "source": kept.source}, 201 if new else 200, _PRIVATE)


async def get_standing(request: web.Request) -> web.Response:
    """How the feedback on a provider stands: exactly for officers, in groups for the provider itself."""
    provider, reader = actor_id(request.match_info["id"], "id"), known_reader(request)
    if not may_read_feedback(reader, provider):
        raise AccessError("not_for_you", "Feedback on a provider is counted for itself and for officers.", "id")
    if await _name(request, provider) is None:
        raise NotFoundError("not_found", "No provider of this id is registered.", provider)
    found = await request.app[FEEDBACK].standing(provider, officer=is_officer(reader))
    return json_response(_standing(found, officer=is_officer(reader)), headers=_PRIVATE)


def _provider(request: web.Request) -> str:
    """The provider that signed the request, whose posts are counted."""
    reader = known_reader(request)
    if not may_ask_feedback(reader):
        raise AccessError("not_for_you", "Slots are issued to providers, and relayed answers are taken from them.")
    request.app[QUOTAS].posts_of(reader.owner)
    return reader.owner


def _token(request: web.Request) -> str | None:
    return read_token(request.headers.get("Authorization"))


async def _name(request: web.Request, provider: str) -> str | None:
    """The name under which a provider is registered now; None when nobody is under this id."""
    found = await request.app[DIRECTORY].member(provider, request.app[LOG].size)
    body = None if found is None else parsed(found).body
    return None if body is None or body["type"] != "provider" else str(body["profile"]["legal_name"])


async def _json(request: web.Request) -> JSON:
    if request.content_type != "application/json":
        raise RequestError("wrong_media_type", "Send application/json.", "Content-Type")
    try:
        return loads(await read_body(request), max_bytes=_MOST)
    except SigningError as error:
        raise BadAnswerError("bad_feedback", error.message, error.where) from None


def _standing(found: Standing, *, officer: bool) -> dict[str, JSON]:
    members: dict[str, JSON] = {
        "provider": found.provider,
        "view": "supervised" if officer else "own",
        "group": 1 if officer else GROUP,
        "issued": found.issued,
        "ended": [_month(one) for one in found.months],
        "scores": [_scores(one) for one in found.scores if one.n],
    }
    if found.mismatch is not None:
        wrong = found.mismatch
        members |= {"open": found.open, "unregistered": wrong.unregistered, "unknown": wrong.unknown}
    return members


def _month(one: Month) -> dict[str, JSON]:
    counts: dict[str, JSON] = {
        "slots": one.slots, "answered": one.answered, "relayed": one.relayed, "unused": one.unused,
    }  # fmt: skip
    return {"first_month": one.first, "last_month": one.month, **counts}


def _scores(one: Scores) -> dict[str, JSON]:
    counts: dict[str, JSON] = {str(LOWEST + place): count for place, count in enumerate(one.counts)}
    return {"role": one.role, "question": one.question, "n": one.n, "counts": counts}
