"""A signing desk that speaks ``/v1/drafts`` over real HTTP, keeps everything in memory, and lies when it is told to.

It verifies what it takes as the hub does (form, network, signature, role), and knows no rules: whatever everybody
signed counts as registered. ``problem`` makes every answer a refusal, ``changed`` replaces members of every answer.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from signing.compose import assemble, uuid7
from signing.drafts import Draft
from signing.encoding import b64u_encode, canonical
from signing.keys import PublicKey
from signing.statement import STATEMENT_TYPE, parse_jws, parse_statement, verify_signatures

__all__ = ["DraftDesk", "Waiting"]

_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
}


@dataclass
class Waiting:
    """A draft on the desk, and the secret of the one link to it."""

    id: str
    secret: str
    state: str
    you: str | None
    draft: Draft | None = None
    invitation: dict[str, Any] | None = None
    declined: dict[str, Any] | None = None
    result: dict[str, Any] | None = None

    def link(self, hub: str, network: str | None = None) -> str:
        """The link to it, which may name a network."""
        named = "" if network is None else f"&network={network}"
        return f"{hub}/desk#draft={self.id}&secret={self.secret}&hub={hub}{named}"


@dataclass
class DraftDesk:
    """Drafts by id; ``keys`` are the registered ones by kid, with their owners."""

    network: str
    keys: dict[str, tuple[PublicKey, str]] = field(default_factory=dict)
    drafts: dict[str, Waiting] = field(default_factory=dict)
    problem: tuple[int, dict[str, Any]] | None = None
    changed: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    registered: list[bytes] = field(default_factory=list)

    def put(self, draft: Draft, you: str | None) -> Waiting:
        return self._put(Waiting(uuid7(1), b64u_encode(secrets.token_bytes(16)), "open", you, draft))

    def invite(self, **invitation: Any) -> Waiting:
        asked = {"network": self.network, "annex": None, **invitation}
        return self._put(Waiting(uuid7(1), b64u_encode(secrets.token_bytes(16)), "invited", None, invitation=asked))

    def _put(self, one: Waiting) -> Waiting:
        self.drafts[one.id] = one
        return one

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_route("OPTIONS", "/{any:.*}", self._preflight)
        app.router.add_get("/v1/drafts/{id}", self._get)
        app.router.add_put("/v1/drafts/{id}", self._complete)
        app.router.add_post("/v1/drafts/{id}/signatures", self._sign)
        app.router.add_post("/v1/drafts/{id}/decline", self._decline)
        return app

    async def _preflight(self, _: web.Request) -> web.Response:
        return web.Response(status=204, headers=_CORS)

    async def _get(self, request: web.Request) -> web.Response:
        return self._answer(self._found(request))

    async def _complete(self, request: web.Request) -> web.Response:
        one = self._found(request)
        if one is not None and self.problem is None:
            draft = Draft.from_bytes(canonical((await request.json())["draft"]))
            statement = draft.payload
            asked = one.invitation or {}
            body = {name: value for name, value in statement["body"].items() if name != "keys"}
            assert (statement["kind"], statement["issuer"], body) == (asked["kind"], asked["issuer"], asked["body"])
            key = PublicKey.from_jwk(statement["body"]["keys"][0]["jwk"])
            self.keys[key.kid] = (key, statement["issuer"])
            assert statement["signers"] == [{"kid": key.kid, "role": "introduced"}, *asked["signers"]]
            self._verify(draft)
            one.draft, one.state, one.you = draft, "open", key.kid
        return self._answer(one)

    async def _sign(self, request: web.Request) -> web.Response:
        one = self._found(request)
        if one is not None and one.draft is not None and self.problem is None:
            signature = (await request.json())["signature"]
            draft = Draft(one.draft.octets, (*one.draft.signatures, signature), one.draft.annex)
            self._verify(draft)
            one.draft = draft
            if not draft.missing():
                self.registered.append(draft.statement().document)
                one.state = "registered"
                one.result = {"digest": draft.digest, "index": len(self.registered) + 6}
        return self._answer(one)

    async def _decline(self, request: web.Request) -> web.Response:
        one = self._found(request)
        if one is not None:
            members = await request.json()
            if members["kid"] not in (None, one.you):
                return web.json_response({"code": "draft_not_yours"}, status=403, headers=_CORS)
            one.state, one.declined = "declined", {**members, "at": "2026-11-26T00:00:00Z"}
            one.draft = one.invitation = None
        return self._answer(one)

    def _verify(self, draft: Draft) -> None:
        jws = parse_jws(assemble(draft.octets, draft.signatures), STATEMENT_TYPE)
        if not draft.missing():
            parse_statement(assemble(draft.octets, draft.signatures))
        assert jws.payload["network"] == self.network
        verify_signatures(jws, {kid: key for kid, (key, _) in self.keys.items()})

    def _found(self, request: web.Request) -> Waiting | None:
        self.asked.append((request.method, request.path, request.headers.get("Authorization", "")))
        one = self.drafts.get(request.match_info["id"])
        digest = hashlib.sha256(request.headers.get("Authorization", "").encode()).digest()
        if one is None or digest != hashlib.sha256(f"Draft {one.secret}".encode()).digest():
            return None
        return one

    def _answer(self, one: Waiting | None) -> web.Response:
        if self.problem is not None:
            status, document = self.problem
            return web.json_response(document, status=status, headers=_CORS, content_type="application/problem+json")
        if one is None:
            document = {"code": "draft_not_found", "detail": "There is no such draft.", "status": 404}
            return web.json_response(document, status=404, headers=_CORS, content_type="application/problem+json")
        return web.json_response({**self._shown(one), **self.changed}, headers=_CORS)

    def _shown(self, one: Waiting) -> dict[str, Any]:
        draft = one.draft
        missing = {} if draft is None else draft.missing()
        signers = [] if draft is None else draft.payload["signers"]
        rows = [{**signer, "owner": self.keys[signer["kid"]][1]} for signer in signers if signer["kid"] in self.keys]
        shown: dict[str, Any] = {
            "id": one.id,
            "state": one.state,
            "draft": None if draft is None else json.loads(draft.to_bytes()),
            "missing": [row for row in rows if row["kid"] in missing],
            "signed": [row for row in rows if row["kid"] not in missing],
            "declined": one.declined,
            "created_at": "2026-11-26T00:00:00Z",
            "expires_at": "2026-12-10T00:00:00Z",
            "result": one.result,
            "you": None if one.you is None else {"kid": one.you},
        }
        return shown | ({"invitation": one.invitation} if one.state == "invited" else {})
