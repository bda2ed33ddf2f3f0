"""What goes into the storage and comes out of it: immutable values, never rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from signing.encoding import JSON

__all__ = [
    "Annex",
    "Answered",
    "CaseEvent",
    "Ending",
    "Followed",
    "Head",
    "InboxEntry",
    "Package",
    "StagedBatch",
    "StagedEntry",
    "StoredCheckpoint",
    "StoredEffect",
    "StoredEnded",
    "StoredFact",
    "StoredStatement",
    "Tile",
    "TransferChange",
    "TransferStatement",
    "Upload",
    "Wanted",
]


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log ends (``size``, ``root``, newest entry ``time``), and how far it is signed.

    ``note`` is the newest checkpoint that the log signed, of ``signed_size`` entries; empty before the first.
    """

    origin: str
    size: int
    root: bytes
    time: int
    signed_size: int = 0
    note: bytes = b""


@dataclass(frozen=True, slots=True)
class Tile:
    """A hash tile: ``hashes`` is the concatenation of 1 to 256 hashes of 32 bytes."""

    level: int
    n: int
    hashes: bytes = field(repr=False)

    @property
    def width(self) -> int:
        """How many hashes the tile holds."""
        return len(self.hashes) // 32


@dataclass(frozen=True, slots=True)
class StoredEffect:
    """What an entry changed: a type of a version, with data of classes C0-C1."""

    type: str
    version: int
    data: JSON


@dataclass(frozen=True, slots=True)
class StagedEntry:
    """One entry to append, with everything that is stored beside it.

    Args:
        index: position in the log.
        octets: the entry.
        leaf_hash: its Merkle leaf hash.
        time: entry time, POSIX seconds.
        digest: of the statement, hex; so is ``amends`` (the registration that this one amends).
        subject: the actor that the statement is about, where its kind has one.
        document: the JWS in canonical form.
        annex: octets of the annex.
        documents: SHA-256 (hex) of the documents that it registers.
        effects: in order.
        outbox: topics of work to be done outside the database.
    """

    index: int
    octets: bytes = field(repr=False)
    leaf_hash: bytes = field(repr=False)
    time: int
    digest: str
    issuer: str
    id: str
    kind: str
    version: int
    confidential: bool
    document: bytes = field(repr=False)
    effects: tuple[StoredEffect, ...]
    subject: str | None = None
    amends: str | None = None
    annex: "Annex | None" = None
    documents: tuple[str, ...] = ()
    outbox: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Annex:
    """A restricted document and its SHA-256 (hex)."""

    sha256: str
    octets: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StagedBatch:
    """What one transaction appends: entries, the rule state they leave, the tiles they touch, the head after them."""

    entries: tuple[StagedEntry, ...]
    writes: Mapping[str, tuple[JSON, int]] = field(repr=False)
    tiles: tuple[Tile, ...] = field(repr=False)
    head: Head


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint that the log signed, and the verified cosignature lines stored with it, by label of the key."""

    size: int
    root: bytes
    note: bytes
    witnessed: bool = False
    lines: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredEnded:
    """A checkpoint of a log that has ended; the note has every cosignature line that was stored for it."""

    origin: str
    size: int
    root: bytes
    note: bytes


@dataclass(frozen=True, slots=True)
class StoredStatement:
    """A registered statement; ``document`` is None when its body was deleted."""

    index: int
    digest: str
    issuer: str
    id: str
    kind: str
    version: int
    confidential: bool
    subject: str | None
    amends: str | None
    time: int
    document: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload as it was announced, and how far it has come; times are POSIX seconds.

    Args:
        purpose: ``brief`` or ``package``.
        transfer: id of the transfer that it is for.
        sha256: of the whole file, as announced; so is ``size``.
        offset: how many octets have arrived and are on disk.
        complete: whether the whole file was checked and stored.
    """

    id: str
    owner: str
    purpose: str
    transfer: str
    recipient: str
    sha256: str
    size: int
    offset: int
    created: int
    expires: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Package:
    """An encrypted brief or package that a member uploaded for another, for one transfer.

    Attributes:
        held_at, hold_reason: of the hold that lasts; ``released_at`` is when the last one ended.
    """

    sha256: str
    owner: str
    recipient: str
    transfer: str
    purpose: str
    size: int
    stored_at: int
    deleted_at: int | None = None
    held_at: int | None = None
    hold_reason: str | None = field(default=None, repr=False)
    released_at: int | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """A package that is to be deleted now, and why: the state in which its transfer ended, ``age`` or ``unclaimed``."""

    package: Package
    reason: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that a statement names: what must have been uploaded, by whom, for whom, for which transfer."""

    sha256: str
    size: int
    owner: str
    recipient: str
    transfer: str
    purpose: str


@dataclass(frozen=True, slots=True)
class TransferChange:
    """What one statement made of a transfer; ``due`` and ``ended`` are POSIX seconds."""

    transfer: str
    index: int
    digest: str
    kind: str
    issuer: str
    event: str | None
    sender: str
    recipient: str
    state: str
    due: int | None
    ended: int | None
    record: Mapping[str, JSON] = field(repr=False)


class CaseEvent(NamedTuple):
    """One reported event; what is not named here stands in ``attributes``. A named tuple, see decision 0038."""

    provider: str
    case: str
    sequence: int
    type: str
    at: int
    recorded_at: int
    attributes: Mapping[str, JSON]

    def __repr__(self) -> str:
        """Which event it is, without what it tells."""
        return f"CaseEvent({self.provider!r}, {self.case!r}, {self.sequence}, {self.type!r})"


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A case as its events up to the entry at ``index`` tell it; ``fact`` is JSON of the form with this number."""

    provider: str
    case: str
    index: int
    form: int
    fact: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to the questionnaire.

    Args:
        source: party, who held the token; or relayed, by the provider.
        outcome_side: how the case ended, as who answers sees it.
        scores: question -> 1 to 5; questions that were left out are not there.
        day: the day of the answer, counted from 1970-01-01 (UTC); the time of day is not kept.
    """

    provider: str
    case: str
    role: str
    source: str
    outcome_side: str
    scores: Mapping[str, int]
    day: int


@dataclass(frozen=True, slots=True)
class Followed:
    """What the entries up to ``size`` add to the tables that follow the log.

    ``told`` names the cases that the events are of, (provider, case), each with the newest entry that tells of it;
    ``facts`` are these cases folded again. ``answers`` come each with the index of the entry that holds it.
    """

    size: int
    transfers: tuple[TransferChange, ...] = ()
    events: tuple[CaseEvent, ...] = ()
    told: Mapping[tuple[str, str], int] = field(default_factory=dict)
    facts: tuple[StoredFact, ...] = ()
    answers: tuple[tuple[int, Answered], ...] = ()


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """A statement in a member's feed."""

    index: int
    digest: str
    kind: str
    issuer: str
    transfer: str


@dataclass(frozen=True, slots=True)
class TransferStatement:
    """A statement about a transfer; ``event`` only for evidence."""

    kind: str
    digest: str
    index: int
    event: str | None
