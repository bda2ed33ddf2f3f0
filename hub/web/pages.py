"""Pages for people: ``/`` and ``/directory``. Readable without script; nothing comes from elsewhere."""

from typing import Any

from aiohttp import web

from hub.storage.values import StoredStatement
from hub.web.appkeys import CLOCK, DIRECTORY, LOG, PUBLICATION, SETTINGS
from hub.web.directory import log_size
from hub.web.presenting import accreditation_json, parsed, ring_of
from hub.web.rendering import page
from hub.web.requests import page as paging
from registry.judgement import in_force
from signing.errors import SigningError
from signing.notes import Note, VerifierKey, check_cosignature, parse_note
from signing.statement import seconds
from signing.trust import WitnessPolicy, parse_witness_policy

__all__ = ["directory_page", "home_page"]

_GOOD = frozenset({"listed", "conditional"})


@page("home.html")
async def home_page(request: web.Request) -> dict[str, Any]:
    """What this hub is, the state of its log, who watches it, and how to verify an award."""
    app, size = request.app, request.app[LOG].size
    directory = app[DIRECTORY]
    chain = await directory.policies(size)
    policy = parsed(chain[-1]).body
    witnesses = parse_witness_policy(policy["witness_policy"])
    shown = app[PUBLICATION].witnessed or app[PUBLICATION].signed
    newest = await directory.statement_at(shown.size - 1)
    return {
        "settings": app[SETTINGS].hub,
        "size": shown.size,
        "root": shown.root.hex(),
        "newest": None if newest is None else newest.time,
        "unwitnessed": size - shown.size if app[PUBLICATION].witnessed else 0,
        "network": chain[0].digest,
        "policy": chain[-1],
        "body": policy,
        "witnesses": _witnesses(parse_note(shown.note), witnesses),
        "quorum": _quorum(witnesses),
        "members": await directory.count("member", size),
        "now": app[CLOCK](),
    }


@page("directory.html")
async def directory_page(request: web.Request) -> dict[str, Any]:
    """Providers, neutrals and other members with their accreditation; awards are never listed."""
    app, size = request.app, await log_size(request)
    directory, (after, limit) = app[DIRECTORY], paging(request)
    members = await directory.members(size, after=after, limit=limit)
    neutrals = await directory.neutrals(size, after=after, limit=limit)
    rows = [await _row(app, one, size) for one in members]
    return {
        "settings": app[SETTINGS].hub,
        "size": size,
        "now": app[CLOCK](),
        "providers": [row for row in rows if row["type"] == "provider"],
        "others": [row for row in rows if row["type"] != "provider"],
        "neutrals": [await _row(app, one, size) for one in neutrals],
    }


async def _row(app: web.Application, stored: StoredStatement, size: int) -> dict[str, Any]:
    """One line of the directory: who, since when, accredited how, with which keys."""
    told = await app[DIRECTORY].history(stored.subject or "", size)
    body = parsed(stored).body
    decisions = [one for one in told if one.kind == "accreditation"]
    keys = [one for one in ring_of(stored.subject or "", told).values() if one.revoked_at is None]
    return {
        "id": stored.subject,
        "type": body.get("type", "neutral"),
        "name": body["profile"].get("display_name") or body["profile"].get("legal_name"),
        "body": body,
        "since": told[0].time,
        "digest": stored.digest,
        "accreditation": _accreditation(decisions[-1], app[CLOCK]()) if decisions else None,
        "keys": [one for one in keys if one.purpose == "statement"],
    }


def _accreditation(stored: StoredStatement, now: int) -> dict[str, Any]:
    shown: dict[str, Any] = accreditation_json(stored) or {}
    lapsed = in_force(shown["status"]) and seconds(shown["valid_to"]) <= now
    status = "expired" if lapsed else shown["status"]
    return shown | {"status": status, "good": status in _GOOD, "since": stored.time}


def _witnesses(note: Note, policy: WitnessPolicy) -> list[dict[str, Any]]:
    return [
        {"name": name, "url": policy.urls.get(key, ""), "key": key.format(), "time": _cosigned(note, key)}
        for name, key in policy.witness_keys.items()
    ]


def _cosigned(note: Note, witness: VerifierKey) -> int | None:
    try:
        return check_cosignature(note, witness)
    except SigningError:
        return None


def _quorum(policy: WitnessPolicy) -> tuple[int, int] | None:
    """(needed, of how many) where the quorum is one group or one witness; None where nobody is asked."""
    if policy.quorum == "none":
        return None
    threshold, members = policy.groups.get(policy.quorum, (1, (policy.quorum,)))
    return threshold, len(members)
