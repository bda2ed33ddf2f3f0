"""The one door, and what came through it: ``/v1/statements``."""

import json

from aiohttp import web

from hub.errors import AccessError, NotFoundError
from hub.evidence import document_of
from hub.feedback.statements import KIND as FEEDBACK
from hub.log.receipts import PROVISIONAL, Receipt
from hub.storage.values import StoredStatement
from hub.web.access import may_read_annex, may_read_answers, may_read_sealed
from hub.web.appkeys import (
    ADMISSIONS,
    AWARDS,
    DIRECTORY,
    GATE,
    INTAKE,
    LOG,
    PRECONDITIONS,
    QUOTAS,
    RECEIPTS,
    REPOSTS,
    SEQUENCER,
    TRANSFERS,
)
from hub.web.authentication import reader_of
from hub.web.counting import counted, submitted
from hub.web.health import refuse_without_quorum
from hub.web.requests import digest, flag, read_posted, wait_seconds
from hub.web.responses import json_response
from signing.statement import parse_statement

__all__ = ["get_annex", "get_receipt", "get_statement", "post_statement"]


async def post_statement(request: web.Request) -> web.Response:
    """Register a statement: 201 with a final receipt, 202 with a provisional one, 200 when it was registered before."""
    request.app[QUOTAS].posts_from(request.remote)
    seconds, asked = wait_seconds(request)
    dry_run = flag(request, "dry_run")
    posted = await read_posted(request)
    if not dry_run:
        await request.app[REPOSTS].keep(posted.statement, posted.annex)
    verified = await request.app[INTAKE].verify(posted.statement, posted.annex)
    known = await counted(request.app, verified)
    await request.app[PRECONDITIONS].check(verified.statement)
    if dry_run:
        await request.app[ADMISSIONS].check(verified.statement)
        await request.app[SEQUENCER].dry_run(verified.statement)
        return json_response({"digest": verified.statement.digest, "dry_run": True})
    request.app[GATE].require_open()
    refuse_without_quorum(request.app)
    registered = known or await submitted(request.app, verified)
    receipts = request.app[RECEIPTS]
    await receipts.wait_witnessed(registered.index, seconds)
    receipt = await receipts.receipt(registered.digest)
    if registered.already:
        return await _registered_before(request, receipt)
    return _registered(receipt, seconds if asked else None)


async def get_statement(request: web.Request) -> web.Response:
    """A registered statement with a current receipt; a sealed one for whom it concerns and officers alone."""
    stored = await _stored(request)
    if stored.confidential and not await _may_read(request, stored):
        raise _unknown(stored.digest)
    proof = await request.app[AWARDS].with_proof(stored)
    return json_response(proof.json())


async def get_receipt(request: web.Request) -> web.Response:
    """A current receipt; whoever can name a statement may have it, because it tells nothing more."""
    receipt = await request.app[RECEIPTS].receipt(digest(request.match_info["digest"], "digest"))
    return json_response(receipt.json())


async def get_annex(request: web.Request) -> web.Response:
    """The annex of a public statement, for members and officers."""
    stored = await _stored(request)
    if stored.confidential and not await _may_read(request, stored):
        raise _unknown(stored.digest)
    reader = reader_of(request)
    if reader is None:
        raise AccessError("signature_needed", "Annexes are shown to members and officers: sign the request.")
    if not may_read_annex(reader, stored.issuer):
        raise AccessError("not_for_you", "Annexes are shown to members and officers alone.", reader.owner)
    annex = await request.app[DIRECTORY].annex(stored.index)
    if annex is None:
        raise NotFoundError("not_found", "The statement has no annex, or it is no longer kept.", stored.digest)
    return web.Response(body=annex, content_type="application/json", headers={"Cache-Control": "private, no-cache"})


async def _stored(request: web.Request) -> StoredStatement:
    name = digest(request.match_info["digest"], "digest")
    found = await request.app[DIRECTORY].statement(name, request.app[LOG].size)
    if found is None:
        raise _unknown(name)
    return found


async def _may_read(request: web.Request, stored: StoredStatement) -> bool:
    reader = reader_of(request)
    if reader is None:
        return False
    if stored.kind == FEEDBACK:
        return may_read_answers(reader, stored.issuer)
    if may_read_sealed(reader, stored.issuer, ()) or await request.app[TRANSFERS].concerns(reader.owner, stored.index):
        return True
    if stored.document is None:
        return False
    keys = [await request.app[DIRECTORY].key(kid) for kid in parse_statement(document_of(stored)).roles]
    return may_read_sealed(reader, stored.issuer, {key["owner"] for key in keys if key})


def _unknown(name: str) -> NotFoundError:
    """The same words for what is not there and for what this reader may not see."""
    hint = "Sealed ones are shown to issuer, signers, both members of a transfer, and officers, who sign the request."
    return NotFoundError("unknown_statement", f"No statement with this digest is registered. {hint}", name)


def _registered(receipt: Receipt, waited: int | None) -> web.Response:
    headers = {"Location": f"/v1/statements/{receipt.digest}/receipt"}
    if waited is not None:
        headers["Preference-Applied"] = f"wait={waited}"
    return json_response(receipt.json(), 202 if receipt.state == PROVISIONAL else 201, headers)


async def _registered_before(request: web.Request, receipt: Receipt) -> web.Response:
    """The stored signatures count, not those posted now (PROTOCOL §3); sender and issuer know the statement."""
    stored = await request.app[DIRECTORY].statement(receipt.digest, request.app[LOG].size)
    members = receipt.json()
    if stored is not None and stored.document is not None:
        members["statement"] = json.loads(stored.document)
    return json_response(members)
