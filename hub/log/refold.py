"""Folding stored effects into rule state, from the first entry on: what ``fsck`` compares and ``rebuild`` writes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from hub.storage.rule_state import is_stored
from hub.storage.values import StoredEffect
from registry.effects import Effect
from registry.rulebook import Rulebook
from signing.encoding import JSON

__all__ = ["Fold", "Kept"]


class Kept(Protocol):
    """Where a fold keeps what it has written, by key."""

    def get(self, key: str, default: Any = None, /) -> Any:  # noqa: ANN401  # JSON
        """What is kept under a key."""

    def update(self, values: Mapping[str, Any], /) -> None:
        """Keep more."""

    def items(self) -> Iterable[tuple[str, Any]]:
        """Everything that is kept."""


class Fold:
    """Rule state as the effects fed so far leave it; it knows everything, so absent keys are None.

    Args:
        book: knows how each effect folds.
        kept: where the state is kept; in memory if not given.
    """

    def __init__(self, book: Rulebook, kept: Kept | None = None) -> None:
        self._book = book
        self._kept: Kept = {} if kept is None else kept

    @property
    def rows(self) -> dict[str, tuple[JSON, int]]:
        """Each key that has a row of its own, with its value and the index of the entry that last wrote it."""
        return dict(self.stored())

    def stored(self) -> Iterator[tuple[str, tuple[JSON, int]]]:
        """The same, one after another."""
        return ((key, (value, index)) for key, (value, index) in self._kept.items() if is_stored(key))

    def row(self, key: str) -> tuple[JSON, int] | None:
        """Value and index of a key, None when nothing wrote it."""
        found = self._kept.get(key)
        return None if found is None else (found[0], found[1])

    def get(self, key: str) -> JSON:
        """The value of a key, None when nothing wrote it."""
        found = self._kept.get(key)
        return None if found is None else found[0]

    def feed(self, index: int, effects: Iterable[StoredEffect]) -> None:
        """Apply the effects of the entry at ``index``, in order; indexes only rise.

        Raises:
            KeyError: for a type or version that the book does not know.
        """
        for one in effects:
            writes = self._book.apply(Effect(one.type, one.version, one.data), self)
            self._kept.update({key: (value, index) for key, value in writes.items()})
