"""A witness over HTTP that cosigns, refuses, or says what it is told to say."""

from types import TracebackType
from typing import Self

from aiohttp import web
from aiohttp.test_utils import TestServer

from providers.witness.submission import parse_submission
from signing.notes import parse_checkpoint, parse_note
from signing.signnotes import cosign, format_signature_lines, witness_signer
from tests.hub.world import signing_key

NAME = "w.example"


class ScriptedWitness:
    """``conflict`` is the size it claims to stand at (409), ``other`` another tree (422), ``absent`` is 503.

    ``holds`` is the note that it shows to whoever asks for its newest head.
    """

    def __init__(self) -> None:
        self.signer = witness_signer(NAME, signing_key("scripted witness"))
        self.conflict: int | None = None
        self.other = False
        self.absent = False
        self.holds = b""
        self.size = 0
        app = web.Application()
        app.router.add_post("/add-checkpoint", self._add)
        app.router.add_get("/{origin}/checkpoint", self._show)
        self.server = TestServer(app)

    @property
    def policy(self) -> str:
        url = str(self.server.make_url("")).rstrip("/")
        return f"witness w {self.signer.verifier.format()} {url}\nquorum w\n"

    async def __aenter__(self) -> Self:
        await self.server.start_server()
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self.server.close()

    async def _add(self, request: web.Request) -> web.Response:
        offered = parse_submission(await request.read())
        if self.absent:
            return web.Response(status=503)
        if self.other:
            return web.Response(status=422, text="another tree\n")
        stands_at = self.size if self.conflict is None else self.conflict
        if offered.old_size != stands_at:
            return web.Response(status=409, text=f"{stands_at}\n", content_type="text/x.tlog.size")
        text = parse_note(offered.note).text
        self.size = parse_checkpoint(text).size
        line = cosign(text, 1_795_000_000, self.signer)
        return web.Response(text=format_signature_lines([line]))

    async def _show(self, _: web.Request) -> web.Response:
        return web.Response(body=self.holds) if self.holds else web.Response(status=404)
