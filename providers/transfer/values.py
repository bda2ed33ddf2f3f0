"""Values of a transfer: immutable, with one stored form.

Example::

    case = Case.first("urn:odr:acme:0190…")     # held by acme, no transfer open
    Transfer.from_json(transfer.to_json()) == transfer
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Protocol

from signing.encoding import JSON

__all__ = ["FINAL", "OPEN", "TRANSITIONS", "Blob", "Case", "Facts", "Place", "Position", "Standing", "Transfer"]

TRANSITIONS: dict[str, frozenset[str]] = {
    "offered": frozenset({"accepted", "declined", "withdrawn", "expired"}),
    "accepted": frozenset({"dispatched", "withdrawn", "expired"}),
    "dispatched": frozenset({"completed", "failed", "expired"}),
    "declined": frozenset(),
    "withdrawn": frozenset(),
    "expired": frozenset(),
    "completed": frozenset(),
    "failed": frozenset(),
}
"""The whole machine (PROTOCOL §7). Custody moves at *completed* alone."""
OPEN = frozenset(state for state, after in TRANSITIONS.items() if after)
FINAL = frozenset(TRANSITIONS) - OPEN


class Place(Protocol):
    """Where a statement stands: its log index and entry time (POSIX seconds)."""

    @property
    def index(self) -> int:
        """The log index."""

    @property
    def time(self) -> int:
        """The entry time."""


@dataclass(frozen=True, slots=True)
class Position:
    """A ``Place`` by itself."""

    index: int
    time: int


@dataclass(frozen=True, slots=True)
class Blob:
    """Stored octets by hash and size."""

    sha256: str
    size: int

    def to_json(self) -> dict[str, JSON]:
        """The members ``sha256`` and ``size``."""
        return {"sha256": self.sha256, "size": self.size}

    @classmethod
    def from_json(cls, value: Mapping[str, JSON]) -> "Blob":
        """Read the stored form."""
        return cls(str(value["sha256"]), int(value["size"]))


@dataclass(frozen=True, slots=True)
class Case:
    """Who holds a case: exactly one custodian, at most one open transfer, and how often custody has moved."""

    case_id: str
    custodian: str
    transfer: str | None = None
    moves: int = 0

    @classmethod
    def first(cls, case_id: str) -> "Case":
        """A case that was never offered: held by the member that its id names."""
        return cls(case_id, case_id.split(":")[2])


@dataclass(frozen=True, slots=True)
class Standing:
    """What the register says of a recipient: role, whether it is active, status of its accreditation."""

    role: str
    active: bool
    accreditation: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the machine must be told because it stands elsewhere in the register.

    Attributes:
        recipient: the recipient's standing, None when nobody has its id; for offers and acceptances.
        sender: status of the sender's accreditation; for offers.
        key_known: whether the key of an acceptance was used or registered before.
    """

    recipient: Standing | None = None
    sender: str = "none"
    key_known: bool = False


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer as its statements have left it.

    Attributes:
        offer, answer, dispatch, completion: digests of its statements, as far as there are any.
        expires: POSIX seconds at which the offer ends.
        deadline: POSIX seconds at which the present state ends; None in a final state.
        moves: how often custody of the case had moved before.
        key: the recipient's X25519 key for this transfer (base64url).
        delivered: whether the recipient has attested delivery, or retrieval.
        retrieved: whether the recipient has attested retrieval, after which no negative evidence counts.
        index: log index of the last change.
    """

    transfer_id: str
    state: str
    case: str
    sender: str
    recipient: str
    stage: str
    offer: str
    expires: int
    dispatch_hours: int
    completion_hours: int
    brief: Blob
    moves: int
    index: int
    deadline: int | None
    answer: str | None = None
    dispatch: str | None = None
    completion: str | None = None
    key: str | None = None
    manifest_root: str | None = None
    ciphertext: Blob | None = None
    delivered: bool = False
    retrieved: bool = False

    @property
    def open(self) -> bool:
        """Whether something may still change."""
        return self.state in OPEN

    @property
    def ended_in(self) -> str:
        """The last open state it was in: what an expiry cut off."""
        return "dispatched" if self.dispatch else "accepted" if self.answer else "offered"

    @property
    def held(self) -> Case:
        """The case while this transfer is open: with the sender, like at every end but completion."""
        return Case(self.case, self.sender, self.transfer_id, self.moves)

    def to_json(self) -> dict[str, JSON]:
        """The stored form: one member for each attribute."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value.to_json() if isinstance(value, Blob) else value for name, value in values.items()}

    @classmethod
    def from_json(cls, value: Mapping[str, JSON]) -> "Transfer":
        """Read the stored form; checks nothing, because only this program writes it."""
        ciphertext = None if value["ciphertext"] is None else Blob.from_json(value["ciphertext"])
        return cls(**{**value, "brief": Blob.from_json(value["brief"]), "ciphertext": ciphertext})
