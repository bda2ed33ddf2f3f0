"""The officers' console: what needs attention today, concerns and subjects, drafts. All of it needs a session."""

from collections import Counter
from typing import Any

from aiohttp import web

from hub.console.attention import Urgency, attention
from hub.console.preparing import following
from hub.console.wiring import SHOWN, officers_of
from hub.console.words import leaves
from hub.drafts import standing
from hub.drafts.desk import draft_not_found
from hub.drafts.values import INVITED, OPEN, STATES, DeskDraft
from hub.errors import NotFoundError, RequestError
from hub.storage.values import StoredStatement
from hub.web.appkeys import CLOCK, CONSOLE, DESK, DIRECTORY, LOG, SESSION
from hub.web.consoleguard import console_page
from hub.web.consolepaging import first_row, paging
from hub.web.presenting import keys_json, parsed, ring_of
from hub.web.requests import actor_id
from signing.keyring import suspended_by
from signing.statement import seconds

__all__ = ["concerns_page", "draft_page", "drafts_page", "subject_page", "today_page"]

SHOWN_OF_A_KIND = 12
"""Lines of one kind on the page of today; the others are counted."""


@console_page("console/today.html")
async def today_page(request: web.Request) -> dict[str, Any]:
    """What needs attention today, the most urgent first."""
    app = request.app
    now = app[CLOCK]()
    facts = await app[CONSOLE].facts(request[SESSION].owner, now)
    items = attention(facts, now)
    shown: list[Any] = []
    more: Counter[tuple[Urgency, str]] = Counter()
    of_kind: Counter[tuple[Urgency, str]] = Counter()
    for one in items:
        of_kind[one.urgency, one.code] += 1
        if of_kind[one.urgency, one.code] <= SHOWN_OF_A_KIND:
            shown.append(one)
        else:
            more[one.urgency, one.code] += 1
    groups = [
        (urgency.name.lower(), [one for one in shown if one.urgency is urgency],
         [(code, count) for (of, code), count in more.items() if of is urgency])
        for urgency in Urgency
    ]  # fmt: skip
    counts = Counter(one.urgency.name.lower() for one in items)
    beyond = {"drafts": facts.more_drafts, "applications": facts.more_applications, "start": SHOWN}
    return {"tab": "today", "groups": groups, "counts": counts, "beyond": beyond}


@console_page("console/concerns.html")
async def concerns_page(request: web.Request) -> dict[str, Any]:
    """Every subject whose accreditation is not plainly in order, what is due first."""
    now = request.app[CLOCK]()
    facts = await request.app[CONSOLE].facts(request[SESSION].owner, now)
    rows = sorted(facts.decisions, key=lambda one: (one.cure or one.ends, one.subject))
    return {"tab": "concerns", "rows": rows}


@console_page("console/subject.html")
async def subject_page(request: web.Request) -> dict[str, Any]:
    """One provider or neutral: decisions, findings, what is pending, keys, and what can be prepared."""
    app, now, size = request.app, request.app[CLOCK](), request.app[LOG].size
    found = await app[CONSOLE].subject(actor_id(request.match_info["id"], "id"))
    told = await app[DIRECTORY].history(found.actor, size)
    decisions = [_decision(one) for one in reversed(told) if one.kind == "accreditation"]
    ring = ring_of(found.actor, [*await app[DIRECTORY].policies(size), *told])
    keys = [
        one | {"suspended_by": suspended_by(ring, str(one["kid"]), size), "record": ring[str(one["kid"])]}
        for one in keys_json(ring)
    ]
    return {
        "tab": "concerns",
        "subject": found,
        "decisions": decisions,
        "keys": keys,
        "following": following(found.newest, now) if found.judged else [],
        "pending": {} if found.newest is None else dict(found.newest.get("procedure", {})),
        "size": size,
    }


@console_page("console/drafts.html")
async def drafts_page(request: web.Request) -> dict[str, Any]:
    """Drafts that the officer posted or is to sign, in one state, what matters most first."""
    state = request.query.get("state", OPEN)
    if state not in STATES:
        raise RequestError("bad_parameter", f"state is one of {', '.join(STATES)}.", "state")
    owner = request[SESSION].owner
    start, officers = first_row(request), await officers_of(request.app)
    found, total = await request.app[DESK].of_officer(owner, officers, state, start, SHOWN)
    rows = [(one, _yours(one, owner)) for one in found]
    return {"tab": "drafts", "state": state, "states": STATES, "rows": rows, "paging": paging(start, len(rows), total)}


@console_page("console/draft.html")
async def draft_page(request: web.Request) -> dict[str, Any]:
    """One draft in full, word for word, and who has signed it."""
    owner, found = request[SESSION].owner, await request.app[DESK].find(request.match_info["id"])
    if found is None or standing.by_owner(found, owner) is None:
        raise draft_not_found()
    text = found.draft
    payload = None if text is None else text.payload
    return {
        "tab": "drafts",
        "draft": found,
        "payload": payload,
        "lines": [] if payload is None else list(leaves(payload["body"])),
        "yours": _yours(found, owner),
        "own": found.poster == owner and found.state in (INVITED, OPEN),
    }


def _yours(draft: DeskDraft, owner: str) -> bool:
    return draft.state == OPEN and any(one.owner == owner for one in draft.missing)


def _decision(stored: StoredStatement) -> dict[str, Any]:
    """A registered decision as the page shows it."""
    if stored.document is None:
        raise NotFoundError("body_deleted", "The statement's text was deleted as planned.", stored.digest)
    body = parsed(stored).body
    return {"body": body, "time": stored.time, "digest": stored.digest, "index": stored.index,
            "ends": seconds(body["valid_to"])}  # fmt: skip
