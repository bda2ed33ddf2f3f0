"""Responses: JSON that is not cached, octets that never change, and their headers."""

from collections.abc import Mapping

import orjson
from aiohttp import web

from signing.encoding import JSON

__all__ = ["as_stored", "immutable", "json_response"]

IMMUTABLE = "public, max-age=31536000, immutable"


def json_response(
    members: Mapping[str, JSON], status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """A JSON object; caches must ask again, because the log moves on."""
    return web.Response(
        body=orjson.dumps(members),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-cache", **(headers or {})},
    )


def as_stored(document: bytes) -> JSON:
    """A statement's text as a member of ``json_response``: it is written as it is kept, which is JSON, and not read."""
    return orjson.Fragment(document)


def immutable(body: bytes, content_type: str) -> web.Response:
    """Octets that are the same for ever under this address."""
    return web.Response(body=body, content_type=content_type, headers={"Cache-Control": IMMUTABLE})
