"""Both registers of the directory in memory, up to a log size, and how they are kept in a file between two starts.

To make them anew, every record is read and parsed, which takes seconds for a large directory. The file holds what came
of it but for nationalities (``DATA/search.index``). It is written when many versions were added since, so that a start
reads few records, and is not taken where the newest version in it is another than in the table.

Used by one thread.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from hub.storage.keptarrays import FEW, Arrays, KeptArrays, named, outgrown, part
from hub.storage.searchindex import HASH, SearchIndex
from hub.storage.searchterms import MEMBER_FACETS, NEUTRAL_FACETS, nationality, terms_of
from hub.storage.versions import LoadedVersion

__all__ = ["FILE", "Kept", "SearchMemory", "WholeDirectory"]

FILE = "search.index"
_REGISTERS = ("members", "neutrals")


@dataclass(frozen=True, slots=True)
class WholeDirectory:
    """Everybody at a log size: indexes of the versions by actor id, and the SHA-256 over those of their records."""

    size: int
    digest: str
    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What the file holds, as arrays."""

    arrays: Arrays

    @property
    def size(self) -> int:
        """How many log entries were taken in."""
        return int(self.arrays["size"])

    @property
    def annexes(self) -> list[int]:
        """Indexes of the entries whose annexes tell the nationalities that it does not hold."""
        found: list[int] = np.unique(self.of("neutrals")["annexes"]).tolist()
        return [index for index in found if index >= 0]

    @property
    def newest(self) -> tuple[int, bytes]:
        """Index of the newest version, and the SHA-256 of its record."""
        parts = [self.of(name) for name in _REGISTERS]
        ends = [(int(one["indexes"][-1]), one["hashes"][-HASH:].tobytes()) for one in parts if len(one["indexes"])]
        return max(ends)

    def of(self, name: str) -> Arrays:
        """The arrays of one register."""
        return part(self.arrays, name)


class SearchMemory:
    """The registers; ``size`` is how many log entries were taken in.

    Args:
        file: where they are kept; None keeps them nowhere.
        few: how many new versions are not worth writing the file.
    """

    def __init__(self, file: KeptArrays | None = None, few: int = FEW) -> None:
        self._file = file
        self._few = few
        self._written = 0
        self.members, self.neutrals = SearchIndex(tuple(MEMBER_FACETS)), SearchIndex((*NEUTRAL_FACETS, "provider"))
        self.size = 0

    def take(self, found: Sequence[LoadedVersion], end: int) -> None:
        """Take in versions up to a log size; what was taken in before is not taken in twice."""
        for terms in [terms_of(one) for one in found if one.index >= self.size]:
            (self.neutrals if terms.role == "neutral" else self.members).add(terms)
        self.size = max(self.size, end)

    def whole(self, size: int) -> WholeDirectory:
        """Everybody at a log size."""
        found = sorted([*self.members.newest(size), *self.neutrals.newest(size)])
        digest = sha256(b"".join(one for _, _, one in found)).hexdigest()
        return WholeDirectory(size, digest, tuple(index for _, index, _ in found))

    def read(self) -> Kept | None:
        """What is kept in the file, if there is anything to rely on."""
        found = None if self._file is None else self._file.read()
        return None if found is None else Kept(found)

    def restore(self, kept: Kept, annexes: Mapping[int, bytes]) -> None:
        """Become what wrote ``kept``; nothing was taken in before.

        Args:
            kept: what ``read`` gave.
            annexes: by index, those that it names, as far as they still stand.
        """
        told = {index: nationality(octets) for index, octets in annexes.items()}
        for name in _REGISTERS:
            getattr(self, name).restore(kept.of(name), told)
        self.size = kept.size
        self._written = self._count

    def keep(self) -> None:
        """Write the file, if that saves the next start something."""
        if self._file is None or not outgrown(self._count - self._written, self._written, self._few):
            return
        self._written = self._count
        members, neutrals = (named(name, getattr(self, name).kept()) for name in _REGISTERS)
        self._file.write({"size": np.array(self.size), **members, **neutrals})

    @property
    def _count(self) -> int:
        return len(self.members.indexes) + len(self.neutrals.indexes)
