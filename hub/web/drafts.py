"""Drafts that wait for signatures: ``/v1/drafts``. Who has nothing to do with a draft is told that there is none."""

import asyncio
import re
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from aiohttp import web

from hub.drafts import requests, standing
from hub.drafts.desk import draft_not_found
from hub.drafts.standing import Standing
from hub.drafts.values import OPEN, STATES, DeskDraft
from hub.errors import RequestError
from hub.web.access import is_officer
from hub.web.appkeys import CLOCK, DESK, GATE, QUOTAS
from hub.web.authentication import known_reader, read_body, reader_of
from hub.web.draftjson import draft_json, listed_json
from hub.web.requests import limit
from hub.web.responses import json_response
from signing.compose import timestamp
from signing.encoding import sha256_hex

__all__ = [
    "complete_draft",
    "decline_draft",
    "get_draft",
    "list_drafts",
    "post_draft",
    "sign_draft",
    "withdraw_draft",
]

T = TypeVar("T")

_PRIVATE = {"Cache-Control": "no-store"}
_LINK = re.compile(r"Draft ([A-Za-z0-9_-]{22})")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


async def post_draft(request: web.Request) -> web.Response:
    """Put a draft or an invitation on the desk: 201; 200 when the very same is there already."""
    request.app[QUOTAS].posts_from(request.remote)
    reader, desk = known_reader(request), request.app[DESK]
    request.app[GATE].require_open()
    new = await _read(request, partial(requests.read_new, network=desk.network))
    draft, already = await desk.post(new, reader.owner, officer=is_officer(reader))
    members = {"id": draft.id, "state": draft.state, "expires_at": timestamp(draft.expires_at)}
    return json_response(members, 200 if already else 201, {**_PRIVATE, "Location": f"/v1/drafts/{draft.id}"})


async def list_drafts(request: web.Request) -> web.Response:
    """Drafts that the reader posted, or that wait for one of the reader's keys; no texts."""
    owner, state, after = known_reader(request).owner, request.query.get("state", OPEN), request.query.get("after", "")
    if state not in STATES:
        raise RequestError("bad_parameter", f"state is one of {', '.join(STATES)}.", "state")
    if after and not _ID.fullmatch(after):
        raise RequestError("bad_parameter", "after is the id of a draft.", "after")
    most = limit(request)
    found = await request.app[DESK].list(owner, state, after, most)
    last = found[-1].id if len(found) == most else None
    return json_response({"drafts": [listed_json(one) for one in found], "next": last}, headers=_PRIVATE)


async def get_draft(request: web.Request) -> web.Response:
    """The draft, who has signed and who has not."""
    return _answer(*await _found(request))


async def complete_draft(request: web.Request) -> web.Response:
    """Who was invited hands in the draft with a new key, signed by it."""
    draft, mine = await _writing(request)
    completion = await _read(request, requests.read_completion)
    done = await request.app[DESK].complete(draft, completion, mine)
    return _answer(done, _standing(request, done) or mine)  # the link belongs to the new key from now on


async def sign_draft(request: web.Request) -> web.Response:
    """Hand in one signature; with the last one the statement is registered."""
    draft, mine = await _writing(request)
    protected, signature = await _read(request, requests.read_signature)
    return _answer(await request.app[DESK].sign(draft, protected, signature, mine), mine)


async def decline_draft(request: web.Request) -> web.Response:
    """A signer says why they don't sign; the draft ends."""
    draft, mine = await _writing(request)
    decline = await _read(request, requests.read_decline)
    return _answer(await request.app[DESK].decline(draft, decline, mine), mine)


async def withdraw_draft(request: web.Request) -> web.Response:
    """Its poster takes a draft back."""
    draft, mine = await _writing(request)
    return _answer(await request.app[DESK].withdraw(draft, mine), mine)


async def _writing(request: web.Request) -> tuple[DeskDraft, Standing]:
    """As ``_found``, for who is about to change something; counted by address, before anything is looked up."""
    request.app[QUOTAS].posts_from(request.remote)
    request.app[GATE].require_open()
    return await _found(request)


async def _found(request: web.Request) -> tuple[DeskDraft, Standing]:
    """The draft, and how whoever asks stands to it: by the link, or else by the signature on the request.

    Raises:
        NotFoundError: draft_not_found, for everybody else.
    """
    name = request.match_info["id"]
    draft = await request.app[DESK].find(name) if _ID.fullmatch(name) else None
    if draft is None:
        raise draft_not_found()
    mine = _standing(request, draft)
    if mine is None:
        raise draft_not_found()
    return draft, mine


def _standing(request: web.Request, draft: DeskDraft) -> Standing | None:
    given = request.headers.get("Authorization")
    if given is not None:
        link = _LINK.fullmatch(given)
        return None if link is None else standing.by_link(draft, sha256_hex(link[1].encode()), request.app[CLOCK]())
    reader = reader_of(request)
    return None if reader is None else standing.by_owner(draft, reader.owner)


async def _read(request: web.Request, work: Callable[[bytes], T]) -> T:
    """What ``work`` makes of the body, in a thread: reading a large one takes longer than others should wait."""
    if request.content_type != "application/json":
        raise RequestError("wrong_media_type", "Send application/json.")
    return await asyncio.to_thread(work, await read_body(request))


def _answer(draft: DeskDraft, mine: Standing) -> web.Response:
    return json_response(draft_json(draft, mine), headers=_PRIVATE)
