"""Responses: JSON that is not cached, octets that never change, octets that come in pieces, and their headers."""

from collections.abc import AsyncIterable, Mapping
from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from signing.encoding import JSON

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.web_request import BaseRequest

__all__ = ["InPieces", "as_stored", "immutable", "json_response"]

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


def as_stored(document: bytes | str) -> JSON:
    """A stored text as a member of ``json_response``: it is written as it is kept, which is JSON, and not read."""
    return orjson.Fragment(document)


def immutable(body: bytes, content_type: str) -> web.Response:
    """Octets that are the same for ever under this address."""
    return web.Response(body=body, content_type=content_type, headers={"Cache-Control": IMMUTABLE})


class InPieces(web.StreamResponse):
    """An answer that is sent piece by piece, once the middlewares have given it their headers; no piece for HEAD.

    It is signed like any other (``signed_answers``): whoever makes one for a signed GET gives its Content-Digest.
    """

    def __init__(self, pieces: AsyncIterable[bytes], headers: Mapping[str, str]) -> None:
        super().__init__(headers=headers)
        self._pieces = pieces

    async def prepare(self, request: "BaseRequest") -> "AbstractStreamWriter | None":
        """Send head and pieces."""
        writer = await super().prepare(request)
        if request.method != "HEAD":
            async for piece in self._pieces:
                await self.write(piece)
        await self.write_eof()
        return writer
