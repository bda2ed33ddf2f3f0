"""What a gateway knows of a case, of a transfer, and of something that is to be sent: immutable, one stored form."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from providers.errors import GatewayError, ProvidersError
from providers.transfer.values import FINAL, Transfer
from signing.encoding import JSON

__all__ = [
    "DAY",
    "Case",
    "Document",
    "Dossier",
    "Event",
    "FeedbackSlot",
    "KnownCase",
    "Problem",
    "Sending",
    "Situation",
    "short",
]


DAY = 86_400


def short(identifier: str) -> str:
    """A file name of a ``urn:odr:<member>:<uuid>``."""
    return "-".join(identifier.split(":")[2:])


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something did not go on: as a problem document tells it."""

    code: str
    detail: str
    where: str = ""
    actor: str = "you"
    retryable: bool = False

    @classmethod
    def of(cls, error: ProvidersError) -> "Problem":
        """The problem that an error stands for."""
        return cls(error.code, error.message, error.where, error.actor, error.retryable)

    def to_json(self) -> dict[str, JSON]:
        """One member for each attribute."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a case, as ``case.json`` describes it."""

    name: str
    sha256: str
    size: int
    media_type: str
    data_class: str
    type: str


@dataclass(frozen=True, slots=True)
class Case:
    """A case in this gateway. ``state`` is held, moved (handed over, still kept) or deleted.

    Attributes:
        folder: name of the case book's folder in which ``case.json`` and ``documents/`` lie.
        origin: own (from this platform) or received.
        transfer: its open transfer, None if there is none.
        delete_by: POSIX second at which this copy is deleted, None while it is held.
    """

    case_id: str
    folder: str
    sha256: str
    origin: str
    state: str
    added: int
    transfer: str | None = None
    delete_by: int | None = None
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything a gateway knows of one transfer.

    Attributes:
        role: sender or recipient.
        record: the transfer as verified statements have made it; None before the offer is registered.
        offer: body of the offer; the sender's lacks ``brief`` until that is sealed.
        summary: the sender's claim summary and conflict identifiers, for the brief.
        decision: what the people here decided: ``answer`` accept or decline, or ``withdraw``, with particulars; also
            that this gateway takes back what it can't send, with the ``problem``.
        brief: what the recipient reads.
        key: the transfer key's public part; its secret lies in a file beside the package.
        package: what the dispatch says: manifest_root, sha256, size.
        fetched, opened: how far the recipient has come with the package.
        failure: why the recipient could not retrieve it: reason, code, detail.
        problem: what is wrong at present.
        ended: refused or cancelled, when it never came into the log.
        closed: nothing is left to be done.
    """

    transfer_id: str
    role: str
    case_id: str
    peer: str
    created: int
    record: Transfer | None = None
    offer: Mapping[str, JSON] | None = None
    summary: Mapping[str, JSON] | None = field(default=None, repr=False)
    sealed: bool = False
    decision: Mapping[str, JSON] | None = None
    brief: Mapping[str, JSON] | None = field(default=None, repr=False)
    key: str | None = None
    package: Mapping[str, JSON] | None = None
    fetched: bool = False
    opened: bool = False
    opened_at: int | None = None
    failure: Mapping[str, JSON] | None = None
    problem: Problem | None = None
    ended: str | None = None
    closed: bool = False

    @property
    def state(self) -> str:
        """preparing, a state of the transfer machine, refused or cancelled."""
        return self.ended or ("preparing" if self.record is None else self.record.state)

    @property
    def registered(self) -> Transfer:
        """The transfer as verified statements have made it.

        Raises:
            GatewayError: ``wrong_state``, before its offer is in the log.
        """
        if self.record is None:
            raise GatewayError("wrong_state", "The offer is not registered yet.", self.transfer_id)
        return self.record

    @property
    def final(self) -> bool:
        """Whether it has ended."""
        return self.ended is not None or (self.record is not None and self.record.state in FINAL)

    def to_json(self) -> dict[str, JSON]:
        """The stored form."""
        values: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        values["record"] = None if self.record is None else self.record.to_json()
        values["problem"] = None if self.problem is None else self.problem.to_json()
        return values

    @classmethod
    def from_json(cls, value: Mapping[str, JSON]) -> "Dossier":
        """Read the stored form; only this program writes it."""
        record = None if value["record"] is None else Transfer.from_json(value["record"])
        problem = None if value["problem"] is None else Problem(**value["problem"])
        return cls(**{**value, "record": record, "problem": problem})


@dataclass(frozen=True, slots=True)
class KnownCase:
    """A case that this gateway knows of with its transfers, newest first; ``case`` is None while it is only offered."""

    case_id: str
    case: Case | None
    transfers: tuple[Dossier, ...]


@dataclass(frozen=True, slots=True)
class Sending:
    """Something to be sent: a statement, or a file.

    Attributes:
        purpose: offer, answer, …, or brief and package; unique within a transfer.
        kind: statement or upload.
        digest: of the statement's payload, or of the file.
        document: the signed statement.
        location: where an upload continues.
        state: waiting, posted (in the log, not yet proved to be witnessed), done, refused or cancelled.
    """

    id: int
    transfer_id: str
    purpose: str
    kind: str
    digest: str
    document: bytes | None = field(repr=False)
    location: str | None
    state: str
    attempts: int
    problem: Problem | None
    created: int


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides about the next step of a transfer.

    Attributes:
        news: up to which log index there is news that is not applied yet, None if there is none.
        dossier: the transfer, None if it is not known here.
        sendings: what was, or is, to be sent, oldest first.
    """

    news: int | None
    dossier: Dossier | None
    sendings: tuple[Sending, ...]

    @property
    def sent(self) -> dict[str, str]:
        """Purpose -> state of whatever was to be sent for it."""
        return {one.purpose: one.state for one in self.sendings}

    def sending(self, purpose: str) -> Sending | None:
        """What was, or is, to be sent for a purpose."""
        return next((one for one in self.sendings if one.purpose == purpose), None)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the platform wants to hear of."""

    id: int
    at: int
    type: str
    transfer_id: str | None
    case_id: str | None
    data: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class FeedbackSlot:
    """A slot of the questionnaire for one party of a case.

    Attributes:
        case: the case's pseudonym, as in case events.
        role: claimant or respondent.
        language: tag of the language in which the link opens the page.
        token: its secret; whoever has it may answer once.
        expires_at: from when on it opens nothing.
    """

    case: str
    role: str
    language: str
    token: str
    expires_at: str
