"""A running hub with a provider and a neutral, drafts in it, and everybody who may touch them."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from providers.invitations import Invitation
from signing.compose import new_salt, payload, sign
from signing.drafts import Draft
from signing.secretkeys import SigningKey
from tests.hub.running import Hub
from tests.hub.world import PDF, Actor, example, signing_key

ACME, BRIO = Actor("acme-odr", "provider"), Actor("brio-odr", "provider")
NEUTRAL, OTHER = Actor("neutral-a", "neutral"), Actor("neutral-b", "neutral")
LATE = Actor("neutral-late", "neutral")
"""Somebody who has no key until they make one."""


def secret_of(name: str) -> str:
    """The secret in the link of somebody; 16 octets in base64url."""
    return base64.urlsafe_b64encode(hashlib.sha256(name.encode()).digest()[:16]).rstrip(b"=").decode()


def link_hash(name: str) -> str:
    return hashlib.sha256(secret_of(name).encode()).hexdigest()


def wire(draft: Draft) -> Any:
    return json.loads(draft.to_bytes())


@dataclass
class Scene:
    """Speaks to the desk of one hub."""

    hub: Hub
    made: int = field(default=0)

    async def admit(self) -> None:
        speaker = self.hub.speaker
        for document in (speaker.member(ACME), speaker.accreditation(ACME), speaker.member(BRIO)):
            await self.hub.registered(document)
        await self.hub.registered(speaker.neutral(NEUTRAL, ACME))
        await self.hub.registered(speaker.neutral(OTHER, ACME))

    def award(self, pdf: bytes | None = None, **changes: Any) -> Draft:
        """An award that neutral and provider have still to sign."""
        self.made += 1
        unique = f"{self.made:012x}"
        pdf = PDF if pdf is None else pdf
        body = example("award", "valid-final")["body"] | {
            "award_id": f"urn:odr:{ACME.id}:0197b1a0-0000-7000-8000-{unique}",
            "case_id": f"urn:odr:{ACME.id}:0197b1a0-0000-7000-8000-000000000001",
            "manifestation": {
                "media_type": "application/pdf", "sha256": hashlib.sha256(pdf).hexdigest(), "size": len(pdf),
            },
        }  # fmt: skip
        signers = [(NEUTRAL.statement.kid, "neutral"), (ACME.statement.kid, "provider")]
        more: dict[str, Any] = {
            "network": self.hub.speaker.network,
            "now": self.hub.clock(),
            "salt": new_salt(),
            "signers": signers,
        }
        return Draft(payload("award", ACME.id, body, **(more | changes)))

    def suspension(self, signers: list[tuple[SigningKey, str]]) -> Draft:
        """A decision that needs the threshold of officers."""
        body = example("accreditation", "valid-listed")["body"] | {
            "subject": ACME.id, "subject_type": "provider", "status": "suspended",
            "ground_code": "stages_poorly_managed",
            "valid_from": "2026-01-01T00:00:00Z", "valid_to": "2029-01-01T00:00:00Z",
        }  # fmt: skip
        speaker = self.hub.speaker
        previous = speaker.chains[f"accreditation/{ACME.id}"]
        kids = [(key.kid, role) for key, role in signers]
        more: dict[str, Any] = {"network": speaker.network, "now": self.hub.clock(), "previous": previous}
        return Draft(payload("accreditation", "coordinator", body, kids, **more))

    def invitation(self, issuer: str = LATE.id, annex: bytes | None = None) -> Invitation:
        body = example("neutral", "valid-active")["body"] | {"nominated_by": ACME.id, "key_custody": "self"}
        body.pop("keys", None)
        others = ((ACME.statement.kid, "provider"), (self.hub.speaker.officers[0].statement.kid, "officer"))
        return Invitation("neutral", issuer, self.hub.speaker.network, body, others, annex)

    def completed(self, invitation: Invitation, key: SigningKey | None = None) -> Draft:
        key = key or LATE.statement
        draft = Draft(invitation.payload(key.public, self.hub.clock()), annex=invitation.annex)
        return draft.signed_by(key, self.hub.clock())

    async def post(
        self, draft: Draft | None, actor: Actor | None = ACME, links: dict[str, str] | None = None, **more: Any
    ) -> tuple[int, Any]:
        """Post a draft with links, kid -> name of who holds it; the empty kid stands for who is invited."""
        listed = [{"kid": kid or None, "secret_sha256": link_hash(name)} for kid, name in (links or {}).items()]
        members = ({} if draft is None else {"draft": wire(draft)}) | {"links": listed} | more
        return await self.ask("POST", "/v1/drafts", members, actor=actor)

    async def posted(self, draft: Draft | None, actor: Actor = ACME, **more: Any) -> str:
        status, answer = await self.post(draft, actor, **more)
        assert status == 201, answer
        return str(answer["id"])

    async def invited(self, invitation: Invitation, **more: Any) -> str:
        members = {name: value for name, value in invitation.to_json().items() if name != "network"}
        return await self.posted(None, invitation=members, links={"": "late"}, **more)

    async def ask(
        self, method: str, path: str, members: Any = None, *, actor: Actor | None = None, link: str | None = None
    ) -> tuple[int, Any]:
        """One request, signed by an actor, or with the link of a name."""
        body = b"" if members is None else json.dumps(members).encode()
        fields = {} if members is None else {"Content-Type": "application/json"}
        headers = dict(fields)
        if actor is not None:
            headers |= self.hub.signature(method, path, actor.http, body=body, fields=fields)
        if link is not None:
            headers["Authorization"] = f"Draft {secret_of(link)}"
        response = await self.hub.client.request(method, path, data=body or None, headers=headers)
        return response.status, await response.json(content_type=None)

    async def get(self, name: str, **who: Any) -> tuple[int, Any]:
        return await self.ask("GET", f"/v1/drafts/{name}", **who)

    async def sign(self, name: str, draft: Draft, key: SigningKey, **who: Any) -> tuple[int, Any]:
        """Sign this very draft, whatever the desk holds, and hand the signature in."""
        role = {one["kid"]: one["role"] for one in draft.payload["signers"]}.get(key.kid, "neutral")
        members = {"signature": sign(draft.octets, key, role, self.hub.clock())}
        return await self.ask("POST", f"/v1/drafts/{name}/signatures", members, **who)

    async def decline(self, name: str, kid: str | None, reason: str = "not my award", **who: Any) -> tuple[int, Any]:
        return await self.ask("POST", f"/v1/drafts/{name}/decline", {"kid": kid, "reason": reason}, **who)


def key(name: str) -> SigningKey:
    return signing_key(name)
