"""What the hub holds about one neutral, whole: for the neutral, and for officers."""

import json

from aiohttp import web

from hub.drafts.values import OPEN
from hub.errors import AccessError, NotFoundError
from hub.evidence import document_of
from hub.storage.values import StoredStatement
from hub.web.access import Reader, may_read_held
from hub.web.appkeys import AWARDS, DESK, DIRECTORY, QUOTAS, SEARCH
from hub.web.authentication import known_reader
from hub.web.directory import Moment, moment
from hub.web.draftjson import listed_json as draft_json
from hub.web.holders import asking_holder
from hub.web.presenting import key_state
from hub.web.requests import actor_id
from hub.web.responses import json_response
from hub.web.searching import listed_json
from registry import state as spaces
from signing.encoding import JSON
from signing.keyring import KeyRecord

__all__ = ["ask_held", "get_held"]

_MOST_DRAFTS = 1000
_PRIVATE = {"Cache-Control": "no-store"}

_SOURCES = {
    "neutral": "what GET /v1/neutrals/{id} shows to everybody, made from the newest version",
    "statements": "statements about the neutral in the log, with annexes (tables statements, bodies, annexes)",
    "keys": "the neutral's keys with all that became of them, from these statements (table rule_state)",
    "key_states": "whether each key may act now, reckoned from the keys for this answer",
    "rules": "what the rules keep for their next decision, made from these statements (table rule_state)",
    "versions": "what searches and mirrors read, made from these statements (table directory_versions)",
    "drafts": "open drafts of the neutral, or that wait for the neutral's signature; they end and go (table drafts)",
    "elsewhere": "awards are kept under their digests and name their signers; whoever can name one reads it",
}


async def get_held(request: web.Request) -> web.Response:
    """Every statement about a neutral, its annexes and keys, and every row that was made from them."""
    return await _held(request, known_reader(request), actor_id(request.match_info["id"], "id"))


async def ask_held(request: web.Request) -> web.Response:
    """The same, about whose statement key signed the question in the body; nobody else is named in it."""
    request.app[QUOTAS].posts_from(request.remote)
    reader = await asking_holder(request)
    return await _held(request, reader, reader.owner)


async def _held(request: web.Request, reader: Reader, name: str) -> web.Response:
    at = await moment(request)
    if not may_read_held(reader, name):
        message = "What is held about a neutral is shown to that neutral and to officers."
        raise AccessError("not_for_you", message, name)
    found = await request.app[SEARCH].one(name, at.size, time=at.time)
    if found is None or found.role != "neutral":
        raise NotFoundError("not_found", "No neutral of this id is registered.", name)
    directory = request.app[DIRECTORY]
    told = await directory.history(name, at.size)
    annexes = await directory.annexes([one.index for one in told])
    keys = [spaces.actor(name), spaces.keyring(name), spaces.accreditation(name)]
    keys += [spaces.chain(kind, name) for kind in ("neutral", "key", "accreditation")]
    keys += [spaces.kid(one["kid"]) for one in found.record["keys"]]
    held: dict[str, JSON] = {
        "neutral": listed_json(found),
        "statements": [await _statement(request, one, annexes.get(one.index)) for one in told],
        "keys": found.record["keys"],
        "key_states": _key_states(found.record["keys"], at),
        "rules": await directory.kept(keys),
        "versions": [one.record for one in await request.app[SEARCH].versions(name, at.size)],
        "drafts": [draft_json(one) for one in await request.app[DESK].list(name, OPEN, "", _MOST_DRAFTS)],
        "sources": _SOURCES,
    }
    return json_response({**at.json(), **held}, headers=_PRIVATE)


def _key_states(keys: list[dict[str, JSON]], at: Moment) -> dict[str, JSON]:
    ring = {one["kid"]: KeyRecord(**one) for one in keys}
    return {kid: key_state(ring, kid, at.size, at.time) for kid in ring}


async def _statement(request: web.Request, one: StoredStatement, annex: bytes | None) -> dict[str, JSON]:
    proof = await request.app[AWARDS].with_proof(one)
    shown: dict[str, JSON] = {"kind": one.kind, "digest": one.digest, "index": one.index}
    shown |= {"statement": json.loads(document_of(one)), "receipt": proof.receipt.json()}
    return shown if annex is None else shown | {"annex": json.loads(annex)}
