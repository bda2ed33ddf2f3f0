"""A hub for tests: the world's log behind the HTTP interface, in a thread of its own, on loopback.

It has the routes that the client uses and the world's honesty: what a test wants to be false, it changes in
``world`` or sets in one of the fields below.
"""

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any, Self

from aiohttp import web

from providers.errors import ProvidersError
from signing.errors import SigningError
from signing.keyring import KeyRecord
from signing.statement import Statement, parse_statement
from tests.fakes.world import World

Answer = Callable[[web.Request], web.Response]


class FakeHub:
    """``with FakeHub(world) as hub:`` serves until the block ends; ``hub.url`` is its address."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.url = ""
        self.most_bytes = 2**21
        self.cosigners: list[str] | None = None
        """Who cosigns receipts; None for every witness."""
        self.patience = 0
        """How many receipts of the newest statement are served unwitnessed before the witnesses sign."""
        self.overrides: dict[str, Answer] = {}
        """Path -> what to answer instead."""
        self.annexes: dict[str, bytes] = {}
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._runner = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> web.AppRunner:
        app = web.Application(client_max_size=self.most_bytes, middlewares=[self._override])
        app.add_routes(self.routes())
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    def routes(self) -> list[web.RouteDef]:
        """What it answers."""
        return [
            web.post("/v1/statements", self._post),
            web.get("/v1/statements/{digest}", self._statement),
            web.get("/v1/statements/{digest}/receipt", self._receipt),
            web.get("/v1/policy", self._policy),
            web.get("/v1/keys/{kid}", self._key),
            web.get("/v1/members/{id}", self._member),
            web.get("/v1/neutrals/{id}", self._neutral),
            web.get("/v1/awards/{digest}", self._award),
            web.get("/log/checkpoint", self._checkpoint),
        ]

    @web.middleware
    async def _override(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.requests.append((request.method, request.path, dict(request.headers)))
        if request.path in self.overrides:
            return self.overrides[request.path](request)
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _post(self, request: web.Request) -> web.Response:
        annex = None
        if request.content_type == "multipart/form-data":
            form = await request.post()
            body, annex = (_octets(form[name]) for name in ("statement", "annex"))
        else:
            body = await request.read()
        one = parse_statement(body)
        if request.query.get("dry_run") == "true":
            return _json({"digest": one.digest, "dry_run": True})
        if (index := self._index(one.digest)) is not None:
            first = json.loads(self.world.statements[index].document)
            return _json(self.receipt(index) | {"statement": first})
        try:
            index = self.enter(one)
        except SigningError as error:
            return problem(422, error.code, error.message, error.where)
        except ProvidersError as error:
            return problem(422, error.code, error.message, error.where, retryable=error.retryable)
        if annex is not None:
            self.annexes[one.digest] = annex
        return _json(self.receipt(index), status=201)

    def enter(self, one: Statement) -> int:
        """Judge a statement and register it; returns its index."""
        return self.world.admit(one)

    async def _statement(self, request: web.Request) -> web.Response:
        return self._found(request, self.both)

    async def _receipt(self, request: web.Request) -> web.Response:
        return self._found(request, self.receipt)

    async def _policy(self, _: web.Request) -> web.Response:
        kinds = ("genesis", "policy")
        return _json({"chain": [self.both(n) for n, one in enumerate(self.world.statements) if one.kind in kinds]})

    async def _checkpoint(self, _: web.Request) -> web.Response:
        return web.Response(body=self.world.checkpoint(), content_type="text/plain")

    async def _key(self, request: web.Request) -> web.Response:
        record = self._records().get(request.match_info["kid"])
        if record is None:
            return problem(404, "not_found", "No such key.")
        return _json({"size": len(self.world.entries), "key": _record(record)} | self.both(record.index))

    async def _neutral(self, request: web.Request) -> web.Response:
        name = request.match_info["id"]
        newest = [n for n, one in enumerate(self.world.statements) if (one.kind, one.issuer) == ("neutral", name)]
        if not newest:
            return problem(404, "not_found", "No such neutral.")
        keys = [_record(one) for one in self.world.replay.rings.get(name, {}).values()]
        return _json({"size": len(self.world.entries), "neutral": {"id": name}, "keys": keys} | self.both(newest[-1]))

    async def _member(self, request: web.Request) -> web.Response:
        name = request.match_info["id"]
        newest = [n for n, one in enumerate(self.world.statements) if (one.kind, one.issuer) == ("member", name)]
        if not newest:
            return problem(404, "not_found", "No such member.")
        keys = [_record(one) for one in self.world.replay.rings.get(name, {}).values()]
        return _json({"size": len(self.world.entries), "member": {"id": name}, "keys": keys} | self.both(newest[-1]))

    async def _award(self, request: web.Request) -> web.Response:
        index = self._index(request.match_info["digest"])
        if index is None:
            return problem(404, "not_found", "No such award.")
        award = self.world.statements[index]
        evidence = [self.both(n) for n, one in enumerate(self.world.statements) if one.kind != "award"]
        status = json.loads(self.world.status(award, len(self.world.entries)))
        return _json({"award": self.both(index), "evidence": evidence, "status": status})

    def _found(self, request: web.Request, answer: Callable[[int], dict[str, Any]]) -> web.Response:
        index = self._index(request.match_info["digest"])
        return problem(404, "unknown_statement", "No such statement.") if index is None else _json(answer(index))

    def _index(self, digest: str) -> int | None:
        found = [n for n, one in enumerate(self.world.statements) if one.digest == digest]
        return found[0] if found else None

    def _records(self) -> dict[str, KeyRecord]:
        return {kid: record for ring in self.world.replay.rings.values() for kid, record in ring.items()}

    def both(self, index: int) -> dict[str, Any]:
        """Statement and receipt."""
        proof = self.world.policy_proofs.get(index)
        more = {} if proof is None else {"policy_proof": proof.decode()}
        document = json.loads(self.world.statements[index].document)
        return {"statement": document, "receipt": self.receipt(index)} | more

    def receipt(self, index: int) -> dict[str, Any]:
        """A receipt; the newest statement's is unwitnessed while ``patience`` lasts."""
        newest = index == len(self.world.entries) - 1
        cosigners = [] if newest and self.patience > 0 else self.cosigners
        self.patience -= newest
        proof = self.world.proof(index, self.world.checkpoint(cosigners=cosigners)).decode()
        state = "witnessed" if cosigners is None else "provisional"
        if self.world.quorum is None:
            state = "unwitnessed"
        return {"digest": self.world.statements[index].digest, "index": index, "proof": proof, "state": state}


def statements_of(world: World, kind: str) -> list[Statement]:
    """Registered statements of a kind."""
    return [one for one in world.statements if one.kind == kind]


def problem(status: int, code: str, detail: str, where: str = "", **more: Any) -> web.Response:
    """A problem document as the hub sends it."""
    members = {"type": f"/docs/problems#{code}", "title": "Refused", "status": status, "detail": detail, "code": code}
    members |= (
        {"actor": "issuer", "retryable": False, "correlation_id": "c"} | more | ({"where": where} if where else {})
    )
    return web.Response(body=json.dumps(members), status=status, content_type="application/problem+json")


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=json.dumps(value), status=status, content_type="application/json")


def _record(record: KeyRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}


def _octets(part: object) -> bytes:
    return bytes(part) if isinstance(part, bytes | bytearray) else str(part).encode()
