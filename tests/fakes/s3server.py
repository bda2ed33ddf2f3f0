"""An S3-compatible service over loopback, as far as one bucket's objects and conditional writes go.

``GET``, ``HEAD`` and ``PUT`` with ``If-None-Match: *`` or ``If-Match``, path-style addresses, signed requests
demanded (but the signature is not checked). It can lose the answer to a write that it has done.
"""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer

ERROR = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{}</Code><Message>{}</Message></Error>'


@dataclass
class S3Server:
    """The bucket ``bucket``; ``lose`` answers of writes are lost, ``puts`` are the names of all writes asked for."""

    objects: dict[str, bytes] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)
    lose: int = 0
    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """What a client finds in its environment."""
        return {
            "AWS_ENDPOINT_URL": self.url, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "eu-sample-1",
            "AWS_ACCESS_KEY_ID": "sample-id", "AWS_SECRET_ACCESS_KEY": "sample-secret",
        }  # fmt: skip

    async def handle(self, request: web.Request) -> web.Response:
        if not request.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 Credential=sample-id/"):
            return _refusal(403, "AccessDenied")
        name = request.match_info["name"]
        if request.method == "PUT":
            return await self._put(request, name)
        if name not in self.objects:
            return _refusal(404, "NoSuchKey")
        return web.Response(body=self.objects[name], headers={"ETag": _etag(self.objects[name])} | _DATED)

    async def _put(self, request: web.Request, name: str) -> web.Response:
        data = await request.read()
        assert hashlib.sha256(data).hexdigest() == request.headers["x-amz-content-sha256"]
        self.puts.append(name)
        found, wanted = self.objects.get(name), request.headers.get("If-Match")
        if request.headers.get("If-None-Match") == "*" and found is not None:
            return _refusal(412, "PreconditionFailed")
        if wanted is not None and (found is None or _etag(found) != wanted):
            return _refusal(412, "PreconditionFailed")
        self.objects[name] = data
        self.headers[name] = {key: request.headers.get(key, "") for key in ("Content-Type", "Cache-Control")}
        if self.lose:
            self.lose -= 1
            return _refusal(500, "InternalError")
        return web.Response(headers={"ETag": _etag(data)})


_DATED = {"Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}


def _etag(data: bytes) -> str:
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


def _refusal(status: int, code: str) -> web.Response:
    return web.Response(status=status, text=ERROR.format(code, code), content_type="application/xml")


@asynccontextmanager
async def serving() -> AsyncIterator[S3Server]:
    """A running service without objects."""
    service = S3Server()
    app = web.Application(client_max_size=1 << 26)
    app.router.add_route("*", "/bucket/{name:.+}", service.handle)
    server = TestServer(app)
    await server.start_server()
    service.url = f"http://127.0.0.1:{server.port}"
    try:
        yield service
    finally:
        await server.close()
