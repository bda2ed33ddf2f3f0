"""The home page: a visitor's questions first, then the state of the log. Readable without script."""

from typing import Any

from aiohttp import web

from hub.web.appkeys import CLOCK, DIRECTORY, LOG, PUBLICATION, SETTINGS
from hub.web.presenting import parsed
from hub.web.rendering import page
from signing.errors import SigningError
from signing.notes import Note, VerifierKey, check_cosignature, parse_note
from signing.trust import WitnessPolicy, parse_witness_policy

__all__ = ["home_page"]


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
