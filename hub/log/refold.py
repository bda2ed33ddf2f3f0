"""Folding stored effects into rule state, from the first entry on: what ``fsck`` compares and ``rebuild`` writes."""

from collections.abc import Iterable

from hub.storage.rule_state import is_stored
from hub.storage.values import StoredEffect
from registry.effects import Effect
from registry.rulebook import Rulebook
from signing.encoding import JSON

__all__ = ["Fold"]


class Fold:
    """Rule state as the effects fed so far leave it; it knows everything, so absent keys are None.

    Args:
        book: knows how each effect folds.
    """

    def __init__(self, book: Rulebook) -> None:
        self._book = book
        self._written: dict[str, tuple[JSON, int]] = {}

    @property
    def rows(self) -> dict[str, tuple[JSON, int]]:
        """Each key that has a row of its own, with its value and the index of the entry that last wrote it."""
        return {key: row for key, row in self._written.items() if is_stored(key)}

    def get(self, key: str) -> JSON:
        """The value of a key, None when nothing wrote it."""
        return self._written.get(key, (None, 0))[0]

    def feed(self, index: int, effects: Iterable[StoredEffect]) -> None:
        """Apply the effects of the entry at ``index``, in order; indexes only rise.

        Raises:
            KeyError: for a type or version that the book does not know.
        """
        for one in effects:
            writes = self._book.apply(Effect(one.type, one.version, one.data), self)
            self._written.update((key, (value, index)) for key, value in writes.items())
