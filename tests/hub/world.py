"""A network founded on a real data directory, and people who speak in it through the real door.

``Founding`` writes the data directory as ``odr-hub init`` does; ``Speaker`` composes statements that
satisfy schemas and rules. Keys are made from names, so a failure repeats itself.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.keystore import HubKeys
from signing.compose import new_salt, payload, sign_all
from signing.secretkeys import AgreementKey, SigningKey, possession
from signing.statement import Statement, parse_statement

EXAMPLES = Path("schemas")
PDF = b"%PDF-1.7 sample award of sample parties\n%%EOF\n"

PARTICULARS: dict[str, dict[str, Any]] = {
    "conditional": {"conditions": [{"text": "Send the questionnaire."}], "cure_deadline": "2027-06-01T00:00:00Z"},
    "concern": {"ground_code": "feedback_not_sent", "cure_deadline": "2027-06-01T00:00:00Z"},
    "referred": {
        "ground_code": "feedback_not_sent",
        "referral": {"provision": "para 4.4", "panel": [{"institution": "Sample Law Faculty", "economy": "SG"}]},
    },
    "suspended": {"ground_code": "feedback_not_sent"},
    "removed": {"removal_basis": "own_request"},
}
"""What the schema wants beside a status of an accreditation."""


def example(kind: str, name: str) -> dict[str, Any]:
    """A valid example of the schemas, decoded."""
    document = json.loads((EXAMPLES / kind / "examples" / f"{name}.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = document.get("instance", document.get("payload", document))
    return found


def signing_key(name: str) -> SigningKey:
    return SigningKey(hashlib.sha256(name.encode()).digest())


def agreement_key(name: str) -> AgreementKey:
    return AgreementKey(hashlib.sha256(name.encode()).digest())


@dataclass(frozen=True)
class Actor:
    """Somebody with keys."""

    id: str
    role: str

    @property
    def statement(self) -> SigningKey:
        return signing_key(f"{self.id}/statement")

    @property
    def http(self) -> SigningKey:
        return signing_key(f"{self.id}/http")

    @property
    def monitor(self) -> AgreementKey:
        return agreement_key(f"{self.id}/monitor")

    @property
    def inbox(self) -> AgreementKey:
        return agreement_key(f"{self.id}/inbox")


@dataclass
class Speaker:
    """Composes statements of one network; remembers the chains."""

    genesis: Statement
    hub: HubKeys
    clock: Any
    officers: list[Actor] = field(default_factory=list)
    chains: dict[str, str] = field(default_factory=dict)

    @property
    def network(self) -> str:
        return self.genesis.digest

    def compose(
        self, kind: str, issuer: str, body: dict[str, Any], signers: list[tuple[SigningKey, str]], **more: Any
    ) -> bytes:
        """A complete statement, signed by (key, role)."""
        chain = {"accreditation": f"accreditation/{body.get('subject')}", "key": f"key/{body.get('owner')}"}
        name = chain.get(kind, f"{kind}/{issuer}")
        more = {"previous": self.chains.get(name), "network": self.network, "now": self.clock()} | more
        octets = payload(kind, issuer, body, [(key.kid, role) for key, role in signers], **more)
        document = sign_all(octets, signers, self.clock())
        self.chains[name] = parse_statement(document).digest
        return document

    def public_key(self, actor: Actor, purpose: str) -> dict[str, Any]:
        key = getattr(actor, purpose)
        entry: dict[str, Any] = {"purpose": purpose, "jwk": key.public.jwk()}
        if isinstance(key, AgreementKey):
            entry["possession"] = possession(key, self.hub.inbox.public, self.network, actor.id)
        return entry

    def officer(self, count: int = 1) -> list[tuple[SigningKey, str]]:
        return [(one.statement, "officer") for one in self.officers[:count]]

    def member(self, actor: Actor, **more: Any) -> bytes:
        """The first statement of a provider, court or observer."""
        name = {"provider": "valid-provider-minimal", "court": "valid-court", "observer": "valid-observer"}[actor.role]
        profile = example("member", name)["body"]["profile"]
        keys = [self.public_key(actor, purpose) for purpose in ("statement", "http", "monitor", "inbox")]
        signers = [(actor.statement, "introduced"), (actor.http, "introduced"), *self.officer()]
        body = {"type": actor.role, "profile": profile | {"legal_name": f"Sample {actor.id}"}, "keys": keys}
        return self.compose("member", actor.id, body, signers, **more)

    def neutral(self, actor: Actor, provider: Actor, **more: Any) -> bytes:
        """The first statement of a neutral, with an http key of their own."""
        body = example("neutral", "valid-active")["body"] | {"nominated_by": provider.id, "key_custody": "self"}
        body["keys"] = [self.public_key(actor, purpose) for purpose in ("statement", "http")]
        signers = [
            (actor.statement, "introduced"), (actor.http, "introduced"), (provider.statement, "provider"),
            *self.officer(),
        ]  # fmt: skip
        return self.compose("neutral", actor.id, body | more.pop("body", {}), signers, **more)

    def accreditation(self, subject: Actor, status: str = "listed", count: int = 1) -> bytes:
        body = example("accreditation", "valid-listed")["body"]
        body |= {"subject": subject.id, "subject_type": subject.role, "status": status}
        body |= {"valid_from": "2026-01-01T00:00:00Z", "valid_to": "2029-01-01T00:00:00Z"} | PARTICULARS.get(status, {})
        return self.compose("accreditation", "coordinator", body, self.officer(count))

    def revoke(self, owner: Actor, key: SigningKey, **more: Any) -> bytes:
        body = {"action": "revoke", "owner": owner.id, "kid": key.kid, "reason": "compromised", **more}
        return self.compose("key", "coordinator", body, self.officer(2))

    def award(self, provider: Actor, neutral: Actor, pdf: bytes = PDF, **changes: Any) -> bytes:
        """A complete award over ``pdf``."""
        unique = hashlib.sha256(pdf).hexdigest()[:12]
        body = example("award", "valid-final")["body"]
        body |= {
            "award_id": f"urn:odr:{provider.id}:0197b1a0-0000-7000-8000-{unique}",
            "case_id": f"urn:odr:{provider.id}:0197b1a0-0000-7000-8000-000000000001",
        }
        manifestation = {"media_type": "application/pdf", "sha256": hashlib.sha256(pdf).hexdigest(), "size": len(pdf)}
        body |= {"manifestation": manifestation} | changes
        signers = [(neutral.statement, "neutral"), (provider.statement, "provider")]
        return self.compose("award", provider.id, body, signers, salt=new_salt())

    def case_events(self, provider: Actor, events: list[dict[str, Any]]) -> bytes:
        """A report of up to 500 case events."""
        signers = [(provider.statement, "provider")]
        return self.compose("case-events", provider.id, {"events": events}, signers, salt=new_salt())
