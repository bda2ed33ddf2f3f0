"""A gateway believes statements in their order, and not a hub that contradicts them."""

from dataclasses import dataclass
from typing import Any

import pytest

from providers.errors import UntrustedAnswerError
from providers.gateway.exchange.follow import follow
from providers.transfer.values import Transfer
from signing.compose import new_salt, payload, sign_all, timestamp
from signing.secretkeys import AgreementKey, SigningKey
from signing.statement import Statement, parse_statement

A, B, HUB = "provider-a", "provider-b", "hub"
NOW = 1_790_000_000
KEY = SigningKey(bytes(32))
TRANSFER = f"urn:odr:{A}:0197b1a0-0000-7000-8000-00000000000a"


@dataclass(frozen=True)
class At:
    index: int
    time: int = NOW


def said(kind: str, issuer: str, **body: Any) -> Statement:
    octets = payload(
        kind, issuer, {"transfer_id": TRANSFER, **body}, [(KEY.kid, "provider")], network="ab" * 32, now=NOW,
        salt=new_salt(),
    )  # fmt: skip
    return parse_statement(sign_all(octets, [(KEY, "provider")], NOW))


def offer() -> Statement:
    consents = [
        {
            "party": {"role": role, "number": 1},
            "purpose": "transfer",
            "recipient": B,
            "given_at": timestamp(NOW - 60),
        }
        for role in ("claimant", "respondent")
    ]
    return said(
        "transfer-offer", A, case_id=f"urn:odr:{A}:c", recipient=B, stage="mediation", reason="no_competence",
        legal_basis="rules",
        seat_unchanged=True, export_basis="contract", data_classes=["C1"], consents=consents,
        parties={"claimants": 1, "respondents": 1, "joined": 0}, brief={"sha256": "b1" * 32, "size": 9},
        expires_at=timestamp(NOW + 3600), dispatch_hours=1, completion_hours=1,
    )  # fmt: skip


def accepted() -> Transfer:
    first = offer()
    record = follow(None, first, At(1), HUB)
    key = AgreementKey(bytes(range(32))).public.jwk()
    return follow(record, said("transfer-answer", B, offer=first.digest, answer="accept", key=key), At(2), HUB)


def test_statements_in_their_order_make_the_transfer() -> None:
    assert follow(None, offer(), At(1), HUB).state == "offered"
    assert accepted().state == "accepted"


def test_what_follows_something_hidden_is_not_believed() -> None:
    root, blob = "ab" * 32, {"sha256": "c1" * 32, "size": 5}
    record = accepted()
    completion = said(
        "transfer-completion", B, dispatch="cd" * 32, manifest_root=root, custodian_from=A, custodian_to=B
    )
    with pytest.raises(UntrustedAnswerError, match="hides what came before") as caught:
        follow(record, completion, At(4), HUB)
    assert (caught.value.code, caught.value.actor) == ("hub_contradicts", "hub")
    dispatch = said("transfer-dispatch", A, answer=record.answer, manifest_root=root, ciphertext=blob)
    sent = follow(record, dispatch, At(3), HUB)
    done = said(
        "transfer-completion", B, dispatch=dispatch.digest, manifest_root=root, custodian_from=A, custodian_to=B
    )
    assert follow(sent, done, At(4), HUB).state == "completed"
    with pytest.raises(UntrustedAnswerError):
        follow(None, dispatch, At(3), HUB)


@pytest.mark.parametrize(
    ("issuer", "event"), [(A, "offer_expired"), (B, "dispatch_expired"), (HUB, "delivery"), (HUB, "retrieval")]
)
def test_evidence_of_the_wrong_station_is_not_believed(issuer: str, event: str) -> None:
    evidence = said("evidence", issuer, event=event, of="ab" * 32, at=timestamp(NOW), parts=[])
    with pytest.raises(UntrustedAnswerError, match=f"{issuer} may not attest {event}"):
        follow(accepted(), evidence, At(5, NOW + 10**6), HUB)
