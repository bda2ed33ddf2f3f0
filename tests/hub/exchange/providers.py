"""Two providers who hand a case over through a running hub, over real HTTP, with real files."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientResponse

from hub.web.appkeys import FOLLOWER
from signing.compose import new_salt, timestamp
from signing.httpsig import Request, content_digest, sign_request
from signing.secretkeys import AgreementKey
from signing.statement import parse_statement
from tests.hub.running import URL, Hub
from tests.hub.world import Actor

ACME, BRIO, CORA = Actor("acme-odr", "provider"), Actor("brio-odr", "provider"), Actor("cora-odr", "provider")
COURT = Actor("court-a", "court")
DAY = 86_400
ROOT = "d1" * 32
TUS = {"Tus-Resumable": "1.0.0"}
OCTETS = "application/offset+octet-stream"


def urn(actor: Actor, number: int) -> str:
    return f"urn:odr:{actor.id}:01890000-0000-7000-8000-{number:012x}"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def blob(data: bytes) -> dict[str, Any]:
    return {"sha256": sha256(data), "size": len(data)}


def metadata(**pairs: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in pairs.items())


@dataclass
class Exchange:
    """What the two say about one transfer; ``said`` keeps the digests of their statements by step."""

    hub: Hub
    sender: Actor = ACME
    recipient: Actor = BRIO
    transfer: str = urn(ACME, 1)
    case: str = urn(ACME, 2)
    brief: bytes = b"age brief of a sample case" * 40
    package: bytes = b"age package of a sample case" * 400
    said: dict[str, str] = field(default_factory=dict)

    async def admit(self, *actors: Actor) -> None:
        """Register members; providers are listed."""
        for actor in actors or (self.sender, self.recipient):
            await self.hub.registered(self.hub.speaker.member(actor))
            if actor.role == "provider":
                await self.hub.registered(self.hub.speaker.accreditation(actor))

    async def send(
        self, method: str, path: str, actor: Actor | None, fields: dict[str, str] | None = None, body: bytes = b"",
        **more: Any,
    ) -> ClientResponse:  # fmt: skip
        """A request, signed by the actor's http key unless there is none."""
        headers = {**TUS, **(fields or {})}
        if body:
            headers.setdefault("Content-Digest", content_digest(body))
        if actor is not None:
            request = Request(method, URL + path, headers, b"")
            headers |= {"Host": "hub.example:8600"} | sign_request(request, actor.http, self.hub.clock())
        return await self.hub.client.request(method, path, headers=headers, data=more.get("data", body or None))

    async def create(self, data: bytes, purpose: str = "package", actor: Actor | None = None, **changes: str) -> Any:
        """Announce a file; the response."""
        return await self.send("POST", "/v1/uploads", actor or self.sender, self.announced(data, purpose, **changes))

    def announced(self, data: bytes, purpose: str = "package", **changes: str) -> dict[str, str]:
        """The fields that announce a file."""
        named = {"sha256": sha256(data), "recipient": self.recipient.id, "transfer": self.transfer, "purpose": purpose}
        return {"Upload-Length": str(len(data)), "Upload-Metadata": metadata(**(named | changes))}

    async def create_with(self, data: bytes, first: bytes, media_type: str = OCTETS, **changes: str) -> Any:
        """Announce a file with its first octets; the response."""
        fields = self.announced(data, **changes) | {"Content-Type": media_type}
        return await self.send("POST", "/v1/uploads", self.sender, fields, first)

    async def begun(self, data: bytes, purpose: str = "package", **changes: Any) -> str:
        """Announce a file that must be taken; its address."""
        response = await self.create(data, purpose, **changes)
        assert response.status == 201, await response.text()
        return str(response.headers["Location"])

    async def patch(self, path: str, chunk: bytes, offset: int, actor: Actor | None = None, **fields: str) -> Any:
        headers = {"Content-Type": OCTETS, "Upload-Offset": str(offset)} | {
            name.replace("_", "-"): value for name, value in fields.items()
        }
        return await self.send("PATCH", path, actor or self.sender, headers, chunk)

    async def offset(self, path: str, actor: Actor | None = None) -> int:
        response = await self.send("HEAD", path, actor or self.sender)
        assert response.status == 200
        return int(response.headers["Upload-Offset"])

    async def upload(self, data: bytes, purpose: str = "package", **changes: Any) -> str:
        """Upload a file in one chunk; its address."""
        path = await self.begun(data, purpose, **changes)
        response = await self.patch(path, data, 0, changes.get("actor"))
        assert response.status == 204, await response.text()
        return path

    async def read(self, path: str, actor: Actor | None, **fields: str) -> Any:
        return await self.send("GET", path, actor, {name.replace("_", "-"): value for name, value in fields.items()})

    def statement(self, kind: str, issuer: Actor, body: dict[str, Any]) -> bytes:
        document = self.hub.speaker.compose(kind, issuer.id, body, [(issuer.statement, "provider")], salt=new_salt())
        self.said[kind if kind != "evidence" else body["event"]] = parse_statement(document).digest
        return document

    def offer(self, **changes: Any) -> bytes:
        now = self.hub.clock()
        consent = {
            "purpose": "transfer", "recipient": self.recipient.id, "text_sha256": "e1" * 32, "language": "en",
            "capacity": "party", "method": "click", "given_at": timestamp(now - DAY), "evidence_sha256": "f1" * 32,
        }  # fmt: skip
        body = {
            "transfer_id": self.transfer, "case_id": self.case, "recipient": self.recipient.id, "stage": "mediation",
            "reason": "capacity", "legal_basis": "party_agreement",
            "parties": {"claimants": 1, "respondents": 1, "joined": 0},
            "clocks": [{"clock": "negotiation", "used_days": 3, "limit_days": 10}], "data_classes": ["C1", "C2"],
            "destination_country": "SG", "export_basis": "contract", "rules_to": {"name": "Rules", "version": "1"},
            "seat_unchanged": True, "fees": "unchanged",
            "consents": [consent | {"party": {"role": role, "number": 1}} for role in ("claimant", "respondent")],
            "brief": blob(self.brief), "expires_at": timestamp(now + 5 * DAY), "dispatch_hours": 24,
            "completion_hours": 48,
        }  # fmt: skip
        return self.statement("transfer-offer", self.sender, body | changes)

    def accept(self) -> bytes:
        body = {
            "transfer_id": self.transfer, "offer": self.said["transfer-offer"], "answer": "accept",
            "conflict_check": {"done_at": timestamp(self.hub.clock()), "result": "none"}, "neutral_plan": "appoint_new",
            "clock_resumes": "at_completion", "key": AgreementKey.generate().public.jwk(),
        }  # fmt: skip
        return self.statement("transfer-answer", self.recipient, body)

    def decline(self) -> bytes:
        body = {
            "transfer_id": self.transfer, "offer": self.said["transfer-offer"], "answer": "decline",
            "reason": "capacity",
        }  # fmt: skip
        return self.statement("transfer-answer", self.recipient, body)

    def dispatch(self, **changes: Any) -> bytes:
        body = {
            "transfer_id": self.transfer, "answer": self.said["transfer-answer"], "manifest_root": ROOT,
            "ciphertext": blob(self.package), "escrow": [], "withheld": [],
        }  # fmt: skip
        return self.statement("transfer-dispatch", self.sender, body | changes)

    def evidence(self, event: str = "retrieval", **changes: Any) -> bytes:
        body = {
            "transfer_id": self.transfer, "event": event, "of": self.said["transfer-dispatch"],
            "at": timestamp(self.hub.clock()), "parts": [blob(self.package)],
        }  # fmt: skip
        return self.statement("evidence", self.recipient, body | changes)

    def completion(self) -> bytes:
        body = {
            "transfer_id": self.transfer, "dispatch": self.said["transfer-dispatch"], "manifest_root": ROOT,
            "received_at": timestamp(self.hub.clock()), "custodian_from": self.sender.id,
            "custodian_to": self.recipient.id,
        }  # fmt: skip
        return self.statement("transfer-completion", self.recipient, body)

    async def come_to(self, state: str) -> None:
        """Say everything up to a state."""
        await self.upload(self.brief, "brief")
        steps = {"offered": 1, "accepted": 2, "dispatched": 3, "completed": 5}
        for number, make in enumerate((self.offer, self.accept, self.dispatch, self.evidence, self.completion)):
            if number == steps[state]:
                return
            if make == self.dispatch:
                await self.upload(self.package)
            await self.hub.registered(make())

    async def inbox(self, actor: Actor, query: str = "") -> Any:
        response = await self.read(f"/v1/inbox{query}", actor)
        return await response.json(content_type=None)

    async def fetch(self, *actors: Actor) -> None:
        """As gateways do: ask for what comes after the newest entry that is there."""
        await self.hub.client.app[FOLLOWER].catch_up()
        for actor in actors:
            found = await self.inbox(actor)
            await self.inbox(actor, f"?after={found['next']}")

    async def view(self, actor: Actor) -> Any:
        response = await self.read(f"/v1/transfers/{self.transfer}", actor)
        return await response.json(content_type=None)


async def problem(response: ClientResponse) -> tuple[int, str]:
    """Status and code of a refusal."""
    members = await response.json(content_type=None)
    return response.status, members["code"]
