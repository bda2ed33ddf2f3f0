"""The network of the rule tests with the exchange: two providers, and a maker for each kind of statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from hub.exchange import spaces
from hub.rulebook import RULEBOOK
from registry.errors import Refused
from registry.rulebook import Rulebook
from signing.compose import timestamp
from signing.encoding import JSON, b64u_encode
from signing.secretkeys import SigningKey
from signing.statement import Statement
from tests.registry.network import DAY, HUB, Network, agreement_key, salt_of, seed, signing_key, urn

HOUR = 3600
BRIEF: dict[str, JSON] = {"sha256": "b1" * 32, "size": 900}
CIPHERTEXT: dict[str, JSON] = {"sha256": "c1" * 32, "size": 5000}
ROOT = "d1" * 32


@dataclass
class ExchangeNetwork(Network):
    """``transfer`` is the id that makers use unless told otherwise."""

    book: Rulebook = RULEBOOK
    transfer: str = urn("acme", 1)
    case: str = urn("acme", 2)

    def confidential(self, kind: str, issuer: str, body: dict[str, JSON], **more: Any) -> Statement:
        role = "hub" if issuer == HUB else "provider"
        who = more.pop("signers", [(signing_key(issuer), role)])
        more.setdefault("salt", salt_of(50_000 + self.made))
        return self.make(kind, issuer, body, who, **more)

    def refuses(self, statement: Statement, code: str, where: str, table: Mapping[str, tuple[str, str, bool]]) -> None:
        """The statement is refused with this code, place and what ``table`` has for it, and nothing changes."""
        before = dict(self.state.values)
        with pytest.raises(Refused) as caught:
            self.submit(statement)
        assert (caught.value.code, caught.value.where) == (code, where), str(caught.value)
        assert "{" not in caught.value.message
        if code in table:
            assert (caught.value.actor, caught.value.retryable) == table[code][1:]
        assert self.state.values == before

    def consent(self, role: str = "claimant", number: int = 1, purpose: str = "transfer", **more: JSON) -> JSON:
        return {
            "party": {"role": role, "number": number},
            "purpose": purpose,
            "recipient": "brio",
            "text_sha256": "e1" * 32,
            "language": "en",
            "capacity": "party",
            "method": "click",
            "given_at": timestamp(self.now - DAY),
            "evidence_sha256": "f1" * 32,
        } | more

    def consents(self, purpose: str = "transfer", **more: JSON) -> list[JSON]:
        """One of each party of an ordinary case."""
        return [self.consent(role, 1, purpose, **more) for role in ("claimant", "respondent")]

    def offer(self, issuer: str = "acme", *, body: dict[str, JSON] | None = None, **more: Any) -> Statement:
        full = {
            "transfer_id": self.transfer,
            "case_id": self.case,
            "recipient": "brio",
            "stage": "mediation",
            "reason": "capacity",
            "legal_basis": "party_agreement",
            "parties": {"claimants": 1, "respondents": 1, "joined": 0},
            "clocks": [{"clock": "negotiation", "used_days": 3, "limit_days": 10}],
            "data_classes": ["C1", "C2"],
            "destination_country": "SG",
            "export_basis": "contract",
            "rules_to": {"name": "Rules", "version": "1"},
            "seat_unchanged": True,
            "fees": "unchanged",
            "consents": self.consents(),
            "brief": BRIEF,
            "expires_at": timestamp(self.now + 5 * DAY),
            "dispatch_hours": 24,
            "completion_hours": 48,
        } | (body or {})
        return self.confidential("transfer-offer", issuer, full, **more)

    def record(self, transfer: str | None = None) -> Any:
        return self.state.get(spaces.transfer(transfer or self.transfer))

    def accept(self, issuer: str = "brio", *, body: dict[str, JSON] | None = None, **more: Any) -> Statement:
        full = {
            "transfer_id": self.transfer,
            "offer": self.current("offer"),
            "answer": "accept",
            "conflict_check": {"done_at": timestamp(self.now), "result": "none"},
            "neutral_plan": "appoint_new",
            "clock_resumes": "at_completion",
            "key": agreement_key(f"transfer {self.made}").public.jwk(),
        } | (body or {})
        return self.confidential("transfer-answer", issuer, full, **more)

    def decline(self, issuer: str = "brio", *, body: dict[str, JSON] | None = None, **more: Any) -> Statement:
        full = {
            "transfer_id": self.transfer, "offer": self.current("offer"), "answer": "decline", "reason": "capacity",
        } | (body or {})  # fmt: skip
        return self.confidential("transfer-answer", issuer, full, **more)

    def dispatch(self, issuer: str = "acme", *, body: dict[str, JSON] | None = None, **more: Any) -> Statement:
        full = {
            "transfer_id": self.transfer,
            "answer": self.current("answer"),
            "manifest_root": ROOT,
            "ciphertext": CIPHERTEXT,
            "escrow": [],
            "withheld": [],
        } | (body or {})
        return self.confidential("transfer-dispatch", issuer, full, **more)

    def completion(self, issuer: str = "brio", *, body: dict[str, JSON] | None = None, **more: Any) -> Statement:
        full = {
            "transfer_id": self.transfer,
            "dispatch": self.current("dispatch"),
            "manifest_root": ROOT,
            "received_at": timestamp(self.now),
            "custodian_from": "acme",
            "custodian_to": "brio",
        } | (body or {})
        return self.confidential("transfer-completion", issuer, full, **more)

    def withdrawal(self, issuer: str = "acme", *, body: dict[str, JSON] | None = None, **more: Any) -> Statement:
        full = {"transfer_id": self.transfer, "offer": self.current("offer"), "reason": "settled"} | (body or {})
        return self.confidential("transfer-withdrawal", issuer, full, **more)

    def evidence(
        self, event: str, of: str, issuer: str = "brio", *, body: dict[str, JSON] | None = None, **more: Any
    ) -> Statement:
        full = {
            "transfer_id": self.transfer,
            "event": event,
            "of": self.current(of),
            "at": timestamp(self.now),
            "parts": [CIPHERTEXT] if of == "dispatch" else [],
        } | (body or {})
        return self.confidential("evidence", issuer, full, **more)

    def events(self, cases: Sequence[tuple[str, int]], issuer: str = "acme", **more: Any) -> Statement:
        """One event for each (case name, sequence)."""
        when = more.pop("when", self.now)
        events = [
            {"case": pseudonym(case), "sequence": sequence, "type": "commenced", "at": timestamp(when)}
            for case, sequence in cases
        ]
        return self.confidential("case-events", issuer, {"events": events}, **more)

    def answer(self, provider: str, case: str, role: str = "claimant", back: int = 1, **more: JSON) -> dict[str, JSON]:
        """An answer to the questionnaire, given so many days before now."""
        day = timestamp(self.now - back * DAY)[:10]
        told: dict[str, JSON] = {"outcome_side": "won", "scores": {"overall": 4}, "day": day}
        return {"provider": provider, "case": pseudonym(case), "role": role, **told, **more}

    def feedback(self, source: str, answers: Sequence[JSON], issuer: str, **more: Any) -> Statement:
        """These answers, as they stand."""
        return self.confidential("feedback", issuer, {"source": source, "answers": list(answers)}, **more)

    def step(self, name: str) -> Statement:
        """The ordinary statement of that name; for a provider its admission."""
        if name == "offer_expired":
            return self.evidence(name, "offer", HUB)
        if name == "non_retrieval":
            return self.evidence(name, "dispatch", body={"reason": "wrong_key"})
        if name == "retrieval":
            return self.evidence(name, "dispatch")
        if name in ("acme", "brio"):
            return self.member(name)
        makers = (self.offer, self.accept, self.decline, self.dispatch, self.completion, self.withdrawal)
        return next(make for make in makers if make.__name__ == name)()

    def current(self, name: str) -> str:
        record = self.record()
        return (record and record[name]) or "0" * 64


def pseudonym(case: str) -> str:
    return b64u_encode(seed(f"case {case}")[:16])


def exchange() -> ExchangeNetwork:
    """Providers acme (listed), brio (listed) and neutral noor."""
    net = ExchangeNetwork()
    net.submit(net.genesis())
    for name in ("acme", "brio"):
        net.submit(net.member(name))
        net.submit(net.accreditation(name, "listed"))
    net.submit(net.neutral("noor"))
    return net


def at_state(state: str, net: ExchangeNetwork | None = None) -> ExchangeNetwork:
    """A network whose transfer has come to ``state``."""
    net = net or exchange()
    for step in PATHS[state]:
        net.now += 5 * DAY * (step == "offer_expired")
        net.submit(net.step(step))
    return net


PATHS = {
    "offered": ["offer"],
    "accepted": ["offer", "accept"],
    "dispatched": ["offer", "accept", "dispatch"],
    "completed": ["offer", "accept", "dispatch", "completion"],
    "failed": ["offer", "accept", "dispatch", "non_retrieval"],
    "declined": ["offer", "decline"],
    "withdrawn": ["offer", "withdrawal"],
    "expired": ["offer", "offer_expired"],
}


def keys_of(*names: str) -> list[tuple[SigningKey, str]]:
    return [(signing_key(name), "provider") for name in names]
