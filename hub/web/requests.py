"""Reading a request: path and query parameters, the Prefer header, the posted statement."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web
from multidict import MultiMapping

from hub.errors import RequestError
from hub.web.appkeys import SETTINGS
from hub.web.authentication import read_body
from hub.web.multipart import boundary_of, parse_form
from signing.encoding import is_hex_digest

__all__ = [
    "STATEMENT_TYPE",
    "Posted",
    "Query",
    "actor_id",
    "digest",
    "flag",
    "flag_of",
    "is_actor_id",
    "limit",
    "number",
    "page",
    "read_posted",
    "wait_seconds",
]

Query = MultiMapping[str]
"""Query parameters, or those of them that count."""

STATEMENT_TYPE = "application/jose+json"
MOST_ENTRIES = 1000
_PARTS = frozenset({"statement", "annex"})
_WAIT = re.compile(r"""wait\s*=\s*"?(\d{1,6})"?\s*(;.*)?""", re.IGNORECASE)
_ACTOR = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Posted:
    """The octets of a posted statement and of its annex."""

    statement: bytes
    annex: bytes | None


async def read_posted(request: web.Request) -> Posted:
    """The statement, alone as ``application/jose+json`` or with its annex in a multipart form.

    Raises:
        RequestError: wrong_media_type, bad_multipart, request_timeout.
    """
    if request.content_type == STATEMENT_TYPE:
        return Posted(await read_body(request), None)
    if request.content_type != "multipart/form-data":
        raise RequestError("wrong_media_type", f"Post {STATEMENT_TYPE}, or multipart/form-data with an annex.")
    boundary = boundary_of(request.headers["Content-Type"])
    parts = parse_form(await read_body(request), boundary, _PARTS)
    if "statement" not in parts:
        raise RequestError("bad_multipart", "The form has no part named statement.", "statement")
    return Posted(parts["statement"], parts.get("annex"))


def wait_seconds(request: web.Request) -> tuple[int, bool]:
    """How long the sender wants to wait (RFC 7240 ``wait``), bounded by the settings, and whether they said so.

    Raises:
        RequestError: bad_prefer.
    """
    limits = request.app[SETTINGS].limits
    wishes = [wish.strip() for line in request.headers.getall("Prefer", ()) for wish in line.split(",")]
    waits = [wish for wish in wishes if re.match(r"wait\b", wish, re.IGNORECASE)]
    if not waits:
        return limits.wait_seconds, False
    match = _WAIT.fullmatch(waits[0])
    if match is None:
        raise RequestError("bad_prefer", "The preference is written wait=N, N in seconds.", "Prefer")
    return min(int(match[1]), limits.wait_most_seconds), True


def flag(request: web.Request, name: str) -> bool:
    """A query parameter that is ``true``, ``false`` or absent.

    Raises:
        RequestError: bad_parameter.
    """
    return flag_of(request.query, name)


def flag_of(query: Mapping[str, str], name: str) -> bool:
    """``flag`` of parameters of which some may have been left out.

    Raises:
        RequestError: bad_parameter.
    """
    value = query.get(name, "false")
    if value not in ("true", "false"):
        raise RequestError("bad_parameter", f"{name} is true or false.", name)
    return value == "true"


def number(request: web.Request, name: str, least: int, most: int, default: int) -> int:
    """A query parameter that is a number, or absent.

    Raises:
        RequestError: bad_parameter.
    """
    text = request.query.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"0|[1-9][0-9]{0,15}", text, re.ASCII) or not least <= int(text) <= most:
        raise RequestError("bad_parameter", f"{name} is a number from {least} to {most}.", name)
    return int(text)


def digest(value: str | None, where: str) -> str:
    """``value`` if it is a digest in hex.

    Raises:
        RequestError: bad_parameter.
    """
    if value is None or not is_hex_digest(value):
        raise RequestError("bad_parameter", "Expected a SHA-256 digest: 64 lowercase hexadecimal digits.", where)
    return value


def is_actor_id(value: str) -> bool:
    """Whether ``value`` can be an actor id."""
    return _ACTOR.fullmatch(value) is not None


def actor_id(value: str, where: str) -> str:
    """``value`` if it can be an actor id.

    Raises:
        RequestError: bad_parameter.
    """
    if not is_actor_id(value):
        raise RequestError("bad_parameter", "An actor id has 3 to 40 lowercase letters, digits and hyphens.", where)
    return value


def page(request: web.Request) -> tuple[str, int]:
    """The parameters ``after`` and ``limit`` of a list.

    Raises:
        RequestError: bad_parameter.
    """
    after = request.query.get("after", "")
    return (actor_id(after, "after") if after else ""), limit(request)


def limit(request: web.Request) -> int:
    """The parameter ``limit`` of a list.

    Raises:
        RequestError: bad_parameter.
    """
    return number(request, "limit", 1, MOST_ENTRIES, request.app[SETTINGS].limits.page_entries)
