"""Applications for membership in the console: the queue, one of them in full, its admission and its refusal."""

import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from hub.applications.errors import ApplicationError
from hub.applications.flags import legal_name
from hub.applications.service import unknown
from hub.console.fields import Fields
from hub.console.wiring import SHOWN
from hub.console.words import leaves
from hub.officers.drafting import Network
from hub.storage.applications import Application
from hub.web.appkeys import APPLICATIONS, SESSION
from hub.web.consoledrafts import Refusal, made_or_refused, network_of, prepared_page
from hub.web.consoleguard import console_form, console_page
from hub.web.consolepaging import first_row, paging
from hub.web.consolewaiting import waiting_for
from providers.application.form import ApplicationForm
from signing.drafts import Draft
from signing.encoding import loads_canonical

if TYPE_CHECKING:
    from multidict import MultiDictProxy

__all__ = ["application_page", "applications_page", "decide_application"]

_REASON = 500


@console_page("console/applications.html")
async def applications_page(request: web.Request) -> dict[str, Any]:
    """The queue: open applications, those that are ready first, then by the time they came."""
    start = first_row(request)
    found, total = await request.app[APPLICATIONS].queue(start, SHOWN)
    rows = [(one, legal_name(one), _failed(one)) for one in found]
    return {"tab": "applications", "rows": rows, "paging": paging(start, len(rows), total)}


@console_page("console/application.html")
async def application_page(request: web.Request) -> dict[str, Any]:
    """One application: profile, self-test, what to look at twice, and what can be done."""
    return await _page(request, Fields({}), None)


@console_form("console/application.html")
async def decide_application(request: web.Request, form: "MultiDictProxy[str]") -> dict[str, Any] | web.StreamResponse:
    """Prepare the admission of who passed the self-test, by the officers of one draft, or decline with a reason."""
    fields = Fields({name: [str(one) for one in form.getall(name)] for name in form})
    if fields.value("step") == "decline":
        return await _declined(request, fields)
    one, network = await _open(request), await network_of(request.app)
    if one.state != "ready":
        return await _page(request, fields, Refusal("not_ready", "The self-test has not passed.", one.id))
    draft = next((draft for names, draft in _admissions(one, network) if names == fields.value("admission")), None)
    if draft is None:
        fields.wrong("admission", "missing")
        return await _page(request, fields, None)
    made = await made_or_refused(request.app, lambda: draft)
    if made.draft is None:
        return await _page(request, fields, made.refusal)
    return await prepared_page(request, made.draft, back=f"/console/applications/{one.id}", application=one.id)


async def _declined(request: web.Request, fields: Fields) -> dict[str, Any] | web.StreamResponse:
    reason = fields.text("reason", _REASON)
    if fields.faults:
        return await _page(request, fields, None)
    one = await _open(request)
    try:
        await request.app[APPLICATIONS].decline(one.id, request[SESSION].owner, reason)
    except ApplicationError as error:
        return await _page(request, fields, Refusal(error.code, error.message, error.where))
    return web.Response(status=303, headers={"Location": "/console/applications"})


async def _page(request: web.Request, fields: Fields, refusal: Refusal | None) -> dict[str, Any]:
    one = await _found(request)
    network = await network_of(request.app)
    form = _form(one)
    payload = None if form is None else form.draft.payload
    profile = {} if payload is None else payload["body"]["profile"]
    annex = b"{}" if form is None or form.draft.annex is None else form.draft.annex
    return {
        "tab": "applications",
        "application": one,
        "name": legal_name(one) or one.actor,
        "outcomes": [] if one.outcomes is None else json.loads(one.outcomes),
        "flags": await request.app[APPLICATIONS].flags(one),
        "payload": payload,
        "profile": profile,
        "sources": profile.get("sources", {}),
        "lines": list(leaves(profile)),
        "annex": [line for line in leaves(loads_canonical(annex)) if line[0] not in ("", "salt")],
        "waiting": None if payload is None else await waiting_for(request, network, payload),
        "admissions": [names for names, _ in _admissions(one, network)],
        "fields": fields,
        "faults": fields.faults,
        "refusal": refusal,
    }


async def _found(request: web.Request) -> Application:
    return await request.app[APPLICATIONS].find(request.match_info["id"])


async def _open(request: web.Request) -> Application:
    """The application, if nobody has ended it."""
    one = await _found(request)
    if one.form is None:
        raise unknown(one.id)
    return one


def _form(one: Application) -> ApplicationForm | None:
    return None if one.form is None else ApplicationForm.from_bytes(one.form.encode())


def _admissions(one: Application, network: Network) -> list[tuple[str, Draft]]:
    """Names of the officers who are to sign, and the draft that asks for them; one for each that the applicant made."""
    form = _form(one)
    if form is None:
        return []
    found = [(_officers(draft, network), draft) for draft in form.drafts()]
    return [(", ".join(names), draft) for names, draft in found if names]


def _officers(draft: Draft, network: Network) -> list[str]:
    """Names of the officers whose signature is missing; none when one of them is no officer any more."""
    names = network.officer_names()
    missing = [kid for kid, role in draft.missing().items() if role == "officer"]
    return [names[kid] for kid in missing] if all(kid in names for kid in missing) else []


def _failed(one: Application) -> list[str]:
    """Items of the newest self-test that failed."""
    outcomes = [] if one.outcomes is None else json.loads(one.outcomes)
    return [each["item"] for each in outcomes if each["state"] == "fail"]
