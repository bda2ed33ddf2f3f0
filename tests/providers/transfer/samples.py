"""Commands and transfers for the tests of the machine; each maker takes changes."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from providers.errors import TransferRefused
from providers.transfer.commands import Accept, Command, Completion, Consent, Decline, Dispatch, Evidence, Offer
from providers.transfer.commands import Withdrawal as WithdrawalCommand
from providers.transfer.machine import Change, decide
from providers.transfer.refusals import REFUSALS
from providers.transfer.values import Blob, Case, Facts, Standing, Transfer

NOW, HOUR, DAY = 1_790_000_000, 3600, 86_400
TRANSFER = "urn:odr:acme:01890000-0000-7000-8000-000000000001"
CASE = "urn:odr:acme:01890000-0000-7000-8000-000000000002"
CIPHERTEXT = Blob("c1" * 32, 5000)
BRIO = Facts(Standing("provider", active=True, accreditation="listed"))
PARTIES = (("claimant", 1), ("respondent", 1), ("joined", 0))


@dataclass(frozen=True)
class At:
    index: int
    time: int = NOW


def consent(role: str = "claimant", number: int = 1, purpose: str = "transfer", **more: Any) -> Consent:
    return replace(Consent((role, number), purpose, "brio", NOW - DAY), **more)


def consents(purpose: str = "transfer", **more: Any) -> tuple[Consent, ...]:
    return tuple(consent(role, 1, purpose, **more) for role in ("claimant", "respondent"))


def offer(**more: Any) -> Offer:
    given = Offer(
        issuer="acme",
        digest="offer",
        transfer_id=TRANSFER,
        case_id=CASE,
        recipient="brio",
        stage="mediation",
        reason="capacity",
        legal_basis="party_agreement",
        seat_unchanged=True,
        export_basis="contract",
        data_classes=frozenset({"C1", "C2"}),
        parties=PARTIES,
        consents=consents(),
        brief=Blob("b1" * 32, 900),
        expires=NOW + 5 * DAY,
        dispatch_hours=24,
        completion_hours=48,
    )
    return replace(given, **more)


def accept(**more: Any) -> Accept:
    return replace(Accept("brio", "answer", TRANSFER, "offer", "key"), **more)


def decline(**more: Any) -> Decline:
    return replace(Decline("brio", "answer", TRANSFER, "offer"), **more)


def dispatch(**more: Any) -> Dispatch:
    return replace(Dispatch("acme", "dispatch", TRANSFER, "answer", "root", CIPHERTEXT), **more)


def completion(**more: Any) -> Completion:
    return replace(Completion("brio", "completion", TRANSFER, "dispatch", "root", "acme", "brio"), **more)


def withdrawal(**more: Any) -> WithdrawalCommand:
    return replace(WithdrawalCommand("acme", "withdrawal", TRANSFER, "offer"), **more)


def evidence(event: str, of: str = "dispatch", **more: Any) -> Evidence:
    return replace(Evidence("brio", event, TRANSFER, event, of, (CIPHERTEXT,)), **more)


def offer_expired() -> Evidence:
    return evidence("offer_expired", "offer", issuer="hub", parts=())


PATHS: dict[str, tuple[Command, ...]] = {
    "offered": (offer(),),
    "accepted": (offer(), accept()),
    "dispatched": (offer(), accept(), dispatch()),
    "delivered": (offer(), accept(), dispatch(), evidence("delivery")),
    "retrieved": (offer(), accept(), dispatch(), evidence("retrieval")),
    "completed": (offer(), accept(), dispatch(), completion()),
    "failed": (offer(), accept(), dispatch(), evidence("non_retrieval")),
    "declined": (offer(), decline()),
    "withdrawn": (offer(), withdrawal()),
    "expired": (offer(), offer_expired()),
}
"""How a transfer comes to each state, and to two more that matter for evidence."""


def at_state(name: str) -> Change:
    """Transfer and case after the commands of ``PATHS[name]``; one second apart, an expiry when it is due."""
    transfer: Transfer | None = None
    case = Case.first(CASE)
    for index, command in enumerate(PATHS[name]):
        late = 5 * DAY if isinstance(command, Evidence) and "expired" in command.event else index
        change = decide(transfer, case, command, At(index, NOW + late), BRIO)
        transfer, case = change.transfer, change.case
    assert transfer is not None
    return Change(transfer, case)


def refuses(
    before: Change | Case,
    command: Command,
    code: str,
    where: str,
    saying: str = "",
    *,
    at: At = At(9, NOW + 9),
    facts: Facts = BRIO,
) -> TransferRefused:
    """The machine refuses ``command`` with this code, place and part of the sentence."""
    transfer, case = (before.transfer, before.case) if isinstance(before, Change) else (None, before)
    with pytest.raises(TransferRefused) as caught:
        decide(transfer, case, command, at, facts)
    refusal = caught.value
    assert (refusal.code, refusal.where) == (code, where), str(refusal)
    assert saying in refusal.message
    assert "{" not in refusal.message
    assert (refusal.actor, refusal.retryable) == REFUSALS[code][1:]
    return refusal
