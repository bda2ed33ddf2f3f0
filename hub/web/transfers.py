"""A member's feed and the transfers it is part of: ``/v1/inbox``, ``/v1/transfers/{id}``."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict

from aiohttp import web

from hub.errors import NotFoundError, RequestError
from hub.storage.values import InboxEntry, TransferStatement
from hub.web.access import may_read_transfer
from hub.web.appkeys import ARRIVALS, SETTINGS, TRANSFERS
from hub.web.authentication import known_reader
from hub.web.requests import limit, number
from hub.web.responses import json_response
from signing.encoding import JSON

__all__ = ["get_transfer", "read_inbox"]

MOST_SECONDS = 60
_GREATEST = 2**53 - 1
_UNSHOWN = frozenset({"transfer_id", "moves"})


async def read_inbox(request: web.Request) -> web.Response:
    """Statements that concern the reader, in log order; waits for new ones if asked to."""
    owner = known_reader(request).owner
    after = number(request, "after", 0, _GREATEST, -1)
    seconds, most = number(request, "wait", 0, MOST_SECONDS, 0), limit(request)
    transfers, arrivals = request.app[TRANSFERS], request.app[ARRIVALS]
    if seconds and arrivals.waiting(owner) >= request.app[SETTINGS].limits.waiting_reads:
        raise RequestError("too_many_reads", "Too many requests of yours wait for your inbox already.")
    with arrivals.listening(owner) as something:
        entries = await transfers.inbox(owner, after, most)
        if seconds and not entries:
            with suppress(TimeoutError):
                await asyncio.wait_for(something.wait(), seconds)
            entries = await transfers.inbox(owner, after, most)
    newest = entries[-1].index if entries else (None if after < 0 else after)
    return json_response({"entries": [_entry(one) for one in entries], "next": newest})


async def get_transfer(request: web.Request) -> web.Response:
    """A transfer and every statement about it, for its two members and for officers."""
    reader, name = known_reader(request), request.match_info["id"]
    found = await request.app[TRANSFERS].transfer(name)
    if found is None or not may_read_transfer(reader, found.sender, found.recipient):
        raise NotFoundError("not_found", "There is no such transfer, or you are no part of it.")
    statements = await request.app[TRANSFERS].statements(name)
    members: dict[str, JSON] = {
        "transfer": {"id": name, **_shown(found.record)},
        "statements": [_statement(one) for one in statements],
    }
    return json_response(members, headers={"Cache-Control": "private, no-cache"})


def _entry(entry: InboxEntry) -> dict[str, JSON]:
    members = asdict(entry)
    return {"transfer_id": members.pop("transfer"), **members}


def _shown(record: Mapping[str, JSON]) -> dict[str, JSON]:
    return {name: value for name, value in record.items() if name not in _UNSHOWN}


def _statement(statement: TransferStatement) -> dict[str, JSON]:
    return {name: value for name, value in asdict(statement).items() if value is not None}
