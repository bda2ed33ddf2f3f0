"""Signed requests and signed answers (RFC 9421, profile of ``signing.httpsig``).

A request without a signature is nobody's and reads what is public. A request with one must hold in
every point; a bad signature is never treated as none. The answer to a request whose signature held is
signed by the hub, refusals included; no other answer is, and no package is: its address names its hash.

The body of an upload is not read here: its signature covers the digest, against which the handler holds the octets.
"""

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from hub.errors import AccessError, RequestError
from hub.web.access import Reader
from hub.web.appkeys import (
    BODY_SHA256,
    CLOCK,
    HTTP_KEYS,
    NONCES,
    PUBLICATION,
    READER,
    SECRETS,
    SETTINGS,
    SIGNED,
    SIGNED_AT,
)
from hub.web.applicants import identified_applicant
from hub.web.responses import InPieces
from hub.web.routing import is_streamed
from providers.publickeys import public_key
from signing.errors import KeyRefusedError, SigningError
from signing.httpsig import (
    Request,
    Response,
    VerifiedRequest,
    sign_response,
    target_uri,
    unverified_keyid,
    verify_request,
)
from signing.keyring import KeyRecord, require_current

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

__all__ = ["authentication", "known_reader", "read_body", "reader_of", "signed_answers"]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
NONCE_KEPT_SECONDS = 60
"""How long a nonce is kept beyond the end of its signature (formats, §2: replay)."""

_OWN_CODES = frozenset({
    "signature_needed", "bad_http_signature", "http_signature_early", "http_signature_expired", "digest_missing",
    "digest_mismatch", "bad_digest", "bad_field", "bad_target",
})  # fmt: skip


@web.middleware
async def signed_answers(request: web.Request, handler: "Handler") -> web.StreamResponse:
    """Sign the answer when the request's signature held, and keep it out of caches that others share."""
    response = await handler(request)
    if SIGNED in request and response.headers.get("Cache-Control") == "no-cache":
        response.headers["Cache-Control"] = "private, no-cache"  # it may say more to this reader than to others
    if SIGNED in request and isinstance(response, web.Response | InPieces):
        whole = response.body if isinstance(response, web.Response) and request.method != "HEAD" else b""
        body = whole if isinstance(whole, bytes | bytearray) else b""
        answer = Response(response.status, list(response.headers.items()), bytes(body))
        response.headers.update(sign_response(answer, request[SIGNED], request.app[SECRETS].http, request.app[CLOCK]()))
    return response


@web.middleware
async def authentication(request: web.Request, handler: "Handler") -> web.StreamResponse:
    """Find out who asks, where the request is signed; whether they may is the handler's question."""
    if "Signature-Input" in request.headers or "Signature" in request.headers:
        if request.host not in request.app[SETTINGS].authorities:
            raise RequestError("wrong_authority", "A signed request names the hub's own authority as Host.")
        signed = await _as_received(request)
        verified, request[READER] = await _identify(request, signed)
        request[SIGNED_AT] = verified.created
        if verified.body_sha256 is not None:
            request[BODY_SHA256] = verified.body_sha256
        request[SIGNED] = signed
    return await handler(request)


def reader_of(request: web.Request) -> Reader | None:
    """Who signed the request; None when nobody did."""
    return request.get(READER)


def known_reader(request: web.Request) -> Reader:
    """Who signed the request.

    Raises:
        AccessError: signature_needed, when nobody did.
    """
    reader = reader_of(request)
    if reader is None:
        raise AccessError("signature_needed", "Sign this request with a registered http key.")
    return reader


async def read_body(request: web.Request) -> bytes:
    """The whole body; its size is counted while it is read, and its time is limited."""
    if request.content.is_eof():  # it has arrived already, as a statement mostly has
        return await request.read()
    try:
        async with asyncio.timeout(request.app[SETTINGS].limits.body_seconds):
            return await request.read()
    except TimeoutError:
        raise RequestError("request_timeout", "The request's body did not arrive in time.") from None


async def _as_received(request: web.Request) -> Request:
    """The request as its signature covers it: the configured address, never a Host or Forwarded header."""
    body = b"" if is_streamed(request) else await read_body(request)
    try:
        target = target_uri(request.app[SETTINGS].hub.url, request.raw_path)
    except SigningError as error:
        raise AccessError(error.code, error.message, error.where) from None
    return Request(request.method, target, list(request.headers.items()), body)


async def _identify(request: web.Request, signed: Request) -> tuple[VerifiedRequest, Reader]:
    app, now = request.app, request.app[CLOCK]()
    try:
        found = await identified_applicant(request, signed, now)
        if found is None:
            record = await _http_key(app, unverified_keyid(signed.fields), now)
            verified = verify_request(signed, public_key(record), now, streamed=is_streamed(request))
            found = verified, Reader(record.owner, record.role, record.kid)
    except SigningError as error:
        code = error.code if error.code in _OWN_CODES else "bad_http_signature"
        raise AccessError(code, error.message, error.where) from None
    if signed.method not in SAFE_METHODS:
        await _refuse_replay(app, found[0], now)
    return found


async def _http_key(app: web.Application, kid: str, now: int) -> KeyRecord:
    """The record of a current http key."""
    ring = await app[HTTP_KEYS].ring(kid)
    if kid not in ring or ring[kid].purpose != "http":
        raise AccessError("http_key_unknown", "The request is signed by a key that is not a registered http key.", kid)
    try:
        return require_current(ring, kid, app[PUBLICATION].signed.size, now)
    except KeyRefusedError as error:
        raise AccessError("http_key_refused", error.message, kid) from None


async def _refuse_replay(app: web.Application, verified: VerifiedRequest, now: int) -> None:
    until = max(verified.expires, now) + NONCE_KEPT_SECONDS
    if not await app[NONCES].remember_nonce(verified.keyid, verified.nonce, until):
        raise AccessError("nonce_reused", "This signed request was received before; sign a new one.", verified.keyid)
