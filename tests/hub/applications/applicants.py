"""Applicants: what they post to a running hub, right or wrong."""

import json
from dataclasses import dataclass, field
from typing import Any

from providers.application.form import ApplicationForm
from providers.application.selftest import Answer, Challenge, answered
from providers.application.selftest import Applicant as Who
from signing.compose import payload
from signing.secretkeys import AgreementKey, SigningKey
from tests.hub.running import Hub
from tests.hub.world import Actor, example

CORA, DORI = Actor("cora-centre", "provider"), Actor("dori-centre", "provider")
PURPOSES = ("statement", "http", "monitor", "inbox")


@dataclass
class Applicant:
    """Somebody who applies to ``hub``."""

    hub: Hub
    actor: Actor
    id: str = ""
    challenge: dict[str, Any] = field(default_factory=dict)

    def form(
        self, purposes: tuple[str, ...] = PURPOSES, officers: int = 2, name: str = "", **changes: Any
    ) -> ApplicationForm:
        """The application; ``changes`` go into the payload's envelope."""
        speaker, actor = self.hub.speaker, self.actor
        kind = {"provider": "valid-provider-minimal", "court": "valid-court", "observer": "valid-observer"}[actor.role]
        profile = example("member", kind)["body"]["profile"] | {"legal_name": name or f"Sample {actor.id}"}
        keys = [speaker.public_key(actor, purpose) for purpose in purposes]
        body = {"type": actor.role, "profile": profile, "keys": keys}
        signing = [getattr(actor, one) for one in purposes if one in ("statement", "http")]
        first = speaker.officers[0].statement.kid
        signers = [*((key.kid, "introduced") for key in signing), (first, "officer")]
        envelope: dict[str, Any] = {"network": speaker.network, "now": self.hub.clock()} | changes
        octets = payload("member", actor.id, body, signers, **envelope)
        kids = [one.statement.kid for one in speaker.officers[:officers]]
        return ApplicationForm.signed(octets, signing, kids, self.hub.clock())

    async def post(self, data: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
        """Post octets as an application; status and answer."""
        fields = {"Content-Type": "application/json"} | headers
        answer = await self.hub.client.post("/v1/applications", data=data, headers=fields)
        return answer.status, await answer.json(content_type=None)

    async def applied(self, **changes: Any) -> "Applicant":
        """Apply, which must be taken."""
        status, answer = await self.post(self.form(**changes).to_bytes())
        assert status == 201, answer
        self.id, self.challenge = answer["id"], answer["self_test"]["challenge"]
        return self

    def right(self) -> Answer:
        """The right answer to the challenge."""
        keys: dict[str, SigningKey | AgreementKey] = {one: getattr(self.actor, one) for one in PURPOSES}
        who = Who(self.id, self.actor.id, self.actor.role)
        return answered(Challenge.from_json(self.challenge), keys, who, self.hub.clock())

    async def answered(self, **changes: Any) -> dict[str, Any]:
        """Answer the challenge, with these members changed; the answer must be heard."""
        status, answer = await self.answer(self.right().json() | changes)
        assert status == 200, answer
        return answer

    async def answer(self, members: Any, key: SigningKey | None = None, ahead: int = 0) -> tuple[int, dict[str, Any]]:
        """Send an answer, signed by ``key`` (the application's own by default) with a clock that is ``ahead``."""
        return await self.send("POST", f"/v1/applications/{self.id}/self-test", members, key, ahead)

    async def declined(self, reason: str, officer: int = 0) -> dict[str, Any]:
        """Be declined by an officer."""
        key = self.hub.speaker.officers[officer].http
        status, answer = await self.send("POST", f"/v1/applications/{self.id}/decline", {"reason": reason}, key)
        assert status == 200, answer
        return answer

    async def shown(self, key: SigningKey | None = None) -> dict[str, Any]:
        """What the holder of ``key`` sees of it, by default the applicant."""
        status, answer = await self.hub.get(f"/v1/applications/{self.id}", key or self.actor.http)
        assert status == 200, answer
        return dict(answer)

    async def send(
        self, method: str, path: str, members: Any = None, key: SigningKey | None = None, ahead: int = 0
    ) -> tuple[int, dict[str, Any]]:
        """A signed request with a JSON body."""
        body = b"" if members is None else json.dumps(members).encode()
        fields = {"Content-Type": "application/json"} if body else {}
        self.hub.clock.now += ahead
        signed = self.hub.signature(method, path, key or self.actor.http, fields=fields, body=body)
        self.hub.clock.now -= ahead
        answer = await self.hub.client.request(method, path, data=body, headers=fields | signed)
        return answer.status, await answer.json(content_type=None)
