"""Responses: JSON that is not cached, octets that never change, and their headers."""

import json
from collections.abc import Mapping

from aiohttp import web

from signing.encoding import JSON

__all__ = ["immutable", "json_response"]

IMMUTABLE = "public, max-age=31536000, immutable"


def json_response(
    members: Mapping[str, JSON], status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """A JSON object; caches must ask again, because the log moves on."""
    body = json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()
    return web.Response(
        body=body,
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-cache", **(headers or {})},
    )


def immutable(body: bytes, content_type: str) -> web.Response:
    """Octets that are the same for ever under this address."""
    return web.Response(body=body, content_type=content_type, headers={"Cache-Control": IMMUTABLE})
