"""The headers of tus 1.0.0 (core, creation, creation-with-upload, expiration, termination), read strictly."""

import base64
import binascii
import re
from email.utils import formatdate
from typing import TYPE_CHECKING

from aiohttp import web

from hub.errors import RequestError
from hub.packages.creation import PURPOSES, Announcement
from hub.storage.values import Upload
from hub.web.requests import actor_id, digest

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

__all__ = ["VERSION", "announcement", "check_version", "tus_answers", "upload_headers", "whole_number"]

VERSION = "1.0.0"
_LENGTH, _OFFSET = "Upload-Length", "Upload-Offset"
_METADATA = "Upload-Metadata"
_NAMES = ("sha256", "recipient", "transfer", "purpose")
_TRANSFER = re.compile(
    r"urn:odr:[a-z][a-z0-9-]{1,38}[a-z0-9]:[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)


@web.middleware
async def tus_answers(request: web.Request, handler: "Handler") -> web.StreamResponse:
    """Name the version of the protocol in every answer about uploads, and which one is spoken where it is another."""
    response = await handler(request)
    if request.path == "/v1/uploads" or request.path.startswith("/v1/uploads/"):
        response.headers["Tus-Resumable"] = VERSION
        if response.status == 412:
            response.headers["Tus-Version"] = VERSION
    return response


def check_version(request: web.Request) -> None:
    """Refuse a request that does not speak this version.

    Raises:
        RequestError: wrong_tus_version.
    """
    if request.headers.getall("Tus-Resumable", []) != [VERSION]:
        raise RequestError("wrong_tus_version", f"Tus-Resumable is {VERSION}.", "Tus-Resumable")


def announcement(request: web.Request, owner: str) -> Announcement:
    """What a creation request announces.

    Raises:
        RequestError: bad_upload_header, bad_metadata, bad_parameter.
    """
    size = whole_number(request, _LENGTH)
    if size == 0:
        raise RequestError("bad_upload_header", "A file has at least one octet.", _LENGTH)
    pairs = _metadata(request)
    if not _TRANSFER.fullmatch(pairs["transfer"]):
        raise RequestError("bad_metadata", "transfer is the id of a transfer.", _METADATA)
    if pairs["purpose"] not in PURPOSES:
        raise RequestError("bad_metadata", f"purpose is {' or '.join(PURPOSES)}.", _METADATA)
    sha256 = digest(pairs["sha256"], "sha256")
    recipient = actor_id(pairs["recipient"], "recipient")
    return Announcement(owner, pairs["purpose"], pairs["transfer"], recipient, sha256, size)


def whole_number(request: web.Request, name: str) -> int:
    """The value of a header that is a number.

    Raises:
        RequestError: bad_upload_header.
    """
    values = request.headers.getall(name, [])
    if len(values) != 1 or not re.fullmatch(r"0|[1-9][0-9]{0,14}", values[0], re.ASCII):
        raise RequestError("bad_upload_header", f"{name} is a number.", name)
    return int(values[0])


def upload_headers(upload: Upload) -> dict[str, str]:
    """Where an upload stands, and until when it may go on."""
    return {_OFFSET: str(upload.offset), "Upload-Expires": formatdate(upload.expires, usegmt=True)}


def _metadata(request: web.Request) -> dict[str, str]:
    """Name and base64 value, separated by a space, pairs by commas; exactly the four names."""
    pairs: dict[str, str] = {}
    for pair in ",".join(request.headers.getall(_METADATA, [])).split(","):
        name, _, value = pair.strip(" ").partition(" ")
        if name in pairs:
            raise RequestError("bad_metadata", f"{name[:40]} is named twice.", _METADATA)
        try:
            pairs[name] = base64.b64decode(value, validate=True).decode("ascii")
        except (binascii.Error, UnicodeDecodeError):
            raise RequestError("bad_metadata", "A value is not base64 of ASCII text.", _METADATA) from None
    if set(pairs) != set(_NAMES):
        raise RequestError("bad_metadata", f"The names are exactly {', '.join(_NAMES)}.", _METADATA)
    return pairs
