"""A small network for rule tests: real keys, real signatures, state folded in memory."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from registry import state as spaces
from registry.effects import Effect
from registry.errors import REFUSALS, Refused
from registry.rulebook import Rulebook
from registry.rules import REGISTRY, At, Decision
from signing import compose
from signing.encoding import JSON, b64u_encode
from signing.notes import COSIGNATURE, ED25519, VerifierKey
from signing.secretkeys import AgreementKey, SigningKey
from signing.statement import Statement, parse_statement

START = 1_790_000_000
DAY = 86_400
ORIGIN = "hub.example/log/1"
HUB, COORDINATOR = "hub", "coordinator"
DOCUMENT = "ab" * 32
Signers = Sequence[tuple[SigningKey, str]]


class FullState:
    """State that knows everything: what was never written is absent."""

    def __init__(self, values: Mapping[str, JSON] | None = None) -> None:
        self.values: dict[str, JSON] = dict(values or {})

    def get(self, key: str) -> JSON:
        return self.values.get(key)


def seed(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def signing_key(name: str) -> SigningKey:
    return SigningKey(seed(name))


def agreement_key(name: str) -> AgreementKey:
    return AgreementKey(seed(name))


def urn(actor: str, number: int) -> str:
    return f"urn:odr:{actor}:01890000-0000-7000-8000-{number:012x}"


def salt_of(number: int) -> str:
    return b64u_encode(seed(f"salt {number}"))


def statement_entry(key: SigningKey, purpose: str = "statement") -> dict[str, JSON]:
    return {"purpose": purpose, "jwk": key.public.jwk()}


def agreement_entry(key: AgreementKey, purpose: str, *, possession: bool = True) -> dict[str, JSON]:
    entry: dict[str, JSON] = {"purpose": purpose, "jwk": key.public.jwk()}
    return entry | {"possession": b64u_encode(bytes(32))} if possession else entry


def log_key(name: str = "log", origin: str = ORIGIN) -> str:
    return VerifierKey(origin, ED25519, signing_key(name).public.x).format()


def witness_policy(log: str = "log", witness: str = "witness") -> str:
    vkey = VerifierKey("witness.example", COSIGNATURE, signing_key(witness).public.x).format()
    return f"log {log_key(log)}\nwitness w1 {vkey}\nquorum w1\n"


def officer(name: str) -> dict[str, JSON]:
    keys = [statement_entry(signing_key(name)), statement_entry(signing_key(f"{name} http"), "http")]
    return {"id": name, "name": name.title(), "keys": keys}


def policy_body(officers: Sequence[str] = ("ann", "bob", "cem"), threshold: int = 2, **changes: JSON) -> dict[str, Any]:
    hub_keys = [
        statement_entry(signing_key("hub")),
        statement_entry(signing_key("hub http"), "http"),
        agreement_entry(agreement_key("hub monitor"), "monitor", possession=False),
        agreement_entry(agreement_key("hub inbox"), "inbox", possession=False),
    ]
    monitor = agreement_entry(agreement_key("coordinator monitor"), "monitor", possession=False)
    body = {
        "origin": ORIGIN,
        "log_key": log_key(),
        "hub": {"id": HUB, "keys": hub_keys},
        "coordinator": {"id": COORDINATOR, "keys": [monitor]},
        "officers": [officer(name) for name in officers],
        "threshold": threshold,
        "witness_policy": witness_policy(),
        "rules": {"version": 1},
    }
    return body | changes


def introduced(*names: str) -> list[tuple[SigningKey, str]]:
    return [(signing_key(name), "introduced") for name in names]


def officers(*names: str) -> list[tuple[SigningKey, str]]:
    return [(signing_key(name), "officer") for name in names]


@dataclass
class Network:
    """Registers statements in order; ``now`` is the entry time, ``index`` the next log index."""

    state: FullState = field(default_factory=FullState)
    now: int = START
    index: int = 0
    digest: str | None = None
    effects: list[tuple[Effect, ...]] = field(default_factory=list)
    made: int = 0
    book: Rulebook = REGISTRY

    def make(
        self,
        kind: str,
        issuer: str,
        body: Mapping[str, JSON],
        signers: Iterable[tuple[SigningKey, str]],
        *,
        chain: str | None = None,
        **envelope: Any,
    ) -> Statement:
        """A signed statement; ``envelope`` overrides network, previous, salt, now, statement_id, annex."""
        self.made += 1
        signers = list(signers)
        head = self.state.get(chain) if chain else None
        members: dict[str, Any] = {
            "network": self.digest,
            "now": self.now,
            "previous": head["digest"] if head else None,
            "statement_id": urn(issuer, self.made),
        }
        roles = [(key.kid, role) for key, role in signers]
        octets = compose.payload(kind, issuer, body, roles, **(members | envelope))
        return parse_statement(compose.sign_all(octets, signers, self.now))

    def at(self) -> At:
        return At(self.index, self.now)

    def submit(self, statement: Statement) -> Decision:
        """Decide and fold; raises ``Refused``."""
        decision = self.book.decide(statement, self.state, self.at())
        self.state.values.update(self.book.fold(decision.effects, self.state))
        self.effects.append(decision.effects)
        self.index += 1
        if statement.kind == "genesis":
            self.digest = statement.digest
        return decision

    # statements, one maker per kind

    def genesis(self, body: Mapping[str, JSON] | None = None, signers: Signers | None = None, **more: Any) -> Statement:
        names = ["hub", "hub http"]
        for one in ("ann", "bob", "cem"):
            names += [one, f"{one} http"]
        issuer = more.pop("issuer", HUB)
        return self.make(
            "genesis", issuer, body or policy_body(), introduced(*names) if signers is None else signers,
            chain=spaces.POLICY_CHAIN, **more,
        )  # fmt: skip

    def policy(self, body: Mapping[str, JSON], signers: Signers, **more: Any) -> Statement:
        issuer = more.pop("issuer", COORDINATOR)
        return self.make("policy", issuer, body, signers, chain=spaces.POLICY_CHAIN, **more)

    def member(
        self,
        name: str,
        body_type: str = "provider",
        *,
        keys: Sequence[JSON] | None = None,
        signers: Signers | None = None,
        body: Mapping[str, JSON] | None = None,
        **more: Any,
    ) -> Statement:
        """A first member statement."""
        if keys is None:
            keys = [statement_entry(signing_key(name)), agreement_entry(agreement_key(f"{name} monitor"), "monitor")]
        full = {"type": body_type, "profile": {"legal_name": name}, "keys": list(keys)} | dict(body or {})
        who = [*introduced(name), *officers("ann")] if signers is None else signers
        return self.make("member", name, full, who, chain=spaces.chain("member", name), **more)

    def member_update(
        self, name: str, body_type: str = "provider", signers: Signers | None = None, **more: Any
    ) -> Statement:
        body = {"type": body_type, "profile": {"legal_name": f"{name} {self.made}"}} | more.pop("body", {})
        who = [(signing_key(name), body_type), *officers("ann")] if signers is None else signers
        return self.make("member", name, body, who, chain=spaces.chain("member", name), **more)

    def neutral(
        self,
        name: str,
        nominator: str = "acme",
        *,
        first: bool = True,
        signers: Signers | None = None,
        body: Mapping[str, JSON] | None = None,
        **more: Any,
    ) -> Statement:
        """A neutral statement, the first one unless said otherwise."""
        full: dict[str, Any] = {
            "nominated_by": nominator, "status": "active", "key_custody": "self", "profile": {"display_name": name},
        }  # fmt: skip
        if first:
            full["keys"] = [statement_entry(signing_key(name))]
        own = "introduced" if first else "neutral"
        who = [(signing_key(name), own), (signing_key(nominator), "provider"), *officers("ann")]
        return self.make(
            "neutral", name, full | dict(body or {}), who if signers is None else signers,
            chain=spaces.chain("neutral", name), **more,
        )  # fmt: skip

    def key(self, owner: str, body: Mapping[str, JSON], signers: Signers, **more: Any) -> Statement:
        issuer = more.pop("issuer", owner)
        return self.make("key", issuer, {"owner": owner, **body}, signers, chain=spaces.chain("key", owner), **more)

    def add_key(self, owner: str, new: str, by: str, role: str = "provider", **more: Any) -> Statement:
        body = {"action": "add", "key": statement_entry(signing_key(new))}
        return self.key(owner, body, [(signing_key(by), role), *introduced(new)], **more)

    def officers_key(
        self, owner: str, body: Mapping[str, JSON], *names: str, also: Signers = (), **more: Any
    ) -> Statement:
        who = [*officers(*(names or ("ann", "bob"))), *also]
        return self.key(owner, body, who, issuer=COORDINATOR, **more)

    def accreditation(
        self, subject: str, status: str, by: Sequence[str] = ("ann",), subject_type: str = "provider", **more: Any
    ) -> Statement:
        body = {
            "subject": subject,
            "subject_type": subject_type,
            "scheme": "base",
            "status": status,
            "criteria": [],
            "valid_from": compose.timestamp(START - DAY),
            "valid_to": compose.timestamp(START + 365 * DAY),
            "decided_by": "Accreditation board",
            "decision_date": "2026-09-01",
            **self.particulars(status),
        } | more.pop("body", {})
        issuer = more.pop("issuer", COORDINATOR)
        signers = more.pop("signers", officers(*by))
        return self.make(
            "accreditation", issuer, body, signers, chain=spaces.chain("accreditation", subject), **more
        )  # fmt: skip

    def particulars(self, status: str) -> dict[str, JSON]:
        """What the schema wants beside a status."""
        deadline = compose.timestamp(self.now + 90 * DAY)
        ground = {"ground_code": "feedback_not_sent"}
        referral = {"provision": "para 4.4", "panel": [{"institution": "Law Faculty", "economy": "SG"}]}
        wanted: dict[str, dict[str, JSON]] = {
            "conditional": {"conditions": [{"text": "Send the questionnaire."}], "cure_deadline": deadline},
            "concern": ground | {"cure_deadline": deadline},
            "referred": ground | {"referral": referral},
            "suspended": ground,
            "removed": {"removal_basis": "own_request"},
        }
        return wanted.get(status, {})

    def reference(
        self, name: str = "fair-play", version: int = 1, codes: Sequence[str] = ("open", "fair"), **more: Any
    ) -> Statement:
        """A set of criteria, by two officers."""
        body = {
            "type": "criteria_set",
            "id": name,
            "version": version,
            "title": name,
            "source": {"publisher": "Institute", "title": "Standard"},
            "criteria": [{"code": code, "title": code, "text": code} for code in codes],
        } | more.pop("body", {})
        issuer, signers = more.pop("issuer", COORDINATOR), more.pop("signers", officers("ann", "bob"))
        return self.make("reference", issuer, body, signers, **more)

    def award(
        self,
        provider: str = "acme",
        neutrals: Sequence[str] = ("noor",),
        *,
        signers: Signers | None = None,
        body: Mapping[str, JSON] | None = None,
        **more: Any,
    ) -> Statement:
        number = self.made + 1
        full = {
            "award_id": urn(provider, 10_000 + number),
            "case_id": urn(provider, 20_000 + number),
            "type": "final",
            "expression": {"language": "en", "version": 1, "kind": "original"},
            "manifestation": {"media_type": "application/pdf", "sha256": DOCUMENT, "size": 1234},
            "date": "2026-09-01",
            "seat": {"country": "SG"},
            "rules_version": "1",
            "brief_reasons": True,
            "procedure": {},
        } | dict(body or {})
        who = [*((signing_key(name), "neutral") for name in neutrals), (signing_key(provider), "provider")]
        more.setdefault("salt", salt_of(number))
        return self.make("award", provider, full, who if signers is None else signers, **more)

    def review(
        self,
        award: str,
        decision: str = "confirm",
        *,
        issuer: str = COORDINATOR,
        signers: Signers | None = None,
        **more: Any,
    ) -> Statement:
        reason = "key_safe" if decision == "confirm" else "key_compromised"
        body = {"award": award, "decision": decision, "reason_code": reason}
        more.setdefault("salt", salt_of(self.made + 1))
        who = officers("ann", "bob") if signers is None else signers
        return self.make("award-review", issuer, body, who, **more)


def founded() -> Network:
    """A network with three officers, threshold two."""
    net = Network()
    net.submit(net.genesis())
    return net


def populated() -> Network:
    """Also provider acme (listed) with neutral noor."""
    net = founded()
    net.submit(net.member("acme"))
    net.submit(net.accreditation("acme", "listed"))
    net.submit(net.neutral("noor"))
    return net


def refuses(net: Network, statement: Statement, code: str, where: str = "", saying: str = "") -> Refused:
    """The statement is refused with this code, place and part of the sentence, and nothing changes."""
    before = dict(net.state.values)
    with pytest.raises(Refused) as caught:
        net.submit(statement)
    refusal = caught.value
    assert (refusal.code, refusal.where) == (code, where), str(refusal)
    assert saying in refusal.message
    assert (refusal.actor, refusal.retryable) == REFUSALS[code][1:]
    assert net.state.values == before
    return refusal


def stored(effects: Iterable[tuple[Effect, ...]]) -> list[list[dict[str, JSON]]]:
    return [[effect.to_json() for effect in group] for group in effects]
