"""Preparing drafts: the form of a decision or a set of criteria; the draft word for word; its links.

A form that holds becomes a draft, which is tried against the rules and kept in the session. The next page shows it
word for word; only from there it goes to the signing desk, once, with one link for each officer who is to sign. The
hub knows the hashes of the links' secrets alone: the links stand on one page, and nowhere else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from hub.console.fields import Fields
from hub.console.preparing import (
    APPEAL_STATES,
    CONDITIONS,
    INSTITUTIONS,
    RESULTS,
    Ground,
    asked_for,
    chosen_officers,
    decision_body,
    following,
    reasons,
)
from hub.console.references import CRITERIA, CRITERION, criteria_body, source_fields
from hub.console.subjects import Subject
from hub.errors import NotFoundError
from hub.officers.drafting import Network, accreditation_draft
from hub.web.appkeys import CLOCK, CONSOLE, DIRECTORY, LOG, SESSION
from hub.web.consoledrafts import (
    Made,
    ReferenceForm,
    first_officers,
    given_fields,
    made_or_refused,
    network_of,
    prepare_reference,
    prepared_page,
    signing_fields,
)
from hub.web.consoleguard import console_form, console_page
from hub.web.presenting import parsed
from hub.web.requests import actor_id
from registry.procedure import BASES
from schemas.codes import code_list
from signing.authority import GRAVE_STATUSES
from signing.compose import timestamp
from signing.encoding import JSON
from signing.statement import seconds

if TYPE_CHECKING:
    from multidict import MultiDictProxy

__all__ = [
    "decision_form",
    "prepare_criteria",
    "prepare_decision",
    "reference_form",
    "references_page",
]

DAY = 86_400
_REFERENCES = 200
_FEW, _SOME = 6, 24
"""Rows that are shown at least: of conditions and institutions, and of criteria."""


@dataclass(frozen=True, slots=True)
class _Case:
    """What a decision form is about: who, which status next, by which criteria."""

    subject: Subject
    status: str
    chosen: Mapping[str, JSON] | None
    sets: Sequence[Mapping[str, JSON]]

    @property
    def ground(self) -> Ground:
        """What the decision stands on."""
        one = self.chosen
        return Ground(
            self.subject.actor,
            self.subject.type,
            self.subject.newest,
            self.subject.decided,
            [] if one is None else [str(each["code"]) for each in one["criteria"]],
            None if one is None else (str(one["id"]), int(one["version"])),
        )

    def needed(self, network: Network) -> int:
        """How many officers must sign."""
        return int(network.body["threshold"]) if self.status in GRAVE_STATUSES else 1


@console_page("console/decision.html")
async def decision_form(request: web.Request) -> dict[str, Any]:
    """The form of a decision on a subject, for the status in the query."""
    case = await _case(request, request.query.get("status", ""), request.query.get("set"))
    network, own = await network_of(request.app), request[SESSION].owner
    given = _prefilled(case, request.app[CLOCK]())
    given["by"] = first_officers(network, own, case.needed(network), case.subject.related)
    return await _decision_page(request, case, Fields(given))


@console_form("console/decision.html")
async def prepare_decision(request: web.Request, form: "MultiDictProxy[str]") -> dict[str, Any] | web.StreamResponse:
    """Read the form; the draft word for word when it holds, else the form with what is wrong."""
    fields, now = given_fields(form), request.app[CLOCK]()
    case = await _case(request, fields.value("status"), fields.value("set") if "set" in fields.given else None)
    if fields.value("step") == "criteria":  # only other criteria are asked for
        return await _decision_page(request, case, fields)
    network = await network_of(request.app)
    body, annex = decision_body(fields, case.status, case.ground, now), reasons(fields)
    by = chosen_officers(fields, network.body["officers"], case.needed(network), case.subject.related)
    if fields.faults:
        return await _decision_page(request, case, fields)
    made = await made_or_refused(
        request.app, lambda: accreditation_draft(network, body, case.subject.decision, by, now, annex)
    )
    if made.draft is None:
        return await _decision_page(request, case, fields, made)
    return await prepared_page(request, made.draft, back=f"/console/subjects/{case.subject.actor}")


@console_page("console/references.html")
async def references_page(request: web.Request) -> dict[str, Any]:
    """Sets of criteria that are registered."""
    return {"tab": "references", "sets": await _sets(request.app)}


@console_page("console/reference.html")
async def reference_form(request: web.Request) -> dict[str, Any]:
    """The form of a set of criteria: a new one, or the next version of the one in the query."""
    sets, name = await _sets(request.app), request.query.get("id", "")
    newest = next((one for one in sets if one["id"] == name), None)
    network = await network_of(request.app)
    given = {} if newest is None else _of_reference(newest)
    given["by"] = first_officers(network, request[SESSION].owner, int(network.body["threshold"]), ())
    return _reference_page(network, Fields(given))


@console_form("console/reference.html")
async def prepare_criteria(request: web.Request, form: "MultiDictProxy[str]") -> dict[str, Any] | web.StreamResponse:
    """Read the form of a set of criteria."""
    of = ReferenceForm(await _sets(request.app), criteria_body, _reference_page, "/console/references")
    return await prepare_reference(request, form, of)


async def _case(request: web.Request, status: str, named: str | None) -> _Case:
    """What the form is about.

    Raises:
        NotFoundError: there is no such subject, or no such decision about it.
    """
    subject = await request.app[CONSOLE].subject(actor_id(request.match_info["id"], "id"))
    offered = following(subject.newest, request.app[CLOCK]()) if subject.judged else []
    if status not in offered:
        raise NotFoundError("not_found", "No such decision can follow the one before it.", status[:40])
    sets = [one for one in await _sets(request.app) if one["criteria"]]
    wanted = named if named is not None else _set_of(subject.decided, sets)
    chosen = next((one for one in sets if _set_name(one) == wanted), None)
    return _Case(subject, status, chosen, sets)


def _set_of(decided: Mapping[str, Any], sets: Sequence[Mapping[str, JSON]]) -> str | None:
    """The set by which was judged before, in its newest version; the only one there is, else none."""
    before = decided.get("criteria_set", {}).get("id")
    return next((_set_name(one) for one in sets if one["id"] == before or len(sets) == 1), None)


def _set_name(one: Mapping[str, JSON]) -> str:
    return f"{one['id']}/{one['version']}"


async def _sets(app: web.Application) -> list[Mapping[str, JSON]]:
    """Every registered set of criteria in its newest version."""
    found = await app[DIRECTORY].references(app[LOG].size, limit=_REFERENCES)
    bodies = [parsed(one).body for one in found]
    return [one for one in bodies if one["type"] == "criteria_set"]


async def _decision_page(request: web.Request, case: _Case, fields: Fields, made: Made | None = None) -> dict[str, Any]:
    network = await network_of(request.app)
    old = None if case.subject.newest is None else str(case.subject.newest["status"])
    return {
        "tab": "concerns",
        "subject": case.subject,
        "status": case.status,
        "groups": asked_for(case.status, case.subject.newest),
        "sets": [(_set_name(one), one) for one in case.sets],
        "chosen": case.chosen,
        "grounds": list(code_list("concern_grounds").entries),
        "bases": [basis for basis, statuses in BASES.items() if old in statuses],
        "results": RESULTS,
        "appeal_states": APPEAL_STATES,
        "rows": {
            "conditions": fields.rows(("condition", "condition-criterion"), _FEW, CONDITIONS),
            "institutions": fields.rows(("institution", "institution-economy"), _FEW, INSTITUTIONS),
        },
        "old": old,
        **signing_fields(network, case.needed(network), fields, made),
    }


def _reference_page(network: Network, fields: Fields, made: Made | None = None) -> dict[str, Any]:
    count = int(network.body["threshold"])
    rows = fields.rows(CRITERION, _SOME, CRITERIA)
    return {"tab": "references", "criteria": rows, **signing_fields(network, count, fields, made)}


def _prefilled(case: _Case, now: int) -> dict[str, list[str]]:
    """What the form says before anybody typed: as decided before, where that counts."""
    decided = case.subject.decided
    today = timestamp(now)[:10]
    begins, ends = _validity(case, now)
    given = {
        "status": case.status,
        "scheme": str(decided.get("scheme", "")),
        "valid_from": begins,
        "valid_to": ends,
        "decided_by": str(decided.get("decided_by", "")),
        "decision_date": today,
        "set": "" if case.chosen is None else _set_name(case.chosen),
        "ground_code": str(decided.get("ground_code", "")),
        "provision": str(decided.get("referral", {}).get("provision", "")),
        **_panel(decided.get("referral", {}).get("panel", ())),
    }
    return {name: [value] for name, value in given.items()}


def _validity(case: _Case, now: int) -> tuple[str, str]:
    """First and last day: as decided before; three years from today where nothing was, or where it is over by now.

    What says that it is over is about the days that there were.
    """
    decided = case.subject.decided
    if decided and (seconds(decided["valid_to"]) > now or case.status == "expired"):
        return str(decided["valid_from"])[:10], timestamp(seconds(decided["valid_to"]) - 1)[:10]
    return timestamp(now)[:10], timestamp(now + 3 * 365 * DAY)[:10]


def _panel(panel: Sequence[Mapping[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, one in enumerate(panel[:INSTITUTIONS]):
        found |= {f"institution-{number}": one["institution"], f"institution-economy-{number}": one["economy"]}
    return found


def _of_reference(body: Mapping[str, Any]) -> dict[str, list[str]]:
    given = {"id": body["id"], "title": body["title"], "note": body.get("note", ""), **source_fields(body["source"])}
    for number, one in enumerate(body["criteria"][:CRITERIA]):
        given |= {f"{name}-{number}": one.get(name.removeprefix("criterion-"), "") for name in CRITERION}
    return {name: [str(value)] for name, value in given.items()}
