"""A fake hub that knows transfers: the machine decides, uploads lie in memory, and what a test asks for goes wrong.

``faults`` is a list of what happens to the next requests that match: the connection is cut before or after
the work, the hub says 503, or an answer breaks off. Requests on the exchange's routes must be signed rightly.
"""

import asyncio
import base64
import hashlib
import json
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from aiohttp import web

from providers.errors import TransferRefused
from providers.transfer.commands import KINDS, Offer, read
from providers.transfer.evidence import due
from providers.transfer.machine import decide
from providers.transfer.values import Case, Facts, Standing, Transfer
from schemas.validation import validate
from signing.compose import new_salt, timestamp
from signing.errors import SigningError
from signing.httpsig import Request, unverified_keyid, verify_request
from signing.statement import Statement, parse_statement, verify_signatures
from tests.fakes.world import World
from tests.providers.fakehub import FakeHub, problem

if TYPE_CHECKING:
    from collections.abc import Callable

LISTED = Facts(Standing("provider", active=True, accreditation="listed"))


@dataclass(frozen=True)
class At:
    index: int
    time: int


@dataclass
class Fault:
    """What happens to a request.

    ``how``: cut, lost (its answer alone), busy (503), late (408), hurt (a chunk's 422); short, bare (files).
    """

    method: str
    path: str
    how: str
    times: int = 1
    skip: int = 0

    def matches(self, request: web.Request) -> bool:
        if request.method != self.method or not request.path.startswith(self.path) or self.times <= 0:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass
class Uploading:
    owner: str
    metadata: dict[str, str]
    length: int
    data: bytearray = field(default_factory=bytearray)


Alteration: TypeAlias = "Callable[[str, bytes], bytes]"


class ExchangeHub(FakeHub):
    """``with ExchangeHub(world) as hub:``."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.most_bytes = 1 << 24
        self.transfers: dict[str, Transfer] = {}
        self.cases: dict[str, Case] = {}
        self.files: dict[str, bytes] = {}
        self.uploads: dict[str, Uploading] = {}
        self.faults: list[Fault] = []
        self.most_in_patch = 1 << 24
        self.takes_along = True
        """Whether an announcement may bring the file; earlier hubs did not look."""
        self.received = 0
        """Octets of uploads that came, counted again when they were sent again."""
        self.facts = LISTED
        """What the register says of recipients and senders."""
        self.altered: Alteration = _same
        """What is served for a file."""
        self.whole_inbox = True
        """Whether the inbox brings text and receipt, for whoever asks for them."""
        self.fetched: dict[str, int] = {}
        """Up to where each member says that it has fetched its inbox; the texts up to there may be deleted."""
        self.hidden: set[str] = set()
        """Kinds that no inbox tells of."""
        self.offered: list[Statement] = []
        self.issued: list[dict[str, Any]] = []
        """Every slot of the questionnaire that was issued."""
        self.altered_slot: Callable[[dict[str, Any]], object] = dict
        """What is told of a slot."""
        self._news = asyncio.Event()
        self._closing = False

    def __exit__(self, *more: object) -> None:
        self._closing = True
        self._loop.call_soon_threadsafe(self._ring)
        super().__exit__(*more)

    def routes(self) -> list[web.RouteDef]:
        return [
            *super().routes(),
            web.post("/v1/uploads", self._create),
            web.route("HEAD", "/v1/uploads/{id}", self._offset),
            web.patch("/v1/uploads/{id}", self._append),
            web.get("/v1/packages/{sha256}", self._package, allow_head=False),
            web.get("/v1/inbox", self._inbox),
            web.get("/v1/transfers/{id}", self._transfer),
            web.post("/v1/feedback/slots", self._slots),
        ]

    @web.middleware
    async def _override(self, request: web.Request, handler: Any) -> web.StreamResponse:
        fault = next((one for one in self.faults if one.matches(request)), None)
        if fault is not None and fault.how == "busy":
            return problem(503, "overloaded", "More is waiting than the hub takes.", retryable=True, actor="hub")
        if fault is not None and fault.how == "late":  # as a hub says it that does not know that this may pass
            return problem(408, "request_timeout", "The request's body did not arrive in time.")
        if fault is not None and fault.how == "hurt" and request.method == "POST":
            return problem(401, "digest_mismatch", "The body is not the one that was signed.")
        if fault is not None and fault.how == "hurt":
            return problem(422, "chunk_mismatch", "The body does not have the SHA-256 that Content-Digest names.")
        if fault is not None and fault.how == "cut":
            _cut(request)
        response = await super()._override(request, handler)
        if fault is not None and fault.how == "lost":
            _cut(request)
        if fault is not None and fault.how in ("short", "bare") and isinstance(response, web.Response):
            return await _short(request, response, 2 if fault.how == "short" else 0)
        return response

    # ---- statements

    def enter(self, one: Statement) -> int:
        if one.kind not in (*KINDS, "case-events"):
            return super().enter(one)
        validate(one.kind, 1, one.payload)
        ring = self.world.replay.rings[one.issuer]
        verify_signatures(one, {kid: ring[kid].public for kid in one.roles if kid in ring})
        if one.kind in KINDS:
            self._judge(one)
        index = self.world.register(one, time=self.world.now)
        self.world.now -= 59
        self._loop.call_soon_threadsafe(self._ring)
        return index

    def _judge(self, one: Statement) -> None:
        command = read(one.kind, one.issuer, one.digest, one.body)
        before = self.transfers.get(command.transfer_id)
        if isinstance(command, Offer):
            self.offered.append(one)
            case = self.cases.get(command.case_id, Case.first(command.case_id))
            if command.brief.sha256 not in self.files:
                raise TransferRefused("brief_missing", "The brief was not uploaded.", "/body/brief", actor="issuer")
        else:
            case = before.held if before else Case("", "")
        change = decide(before, case, command, At(len(self.world.entries), self.world.now), self.facts)
        self.transfers[command.transfer_id] = change.transfer
        self.cases[change.case.case_id] = change.case

    def tick(self) -> None:
        """Attest what is due."""
        for transfer in list(self.transfers.values()):
            late = due(transfer, self.world.now)
            if late is not None:
                body = {
                    "transfer_id": late.transfer_id,
                    "event": late.event,
                    "of": late.of,
                    "at": timestamp(self.world.now),
                    "parts": [],
                }
                signers = [(self.world.hub.statement, "hub")]
                document = self.world.compose("evidence", self.world.hub.id, body, signers, salt=new_salt())
                self.enter(parse_statement(document))

    def _ring(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    # ---- uploads and packages

    async def _create(self, request: web.Request) -> web.Response:
        owner = await self._reader(request)
        pairs = (one.split(" ") for one in request.headers["Upload-Metadata"].split(","))
        metadata = {name: base64.b64decode(value).decode() for name, value in pairs}
        assert set(metadata) == {"sha256", "recipient", "transfer", "purpose"}
        if metadata["sha256"] in self.files:
            return problem(409, "package_stored", "This file is stored already.")
        name = secrets.token_urlsafe(24)
        self.uploads[name] = upload = Uploading(owner, metadata, int(request.headers["Upload-Length"]))
        headers = {"Location": f"/v1/uploads/{name}", "Tus-Resumable": "1.0.0"}
        if self.takes_along and (body := await request.read()):
            assert request.content_type == "application/offset+octet-stream"
            if len(body) > self.most_in_patch:
                del self.uploads[name]
                return problem(413, "too_large", f"A body has at most {self.most_in_patch} bytes.")
            self.received += len(body)
            upload.data += body
            self._store(upload)
            headers["Upload-Offset"] = str(len(body))
        return web.Response(status=201, headers=headers)

    def _store(self, upload: Uploading) -> None:
        data = bytes(upload.data)
        assert hashlib.sha256(data).hexdigest() == upload.metadata["sha256"]
        self.files[upload.metadata["sha256"]] = data

    async def _offset(self, request: web.Request) -> web.Response:
        await self._reader(request)
        upload = self.uploads.get(request.match_info["id"])
        if upload is None:
            return web.Response(status=404)
        return web.Response(headers={"Upload-Offset": str(len(upload.data)), "Upload-Length": str(upload.length)})

    async def _append(self, request: web.Request) -> web.Response:
        await self._reader(request)
        upload = self.uploads.get(request.match_info["id"])
        if upload is None:
            return problem(404, "unknown_upload", "There is no such upload.")
        body = await request.read()
        if len(body) > self.most_in_patch:
            return problem(413, "too_large", f"A chunk has at most {self.most_in_patch} bytes.")
        self.received += len(body)
        if int(request.headers["Upload-Offset"]) != len(upload.data):
            return problem(409, "wrong_offset", "The octets do not continue what has arrived.")
        upload.data += body
        if len(upload.data) == upload.length:
            data = bytes(upload.data)
            if hashlib.sha256(data).hexdigest() != upload.metadata["sha256"]:
                del self.uploads[request.match_info["id"]]
                return problem(422, "hash_mismatch", "The file does not have the SHA-256 that was announced.")
            self.files[upload.metadata["sha256"]] = data
        return web.Response(status=204, headers={"Upload-Offset": str(len(upload.data))})

    async def _package(self, request: web.Request) -> web.Response:
        await self._reader(request)
        sha256 = request.match_info["sha256"]
        if sha256 not in self.files:
            return problem(404, "not_found", "No such file.")
        data = self.altered(sha256, self.files[sha256])
        begin = int(request.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")[0])
        return web.Response(status=206 if begin else 200, body=data[begin:])

    # ---- inbox and transfers

    async def _inbox(self, request: web.Request) -> web.Response:
        reader = await self._reader(request)
        after = int(request.query.get("after", "-1"))
        self.fetched[reader] = max(self.fetched.get(reader, -1), min(after, int(request.query.get("applied", after))))
        news = self._news
        found = self._entries(reader, after)
        if not found and not self._closing:
            with suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), min(float(request.query.get("wait", "0")), 1.0))
            found = self._entries(reader, after)
        found = [one for one in found if one["kind"] not in self.hidden]
        if request.query.get("statements") == "true" and self.whole_inbox:
            found = [one | {"registration": self.both(one["index"])} for one in found]
        following = found[-1]["index"] if found else (after if after >= 0 else None)
        return web.json_response({"entries": found, "next": following})

    def _entries(self, reader: str, after: int) -> list[dict[str, Any]]:
        return [
            {"index": n, "digest": one.digest, "kind": one.kind, "issuer": one.issuer, "transfer_id": name}
            for n, one in enumerate(self.world.statements)
            if n > after
            and one.kind in KINDS
            and (name := one.body["transfer_id"]) in self.transfers
            and reader in (self.transfers[name].sender, self.transfers[name].recipient)
        ]

    async def _transfer(self, request: web.Request) -> web.Response:
        reader, name = await self._reader(request), request.match_info["id"]
        transfer = self.transfers.get(name)
        if transfer is None or reader not in (transfer.sender, transfer.recipient):
            return problem(404, "not_found", "No such transfer.")
        listed = [one for one in self._entries(reader, -1) if one["transfer_id"] == name]
        record = transfer.to_json()
        statements = [{key: one[key] for key in ("kind", "digest", "index")} for one in listed]
        return web.json_response({"transfer": record | {"id": record.pop("transfer_id")}, "statements": statements})

    async def _slots(self, request: web.Request) -> web.Response:
        await self._reader(request)
        asked = await request.json()
        made = []
        for one in asked["slots"]:
            token = secrets.token_urlsafe(16)
            digest = hashlib.sha256(token.encode()).hexdigest()
            made.append({"role": one["role"], "token": token, "token_sha256": digest, "url": "https://elsewhere.example",
                         "expires_at": timestamp(self.world.now + 365 * 86_400)})  # fmt: skip
        self.issued += made
        told = [self.altered_slot(one) for one in made]
        return web.json_response({"case": asked["case"], "slots": told}, status=201)

    async def _reader(self, request: web.Request) -> str:
        """Who signed the request; a signature that does not hold ends the test."""
        fields = list(request.headers.items())
        kid = unverified_keyid(fields)
        owner = next(owner for owner, ring in self.world.replay.rings.items() if kid in ring)
        target = f"{self.url}{request.raw_path}"
        signed = Request(request.method, target, fields, await request.read())
        try:
            verify_request(signed, self.world.replay.rings[owner][kid].public, self.world.now)
        except SigningError as error:
            raise web.HTTPUnauthorized(
                body=json.dumps({"code": error.code, "detail": error.message, "retryable": False}),
                content_type="application/problem+json",
            ) from error
        return owner


def _same(sha256: str, data: bytes) -> bytes:
    return data


def _cut(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.close()
    raise ConnectionResetError("cut by the test")


async def _short(request: web.Request, response: web.Response, part: int) -> web.StreamResponse:
    """Send this part of the body, 0 for nothing, then cut."""
    body = response.body if isinstance(response.body, bytes) else b""
    stream = web.StreamResponse(status=response.status, headers={"Content-Length": str(len(body))})
    await stream.prepare(request)
    if part:
        await stream.write(body[: len(body) // part])
    await asyncio.sleep(0.05)
    _cut(request)
    return stream
