"""HTTP message signatures: one profile of RFC 9421 with RFC 9530 digests (docs/reference/protocol.md §11).

A signed request carries, under the label ``odr``::

    Content-Digest: sha-256=:…:                                        (when there is a body)
    Signature-Input: odr=("@method" "@target-uri" "content-digest" "content-type" …);created=…;expires=…;
                     nonce="…";keyid="…";alg="ed25519";tag="odr-hub-req/1"
    Signature: odr=:…:

What is covered is no choice of the signer: method and target always, digest and media type with a body, and
``idempotency-key``, ``upload-offset``, ``upload-length``, ``upload-metadata`` and ``prefer`` whenever they are there,
in this order.
All six parameters are required and no other is accepted. A signed response (tag ``odr-hub-res/1``) covers its
status and body and, from the request, method, target and signature: it answers exactly that question.

``@target-uri`` is the hub's configured origin and the path as it went over the wire; a Host header never counts.
Replay is not noticed here: the caller keeps each (keyid, nonce) until ``expires`` + 60 s.

    request = Request("POST", target_uri("https://hub.example", "/v1/statements"), {"content-type": "…"}, body)
    headers = sign_request(request, key, now)                           # to add to the request
    verified = verify_request(received, directory[unverified_keyid(received.fields)], now)
"""

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NoReturn, TypeAlias

import http_sf

from .encoding import b64u_decode, b64u_encode
from .errors import FormatError, KeyRefusedError, SignatureError
from .keys import PublicKey
from .secretkeys import SigningKey

__all__ = [
    "LIFETIME_SECONDS",
    "MAX_LIFETIME_SECONDS",
    "REQUEST_TAG",
    "RESPONSE_TAG",
    "SKEW_SECONDS",
    "Request",
    "Response",
    "VerifiedRequest",
    "content_digest",
    "digest_field",
    "field_value",
    "sign_request",
    "sign_response",
    "signature_base",
    "target_uri",
    "unverified_created",
    "unverified_keyid",
    "verify_request",
    "verify_response",
]

LABEL = "odr"
REQUEST_TAG = "odr-hub-req/1"
RESPONSE_TAG = "odr-hub-res/1"
LIFETIME_SECONDS = 60
MAX_LIFETIME_SECONDS = 300
SKEW_SECONDS = 30
MAX_FIELD = 8_192
_WHEN_PRESENT = ("idempotency-key", "upload-offset", "upload-length", "upload-metadata", "prefer")
_PARAMETERS = {"created": int, "expires": int, "nonce": str, "keyid": str, "alg": str, "tag": str}
_METHOD = re.compile(r"[A-Z]{1,20}")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?", re.ASCII)
_PATH = re.compile(r"/[\x21-\x22\x24-\x7e]*", re.ASCII)
_VALUE = re.compile(r"[\x20-\x7e\t]*", re.ASCII)

Fields: TypeAlias = Mapping[str, str] | Sequence[tuple[str, str]]
"""Header fields: a mapping (a multidict keeps repeated fields) or pairs in the order received."""

Line: TypeAlias = tuple[str, str]
"""A serialized component identifier and its value: one line of a signature base."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it goes over the wire; make ``target_uri`` with the function of that name."""

    method: str
    target_uri: str
    fields: Fields
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """A response to a signed request."""

    status: int
    fields: Fields
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class VerifiedRequest:
    """What a verified request signature says; times are POSIX seconds, ``body_sha256`` is None without a body."""

    keyid: str
    nonce: str
    created: int
    expires: int
    body_sha256: bytes | None


def content_digest(body: bytes) -> str:
    """The value of ``Content-Digest`` (RFC 9530) for ``body``."""
    return digest_field(hashlib.sha256(body).digest())


def digest_field(sha256: bytes) -> str:
    """The value of ``Content-Digest`` for a body of this SHA-256, which need not be in memory."""
    return http_sf.ser({"sha-256": sha256})


def target_uri(origin: str, raw_path: str) -> str:
    """``@target-uri`` of a request.

    Args:
        origin: the hub's configured public origin, as ``https://hub.example``.
        raw_path: path and query exactly as on the request line.

    Raises:
        FormatError: the path is in absolute form, has a fragment, or characters no URI may hold.
    """
    if not _ORIGIN.fullmatch(origin):
        raise FormatError("bad_target", f"{origin!r} is not an origin like https://hub.example.")
    if not _PATH.fullmatch(raw_path):
        raise FormatError("bad_target", "The request target is not a plain path that starts with a slash.")
    return origin + raw_path


def field_value(fields: Fields, name: str) -> str | None:
    """The combined value of a field (RFC 9421 §2.1): repeated lines joined by a comma; None when absent."""
    pairs = fields.items() if isinstance(fields, Mapping) else fields
    values = [value.strip(" \t") for key, value in pairs if key.lower() == name]
    if not values:
        return None
    combined = ", ".join(values)
    if len(combined) > MAX_FIELD or not _VALUE.fullmatch(combined):
        raise FormatError("bad_field", f"The field is longer than {MAX_FIELD} characters or not plain ASCII.", name)
    return combined


def signature_base(lines: Sequence[Line], parameters: str) -> bytes:
    """The octets that are signed (RFC 9421 §2.5): one line per component, then the signature parameters."""
    return "\n".join(
        f"{identifier}: {value}" for identifier, value in (*lines, ('"@signature-params"', parameters))
    ).encode("ascii")


def sign_request(request: Request, key: SigningKey, now: int, nonce: bytes | None = None) -> dict[str, str]:
    """Header fields to add to ``request``: its signature, good for 60 s, and its digest when it has a body.

    Args:
        request: as it will be sent; a streamed body is left empty and its Content-Digest given in the fields.
        key: a registered ``http`` key.
        now: POSIX seconds.
        nonce: 16 bytes, random when not given.
    """
    added = _digest_field(request.fields, request.body)
    lines = _request_lines(Request(request.method, request.target_uri, _merged(request.fields, added)))
    return added | _sign(lines, REQUEST_TAG, key, now, nonce)


def unverified_keyid(fields: Fields) -> str:
    """The kid that a request names, to look its key up; nothing is verified.

    Raises:
        SignatureError: ``signature_needed``, there is no signature of this profile.
        FormatError: the signature fields are malformed or not of the profile.
    """
    return str(_signature_input(fields, REQUEST_TAG).parameters["keyid"])


def unverified_created(fields: Fields) -> int:
    """When a request says that it was signed, in POSIX seconds; nothing is verified. Errors as ``unverified_keyid``."""
    return int(_signature_input(fields, REQUEST_TAG).parameters["created"])


def verify_request(request: Request, key: PublicKey, now: int, *, streamed: bool = False) -> VerifiedRequest:
    """Verify a request against the key that it names.

    Checks the profile, the time, the signature and the digest of the body. Does not check that the key is current
    or what its owner may do, nor that the nonce is new. With ``streamed`` the body is still to come: the
    caller holds what arrives against ``body_sha256``, None meaning that nothing may arrive.

    Args:
        request: as received; ``target_uri`` from the configured origin, never from the Host header.
        key: the key of ``unverified_keyid``.
        now: POSIX seconds.
        streamed: do not hold ``request.body`` against the digest.

    Raises:
        SignatureError: no signature, not valid now, not by this key, or another body.
        FormatError: malformed, or not of the profile.
        KeyRefusedError: ``key`` is not the key that the request names.
    """
    parameters = _verify(_request_lines(request), request.fields, REQUEST_TAG, key, now)
    digest = _body_sha256(request.fields)
    if not streamed:
        _check_body(digest, request.body)
    created, expires = parameters["created"], parameters["expires"]
    return VerifiedRequest(parameters["keyid"], parameters["nonce"], created, expires, digest)


def sign_response(
    response: Response, request: Request, key: SigningKey, now: int, nonce: bytes | None = None
) -> dict[str, str]:
    """Header fields to add to ``response``, which answers the signed ``request``; arguments as in ``sign_request``."""
    added = _digest_field(response.fields, response.body)
    lines = _response_lines(Response(response.status, _merged(response.fields, added)), request)
    return added | _sign(lines, RESPONSE_TAG, key, now, nonce)


def verify_response(response: Response, request: Request, key: PublicKey, now: int) -> None:
    """Raise unless ``response`` is the answer to exactly this signed ``request``, by ``key``, at ``now``."""
    _verify(_response_lines(response, request), response.fields, RESPONSE_TAG, key, now)
    _check_body(_body_sha256(response.fields), response.body)


def _request_lines(request: Request) -> list[Line]:
    if not _METHOD.fullmatch(request.method):
        raise FormatError("bad_field", "The method is not a word in capital letters.", "@method")
    lines = [('"@method"', request.method), ('"@target-uri"', request.target_uri), *_body_lines(request.fields)]
    found = ((name, field_value(request.fields, name)) for name in _WHEN_PRESENT)
    return lines + [(f'"{name}"', value) for name, value in found if value is not None]


def _response_lines(response: Response, request: Request) -> list[Line]:
    asked = http_sf.ser({LABEL: _signature(request.fields)}).partition("=")[2]
    return [
        ('"@status"', str(response.status)),
        *_body_lines(response.fields),
        ('"@method";req', request.method),
        ('"@target-uri";req', request.target_uri),
        (f'"signature";req;key="{LABEL}"', asked),
    ]


def _body_lines(fields: Fields) -> list[Line]:
    digest = field_value(fields, "content-digest")
    if digest is None:
        return []
    media_type = field_value(fields, "content-type")
    if media_type is None:
        raise FormatError("bad_field", "A message with a body names its media type.", "content-type")
    return [('"content-digest"', digest), ('"content-type"', media_type)]


def _sign(lines: Sequence[Line], tag: str, key: SigningKey, now: int, nonce: bytes | None) -> dict[str, str]:
    covered = " ".join(identifier for identifier, _ in lines)
    unique = b64u_encode(nonce or secrets.token_bytes(16))
    times = f"created={now};expires={now + LIFETIME_SECONDS}"
    parameters = f'({covered});{times};nonce="{unique}";keyid="{key.kid}";alg="ed25519";tag="{tag}"'
    signature = http_sf.ser({LABEL: key.sign(signature_base(lines, parameters))})
    return {"Signature-Input": f"{LABEL}={parameters}", "Signature": signature}


def _verify(lines: Sequence[Line], fields: Fields, tag: str, key: PublicKey, now: int) -> Mapping[str, Any]:
    found = _signature_input(fields, tag)
    if found.covered != tuple(identifier for identifier, _ in lines):
        _refuse(f"The signature must cover exactly {' '.join(identifier for identifier, _ in lines)}.")
    _check_time(found.parameters["created"], found.parameters["expires"], now)
    if found.parameters["keyid"] != key.kid:
        raise KeyRefusedError("unknown_key", "The signature names another key.", found.parameters["keyid"])
    key.verify(signature_base(lines, found.serialized), _signature(fields))
    return found.parameters


@dataclass(frozen=True, slots=True)
class _SignatureInput:
    """The member of Signature-Input that counts: component identifiers, parameters, and both serialized again."""

    covered: tuple[str, ...]
    parameters: Mapping[str, Any]
    serialized: str


def _signature_input(fields: Fields, tag: str) -> _SignatureInput:
    return _read_input(field_value(fields, "signature-input"), tag)


@lru_cache(maxsize=16)
def _read_input(value: str | None, tag: str) -> _SignatureInput:
    """One field is read for its key, verified, and answered: it is parsed once."""
    members = _dictionary(value, "signature-input")
    tagged = [label for label, (_, parameters) in members.items() if parameters.get("tag") == tag]
    if not tagged:
        raise SignatureError("signature_needed", f"The message carries no signature with the tag {tag}.")
    items, parameters = members[tagged[0]]
    if tagged != [LABEL] or not isinstance(items, list):
        _refuse(f"Exactly one signature has the tag {tag}, and its label is {LABEL}.")
    if {name: type(value) for name, value in parameters.items()} != _PARAMETERS:
        _refuse(f"The parameters are exactly {', '.join(_PARAMETERS)}.")
    if parameters["alg"] != "ed25519":
        _refuse(f"The algorithm is ed25519, not {parameters['alg']}.")
    b64u_decode(parameters["nonce"], 16, "nonce")
    covered = tuple(http_sf.ser(item) for item in items)
    return _SignatureInput(covered, MappingProxyType(parameters), http_sf.ser([(items, parameters)]))


def _signature(fields: Fields) -> bytes:
    return _read_signature(field_value(fields, "signature"))


@lru_cache(maxsize=16)
def _read_signature(field: str | None) -> bytes:
    value, parameters = _dictionary(field, "signature").get(LABEL, (b"", {}))
    if not isinstance(value, bytes) or len(value) != 64 or parameters:
        _refuse(f"The Signature field needs the 64 bytes of {LABEL}.", "signature")
    return value


def _dictionary(value: str | None, name: str) -> dict[str, Any]:
    if value is None:
        return {}
    try:
        members = http_sf.parse(value.encode("ascii"), tltype="dictionary", on_duplicate_key=_refuse_twice)
    except http_sf.StructuredFieldError:
        raise FormatError("bad_http_signature", "The field is not a dictionary of RFC 9651.", name) from None
    return members if isinstance(members, dict) else {}


def _refuse_twice(name: str, kind: str) -> NoReturn:
    _refuse(f"The {kind} names {name!r} twice.")


def _refuse(message: str, where: str = "signature-input") -> NoReturn:
    raise FormatError("bad_http_signature", message, where)


def _check_time(created: int, expires: int, now: int) -> None:
    if not created < expires <= created + MAX_LIFETIME_SECONDS:
        _refuse(f"A signature lives 1 to {MAX_LIFETIME_SECONDS} seconds.")
    if created > now + SKEW_SECONDS:
        raise SignatureError("http_signature_early", "The signature was made in the future; check the clocks.")
    if expires < now - SKEW_SECONDS:
        raise SignatureError("http_signature_expired", "The signature has expired; sign the request again.")


def _body_sha256(fields: Fields) -> bytes | None:
    members = _dictionary(field_value(fields, "content-digest"), "content-digest")
    if not members:
        return None
    value, parameters = members.get("sha-256", (b"", {}))
    if len(members) != 1 or not isinstance(value, bytes) or len(value) != 32 or parameters:
        raise FormatError("bad_digest", "Content-Digest has exactly one member, sha-256.", "content-digest")
    return value


def _check_body(digest: bytes | None, body: bytes) -> None:
    if digest is None and body:
        raise SignatureError("digest_missing", "The message has a body that its signature does not cover.")
    if digest is not None and hashlib.sha256(body).digest() != digest:
        raise SignatureError("digest_mismatch", "The body is not the one that was signed.")


def _digest_field(fields: Fields, body: bytes) -> dict[str, str]:
    given = field_value(fields, "content-digest") is not None
    return {"Content-Digest": content_digest(body)} if body and not given else {}


def _merged(fields: Fields, added: dict[str, str]) -> list[tuple[str, str]]:
    return [*(fields.items() if isinstance(fields, Mapping) else fields), *added.items()]
