"""What every step of the exchange works with, and where its files lie."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from providers.client import HubClient
from providers.gateway.exchange.casebook import CaseBook
from providers.gateway.exchange.heard import Heard
from providers.gateway.exchange.peers import Peers
from providers.gateway.exchange.settings import ServeSettings
from providers.gateway.exchange.situations import Situations
from providers.gateway.exchange.store import Store
from providers.gateway.exchange.values import short
from providers.receipts import Registration
from signing.secretkeys import AgreementKey, SigningKey

__all__ = ["BRIEF", "INCOMING", "KEY", "PACKAGE", "Context", "Keys", "Progress"]

BRIEF, PACKAGE, KEY, INCOMING = "brief.age", "package.age", "key.age", "incoming.age"


@dataclass(frozen=True, slots=True)
class Keys:
    """The member's keys that the service uses, unlocked at its start; they stay in memory.

    ``newer`` unlocks inbox keys that were made since then: whoever sends may know of one before this program is started
    again.
    """

    statement: SigningKey = field(repr=False)
    http: SigningKey = field(repr=False)
    inbox: AgreementKey = field(repr=False)
    older_inboxes: tuple[AgreementKey, ...] = field(default=(), repr=False)
    newer: Callable[[], tuple[AgreementKey, ...]] = field(default=tuple, repr=False)

    @property
    def inboxes(self) -> tuple[AgreementKey, ...]:
        """The inbox key in use and those before it: what comes may be encrypted to any."""
        return (self.inbox, *self.older_inboxes)


class Progress:
    """How far the work on each transfer is; forgotten with the process."""

    def __init__(self) -> None:
        self._at: dict[str, tuple[str, int, int]] = {}
        self._moved: set[str] = set()

    def teller(self, transfer_id: str, phase: str) -> Callable[[int, int], None]:
        """What tells the progress of one phase."""

        def tell(done: int, total: int) -> None:
            before = self._at.get(transfer_id)
            if before is not None and before[0] == phase and done > before[1]:
                self._moved.add(transfer_id)
            self._at[transfer_id] = (phase, done, total)

        return tell

    def of(self, transfer_id: str) -> dict[str, str | int] | None:
        """Phase, done and total; None when nothing is under way."""
        if transfer_id not in self._at:
            return None
        phase, done, total = self._at[transfer_id]
        return {"phase": phase, "done": done, "total": total}

    def moved(self, transfer_id: str) -> bool:
        """Whether anything advanced since this was asked last."""
        moved = transfer_id in self._moved
        self._moved.discard(transfer_id)
        return moved

    def end(self, transfer_id: str) -> None:
        """The phase is over."""
        self._at.pop(transfer_id, None)


@dataclass(frozen=True, slots=True)
class Context:
    """One gateway at work."""

    actor: str
    network: str
    settings: ServeSettings
    store: Store
    situations: Situations
    cases: CaseBook
    hub: HubClient
    peers: Peers
    keys: Keys
    clock: Callable[[], int]
    transfers: Path
    progress: Progress
    heard: Heard = field(default_factory=Heard)
    registered: dict[str, Registration] = field(default_factory=dict, repr=False)
    """Our own statements with the receipts that posting them brought, by digest, until they are applied."""
    misfits: Counter[str] = field(default_factory=Counter, repr=False)
    """How often the hub served, or was left with, other octets than a file's, by its SHA-256; a restart counts anew."""

    def was_last(self, sha256: str, most: int) -> bool:
        """Count a misfit of a file; whether it was the last of ``most`` attempts, which are forgotten then."""
        self.misfits[sha256] += 1
        if self.misfits[sha256] < most:
            return False
        del self.misfits[sha256]
        return True

    def folder(self, transfer_id: str) -> Path:
        """The folder of a transfer's ciphertexts and key; made when it is not there."""
        path = self.transfers / short(transfer_id)
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def received(self, transfer_id: str) -> Path:
        """Where the package of a transfer is unpacked to."""
        return self.cases.root / f"{short(transfer_id)}.received"
