"""A batch: statements decided one after another on loaded state, before anything is stored.

Each accepted statement takes the next index, and its effects lie over the state for those after it. A
refusal changes nothing but its own outcome. A genesis or policy ends its batch, because it binds from
the next index. Any split of a sequence into batches of the same entry time gives the same outcomes.

Example::

    batch = Batch(loaded, next_index=41, time=now)
    try:
        outcome = batch.offer(statement)
    except NotLoaded as missing:      # nothing has happened: load, then offer again
        loaded.add(load(missing.keys))
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from registry.errors import BatchEndedError, NotLoaded, Refused
from registry.rulebook import Rulebook
from registry.rules import REGISTRY, At, Decision
from registry.state import Loaded, Overlay, StateView
from signing.encoding import JSON
from signing.statement import Statement

__all__ = ["Accepted", "Batch", "Outcome", "decide_batch"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A statement with its index, its decision, and the state keys it writes."""

    index: int
    decision: Decision
    writes: Mapping[str, JSON]


Outcome = Accepted | Refused


class Batch:
    """Decides statements in order over ``base``; nothing of it reaches the base."""

    def __init__(self, base: StateView, next_index: int, time: int, book: Rulebook = REGISTRY) -> None:
        """Begin a batch.

        Args:
            base: state before the batch; what it does not know it says by ``NotLoaded``.
            next_index: log index of the first statement accepted.
            time: entry time of the whole batch, POSIX seconds.
            book: the rules to decide by.
        """
        self.next_index = next_index
        self.time = time
        self.ended = False
        self._book = book
        self._overlay = Overlay(base)

    @property
    def writes(self) -> Mapping[str, JSON]:
        """Every state key the batch has written so far, with its newest value."""
        return self._overlay.writes

    def offer(self, statement: Statement) -> Outcome:
        """Decide the next statement: accept it at the next index, or say why it is refused.

        Raises:
            NotLoaded: state is missing; nothing has happened.
            BatchEndedError: a policy ended the batch.
        """
        if self.ended:
            raise BatchEndedError
        try:
            decision = self._book.decide(statement, self._overlay, At(self.next_index, self.time))
        except Refused as refusal:
            return refusal.with_traceback(None)  # an outcome to keep: frames would keep the batch alive
        writes = self._book.fold(decision.effects, self._overlay)
        self._overlay.writes.update(writes)
        self.next_index += 1
        self.ended = decision.ends_batch
        return Accepted(self.next_index - 1, decision, writes)


def decide_batch(
    statements: Iterable[Statement],
    load: Callable[[frozenset[str]], Mapping[str, JSON]],
    first_index: int,
    time: int,
    book: Rulebook = REGISTRY,
) -> list[Outcome]:
    """Decide statements as one batch, loading state as it is needed.

    Args:
        statements: in order; those after a genesis or policy are left for the next batch.
        load: answers state keys with their values, None for absent ones; called with keys not asked for before.
        first_index: log index of the first accepted statement.
        time: entry time of the batch, POSIX seconds.
        book: the rules to decide by.

    Returns:
        One outcome per statement decided; fewer than statements when a policy ended the batch.
    """
    loaded = Loaded()
    batch = Batch(loaded, first_index, time, book)
    outcomes: list[Outcome] = []
    for statement in statements:
        if batch.ended:
            break
        outcomes.append(_offer(batch, statement, loaded, load, book))
    return outcomes


def _offer(
    batch: Batch,
    statement: Statement,
    loaded: Loaded,
    load: Callable[[frozenset[str]], Mapping[str, JSON]],
    book: Rulebook,
) -> Outcome:
    wanted = frozenset(key for key in book.needs(statement) if key not in loaded)
    if wanted:
        loaded.add(load(wanted))
    while True:
        try:
            return batch.offer(statement)
        except NotLoaded as missing:
            loaded.add(load(missing.keys))
