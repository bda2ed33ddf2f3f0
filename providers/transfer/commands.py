"""What is said about a transfer, read from statement bodies that their schemas have accepted.

Only what the machine judges is read. Everything else (reasons, fees, clocks, conflict check, withheld
items, escrow) is between the two providers and stands in the statement.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from providers.transfer.values import Blob
from signing.encoding import JSON
from signing.statement import seconds

__all__ = [
    "KINDS",
    "Accept",
    "Command",
    "Completion",
    "Consent",
    "Decline",
    "Dispatch",
    "Evidence",
    "Offer",
    "Withdrawal",
    "read",
]


@dataclass(frozen=True, slots=True)
class Consent:
    """One party's attested consent: what for, to whom, from when until when; ``items`` counts named documents."""

    party: tuple[str, int]
    purpose: str
    recipient: str
    given: int
    expires: int | None = None
    items: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """The custodian offers a case. ``parties`` maps a role to the number of parties in it."""

    issuer: str
    digest: str
    transfer_id: str
    case_id: str
    recipient: str
    stage: str
    reason: str
    legal_basis: str
    seat_unchanged: bool
    export_basis: str
    data_classes: frozenset[str]
    parties: tuple[tuple[str, int], ...]
    consents: tuple[Consent, ...]
    brief: Blob
    expires: int
    dispatch_hours: int
    completion_hours: int


@dataclass(frozen=True, slots=True)
class Accept:
    """The recipient accepts and gives its key for this transfer."""

    issuer: str
    digest: str
    transfer_id: str
    offer: str
    key: str


@dataclass(frozen=True, slots=True)
class Decline:
    """The recipient declines."""

    issuer: str
    digest: str
    transfer_id: str
    offer: str


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The custodian has encrypted the case package and uploaded it."""

    issuer: str
    digest: str
    transfer_id: str
    answer: str
    manifest_root: str
    ciphertext: Blob


@dataclass(frozen=True, slots=True)
class Completion:
    """The recipient has the whole case and takes custody."""

    issuer: str
    digest: str
    transfer_id: str
    dispatch: str
    manifest_root: str
    custodian_from: str
    custodian_to: str


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The custodian takes the offer back."""

    issuer: str
    digest: str
    transfer_id: str
    offer: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A station attests an event about the statement ``of``; ``parts`` are the octets it is about."""

    issuer: str
    digest: str
    transfer_id: str
    event: str
    of: str
    parts: tuple[Blob, ...] = ()


Command = Offer | Accept | Decline | Dispatch | Completion | Withdrawal | Evidence


def read(kind: str, issuer: str, digest: str, body: Mapping[str, JSON]) -> Command:
    """The command of a statement.

    Args:
        kind: one of ``KINDS``.
        issuer: actor id of the statement's issuer.
        digest: digest of the statement.
        body: its body; the schema of the kind has accepted it, nothing is checked again.
    """
    return _READERS[kind]({"issuer": issuer, "digest": digest, "transfer_id": body["transfer_id"]}, body)


def _offer(own: Mapping[str, JSON], body: Mapping[str, JSON]) -> Offer:
    names = ("case_id", "recipient", "stage", "reason", "legal_basis", "seat_unchanged", "export_basis")
    counts = body["parties"]
    return Offer(
        **own,
        **{name: body[name] for name in names},
        data_classes=frozenset(body["data_classes"]),
        parties=tuple((role, int(counts[f"{role}s" if role != "joined" else role])) for role in _ROLES),
        consents=tuple(_consent(one) for one in body["consents"]),
        brief=Blob.from_json(body["brief"]),
        expires=seconds(body["expires_at"], "/body/expires_at"),
        dispatch_hours=int(body["dispatch_hours"]),
        completion_hours=int(body["completion_hours"]),
    )


_ROLES = ("claimant", "respondent", "joined")


def _consent(value: Mapping[str, JSON]) -> Consent:
    expires = value.get("expires_at")
    return Consent(
        party=(value["party"]["role"], int(value["party"]["number"])),
        purpose=value["purpose"],
        recipient=value["recipient"],
        given=seconds(value["given_at"]),
        expires=None if expires is None else seconds(expires),
        items=len(value.get("items", ())),
    )


def _answer(own: Mapping[str, JSON], body: Mapping[str, JSON]) -> Accept | Decline:
    if body["answer"] == "decline":
        return Decline(**own, offer=body["offer"])
    return Accept(**own, offer=body["offer"], key=body["key"]["x"])


def _dispatch(own: Mapping[str, JSON], body: Mapping[str, JSON]) -> Dispatch:
    ciphertext = Blob.from_json(body["ciphertext"])
    return Dispatch(**own, answer=body["answer"], manifest_root=body["manifest_root"], ciphertext=ciphertext)


def _completion(own: Mapping[str, JSON], body: Mapping[str, JSON]) -> Completion:
    names = ("dispatch", "manifest_root", "custodian_from", "custodian_to")
    return Completion(**own, **{name: body[name] for name in names})


def _withdrawal(own: Mapping[str, JSON], body: Mapping[str, JSON]) -> Withdrawal:
    return Withdrawal(**own, offer=body["offer"])


def _evidence(own: Mapping[str, JSON], body: Mapping[str, JSON]) -> Evidence:
    parts = tuple(Blob.from_json(one) for one in body["parts"])
    return Evidence(**own, event=body["event"], of=body["of"], parts=parts)


_READERS: dict[str, Callable[[Mapping[str, JSON], Mapping[str, JSON]], Command]] = {
    "transfer-offer": _offer,
    "transfer-answer": _answer,
    "transfer-dispatch": _dispatch,
    "transfer-completion": _completion,
    "transfer-withdrawal": _withdrawal,
    "evidence": _evidence,
}
KINDS = tuple(_READERS)
