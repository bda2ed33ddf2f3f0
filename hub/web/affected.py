"""``/v1/keys/{kid}/affected``: the awards in doubt because of a key, for its owner and for officers."""

from aiohttp import web

from hub.affected import AffectedAward, affected_awards, doubted
from hub.errors import NotFoundError, RequestError
from hub.storage.awardrecords import AwardRecords
from hub.web.access import may_read_affected
from hub.web.appkeys import DATABASE, DIRECTORY, LOG
from hub.web.authentication import known_reader
from hub.web.requests import limit, number
from hub.web.responses import json_response
from signing.compose import timestamp
from signing.encoding import JSON
from signing.keyring import KeyRecord

__all__ = ["get_affected"]

_GREATEST = 2**53 - 1


async def get_affected(request: web.Request) -> web.Response:
    """Affected awards in log order; ``from`` asks what a revocation from that log index on would bring."""
    kid, reader, size = request.match_info["kid"], known_reader(request), request.app[LOG].size
    found = await request.app[DIRECTORY].key(kid)
    if found is None or found["index"] >= size or not may_read_affected(reader, found["owner"]):
        raise NotFoundError("not_found", "There is no such key of yours; officers may ask about any.", kid)
    since = number(request, "from", 0, _GREATEST, -1)
    if since > size:
        raise RequestError("bad_parameter", f"from is a log index up to {size}.", "from")
    members = await request.app[DIRECTORY].keyring(found["owner"])
    ring = {name: KeyRecord(**record) for name, record in members.items()}
    one = doubted(kid, ring, None if since < 0 else since, size)
    records = AwardRecords(request.app[DATABASE])
    awards, following = await affected_awards(records, one, number(request, "after", 0, _GREATEST, -1), limit(request))
    shown: dict[str, JSON] = {
        "size": size, "kid": kid, "owner": one.owner, "from": one.since, "supposed": one.supposed,
        "awards": [_shown(each) for each in awards], "next": following,
    }  # fmt: skip
    return json_response(shown, headers={"Cache-Control": "private, no-cache"})


def _shown(one: AffectedAward) -> dict[str, JSON]:
    names = ("digest", "index", "issuer", "award_id")
    told = {name: one.award[name] for name in names}
    owners = sorted({signer["owner"] for signer in one.award["signers"]})
    more = {"signers": owners, "signed_with": one.signed_with, "status": one.status}
    return {**told, "registered_at": timestamp(one.award["time"]), **more}
