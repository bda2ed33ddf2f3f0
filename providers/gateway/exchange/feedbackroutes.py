"""The part of the local interface about feedback: slots with their links, relayed answers, counts."""

from collections.abc import Mapping

from aiohttp import web

from providers.errors import GatewayError
from providers.gateway.exchange.feedback import slot_json
from providers.gateway.exchange.routes import SERVICE, json_answer, json_body
from providers.gateway.exchange.values import FeedbackSlot
from signing.encoding import JSON

__all__ = ["feedback_routes"]


async def post_slots(request: web.Request) -> web.Response:
    """Have slots issued for a case, or return those that are here."""
    said = await json_body(request)
    case, languages = said.get("case"), _languages(said.get("slots"))
    if not isinstance(case, str) or not case:
        raise GatewayError("term_missing", "Name the case by its pseudonym, as in case events.", "/case")
    slots = await request.app[SERVICE].feedback.issue(case, languages)
    return json_answer(_shown(request, case, slots), 201)


async def get_slots(request: web.Request) -> web.Response:
    """The slots of a case that are here."""
    case = request.match_info["case"]
    slots = await request.app[SERVICE].feedback.slots(case)
    if not slots:
        raise GatewayError("unknown_case", "No slots were issued for a case of this pseudonym.", case)
    return json_answer(_shown(request, case, slots))


async def post_relayed(request: web.Request) -> web.Response:
    """Hand in an answer that was taken down here."""
    return json_answer(await request.app[SERVICE].feedback.relay(await json_body(request)), 201)


async def get_standing(request: web.Request) -> web.Response:
    """What the hub counts."""
    return json_answer(await request.app[SERVICE].feedback.standing())


feedback_routes = [
    web.post("/feedback/slots", post_slots),
    web.get("/feedback/slots/{case}", get_slots),
    web.post("/feedback/relayed", post_relayed),
    web.get("/feedback", get_standing),
]


def _languages(slots: JSON) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in slots if isinstance(slots, list) else ():
        if not isinstance(one, Mapping) or not all(isinstance(one.get(name), str) for name in ("role", "language")):
            raise GatewayError("not_an_object", "Each slot has a role and a language.", "/slots")
        found[str(one["role"])] = str(one["language"])
    return found


def _shown(request: web.Request, case: str, slots: list[FeedbackSlot]) -> dict[str, JSON]:
    hub = request.app[SERVICE].context.hub.url
    return {"case": case, "slots": [slot_json(hub, one) for one in slots]}
