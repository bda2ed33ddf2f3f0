"""Names and times at the rows of a view of the search index, which are those of one log size, by actor id.

Whoever stands at a *row* meets a condition or does not: a condition is a mask over rows. The counts of a facet are
those of its values under a mask. What was computed is kept as long as the view is, because a view never changes.
"""

from collections.abc import Callable, Collection
from typing import TypeAlias

import numpy as np

from hub.storage.searchcolumns import Mask, Named, Numbers, Spans, stretches
from hub.storage.searchterms import FOREVER

__all__ = ["FACET_VALUES", "Counts", "NamedView", "SpanView"]

Counts: TypeAlias = tuple[tuple[str, int], ...]
"""Names, and how many have each."""

FACET_VALUES = 100
"""Most values of a facet that are counted out."""

_MASKS, _FEW = 64, 8


class NamedView:
    """Names at rows.

    Args:
        named: names at positions.
        positions: those of the rows.
    """

    def __init__(self, named: Named, positions: Numbers) -> None:
        self._named = named
        self._count = len(positions)
        self._starts, self._values = named.at(positions)
        self._rows = np.repeat(np.arange(len(positions), dtype=np.int32), np.diff(self._starts))
        self._masks: dict[Callable[[str], bool] | str, Mask] = {}

    def mask(self, accepts: Callable[[str], bool]) -> Mask:
        """Rows with a name that is accepted; not to be changed, because the same is asked for again and again."""
        return self._kept(accepts, lambda: self._accepted(accepts))

    def beginning(self, word: str) -> Mask:
        """Rows with a name that begins with ``word``; not to be changed."""
        return self._kept(word, lambda: self._of_numbers(self._named.beginning(word)))

    def among(self, names: Collection[str]) -> Mask:
        """Rows with one of these names."""
        return self._found(self._accepted(set(names).__contains__))

    def some(self) -> Mask:
        """Rows with any name."""
        found: Mask = np.diff(self._starts) > 0
        return found

    def counts(self, mask: Mask) -> Counts:
        """How many rows under ``mask`` have each name, the commonest first, those of equal count by name."""
        names = self._named.names
        numbers = np.bincount(self._under(mask), minlength=len(names))
        there = np.flatnonzero(numbers)
        ranks = self._named.ranks[there]
        order = there[np.lexsort((ranks, -numbers[there]))[:FACET_VALUES]]
        return tuple(zip([names[one] for one in order.tolist()], numbers[order].tolist(), strict=True))

    def _under(self, mask: Mask) -> Numbers:
        """The names at rows under a mask: looked up where there are few, passed through where there are many."""
        if np.count_nonzero(mask) * _FEW > len(mask):
            return np.compress(mask[self._rows], self._values)
        rows = np.flatnonzero(mask)
        found: Numbers = self._values[stretches(self._starts[rows], self._starts[rows + 1])]
        return found

    def _kept(self, question: Callable[[str], bool] | str, accepted: Callable[[], Mask]) -> Mask:
        if (known := self._masks.get(question)) is not None:
            return known
        if len(self._masks) >= _MASKS:
            self._masks.clear()
        found = self._masks[question] = self._found(accepted())
        return found

    def _found(self, accepted: Mask) -> Mask:
        """Rows with a name whose number is accepted."""
        found = np.zeros(self._count, np.bool_)
        found[np.compress(accepted[self._values], self._rows)] = True
        return found

    def _accepted(self, accepts: Callable[[str], bool]) -> Mask:
        names = self._named.names
        return np.fromiter(map(accepts, names), np.bool_, len(names))

    def _of_numbers(self, numbers: Numbers) -> Mask:
        found = np.zeros(len(self._named.names), np.bool_)
        found[numbers] = True
        return found


class SpanView:
    """Times from which and until which something holds at rows.

    Args:
        spans: begins and ends at positions.
        positions: those of the rows.
    """

    def __init__(self, spans: Spans, positions: Numbers) -> None:
        starts, self._begins, self._ends = spans.at(positions)
        self._rows = np.repeat(np.arange(len(positions), dtype=np.int32), np.diff(starts))
        self._count = len(positions)
        self._known: tuple[Mask, int, int] | None = None

    def mask(self, time: int) -> Mask:
        """Rows where it holds at ``time``, the same until something begins or ends; not to be changed."""
        if self._known is not None and self._known[1] <= time < self._known[2]:
            return self._known[0]
        begins, ends = self._begins, self._ends
        found = np.zeros(self._count, np.bool_)
        found[np.compress((begins <= time) & (time < ends), self._rows)] = True
        bounds = np.concatenate((begins, ends, (-FOREVER, FOREVER)))
        self._known = found, int(bounds[bounds <= time].max()), int(bounds[bounds > time].min())
        return found
