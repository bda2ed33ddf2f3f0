"""From a body to a draft on the signing desk: made, tried, shown word for word, posted once, its links shown once.

The secret of each link is drawn here, shown on one page and forgotten; the hub keeps its SHA-256. Whoever has a link
may read the draft and sign or decline it with the key that the link is for; nothing can be signed with a link alone.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from hub.applications.ending import ended_already
from hub.console.fields import Fields
from hub.console.preparing import chosen_officers
from hub.console.sessions import Prepared
from hub.console.trial import try_draft
from hub.console.words import leaves
from hub.drafts.errors import DraftsError
from hub.drafts.requests import NewDraft
from hub.errors import OfficerError
from hub.officers.drafting import Network, reference_draft
from hub.web.appkeys import APPLICATIONS, CLOCK, DESK, DIRECTORY, GATE, LOG, SEQUENCER, SESSION, SETTINGS
from hub.web.consoleguard import console_form, shown
from hub.web.consolewaiting import waiting_for
from hub.web.presenting import parsed
from providers.draftlinks import DraftLink
from registry.errors import Refused
from signing.drafts import Draft
from signing.encoding import JSON, b64u_encode, loads_canonical, sha256_hex

if TYPE_CHECKING:
    from multidict import MultiDictProxy

__all__ = [
    "Made", "ReferenceForm", "Refusal", "first_officers", "given_fields", "made_or_refused", "network_of",
    "post_prepared", "prepare_reference", "prepared_page", "signing_fields",
]  # fmt: skip

_NOT_POSTED: dict[str, Any] = {"tab": "drafts", "draft": None, "links": [], "refusal": None, "waiting": None}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no draft: the code and sentence of what refused it, and where."""

    code: str
    message: str
    where: str


@dataclass(frozen=True, slots=True)
class Made:
    """A draft that holds and that the rules would take, or why there is none."""

    draft: Draft | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class ReferenceForm:
    """How the form of one type of reference is read and shown.

    Args:
        known: bodies of those that are registered, in their newest versions.
        body: makes the body of the next version from the fields.
        page: what the form shows.
        back: where it is left for.
    """

    known: Sequence[Mapping[str, Any]]
    body: Callable[[Fields, int], dict[str, JSON]]
    page: Callable[[Network, Fields, Made | None], dict[str, Any]]
    back: str


async def network_of(app: web.Application) -> Network:
    """The network as its newest signed policy describes it."""
    chain = await app[DIRECTORY].policies(app[LOG].size)
    return Network(chain[0].digest, chain[-1].digest, parsed(chain[-1]).body)


async def made_or_refused(app: web.Application, make: Callable[[], Draft]) -> Made:
    """The draft that ``make`` returns, once schemas and rules would take it."""
    try:
        draft = make()
        await try_draft(draft, app[SEQUENCER].dry_run)
    except (OfficerError, Refused) as error:
        return Made(refusal=Refusal(error.code, error.message, error.where))
    return Made(draft)


def given_fields(form: "MultiDictProxy[str]") -> Fields:
    """The fields of a form as they were sent."""
    return Fields({name: [str(one) for one in form.getall(name)] for name in form})


def signing_fields(network: Network, needed: int, fields: Fields, made: Made | None) -> dict[str, Any]:
    """What every form shows of who is to sign, what is wrong, and what the rules refused."""
    return {
        "officers": network.body["officers"],
        "needed": needed,
        "fields": fields,
        "faults": fields.faults,
        "refusal": None if made is None else made.refusal,
    }


def first_officers(network: Network, own: str, count: int, about: Sequence[str]) -> list[str]:
    """The officer who prepares and the first others, who have nothing to do with who is judged."""
    free = [one for one in network.body["officers"] if not set(one.get("affiliations", ())) & set(about)]
    names = sorted((str(one["id"]) for one in free), key=lambda name: name != own)
    return names[:count]


async def prepare_reference(
    request: web.Request, form: "MultiDictProxy[str]", of: ReferenceForm
) -> dict[str, Any] | web.StreamResponse:
    """Read the form of a reference; the draft word for word when it holds, else the form with what is wrong."""
    fields, network = given_fields(form), await network_of(request.app)
    name = fields.value("id").strip()
    newest = next((int(one["version"]) for one in of.known if one["id"] == name), 0)
    body = of.body(fields, newest + 1)
    by = chosen_officers(fields, network.body["officers"], int(network.body["threshold"]), ())
    if fields.faults:
        return of.page(network, fields, None)
    made = await made_or_refused(request.app, lambda: reference_draft(network, body, by, request.app[CLOCK]()))
    if made.draft is None:
        return of.page(network, fields, made)
    return await prepared_page(request, made.draft, back=of.back)


async def prepared_page(request: web.Request, draft: Draft, *, back: str, application: str = "") -> web.StreamResponse:
    """Keep the draft, of this ``application`` if there is one, in the session, and show it word for word."""
    session, payload = request[SESSION], draft.payload
    name = session.keep(Prepared(draft, tuple(draft.missing()), back, application))
    officers = (await network_of(request.app)).officer_names()

    async def context(_: web.Request) -> dict[str, Any]:
        return {
            "tab": "drafts",
            "name": name,
            "payload": payload,
            "digest": draft.digest,
            "lines": list(leaves(payload["body"])),
            "annex": [] if draft.annex is None else _annex_lines(draft.annex),
            "signers": [(kid, officers.get(kid, "")) for kid in draft.missing()],
            "back": back,
        }

    return await shown(request, "console/prepared.html", context)


@console_form("console/posted.html")
async def post_prepared(request: web.Request, form: "MultiDictProxy[str]") -> dict[str, Any]:
    """Put a draft that was shown on the signing desk, once, and show its links.

    It is taken out of the session first, so that it is not posted twice; and back into it when it was not posted. The
    admission of an application that has ended since it was shown is not posted, and not kept.
    """
    app, session, name = request.app, request[SESSION], form.get("prepared", "")
    app[GATE].require_open()
    network = await network_of(app)
    kept, posted = session.take(name), None
    if kept is None:
        return dict(_NOT_POSTED)
    if ended := await _ended(app, kept.application):
        return _NOT_POSTED | {"refusal": ended, "name": "", "back": kept.back}
    drawn = {kid: b64u_encode(secrets.token_bytes(16)) for kid in kept.signers}
    hashes = {kid: sha256_hex(secret.encode()) for kid, secret in drawn.items()}
    try:
        before = await waiting_for(request, network, kept.draft.payload)
        posted, _ = await app[DESK].post(NewDraft(kept.draft, None, hashes), session.owner, officer=True)
    except DraftsError as error:
        refusal = Refusal(error.code, error.message, error.where)
        waiting = await waiting_for(request, network, kept.draft.payload) if error.code == "draft_exists" else None
        return _NOT_POSTED | {"refusal": refusal, "name": name, "waiting": waiting, "back": kept.back}
    finally:
        if posted is None:
            session.put_back(name, kept)
    officers, url = network.officer_names(), app[SETTINGS].hub.url
    links = [
        (officers.get(kid, kid), DraftLink(url, posted.id, secret, network.id).text()) for kid, secret in drawn.items()
    ]
    return {"tab": "drafts", "draft": posted, "links": links, "refusal": None, "replaced": before}


async def _ended(app: web.Application, application: str) -> Refusal | None:
    """What refuses the admission of this application, where it has ended."""
    found = await app[APPLICATIONS].find(application) if application else None
    if found is None or found.ended is None:
        return None
    error = ended_already(found)
    return Refusal(error.code, error.message, error.where)


def _annex_lines(annex: bytes) -> list[tuple[str, str]]:
    content = loads_canonical(annex)
    return [one for one in leaves(content) if one[0] != "salt"]
