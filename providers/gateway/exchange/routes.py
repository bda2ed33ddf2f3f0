"""The handlers of the local interface: read, call the service, present."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from providers.errors import GatewayError
from providers.gateway.exchange.casebook import DOCUMENTS, Intake
from providers.gateway.exchange.health import troubles
from providers.gateway.exchange.service import Service
from providers.gateway.exchange.storedfile import StoredFile
from providers.gateway.exchange.views import case_json, detail_json, event_json, known_case_json, transfer_json
from providers.gateway.notices import read_notices
from providers.package.casefile import MAX_CASE
from providers.package.manifest import CASE
from signing.encoding import JSON, loads
from signing.errors import SigningError

__all__ = ["SERVICE", "json_answer", "json_body", "routes"]

SERVICE = web.AppKey("service", Service)
MAX_JSON = 4 << 20
MAX_EVENTS = 16 << 20
"""Of one report: all of its events are checked before any is queued, so they come in one request."""

MAX_DOCUMENTS = 500
MAX_PAGE = 1000
PAGE = 100
_BLOCK = 1 << 18
_NOTICE = ("code", "subject", "kid", "enquiry", "due", "within_days", "message")


async def post_case(request: web.Request) -> web.Response:
    """Take a case in."""
    service = request.app[SERVICE]
    intake = service.context.cases.begin()
    try:
        await _read_case(request, intake, service.context.settings.max_case_bytes)
        case = await service.take_in(intake)
    finally:
        await asyncio.to_thread(intake.abandon)
    return json_answer(case_json(case), 201, {"Location": f"/cases/{case.case_id}"})


async def list_cases(request: web.Request) -> web.Response:
    """Every case."""
    cases = await request.app[SERVICE].context.store.do(lambda book: book.cases())
    return json_answer({"cases": [case_json(one) for one in cases]})


async def get_case(request: web.Request) -> web.Response:
    """One case with its file."""
    service = request.app[SERVICE]
    case = await service.case(request.match_info["id"])
    text = None if case.state == "deleted" else await asyncio.to_thread(service.context.cases.load, case)
    return json_answer({**case_json(case), "case": text})


async def post_offer(request: web.Request) -> web.Response:
    """Offer a case."""
    dossier = await request.app[SERVICE].offer(request.match_info["id"], await json_body(request))
    return json_answer(transfer_json(dossier, None), 201, {"Location": f"/transfers/{dossier.transfer_id}"})


async def list_overview(request: web.Request) -> web.Response:
    """Every case that is known here with its transfers, in pages."""
    context, after = request.app[SERVICE].context, request.query.get("after", "")
    limit = _number(request, "limit", MAX_PAGE) or PAGE
    found = await context.store.do(lambda book: book.known_cases(after, limit + 1))
    shown = [known_case_json(one, context.progress.of) for one in found[:limit]]
    return json_answer({"cases": shown, "next": found[limit - 1].case_id if len(found) > limit else None})


async def list_transfers(request: web.Request) -> web.Response:
    """Every transfer; ``?open=true``: those that have not ended."""
    service = request.app[SERVICE]
    unfinished = request.query.get("open") == "true"
    found = await service.context.store.do(lambda book: book.dossiers(unfinished=unfinished))
    progress = service.context.progress
    return json_answer({"transfers": [transfer_json(one, progress.of(one.transfer_id)) for one in found]})


async def get_transfer(request: web.Request) -> web.Response:
    """Everything about one transfer."""
    service, name = request.app[SERVICE], request.match_info["id"]
    dossier = await service.dossier(name)
    statements, sendings = await service.context.store.do(lambda book: (book.statements(name), book.sendings(name)))
    return json_answer(detail_json(dossier, service.context.progress.of(name), statements, sendings))


async def accept(request: web.Request) -> web.Response:
    """Accept an offer."""
    dossier = await request.app[SERVICE].accept(request.match_info["id"], await json_body(request))
    return json_answer(transfer_json(dossier, None), 202)


async def decline(request: web.Request) -> web.Response:
    """Decline an offer."""
    reason = (await json_body(request)).get("reason")
    return json_answer(transfer_json(await request.app[SERVICE].decline(request.match_info["id"], reason), None), 202)


async def withdraw(request: web.Request) -> web.Response:
    """Take an offer back."""
    reason = (await json_body(request)).get("reason")
    return json_answer(transfer_json(await request.app[SERVICE].withdraw(request.match_info["id"], reason), None), 202)


async def list_package(request: web.Request) -> web.Response:
    """What a received package holds."""
    return json_answer({"case": CASE, "documents": await _documents(await _package(request))})


async def get_package_case(request: web.Request) -> web.StreamResponse:
    """The received case file."""
    return StoredFile(await _package(request) / CASE, headers=_attached("application/json"))


async def get_document(request: web.Request) -> web.StreamResponse:
    """A document of a received package."""
    folder, name = await _package(request), request.match_info["name"]
    if name not in await _documents(folder):  # a file system refuses to look some names up
        raise GatewayError("unknown_document", "The package has no such document.", name)
    return StoredFile(folder / DOCUMENTS / name, headers=_attached("application/octet-stream"))


async def post_events(request: web.Request) -> web.Response:
    """Report case events."""
    asked = await json_body(request.clone(client_max_size=MAX_EVENTS), MAX_EVENTS)
    events = asked.get("events")
    if not isinstance(events, list):
        raise GatewayError("not_an_object", "Expected an object with a list of events.", "/events")
    return json_answer({"reports": await request.app[SERVICE].report(events)}, 202)


async def get_feed(request: web.Request) -> web.Response:
    """Events after an id; waits for new ones."""
    service = request.app[SERVICE]
    after, wait, limit = (
        _number(request, name, most) for name, most in (("after", 2**53), ("wait", 60), ("limit", MAX_PAGE))
    )
    store, changed = service.context.store, service.engine.changed
    async with changed:
        found = await store.do(lambda book: book.events(after, limit or PAGE))
        if not found and wait:
            try:
                async with asyncio.timeout(wait):
                    while not (found := await store.do(lambda book: book.events(after, limit or PAGE))):
                        await changed.wait()
            except TimeoutError:
                found = []
    return json_answer({"events": [event_json(one) for one in found], "next": found[-1].id if found else after})


async def list_notices(request: web.Request) -> web.Response:
    """What of this member's will soon end or waits for its comment, as the hub tells it now."""
    found = await read_notices(request.app[SERVICE].context.hub)
    return json_answer({"notices": [{name: one.get(name) for name in _NOTICE} for one in found]})


async def get_health(request: web.Request) -> web.Response:
    """200 when all is well, 503 with every reason when not."""
    service = request.app[SERVICE]
    context = service.context
    waiting = await context.store.do(lambda book: book.sendings(waiting=True))
    found = troubles(service.engine.contact, context.settings, context.transfers, waiting, context.clock())
    body = {"status": "red" if found else "green", "actor": context.actor, "waiting": len(waiting), "reasons": found}
    return json_answer(body, 503 if found else 200)


routes = [
    web.post("/cases", post_case),
    web.get("/cases", list_cases),
    web.get("/cases/{id}", get_case),
    web.post("/cases/{id}/offers", post_offer),
    web.get("/overview", list_overview),
    web.get("/transfers", list_transfers),
    web.get("/transfers/{id}", get_transfer),
    web.post("/transfers/{id}/accept", accept),
    web.post("/transfers/{id}/decline", decline),
    web.post("/transfers/{id}/withdraw", withdraw),
    web.get("/transfers/{id}/package", list_package),
    web.get("/transfers/{id}/package/case.json", get_package_case),
    web.get("/transfers/{id}/package/documents/{name}", get_document),
    web.post("/events", post_events),
    web.get("/feed", get_feed),
    web.get("/notices", list_notices),
    web.get("/health", get_health),
]


async def _read_case(request: web.Request, intake: Intake, most: int) -> None:
    """Part ``case`` (or a file named case.json) and any number of documents, in any order."""
    if request.content_type != "multipart/form-data":
        message = "A case comes as multipart/form-data: a part named case, and its documents."
        raise GatewayError("wrong_media_type", message)
    total = 0
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise GatewayError("bad_multipart", "A part holds parts of its own.")
            if part.name == "case":
                intake.case = await _small(part)
            else:
                total = await _document(part, intake, total, most)
    except (ValueError, HttpProcessingError) as error:  # of the form itself, or of the head of a part
        why = error.message if isinstance(error, HttpProcessingError) else str(error)
        message = f"The body is not multipart/form-data: {why.strip().rstrip('.')}."
        raise GatewayError("bad_multipart", message, "body") from error
    if not intake.case:
        raise GatewayError("bad_multipart", "There is no part named case.", "case")


async def _small(part: BodyPartReader) -> bytes:
    octets = bytearray()
    while block := await part.read_chunk(_BLOCK):
        octets += block
        if len(octets) > MAX_CASE:
            raise GatewayError("too_large", f"A case file has at most {MAX_CASE} bytes.", "case")
    return bytes(octets)


async def _document(part: BodyPartReader, intake: Intake, total: int, most: int) -> int:
    name = _file_name(part)
    if len(intake.found) >= MAX_DOCUMENTS:
        raise GatewayError("too_large", f"A case has at most {MAX_DOCUMENTS} documents.", name)
    incoming = intake.open(name)
    try:
        while block := await part.read_chunk(_BLOCK):
            await asyncio.to_thread(incoming.write, block)
            total += len(block)
            if total > most:
                raise GatewayError("too_large", f"A case has at most {most} bytes here.", name)
    finally:
        await asyncio.to_thread(incoming.close)
    return total


def _file_name(part: BodyPartReader) -> str:
    """The document's name, which is text; whether it is a safe one is told with the other faults of the case."""
    name = part.filename
    if not name:
        raise GatewayError("bad_multipart", "A document comes with its file name.", part.name or "")
    try:
        name.encode()
    except UnicodeEncodeError as error:
        shown = name.encode(errors="surrogateescape").decode(errors="backslashreplace")
        raise GatewayError("bad_multipart", "The name of a document's file is not UTF-8.", shown) from error
    return name


async def json_body(request: web.BaseRequest, most: int = MAX_JSON) -> Mapping[str, JSON]:
    """The request's JSON object of at most so many octets; an empty one when nothing was sent."""
    try:
        value = await asyncio.to_thread(loads, await request.read() or b"{}", max_bytes=most)
    except SigningError as error:
        raise GatewayError("not_json", error.message, error.where) from error
    if not isinstance(value, dict):
        raise GatewayError("not_an_object", "Expected a JSON object.")
    return value


async def _package(request: web.Request) -> Path:
    service, name = request.app[SERVICE], request.match_info["id"]
    dossier = await service.dossier(name)
    if not dossier.opened or dossier.state not in ("dispatched", "completed"):
        raise GatewayError("package_not_opened", "No package of this transfer has been opened here.", name)
    folder = service.context.received(name)
    if not await asyncio.to_thread((folder / CASE).is_file):
        message = "The package was deleted here: the case was handed over, or came back in a newer one."
        raise GatewayError("package_deleted", message, name)
    return folder


async def _documents(folder: Path) -> list[str]:
    """The names of the documents of a received package, sorted."""
    return await asyncio.to_thread(lambda: sorted(one.name for one in (folder / DOCUMENTS).iterdir()))


def _number(request: web.Request, name: str, most: int) -> int:
    text = request.query.get(name, "0")
    if not text.isdecimal() or len(text) > len(str(most)) or int(text) > most:
        raise GatewayError("bad_parameter", f"{name} is a whole number up to {most}.", name)
    return int(text)


def _attached(media_type: str) -> dict[str, str]:
    """Documents come from strangers: a browser must neither guess what they are nor show them."""
    return {
        "Content-Type": media_type,
        "Content-Disposition": "attachment",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def json_answer(value: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer in JSON, which nobody is to keep."""
    body = json.dumps(value, ensure_ascii=False).encode() + b"\n"
    more = {"Cache-Control": "no-store", **(headers or {})}
    return web.Response(body=body, status=status, content_type="application/json", charset="utf-8", headers=more)
