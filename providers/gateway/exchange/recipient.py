"""The recipient's steps: read the brief, make the transfer key, download, unpack."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from providers.errors import GatewayError
from providers.fetching import BlobMismatchError, fetch
from providers.gateway.exchange.context import BRIEF, INCOMING, KEY, Context, Keys
from providers.gateway.exchange.files import keep_secret, open_secret
from providers.gateway.exchange.store import Book
from providers.gateway.exchange.values import Dossier
from providers.package.attestation import check_attested
from providers.package.brief import open_brief
from providers.package.disclosure import Terms
from providers.package.errors import REASONS, PackageRefusedError
from providers.package.manifest import Route
from providers.package.running import SMALL, UnpackJob, unpack_apart
from providers.package.unpacking import discard
from providers.transfer.values import Position
from schemas.validation import validate_document
from signing.encoding import JSON, b64u_encode
from signing.secretkeys import AgreementKey

__all__ = ["check_consents", "download", "make_key", "read_brief", "unpack"]

_log = logging.getLogger("providers.gateway.exchange")

FETCHES = 4
"""How often a file is fetched before it is said that the hub does not have it as it was sent."""

HUBS_FAULT = "unspecific"
"""Reason in evidence about octets that the hub, the way or the own disk has changed: every other one speaks of what was
sent."""

_CHANGED_SINCE = ("ciphertext_differs", "ciphertext_size_differs")
"""What unpacking finds of a file that was fetched, and had the right hash then."""


async def read_brief(context: Context, dossier: Dossier) -> None:
    """Fetch and decrypt the brief; decline by itself when a consent is not borne out by it."""
    record, offer = dossier.registered, dossier.offer or {}
    target = context.folder(dossier.transfer_id) / BRIEF
    try:
        await fetch(context.hub, record.brief.sha256, record.brief.size, target, lambda _done, _total: None)
        brief = await _opened_brief(target.read_bytes(), context.keys, offer)
    except (BlobMismatchError, PackageRefusedError) as error:
        _require_last(context, error, record.brief.sha256)
        await _fail(context, dossier, error, "brief_unreadable")
        return
    target.unlink()
    defect = _consent_defect(offer, brief)

    def keep(book: Book) -> None:
        changed = book.amend(dossier.transfer_id, brief=brief, problem=None)
        if defect is None:
            book.tell("brief", changed)
            return
        if changed.decision is None:
            book.amend(dossier.transfer_id, decision={"answer": "decline", "reason": "consent_defect"})
        said = {"code": defect.code, "detail": defect.message, "where": defect.where}
        book.tell("consent_defect", changed, **said)

    await context.situations.change(dossier.transfer_id, keep)


async def _opened_brief(sealed: bytes, keys: Keys, offer: Mapping[str, JSON]) -> dict[str, JSON]:
    """The brief, which the sender may have encrypted to an inbox key that was replaced, or made, meanwhile."""
    try:
        return _opened_with(keys.inboxes, sealed, offer)
    except PackageRefusedError as error:
        newer = await asyncio.to_thread(keys.newer) if error.code == "no_matching_key" else ()
        if not newer:
            raise
    return _opened_with(newer, sealed, offer)


def _opened_with(inboxes: Sequence[AgreementKey], sealed: bytes, offer: Mapping[str, JSON]) -> dict[str, JSON]:
    *older, last = reversed(inboxes)
    for inbox in older:
        try:
            return open_brief(sealed, inbox, offer, validate=validate_document)
        except PackageRefusedError as error:
            if error.code != "no_matching_key":
                raise
    return open_brief(sealed, last, offer, validate=validate_document)


def check_consents(offer: Mapping[str, JSON], brief: Mapping[str, JSON]) -> None:
    """Raise unless the brief bears out the offer's parties and consents, and lists the evidence of each of these.

    Evidence is found by its SHA-256; a brief that names no hash at all leaves that to the opened package.

    Raises:
        PackageRefusedError: ``parties_differ``, ``consent_unfounded`` or ``consent_missing``.
    """
    check_attested(Terms.of_offer(offer), brief, "brief")
    listed = {one["sha256"] for one in brief["documents"] if "sha256" in one}
    for one in offer["consents"]:
        if listed and one["evidence_sha256"] not in listed:
            message = "The evidence of a consent is not among the documents that the package will hold."
            raise PackageRefusedError("consent_missing", message, "brief/documents")


def _consent_defect(offer: Mapping[str, JSON], brief: Mapping[str, JSON]) -> PackageRefusedError | None:
    try:
        check_consents(offer, brief)
    except PackageRefusedError as error:
        return error
    return None


async def make_key(context: Context, dossier: Dossier) -> None:
    """Make the key for this transfer alone; its secret is on disk before anything tells of it."""
    path = context.folder(dossier.transfer_id) / KEY
    if path.exists():
        key = open_secret(path, context.keys.inboxes)
    else:
        key = AgreementKey.generate()
        keep_secret(path, key, context.keys.inbox)
    public = b64u_encode(key.public.x)
    await context.situations.amend(dossier.transfer_id, key=public, problem=None)


async def download(context: Context, dossier: Dossier) -> None:
    """Download the package, from where an earlier attempt stopped."""
    record = dossier.registered
    if record.ciphertext is None:
        raise GatewayError("wrong_state", "Nothing was dispatched.", dossier.transfer_id)
    target = context.folder(dossier.transfer_id) / INCOMING
    tell = context.progress.teller(dossier.transfer_id, "download")
    try:
        await fetch(context.hub, record.ciphertext.sha256, record.ciphertext.size, target, tell)
    except BlobMismatchError as error:
        _require_last(context, error, record.ciphertext.sha256)
        await _fail(context, dossier, error, "non_retrieval_found")
        return
    finally:
        context.progress.end(dossier.transfer_id)
    await context.situations.amend(dossier.transfer_id, fetched=True, problem=None)


async def unpack(context: Context, dossier: Dossier) -> None:
    """Decrypt, check and unpack the package outside the event loop; a package that is refused is final.

    A file that has changed or gone since it was fetched is fetched anew.
    """
    folder = context.received(dossier.transfer_id)
    try:
        if not folder.exists():  # it appears whole or not at all, so one that is there was checked
            _require_there(context.folder(dossier.transfer_id) / INCOMING)
            await _unpack(context, dossier)
        _check_evidence(context, dossier)
    except PackageRefusedError as error:
        if error.code in _CHANGED_SINCE:
            await _fetch_anew(context, dossier, error)
        else:
            await _fail(context, dossier, error, "non_retrieval_found")
        return
    now = context.clock()
    await context.situations.amend(dossier.transfer_id, opened=True, opened_at=now, problem=None)


def _require_there(path: Path) -> None:
    if not path.exists():
        raise PackageRefusedError("ciphertext_differs", "What was fetched is not on the disk any more.", path.name)


async def _fetch_anew(context: Context, dossier: Dossier, error: PackageRefusedError) -> None:
    """The disk has not kept what was fetched: nothing of that is the sender's doing, and the hub still has it."""
    path = context.folder(dossier.transfer_id) / INCOMING
    message = "The disk has not kept the package as it was fetched."
    changed = BlobMismatchError(error.code, message, path.name, actor="operator", retryable=True)
    if dossier.registered.ciphertext is not None and context.was_last(dossier.registered.ciphertext.sha256, FETCHES):
        await _fail(context, dossier, changed, "non_retrieval_found")
        return
    _log.error("%s is not as it was fetched, and is fetched again: look after the disk", path)
    await asyncio.to_thread(path.unlink, missing_ok=True)
    await context.situations.amend(dossier.transfer_id, fetched=False, problem=None)


async def _unpack(context: Context, dossier: Dossier) -> None:
    record, folder = dossier.registered, context.received(dossier.transfer_id)
    if record.ciphertext is None or record.manifest_root is None:
        raise GatewayError("wrong_state", "Nothing was dispatched.", dossier.transfer_id)
    discard(folder)
    path, (at, escrow) = context.folder(dossier.transfer_id), await _dispatch(context, dossier)
    job = UnpackJob(
        ciphertext=path / INCOMING,
        identity=open_secret(path / KEY, context.keys.inboxes),
        route=Route(dossier.transfer_id, record.sender, record.recipient),
        offer=dossier.offer or {},
        at=at.time,
        manifest_root=record.manifest_root,
        sha256=record.ciphertext.sha256,
        size=record.ciphertext.size,
        sender_keys=await context.peers.statement_keys(record.sender, at),
        target=folder,
        escrow=escrow,
        small=record.ciphertext.size <= SMALL,
    )
    try:
        await unpack_apart(job, context.progress.teller(dossier.transfer_id, "unpack"))
    finally:
        context.progress.end(dossier.transfer_id)


def _check_evidence(context: Context, dossier: Dossier) -> None:
    """Raise ``consent_missing`` unless every consent of the offer has its evidence in the package."""
    case = context.cases.received(context.received(dossier.transfer_id), 0)
    present = {one.sha256 for one in case.documents}
    for at, one in enumerate((dossier.offer or {})["consents"]):
        if one["evidence_sha256"] not in present:
            message = "The evidence of a consent is not in the package."
            raise PackageRefusedError("consent_missing", message, f"/consents/{at}", actor="sender")


async def _dispatch(context: Context, dossier: Dossier) -> tuple[Position, int]:
    """Where the verified dispatch stands in the log, and how many escrow keys it declares."""

    def read(book: Book) -> tuple[Position, int]:
        listed = book.statements(dossier.transfer_id)
        one = next(one for one in listed if one["kind"] == "transfer-dispatch")
        said = book.statement(one["digest"])
        return Position(one["index"], one["time"]), 0 if said is None else len(said.statement.body["escrow"])

    return await context.store.do(read)


def _require_last(context: Context, error: PackageRefusedError | BlobMismatchError, sha256: str) -> None:
    """Raise a mismatch again, for another attempt after the usual wait, unless it was the last."""
    if isinstance(error, BlobMismatchError) and not context.was_last(sha256, FETCHES):
        raise error


async def _fail(context: Context, dossier: Dossier, error: PackageRefusedError | BlobMismatchError, event: str) -> None:
    """What came can't be used: remember why, so that the sender is told."""
    reason = HUBS_FAULT if isinstance(error, BlobMismatchError) else REASONS.get(error.code, "package_invalid")
    failure = {"reason": reason, "code": error.code, "detail": error.message, "where": error.where}
    await context.situations.change(
        dossier.transfer_id,
        lambda book: book.tell(event, book.amend(dossier.transfer_id, failure=failure), **failure),
    )
