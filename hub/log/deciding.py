"""Deciding a batch: CPU work only, done where the log is written while the event loop serves.

A batch takes waiting statements in order until it is full, a policy ends it, or nothing waits. Statements that
are registered already, and statements refused, take no place in it.
"""

import time as clock
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from hub.log.rulestate import RuleStateCache
from hub.log.staging import rows_of, stage
from hub.ownertags import OwnerTag
from hub.storage.values import Head, StagedEntry
from registry import state as spaces
from registry.batch import Accepted, Batch
from registry.errors import NotLoaded, Refused
from registry.rulebook import Rulebook
from signing.encoding import JSON
from signing.statement import Statement

__all__ = ["BatchLimits", "Candidate", "Decided", "Deciding", "first_needs", "second_needs"]


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """When a batch is full (PROTOCOL §12); rows are known when decided, so its last statement may exceed them."""

    entries: int = 256
    octets: int = 4_194_304
    rows: int = 2000
    seconds: float = 0.1


@dataclass(frozen=True, slots=True)
class Candidate:
    """A verified statement that waits for its place, with its owner tag where that was made beforehand.

    ``owner`` is whom it counts against while it waits.
    """

    statement: Statement
    annex: bytes | None = None
    tag: OwnerTag | None = None
    owner: str = ""

    @property
    def cost(self) -> int:
        """Bytes that it adds to a batch."""
        return len(self.statement.encoded) + len(self.annex or b"")


@dataclass(slots=True)
class Decided:
    """The outcome for one candidate: an index (new or from before), or why there is none."""

    digest: str
    index: int | None = None
    already: bool = False
    error: Exception | None = None


@dataclass(slots=True)
class Deciding:
    """One batch while it is being decided.

    Args:
        head: where the log ends.
        time: entry time of the whole batch, POSIX seconds.
        state: rule state as committed; what it lacks is asked for.
        limits: when the batch is full.
        book: the rules to decide by.
    """

    head: Head
    time: int
    state: RuleStateCache
    limits: BatchLimits
    book: Rulebook
    entries: list[StagedEntry] = field(default_factory=list)
    writes: dict[str, tuple[JSON, int]] = field(default_factory=dict)
    outcomes: list[Decided] = field(default_factory=list)
    monitors: dict[str, bytes] = field(default_factory=dict)
    full: bool = False
    _octets: int = 0
    _rows: int = 0
    _batch: Batch = field(init=False)

    def __post_init__(self) -> None:
        self._batch = Batch(self.state, self.head.size, self.time, self.book)

    def run(self, waiting: deque[Candidate]) -> frozenset[str]:
        """Decide from the left of ``waiting``, taking away what is decided.

        Returns:
            State keys to load before going on; none when the batch is full or nothing waits.
        """
        until = clock.monotonic() + self.limits.seconds
        while waiting and not self._is_full(waiting[0], until):
            try:
                self.outcomes.append(self._decide(waiting[0]))
            except NotLoaded as missing:
                return missing.keys
            waiting.popleft()
        return frozenset()

    def _is_full(self, candidate: Candidate, until: float) -> bool:
        limits = self.limits
        self.full = self.full or self._batch.ended
        if self.entries:
            over = self._octets + candidate.cost > limits.octets or self._rows >= limits.rows
            self.full = self.full or over or len(self.entries) >= limits.entries or clock.monotonic() > until
        return self.full

    def _decide(self, candidate: Candidate) -> Decided:
        statement = candidate.statement
        known = self.state.get(spaces.digest(statement.digest))
        if known is not None:
            return Decided(statement.digest, int(known["index"]), already=True)
        try:
            outcome = self._batch.offer(statement)
        except NotLoaded:
            raise
        except Exception as error:  # noqa: BLE001  # a fault of one rule fails its statement, not the log
            return Decided(statement.digest, error=error)
        if isinstance(outcome, Refused):
            return Decided(statement.digest, error=outcome)
        self._accept(candidate, outcome)
        return Decided(statement.digest, outcome.index)

    def _accept(self, candidate: Candidate, accepted: Accepted) -> None:
        entry = stage(candidate.statement, accepted, self.time, candidate.annex, candidate.tag)
        self.entries.append(entry)
        if accepted.decision.monitor is not None:
            self.monitors[entry.issuer] = accepted.decision.monitor.x
        self.writes.update((key, (value, accepted.index)) for key, value in accepted.writes.items())
        self._octets += candidate.cost
        self._rows += rows_of(entry, len(accepted.writes))


def first_needs(candidates: Iterable[Candidate], book: Rulebook) -> set[str]:
    """State that deciding will read, as far as the statements tell."""
    return {key for candidate in candidates for key in book.needs(candidate.statement)}


def second_needs(candidates: Iterable[Candidate], get: Callable[[str], JSON]) -> set[str]:
    """State about the owners of signing keys, which are known once the keys are; a hint, like ``needs``."""
    kids = {spaces.kid(one.kid) for candidate in candidates for one in candidate.statement.signatures}
    owners = {known["owner"] for key in kids if (known := get(key)) is not None}
    return {key for owner in owners for key in _about(owner)}


def _about(owner: str) -> tuple[str, str, str]:
    return spaces.keyring(owner), spaces.actor(owner), spaces.accreditation(owner)
