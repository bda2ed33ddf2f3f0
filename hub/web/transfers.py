"""A member's feed and the transfers it is part of: ``/v1/inbox``, ``/v1/transfers/{id}``."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict

from aiohttp import web

from hub.errors import NotFoundError, RequestError
from hub.storage.values import InboxEntry, TransferStatement
from hub.web.access import may_read_transfer
from hub.web.appkeys import ARRIVALS, AWARDS, DIRECTORY, INBOXES_READ, PUBLICATION, SETTINGS, TRANSFERS
from hub.web.authentication import known_reader
from hub.web.requests import flag, limit, number
from hub.web.responses import json_response
from signing.encoding import JSON

__all__ = ["get_transfer", "read_inbox"]

MOST_SECONDS = 60
MOST_WHOLE, MOST_OCTETS = 100, 1 << 20
"""Entries, and octets of text, that one answer carries whole."""

_GREATEST = 2**53 - 1
_UNSHOWN = frozenset({"transfer_id", "moves"})


async def read_inbox(request: web.Request) -> web.Response:
    """Statements that concern the reader, in log order, whole if that is asked for; waits for new ones likewise."""
    owner = known_reader(request).owner
    after = number(request, "after", 0, _GREATEST, -1)
    seconds, whole = number(request, "wait", 0, MOST_SECONDS, 0), flag(request, "statements")
    most = min(limit(request), MOST_WHOLE) if whole else limit(request)
    transfers, arrivals = request.app[TRANSFERS], request.app[ARRIVALS]
    applied = number(request, "applied", 0, _GREATEST, _GREATEST)
    request.app[INBOXES_READ].note(owner, min(after, applied, request.app[PUBLICATION].signed.size - 1))
    if seconds and arrivals.waiting(owner) >= request.app[SETTINGS].limits.waiting_reads:
        raise RequestError("too_many_reads", "Too many requests of yours wait for your inbox already.")
    with arrivals.listening(owner) as something:
        entries = await transfers.inbox(owner, after, most)
        if seconds and not entries:
            with suppress(TimeoutError):
                await asyncio.wait_for(something.wait(), seconds)
            entries = await transfers.inbox(owner, after, most)
    shown = await _whole(request.app, entries) if whole else [_entry(one) for one in entries]
    newest = shown[-1]["index"] if shown else (None if after < 0 else after)
    return json_response({"entries": shown, "next": newest})


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


async def _whole(app: web.Application, entries: Sequence[InboxEntry]) -> list[dict[str, JSON]]:
    """The first entries with their registrations, as many as one answer carries; deleted texts are left out.

    Whoever has a statement in the inbox may read it: it is one of both members of its transfer.
    """
    stored = await app[DIRECTORY].statements_at([one.index for one in entries])
    shown: list[dict[str, JSON]] = []
    octets = 0
    for entry, one in zip(entries, stored, strict=True):
        octets += len(one.document or b"")
        if shown and octets > MOST_OCTETS:
            break
        members = _entry(entry)
        if one.document is not None:
            members["registration"] = (await app[AWARDS].with_proof(one)).json()
        shown.append(members)
    return shown


def _entry(entry: InboxEntry) -> dict[str, JSON]:
    members = asdict(entry)
    return {"transfer_id": members.pop("transfer"), **members}


def _shown(record: Mapping[str, JSON]) -> dict[str, JSON]:
    return {name: value for name, value in record.items() if name not in _UNSHOWN}


def _statement(statement: TransferStatement) -> dict[str, JSON]:
    return {name: value for name, value in asdict(statement).items() if value is not None}
