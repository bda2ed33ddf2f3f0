"""Whoever asks with a statement key for what is held about its owner: a signed question, good for one answer.

The signing page has one key, which signs statements; an ``http`` key would be a second file to lose. So a question
of its own type may be signed with it (ADR 0037), as the index of a package is::

    {"asked_at": "2026-11-27T09:00:00Z", "hub": "https://hub.example", "nonce": "<16 octets>", "v": 1}

It is a JWS of the profile with ``typ`` odr-held-request+jws and one signature, whose role is ``holder``. It opens one
address of one hub for a minute, once, and names nobody: the answer is about the owner of the key.
"""

from aiohttp import web

from hub.errors import AccessError, RequestError
from hub.web.access import Reader
from hub.web.appkeys import CLOCK, HTTP_KEYS, NONCES, PUBLICATION, SETTINGS
from hub.web.authentication import NONCE_KEPT_SECONDS, read_body
from hub.web.requests import STATEMENT_TYPE
from signing.encoding import b64u_decode
from signing.errors import FormatError, KeyRefusedError, SignatureError
from signing.httpsig import LIFETIME_SECONDS, SKEW_SECONDS
from signing.keyring import KeyRecord, require_current
from signing.statement import Jws, has_members, parse_jws, seconds, verify_signatures

__all__ = ["HELD_REQUEST_TYPE", "HOLDER", "asking_holder"]

HELD_REQUEST_TYPE = "odr-held-request+jws"
HOLDER = "holder"
MAX_QUESTION = 2_048
_MEMBERS = {"v": int, "hub": str, "asked_at": str, "nonce": str}


async def asking_holder(request: web.Request) -> Reader:
    """The owner of the statement key that signed the question in the body.

    Checked: form, hub, time, that the key is a current statement key, its signature, and that the question is new.
    Not checked: who the owner is, and what they may read.

    Raises:
        RequestError: wrong_media_type, bad_held_request.
        AccessError: held_request_untimely, holder_unknown, holder_refused, holder_not_verified, nonce_reused.
    """
    if request.content_type != STATEMENT_TYPE:
        raise RequestError("wrong_media_type", f"Post {STATEMENT_TYPE}.")
    now = request.app[CLOCK]()
    try:
        jws, asked = _question(await read_body(request), request.app[SETTINGS].hub.url)
    except FormatError as error:
        raise RequestError("bad_held_request", error.message, error.where) from None
    if not -SKEW_SECONDS <= now - asked <= LIFETIME_SECONDS + SKEW_SECONDS:
        message = "The question is not of this minute: ask again, and check the clock of your computer."
        raise AccessError("held_request_untimely", message, "/asked_at")
    record = await _holding(request, jws.signatures[0].kid, now)
    try:
        verify_signatures(jws, {record.kid: record.public})
    except SignatureError as error:
        raise AccessError("holder_not_verified", error.message, error.where) from None
    until = asked + LIFETIME_SECONDS + SKEW_SECONDS + NONCE_KEPT_SECONDS
    if not await request.app[NONCES].remember_nonce(record.kid, jws.payload["nonce"], until):
        raise AccessError("nonce_reused", "This signed question was received before; sign a new one.", record.kid)
    return Reader(record.owner, record.role, record.kid)


def _question(data: bytes, hub: str) -> tuple[Jws, int]:
    """The question, unverified, and when it was asked in POSIX seconds; raises ``FormatError``."""
    if len(data) > MAX_QUESTION:
        raise FormatError("too_large", f"A question has at most {MAX_QUESTION} octets.")
    jws = parse_jws(data, HELD_REQUEST_TYPE)
    if not has_members(jws.payload, _MEMBERS) or jws.payload["v"] != 1:
        raise FormatError("bad_envelope", "A question has exactly v (1), hub, asked_at and nonce.")
    if list(jws.roles.values()) != [HOLDER]:
        raise FormatError("bad_signers", f"A question has one signature, in the role {HOLDER}.")
    if jws.payload["hub"] != hub:
        raise FormatError("bad_envelope", "The question names another hub as the one that is asked.", "/hub")
    b64u_decode(jws.payload["nonce"], 16, "/nonce")
    return jws, seconds(jws.payload["asked_at"], "/asked_at")


async def _holding(request: web.Request, kid: str, now: int) -> KeyRecord:
    ring = await request.app[HTTP_KEYS].ring(kid)
    if kid not in ring or ring[kid].purpose != "statement":
        raise AccessError("holder_unknown", "The question is signed by a key that is no registered statement key.", kid)
    try:
        return require_current(ring, kid, request.app[PUBLICATION].signed.size, now)
    except KeyRefusedError as error:
        raise AccessError("holder_refused", error.message, kid) from None
