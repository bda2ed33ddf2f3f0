"""Following the log: each statement of a transfer is fetched, verified, and applied once, in the log's order.

The inbox brings what both members and the hub said about a transfer in the log's order. Each statement is verified by
itself, and one that the hub hid, or that came while nobody listened, is missed by the machine at the next one: then the
transfer's own list is asked for.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from providers.errors import UntrustedAnswerError
from providers.gateway.exchange.context import Context
from providers.gateway.exchange.follow import follow
from providers.gateway.exchange.store import Book
from providers.gateway.exchange.values import DAY, Dossier
from providers.network import Standing
from providers.receipts import Registration
from providers.transfer.commands import KINDS
from providers.transfer.values import Transfer
from signing.encoding import JSON

__all__ = ["sync"]

_log = logging.getLogger("providers.gateway.exchange")


async def sync(context: Context, transfer_id: str) -> None:
    """Apply every statement of the transfer that is not applied yet.

    Raises:
        ProvidersError: what came before the failure is applied.
    """
    known = await context.store.do(lambda book: {one["digest"] for one in book.statements(transfer_id)})
    listed = sorted(await context.hub.transfer(transfer_id), key=lambda one: one.index)
    for entry in listed:
        if entry.digest not in known:
            await _take(context, transfer_id, entry.digest, None)
    context.heard.forget(transfer_id)


async def apply_heard(context: Context, transfer_id: str) -> int:
    """Apply what the inbox brought of a transfer.

    Returns:
        The log index up to which it is applied; -1 if it brought nothing, or too little to follow.

    Raises:
        ProvidersError: something does not verify, or not yet; what came before it is applied.
    """
    reached = -1
    for entry in context.heard.of(transfer_id):
        try:
            await _take(context, transfer_id, entry.digest, entry.registration)
        except UntrustedAnswerError as error:
            if error.code != "hub_contradicts":
                raise
            context.heard.forget(transfer_id)  # something before it is missing here, perhaps
            return -1
        context.heard.applied(entry)
        reached = entry.index
    return reached


async def _take(context: Context, transfer_id: str, digest: str, sent: Registration | None) -> None:
    one, standing = await _verified(context, digest, sent)
    if one.statement.kind not in KINDS or one.statement.body["transfer_id"] != transfer_id:
        message = "The hub lists a statement under a transfer that it is not about."
        raise UntrustedAnswerError("wrong_transfer", message, digest, actor="hub")
    hub = (await context.peers.network()).hub
    await context.situations.change(transfer_id, partial(apply, context=context, one=one, at=standing, hub=hub))


async def _verified(context: Context, digest: str, sent: Registration | None) -> tuple[Registration, Standing]:
    """A statement that verifies; one that came along with its receipt need not be asked for again."""
    known = context.registered.pop(digest, sent)
    if known is not None:
        try:
            return known, await context.peers.verify(known)
        except UntrustedAnswerError as error:
            _log.info("the receipt of %s is not enough (%s), a newer one is asked for", digest, error.code)
    one = await context.hub.registration(digest)
    return one, await context.peers.verify(one)


def apply(book: Book, context: Context, one: Registration, at: Standing, hub: str) -> None:
    """Apply one verified statement, in one transaction with all that follows from it here."""
    said = one.statement
    transfer_id = said.body["transfer_id"]
    if book.statement(said.digest) is not None:
        return  # somebody was quicker
    before = book.dossier(transfer_id)
    record = follow(None if before is None else before.record, said, at, hub)
    if context.actor not in (record.sender, record.recipient):
        raise UntrustedAnswerError("not_for_us", "The hub sent news of somebody else's transfer.", transfer_id)
    dossier = replace(before or _new(context.actor, record, book.now), record=record, problem=None)
    if dossier.ended is not None:  # given up here, and in the log all the same: a copy of the offer came late
        taken_back = dossier.decision if "withdraw" in (dossier.decision or {}) else {"withdraw": "error"}
        dossier = replace(dossier, ended=None, closed=False, decision=taken_back)
    if dossier.role == "recipient" and said.kind == "transfer-offer":
        dossier = replace(dossier, offer=said.body)
    book.add_statement(transfer_id, one, at.time)
    book.settle(transfer_id, "done", said.digest)
    event = said.body.get("event") or record.state
    book.tell(event, dossier, issuer=said.issuer, index=at.index, **_particulars(said.body))
    if not record.open:
        book.settle(transfer_id, "cancelled")
        _release(book, context, dossier)
    book.save(dossier)


def _new(actor: str, record: Transfer, now: int) -> Dossier:
    """A transfer that others began, or that this gateway has forgotten."""
    role, peer = ("recipient", record.sender) if record.recipient == actor else ("sender", record.recipient)
    return Dossier(record.transfer_id, role, record.case, peer, now)


def _particulars(body: Mapping[str, JSON]) -> dict[str, JSON]:
    return {name: body[name] for name in ("reason",) if name in body}


def _release(book: Book, context: Context, dossier: Dossier) -> None:
    """The sender's case at the end of a transfer: handed over, or free for another.

    News of several transfers may come in any order: a case that came back since is not taken away by news from before.
    """
    if dossier.role != "sender":
        return
    if dossier.state != "completed":
        book.release(dossier.case_id, dossier.transfer_id)
    elif not book.came_back_since(dossier):
        delete_by = book.now + context.settings.keep_days * DAY
        book.change_case(dossier.case_id, transfer=None, state="moved", delete_by=delete_by)
