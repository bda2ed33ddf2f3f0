"""What is to be sent: a statement is composed and signed once, stored, and posted until it has a final fate.

Posting again is safe, because the hub answers a statement that it knows with the first receipt. A refusal that
may change is retried; any other is final, with the hub's problem kept beside it. One statement is signed anew: what the
hub refuses for its date, once the clock here tells another time.
"""

from collections.abc import Callable, Mapping
from functools import partial

from providers.errors import GatewayError, HubRefusedError
from providers.gateway.exchange.composing import answer_body
from providers.gateway.exchange.context import BRIEF, PACKAGE, Context
from providers.gateway.exchange.store import Book
from providers.gateway.exchange.values import Dossier, Sending
from providers.receipts import Registration
from providers.sending import Upload, send
from providers.transfer.refusals import REFUSALS
from schemas.validation import validate
from signing.compose import new_salt, payload, sign_all, timestamp
from signing.encoding import JSON, b64u_decode
from signing.keys import PublicKey
from signing.statement import Statement, parse_statement, seconds

__all__ = [
    "ANEW",
    "RETRIED",
    "compose",
    "is_final",
    "may_change",
    "post",
    "posted",
    "send_one",
    "sign_anew",
    "signed",
    "unsigned",
]

_AHEAD, _BEHIND = "issued_in_future", "issued_too_early"
ANEW = frozenset({_AHEAD, _BEHIND})
"""Refusals of a statement's date, by a hub that does not have the statement: it looks for that first."""

RETRIED = ANEW | {
    "http_signature_early", "http_signature_expired", "nonce_reused", "http_key_unknown", "http_key_refused",
    "unknown_upload", "request_timeout",
}  # fmt: skip
"""Refusals that say nothing about what is sent: a clock is mended, a key registered, a signature made again, an upload
that the hub has lost begun anew, and what a slow network did not bring in time is sent again."""

POST_SECONDS = 5
UPLOADS = 4
"""How often a file is uploaded, or gone on with, before it is believed that the hub gets other octets than are here."""

_HURT = ("hash_mismatch", "chunk_mismatch")

_BLOBS = {"brief": BRIEF, "package": PACKAGE}


def may_change(error: HubRefusedError) -> bool:
    """Whether the same may be accepted later."""
    return error.retryable or error.code in RETRIED


def is_final(error: HubRefusedError, dossier: Dossier, purpose: str, now: int) -> bool:
    """Whether it is not sent again.

    An offer that the transfer machine has refused is not in the log, so it can be given up: once it has expired, that
    it may be accepted later helps nobody. Any other answer, or none, says nothing about where the offer is; then the
    hub is asked until it tells. One that is to be withdrawn is not sent at all (``takingback``).
    """
    if not may_change(error):
        return True
    if purpose != "offer" or error.code not in REFUSALS or dossier.offer is None:
        return False
    return seconds(dossier.offer["expires_at"]) <= now


def signed(context: Context, kind: str, body: Mapping[str, JSON]) -> Statement:
    """A statement of this member, signed with its statement key, that its schema accepts.

    Raises:
        SchemaViolationError: with every violation.
    """
    now = context.clock()
    octets = unsigned(context, kind, body, now)
    statement = parse_statement(sign_all(octets, [(context.keys.statement, "provider")], now))
    validate(kind, 1, statement.payload)
    return statement


def unsigned(context: Context, kind: str, body: Mapping[str, JSON], now: int) -> bytes:
    """The payload of a statement of this member; nothing is checked."""
    signers = [(context.keys.statement.kid, "provider")]
    return payload(kind, context.actor, body, signers, network=context.network, now=now, salt=new_salt())


async def compose(context: Context, dossier: Dossier, purpose: str) -> None:
    """Store what is to be sent for ``purpose``."""
    if purpose in _BLOBS:
        digest = str(_sealed(dossier, purpose)["sha256"])
        await context.situations.change(
            dossier.transfer_id, lambda book: book.queue(dossier.transfer_id, purpose, "upload", digest)
        )
        return
    kind, body = _SAID[purpose](dossier, context.clock())
    statement = signed(context, kind, body)
    await context.situations.change(
        dossier.transfer_id,
        lambda book: book.queue(dossier.transfer_id, purpose, "statement", statement.digest, statement.document),
    )


def _sealed(dossier: Dossier, purpose: str) -> Mapping[str, JSON]:
    """Hash and size of what was sealed for ``purpose``."""
    sealed = dossier.package if purpose == "package" else (dossier.offer or {}).get("brief")
    if sealed is None:
        raise GatewayError("wrong_state", "There is nothing to upload yet.", dossier.transfer_id)
    return sealed


async def send_one(context: Context, dossier: Dossier, sending: Sending) -> None:
    """Send it; what is final about a refusal, and what follows from it, is left to the caller.

    Raises:
        HubRefusedError: finally, or for now: ``is_final`` tells.
        ProvidersError: for now.
    """
    if sending.kind == "upload":
        await _upload(context, dossier, sending)
        return
    try:
        context.registered[sending.digest] = await post(context, sending)
    except HubRefusedError as error:
        await sign_anew(context, dossier, sending, error)
        raise
    await context.situations.change(dossier.transfer_id, partial(posted, sending=sending))


async def sign_anew(context: Context, dossier: Dossier | None, sending: Sending, error: HubRefusedError) -> bool:
    """Sign a statement anew that was just refused for its date, if the clock tells a better one now; True if it was.

    The refusal says that the statement is not in the log, so nothing is said twice. While the clock is still ahead
    the same octets stay: the log's time comes up to theirs, and never to that of later ones. What is too old for the
    log, by a clock that was behind or because the hub was away for so long, only gets older.

    Args:
        context: of this gateway.
        dossier: the statement's transfer; None for a report, which says the same again.
        sending: the statement.
        error: the hub's refusal of it.
    """
    if error.code not in ANEW or sending.document is None:
        return False
    before, now = parse_statement(sending.document), context.clock()
    if not (now < before.issued_at if error.code == _AHEAD else before.issued_at < now):
        return False
    kind, body = (before.kind, before.body) if dossier is None else _SAID[sending.purpose](dossier, now)
    fresh = signed(context, kind, body)
    await context.store.do(lambda book: book.change_sending(sending.id, digest=fresh.digest, document=fresh.document))
    return True


async def post(context: Context, sending: Sending) -> Registration:
    """Post a stored statement; afterwards it is in the log, though perhaps not yet witnessed. ``posted`` notes that."""
    if sending.document is None:
        raise GatewayError("storage_failed", "A statement without its text can't be posted.", sending.digest)
    return await context.hub.post_statement(parse_statement(sending.document), wait_seconds=POST_SECONDS)


def posted(book: Book, sending: Sending) -> None:
    """A statement is in the log."""
    book.change_sending(sending.id, state="posted", problem=None)


async def _upload(context: Context, dossier: Dossier, sending: Sending) -> None:
    path = context.folder(dossier.transfer_id) / _BLOBS[sending.purpose]
    size = int(_sealed(dossier, sending.purpose)["size"])
    upload = Upload(path, sending.digest, size, dossier.peer, dossier.transfer_id, sending.purpose)

    async def remember(location: str) -> None:
        await context.store.do(lambda book: book.change_sending(sending.id, location=location))

    tell = context.progress.teller(dossier.transfer_id, f"upload_{sending.purpose}")
    try:
        await send(context.hub, upload, sending.location, remember, tell, chunk=context.settings.chunk_bytes)
    except HubRefusedError as error:
        if error.code in _HURT:
            await _go_on(context, sending, error)
        raise
    finally:
        context.progress.end(dossier.transfer_id)
    context.misfits.pop(sending.digest, None)
    await context.situations.change(
        dossier.transfer_id, lambda book: book.change_sending(sending.id, state="done", problem=None)
    )


async def _go_on(context: Context, sending: Sending, error: HubRefusedError) -> None:
    """Have an upload tried again whose octets were hurt on the way or at the hub, unless this was the last time.

    A hub to which one chunk does not come as it was sent keeps what came before; one whose whole file differs does not.

    Raises:
        HubRefusedError: the refusal, as one that may change.
    """
    if context.was_last(sending.digest, UPLOADS):
        return
    if error.code == "hash_mismatch":
        await context.store.do(lambda book: book.change_sending(sending.id, location=None))
    raise HubRefusedError(error.code, error.message, error.where, actor=error.actor, retryable=True) from error


def _offer(dossier: Dossier, _: int) -> tuple[str, dict[str, JSON]]:
    return "transfer-offer", dict(dossier.offer or {})


def _answer(dossier: Dossier, _: int) -> tuple[str, dict[str, JSON]]:
    key = None if dossier.key is None else PublicKey("X25519", b64u_decode(dossier.key, 32)).jwk()
    return "transfer-answer", answer_body(dossier.transfer_id, dossier.registered.offer, dossier.decision or {}, key)


def _dispatch(dossier: Dossier, _: int) -> tuple[str, dict[str, JSON]]:
    package, summary = dossier.package or {}, dossier.summary or {}
    return "transfer-dispatch", {
        "transfer_id": dossier.transfer_id,
        "answer": dossier.registered.answer,
        "manifest_root": package["manifest_root"],
        "ciphertext": {"sha256": package["sha256"], "size": package["size"]},
        "escrow": [],
        "withheld": summary.get("withheld", []),
    }


def _completion(dossier: Dossier, now: int) -> tuple[str, dict[str, JSON]]:
    record = dossier.registered
    return "transfer-completion", {
        "transfer_id": dossier.transfer_id,
        "dispatch": record.dispatch,
        "manifest_root": record.manifest_root,
        "received_at": timestamp(dossier.opened_at or now),
        "custodian_from": record.sender,
        "custodian_to": record.recipient,
    }


def _withdrawal(dossier: Dossier, _: int) -> tuple[str, dict[str, JSON]]:
    reason = (dossier.decision or {})["withdraw"]
    return "transfer-withdrawal", {
        "transfer_id": dossier.transfer_id,
        "offer": dossier.registered.offer,
        "reason": reason,
    }


def _evidence(event: str) -> Callable[[Dossier, int], tuple[str, dict[str, JSON]]]:
    def said(dossier: Dossier, now: int) -> tuple[str, dict[str, JSON]]:
        record = dossier.registered
        parts = [] if record.ciphertext is None else [record.ciphertext.to_json()]
        body: dict[str, JSON] = {
            "transfer_id": dossier.transfer_id,
            "event": event,
            "of": record.dispatch,
            "at": timestamp(now),
            "parts": parts,
        }
        return "evidence", body if dossier.failure is None else {**body, "reason": dossier.failure["reason"]}

    return said


_SAID: dict[str, Callable[[Dossier, int], tuple[str, dict[str, JSON]]]] = {
    "offer": _offer,
    "answer": _answer,
    "dispatch": _dispatch,
    "completion": _completion,
    "withdrawal": _withdrawal,
    "delivery": _evidence("delivery"),
    "retrieval": _evidence("retrieval"),
    "non_retrieval": _evidence("non_retrieval"),
}
