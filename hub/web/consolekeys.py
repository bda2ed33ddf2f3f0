"""Keys and the awards they signed, in the console: revoke a key, confirm a suspended one, review an award in doubt.

All three are prepared as drafts that the threshold of officers signs at the desk. An award is named in addresses by
its log index, never by its digest, because whoever can name the digest may read the award.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from hub.affected import DISPUTED, AffectedAward, Doubted, affected_awards, doubted
from hub.console.fields import Fields
from hub.console.preparing import (
    REASONS,
    REVIEW_REASONS,
    chosen_officers,
    confirmation_body,
    review_body,
    revocation_body,
)
from hub.console.subjects import Subject
from hub.errors import NotFoundError
from hub.officers.drafting import Network, confirmation_draft, review_draft, revocation_draft
from hub.storage.awardrecords import AwardRecords
from hub.web.appkeys import CLOCK, CONSOLE, DATABASE, DIRECTORY, LOG, SESSION
from hub.web.consoledrafts import (
    Made,
    first_officers,
    given_fields,
    made_or_refused,
    network_of,
    prepared_page,
    signing_fields,
)
from hub.web.consoleguard import console_form, console_page
from hub.web.requests import actor_id, number
from signing.encoding import JSON
from signing.keyring import KeyRecord, Ring, suspended_by

if TYPE_CHECKING:
    from multidict import MultiDictProxy

__all__ = [
    "awards_page",
    "confirmation_form",
    "prepare_confirmation",
    "prepare_review",
    "prepare_revocation",
    "review_form",
    "revocation_form",
]

_LISTED = 100
_GREATEST = 2**53 - 1


@dataclass(frozen=True, slots=True)
class _Key:
    """A key of a subject, among all that it ever had."""

    subject: Subject
    kid: str
    ring: Ring
    size: int

    @property
    def doubted(self) -> Doubted:
        """The key in question, from where its revocation says."""
        return doubted(self.kid, self.ring, None, self.size)

    @property
    def suspended_by(self) -> str | None:
        """The revoked key through which it came in, None where it is not suspended."""
        return suspended_by(self.ring, self.kid, self.size)


@console_page("console/revocation.html")
async def revocation_form(request: web.Request) -> dict[str, Any]:
    """The form of a revocation of one key by the threshold."""
    key, network = await _key(request), await network_of(request.app)
    return _revocation_page(key, network, _first(request, network))


@console_form("console/revocation.html")
async def prepare_revocation(request: web.Request, form: "MultiDictProxy[str]") -> dict[str, Any] | web.StreamResponse:
    """Read the form of a revocation."""
    key, fields, network = await _key(request), given_fields(form), await network_of(request.app)
    body, by = revocation_body(fields, key.subject.actor, key.kid, key.size), _chosen(fields, network)
    if fields.faults:
        return _revocation_page(key, network, fields)
    made = await made_or_refused(request.app, lambda: revocation_draft(network, body, by, request.app[CLOCK]()))
    return await _shown(request, made, _back(key)) or _revocation_page(key, network, fields, made)


@console_page("console/confirmation.html")
async def confirmation_form(request: web.Request) -> dict[str, Any]:
    """The form with which the threshold confirms a suspended key."""
    key, network = await _suspended(request), await network_of(request.app)
    return _confirmation_page(key, network, _first(request, network))


@console_form("console/confirmation.html")
async def prepare_confirmation(
    request: web.Request, form: "MultiDictProxy[str]"
) -> dict[str, Any] | web.StreamResponse:
    """Read the form of a confirmation."""
    key, fields, network = await _suspended(request), given_fields(form), await network_of(request.app)
    by, owner = _chosen(fields, network), key.subject.actor
    if fields.faults:
        return _confirmation_page(key, network, fields)
    told = await request.app[DIRECTORY].history(owner, key.size, ("key",))
    previous, now = (told[-1].digest if told else None), request.app[CLOCK]()
    body = confirmation_body(owner, key.kid)
    made = await made_or_refused(request.app, lambda: confirmation_draft(network, body, previous, by, now))
    return await _shown(request, made, _back(key)) or _confirmation_page(key, network, fields, made)


@console_page("console/awards.html")
async def awards_page(request: web.Request) -> dict[str, Any]:
    """The awards that a revoked key has put in doubt, and how each stands; of another key, that there are none."""
    key, after = await _key(request), number(request, "after", 0, _GREATEST, -1)
    one = key.doubted
    found: list[AffectedAward] = []
    following = None
    if not one.supposed:
        found, following = await affected_awards(AwardRecords(request.app[DATABASE]), one, after, _LISTED)
    about = {"subject": key.subject, "kid": key.kid, "since": one.since, "revoked": not one.supposed}
    return {"tab": "concerns", **about, "awards": found, "following": following, "disputed": DISPUTED}


@console_page("console/review.html")
async def review_form(request: web.Request) -> dict[str, Any]:
    """The form with which the threshold reviews one award in doubt."""
    key, network = await _key(request), await network_of(request.app)
    award = await _disputed(request, key)
    return _review_page(key, award, network, _first(request, network))


@console_form("console/review.html")
async def prepare_review(request: web.Request, form: "MultiDictProxy[str]") -> dict[str, Any] | web.StreamResponse:
    """Read the form of a review."""
    key, fields, network = await _key(request), given_fields(form), await network_of(request.app)
    award = await _disputed(request, key)
    body, by = review_body(fields, str(award.award["digest"])), _chosen(fields, network)
    if fields.faults:
        return _review_page(key, award, network, fields)
    made = await made_or_refused(request.app, lambda: review_draft(network, body, by, request.app[CLOCK]()))
    back = f"{_back(key)}/keys/{key.kid}/awards"
    return await _shown(request, made, back) or _review_page(key, award, network, fields, made)


async def _key(request: web.Request) -> _Key:
    """The key that the address names.

    Raises:
        NotFoundError: there is no such subject, or it has no such key.
    """
    subject, size = await request.app[CONSOLE].subject(actor_id(request.match_info["id"], "id")), request.app[LOG].size
    stored = await request.app[DIRECTORY].keyring(subject.actor)
    ring = {kid: KeyRecord(**record) for kid, record in stored.items() if record["index"] < size}
    if (kid := request.match_info["kid"]) not in ring:
        raise NotFoundError("not_found", "The subject has no such key.", kid)
    return _Key(subject, kid, ring, size)


async def _suspended(request: web.Request) -> _Key:
    key = await _key(request)
    if key.suspended_by is None:
        raise NotFoundError("not_found", "The key is not suspended, so there is nothing to confirm.", key.kid)
    return key


async def _disputed(request: web.Request, key: _Key) -> AffectedAward:
    """The award at the index of the address, while it is in doubt because of the key."""
    text = request.match_info["index"]
    index = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(_GREATEST)) else _GREATEST
    found, _ = await affected_awards(AwardRecords(request.app[DATABASE]), key.doubted, index - 1, 1)
    award = next((one for one in found if one.award["index"] == index and one.status == DISPUTED), None)
    if award is None:
        raise NotFoundError("not_found", "No award of this index is in doubt because of the key.", text[:20])
    return award


def _back(key: _Key) -> str:
    return f"/console/subjects/{key.subject.actor}"


def _threshold(network: Network) -> int:
    return int(network.body["threshold"])


def _first(request: web.Request, network: Network) -> Fields:
    """The fields of a form that nobody has filled in yet, with the officers ticked who would sign."""
    return Fields({"by": first_officers(network, request[SESSION].owner, _threshold(network), ())})


def _chosen(fields: Fields, network: Network) -> list[str]:
    return chosen_officers(fields, network.body["officers"], _threshold(network), ())


async def _shown(request: web.Request, made: Made, back: str) -> web.StreamResponse | None:
    return None if made.draft is None else await prepared_page(request, made.draft, back=back)


def _page(key: _Key, network: Network, fields: Fields, made: Made | None, **more: JSON) -> dict[str, Any]:
    about = {"tab": "concerns", "subject": key.subject, "kid": key.kid, "size": key.size, **more}
    return about | signing_fields(network, _threshold(network), fields, made)


def _revocation_page(key: _Key, network: Network, fields: Fields, made: Made | None = None) -> dict[str, Any]:
    return _page(key, network, fields, made, reasons=REASONS)


def _confirmation_page(key: _Key, network: Network, fields: Fields, made: Made | None = None) -> dict[str, Any]:
    return _page(key, network, fields, made, cause=key.suspended_by, purpose=key.ring[key.kid].purpose)


def _review_page(
    key: _Key, award: AffectedAward, network: Network, fields: Fields, made: Made | None = None
) -> dict[str, Any]:
    return _page(key, network, fields, made, award=award, decisions=REVIEW_REASONS)
