"""Columns of the search index: for each version of somebody a list of names, or of spans of time.

A version's number among all, in log order, is its *position*. What was added at a position never changes. Columns grow
as arrays of Python do and are copied into numpy's when they are looked at, so that neither holds the other up.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np

from hub.storage.keptarrays import Arrays, texts_of, written_texts

__all__ = ["Mask", "Named", "Numbers", "Spans", "stretches"]

Mask: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]
Numbers: TypeAlias = np.ndarray[Any, np.dtype[Any]]


class Named:
    """A list of names at each position; a name is kept once, and has a number."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}
        self._ends, self._values = array("i"), array("i")
        self._spelt: list[str] = []
        self._in_order: Numbers = np.zeros(0, np.int32)
        self._ranks: Numbers = np.zeros(0, np.int32)

    def add(self, names: Iterable[str]) -> None:
        """The names of the next position."""
        numbers, values = self._numbers, self._values
        for name in names:
            number = numbers.get(name)
            if number is None:
                number = numbers[name] = len(self.names)
                self.names.append(name)
            values.append(number)
        self._ends.append(len(values))

    def at(self, positions: Numbers) -> tuple[Numbers, Numbers]:
        """The numbers of the names at some positions, and where those of each begin and the last end."""
        starts, places = _places(self._ends, positions)
        return starts, np.array(self._values, np.int32)[places]

    def beginning(self, word: str) -> Numbers:
        """The numbers of the names that begin with ``word``."""
        self._sort()
        spelt = self._spelt
        return self._in_order[bisect_left(spelt, word) : bisect_right(spelt, word + "\U0010ffff")]

    @property
    def ranks(self) -> Numbers:
        """The place of each name, by its number, where all are sorted."""
        self._sort()
        return self._ranks

    def kept(self) -> Arrays:
        """Everything, as arrays."""
        return {"names": written_texts(self.names), "ends": np.array(self._ends), "values": np.array(self._values)}

    def restore(self, kept: Arrays) -> None:
        """Become what ``kept`` was told by; nothing was added before."""
        self.names = texts_of(kept["names"])
        self._numbers = {name: number for number, name in enumerate(self.names)}
        self._ends, self._values = array("i", kept["ends"].tobytes()), array("i", kept["values"].tobytes())

    def _sort(self) -> None:
        if len(self._spelt) < len(self.names):
            self._spelt += self.names[len(self._spelt) :]
            self._spelt.sort()  # mostly sorted already, which makes it a merge
            self._in_order = np.fromiter(map(self._numbers.__getitem__, self._spelt), np.int32, len(self._spelt))
            self._ranks = np.empty_like(self._in_order)
            self._ranks[self._in_order] = np.arange(len(self._spelt), dtype=np.int32)


class Spans:
    """Spans of time at each position, from (POSIX seconds) and until.

    Args:
        latest: later times are as good as this one.
    """

    def __init__(self, latest: int) -> None:
        self._latest = latest
        self._ends, self._since, self._until = array("i"), array("q"), array("q")

    def add(self, spans: Iterable[tuple[int, int]]) -> None:
        """The spans of the next position."""
        for since, until in spans:
            self._since.append(min(since, self._latest))
            self._until.append(min(until, self._latest))
        self._ends.append(len(self._since))

    def at(self, positions: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """The spans at some positions: where those of each begin and the last end, since when and until when."""
        starts, places = _places(self._ends, positions)
        return starts, np.array(self._since)[places], np.array(self._until)[places]

    def kept(self) -> Arrays:
        """Everything, as arrays."""
        return {"ends": np.array(self._ends), "since": np.array(self._since), "until": np.array(self._until)}

    def restore(self, kept: Arrays) -> None:
        """Become what ``kept`` was told by; nothing was added before."""
        self._ends = array("i", kept["ends"].tobytes())
        self._since, self._until = array("q", kept["since"].tobytes()), array("q", kept["until"].tobytes())


def stretches(first: Numbers, ends: Numbers) -> Numbers:
    """The places from ``first`` up to ``ends``, one stretch after the other."""
    lengths = ends - first
    total = np.cumsum(lengths)
    return np.repeat(first - total + lengths, lengths) + np.arange(total[-1] if len(total) else 0)


def _places(ends: "array[int]", positions: Numbers) -> tuple[Numbers, Numbers]:
    bounds = np.concatenate(([0], np.array(ends, np.int32)))
    first, last = bounds[positions], bounds[positions + 1]
    return np.concatenate(([0], np.cumsum(last - first))), stretches(first, last)
