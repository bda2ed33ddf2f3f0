"""The sender's steps: seal the brief, pack the case."""

import asyncio
from collections.abc import Mapping
from typing import Any

from providers.durable import write_whole
from providers.errors import GatewayError
from providers.gateway.exchange.composing import brief_of
from providers.gateway.exchange.context import BRIEF, PACKAGE, Context
from providers.gateway.exchange.store import Book
from providers.gateway.exchange.values import Case, Dossier
from providers.package.brief import seal_brief
from providers.package.manifest import Route, sign_index
from providers.package.running import SMALL, PackJob, discard_package, pack_apart
from schemas.validation import validate_document
from signing.encoding import JSON, b64u_decode, sha256_hex
from signing.keys import PublicKey

__all__ = ["pack", "seal"]


async def seal(context: Context, dossier: Dossier) -> None:
    """Seal the brief to the recipient's inbox key, and name it in the offer.

    The key is looked up in verified statements now, so that one that was just revoked is not used.

    Raises:
        PackageRefusedError: the brief may not travel.
    """
    case, offer = await _case(context, dossier), dict(dossier.offer or {})
    inbox = await context.peers.key(dossier.peer, "inbox")
    brief = brief_of(await asyncio.to_thread(context.cases.load, case), offer, dossier.summary or {})
    octets = seal_brief(brief, inbox, validate=validate_document)
    write_whole(context.folder(dossier.transfer_id) / BRIEF, octets)
    offer["brief"] = {"sha256": sha256_hex(octets), "size": len(octets)}
    await context.situations.change(
        dossier.transfer_id, lambda book: _sealed(book, dossier, "brief", offer["brief"], offer=offer, sealed=True)
    )


async def pack(context: Context, dossier: Dossier) -> None:
    """Pack the case for the key of the verified acceptance, outside the event loop.

    Raises:
        PackageRefusedError: the case may not travel.
    """
    case, record = await _case(context, dossier), dossier.record
    if record is None or record.key is None:
        raise GatewayError("wrong_state", "There is no acceptance to pack for.", dossier.transfer_id)
    target = context.folder(dossier.transfer_id) / PACKAGE
    discard_package(target)
    target.unlink(missing_ok=True)  # of a life that was killed before it could say what it packed
    job = PackJob(
        case=await asyncio.to_thread(context.cases.load, case),
        documents=context.cases.packable(case),
        route=Route(dossier.transfer_id, context.actor, dossier.peer),
        offer=dossier.offer or {},
        at=context.clock(),
        recipients=(PublicKey("X25519", b64u_decode(record.key, 32)),),
        target=target,
        small=sum(one.size for one in case.documents) <= SMALL,
    )
    try:
        sealed = await pack_apart(
            job,
            lambda index: sign_index(index, context.keys.statement, context.clock()),
            context.progress.teller(dossier.transfer_id, "pack"),
        )
    finally:
        context.progress.end(dossier.transfer_id)
    package: dict[str, Any] = {
        "manifest_root": sealed.manifest_root,
        "sha256": sealed.sha256,
        "size": sealed.size,
    }
    await context.situations.change(
        dossier.transfer_id, lambda book: _sealed(book, dossier, "package", package, package=package)
    )


def _sealed(book: Book, dossier: Dossier, purpose: str, file: Mapping[str, JSON], **changes: Any) -> None:  # noqa: ANN401
    """A file is complete: remember it, and have it uploaded."""
    book.amend(dossier.transfer_id, **changes, problem=None)
    book.queue(dossier.transfer_id, purpose, "upload", str(file["sha256"]))


async def _case(context: Context, dossier: Dossier) -> Case:
    case = await context.store.do(lambda book: book.case(dossier.case_id))
    if case is None or case.state != "held":
        raise GatewayError("unknown_case", "This case is not here any more.", dossier.case_id)
    return case
