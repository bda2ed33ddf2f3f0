"""Names as numbers: a list that only grows, so that columns made earlier keep their meaning.

Columns hold numbers; a column of names holds places in one ``Names``. Columns that share their names can be joined
without translating anything.
"""

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np

from metrics.survival import Integers

__all__ = ["ABSENT", "UNKNOWN", "Names"]

ABSENT = -1
"""In a column: nothing was said."""
UNKNOWN = -2
"""The code of a name that no column holds; equal to nothing in any column."""


class Names(Sequence[str]):
    """Every name that occurs in some columns, each once; a name is never taken out and never moves."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        self._names: list[str] = []
        self._codes: dict[str | None, int] = {None: ABSENT}
        for name in names:
            self.add(name)

    def add(self, name: str | None) -> int:
        """The code of the name, which is entered if it is new; ``ABSENT`` for None."""
        found = self._codes.get(name)
        if found is None and name is not None:
            found = self._codes[name] = len(self._names)
            self._names.append(name)
        return ABSENT if found is None else found

    def codes(self, names: Sequence[str | None]) -> Integers:
        """The codes of names, entered as ``add`` does."""
        for name in dict.fromkeys(names):
            self.add(name)
        return np.fromiter(map(self._codes.__getitem__, names), np.int64, len(names))

    def code(self, name: str) -> int:
        """The code of the name; ``UNKNOWN`` if it was never entered."""
        return self._codes.get(name, UNKNOWN)

    def name(self, code: int) -> str | None:
        """The name with this code; None for ``ABSENT``."""
        return None if code == ABSENT else self._names[code]

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        return self._names[place]

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)
