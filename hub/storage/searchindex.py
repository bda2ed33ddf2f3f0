"""One register of the directory in memory, column by column, so that a search over all of it takes milliseconds.

Every version has a position, in log order. A column is an array over positions; a facet is a list of (position,
value) pairs. A condition is a mask over positions, and the counts of a facet are those of its values under the mask
of all other conditions. The past is a mask too: a version counts at a log size if it is below and the next one is not.

Used by one thread. Holds what tables hold, and is made from them again at every start.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, TypeAlias

import numpy as np

from hub.storage.searchterms import FOREVER, Terms
from hub.storage.words import words_of

__all__ = ["FACET_VALUES", "Found", "SearchIndex", "Wanted"]

FACET_VALUES = 100
"""Most values of a facet that are counted out."""

_FEW, _MASKS = 50, 64

_Mask: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]
_Numbers: TypeAlias = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Conditions, of which all must hold.

    Args:
        text: words, each of which must begin one of a version's.
        role: None for any.
        values: by facet, whether a value is one of those asked for.
        without: nationalities that must not be among those told.
    """

    text: str = ""
    role: str | None = None
    values: Mapping[str, Callable[[str], bool]] = field(default_factory=dict)
    accredited: bool = False
    available: bool = False
    without: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Indexes of the versions on the page, the id after which the next page begins, the total, and counts."""

    indexes: tuple[int, ...]
    following: str | None
    total: int
    facets: Mapping[str, tuple[tuple[str, int], ...]]


class _Column:
    """An array that grows: what was added lately stands in a list until somebody looks."""

    def __init__(self, kind: type[np.generic] = np.int64) -> None:
        self._room = np.zeros(1024, kind)
        self._filled = 0
        self._new: list[int] = []
        self.add = self._new.append

    @property
    def all(self) -> _Numbers:
        """Everything that was added, in order."""
        if self._new:
            end = self._filled + len(self._new)
            if end > len(self._room):
                more = np.zeros(max(end, 2 * len(self._room)) - len(self._room), self._room.dtype)
                self._room = np.concatenate((self._room, more))
            self._room[self._filled : end] = self._new
            self._filled = end
            self._new.clear()
        return self._room[: self._filled]


class _Pairs:
    """Values at positions, in order of positions."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}
        self._positions, self._values = _Column(np.int32), _Column(np.int32)
        self._masks: dict[Callable[[str], bool], _Mask] = {}
        self._now: tuple[int, _Numbers, _Numbers] = -1, np.zeros(0, np.int32), np.zeros(0, np.int32)
        self._ranks = np.zeros(0, np.int64)

    def add(self, position: int, values: Collection[str]) -> None:
        for value in values:
            number = self._numbers.setdefault(value, len(self.names))
            if number == len(self.names):
                self.names.append(value)
            self._positions.add(position)
            self._values.add(number)

    def mask(self, count: int, accepts: Callable[[str], bool]) -> _Mask:
        """Positions with a value that is accepted; not to be changed, because the same is asked for again and again."""
        if (known := self._masks.get(accepts)) is not None and len(known) == count:
            return known
        accepted = np.fromiter((accepts(name) for name in self.names), np.bool_, len(self.names))
        found = np.zeros(count, np.bool_)
        if self.names:
            found[np.compress(accepted[self._values.all], self._positions.all)] = True
        if len(self._masks) >= _MASKS:
            self._masks.clear()
        self._masks[accepts] = found
        return found

    def counts(self, mask: _Mask, newest: _Mask | None) -> tuple[tuple[str, int], ...]:
        """How many positions under ``mask`` have each value, the commonest first, those of equal count by name.

        Args:
            mask: positions.
            newest: that of the newest versions, where ``mask`` has no others.
        """
        if not self.names:
            return ()
        positions, values = (self._positions.all, self._values.all) if newest is None else self._newest(newest)
        numbers = np.bincount(_under(mask, positions, values), minlength=len(self.names))
        if len(self._ranks) != len(self.names):
            self._ranks = np.argsort(np.argsort(np.array(self.names)))
        order = np.lexsort((self._ranks, -numbers))[:FACET_VALUES]
        return tuple(
            (self.names[one], count)
            for one, count in zip(order.tolist(), numbers[order].tolist(), strict=True)
            if count
        )

    def _newest(self, newest: _Mask) -> tuple[_Numbers, _Numbers]:
        """The pairs of the newest versions, chosen once for each size of the column."""
        size, positions, values = self._now
        if size != len(newest):
            chosen = newest[self._positions.all]
            positions = np.compress(chosen, self._positions.all)
            values = np.compress(chosen, self._values.all)
            self._now = len(newest), positions, values
        return positions, values


def _under(mask: _Mask, positions: _Numbers, values: _Numbers) -> _Numbers:
    """The values at positions under a mask: looked up where there are few, passed through where there are many."""
    hits = np.flatnonzero(mask).astype(positions.dtype)  # of one kind, or the search would copy all of them
    if len(hits) > len(mask) // 16:
        return np.compress(mask[positions], values)
    first, last = np.searchsorted(positions, hits, "left"), np.searchsorted(positions, hits, "right")
    lengths = last - first
    places = np.repeat(first - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths) + np.arange(lengths.sum())
    return values[places] if len(hits) else values[:0]


class _Spans:
    """Times from which and until which something holds at positions."""

    def __init__(self) -> None:
        self._positions, self._begins, self._ends = _Column(np.int32), _Column(), _Column()
        self._known: tuple[_Mask, int, int] = np.zeros(0, np.bool_), 0, 0

    def add(self, position: int, begins: int, ends: int) -> None:
        for column, value in ((self._positions, position), (self._begins, begins), (self._ends, ends)):
            column.add(min(value, FOREVER))

    def mask(self, count: int, time: int) -> _Mask:
        """Positions where it holds at ``time``, the same until something begins or ends; not to be changed."""
        known, since, until = self._known
        if len(known) == count and since <= time < until:
            return known
        begins, ends = self._begins.all, self._ends.all
        found = np.zeros(count, np.bool_)
        found[np.compress((begins <= time) & (time < ends), self._positions.all)] = True
        bounds = np.concatenate((begins, ends, (-FOREVER, FOREVER)))
        self._known = found, int(bounds[bounds <= time].max()), int(bounds[bounds > time].min())
        return found


class SearchIndex:
    """The versions of one register.

    Args:
        facets: names of its facets.
    """

    def __init__(self, facets: Sequence[str]) -> None:
        self._facets = {name: _Pairs() for name in facets}
        self._roles, self._nationality = _Pairs(), _Pairs()
        self._indexes, self._ends, self._actors, self._active = _Column(), _Column(), _Column(), _Column()
        self._accredited, self._keys = _Spans(), _Spans()
        self._hashes: list[bytes] = []
        self._unasked: dict[str | None, tuple[int, Mapping[str, tuple[tuple[str, int], ...]]]] = {}
        self._words: dict[str, list[int]] = {}
        self._spelt: list[str] = []
        self._numbers: dict[str, int] = {}
        self._newest: list[int] = []
        self._ids: list[str] = []
        self._arrived: list[str] = []
        self._order: _Numbers = np.zeros(0, np.int64)

    def add(self, terms: Terms) -> None:
        """Take in the next version in log order."""
        position = len(self._hashes)
        self._indexes.add(terms.index)
        self._ends.add(FOREVER)
        self._actors.add(self._actor(terms.id, terms.index, position))
        self._active.add(terms.active)
        self._hashes.append(terms.sha256)
        self._roles.add(position, (terms.role,))
        self._nationality.add(position, terms.nationality)
        for name, values in terms.values.items():
            self._facets[name].add(position, values)
        for spans, pairs in ((self._accredited, (terms.accredited,)), (self._keys, terms.keys)):
            for pair in pairs:
                if pair is not None:
                    spans.add(position, *pair)
        for word in terms.words:
            self._words.setdefault(word, []).append(position)

    def find(self, wanted: Wanted, size: int, time: int, after: str, limit: int) -> Found:
        """Whoever meets all conditions at a log size and a time (POSIX seconds).

        Args:
            wanted: the conditions.
            size: log size; no version at or beyond it exists yet.
            time: when accreditations and keys are to count.
            after: actor id after which the page begins.
            limit: most versions on the page.
        """
        count = len(self._hashes)
        there = (self._indexes.all < size) & (size <= self._ends.all)
        newest = there if count and self._indexes.all[-1] < size else None
        others = there & self._conditions(wanted, count, time)
        asked = {name: self._facets[name].mask(count, accepts) for name, accepts in wanted.values.items()}
        met = others.copy()
        for mask in asked.values():
            met &= mask
        unasked = newest is not None and wanted == Wanted(role=wanted.role)
        known = self._unasked.get(wanted.role) if unasked else None
        if known is not None and known[0] == count:
            return self._page(met, after, limit, known[1])
        facets = {}
        for name, pairs in self._facets.items():
            under = met
            if name in asked:
                under = others.copy()
                for other, mask in asked.items():
                    if other != name:
                        under &= mask
            facets[name] = pairs.counts(under, newest)
        if unasked:
            self._unasked[wanted.role] = count, facets
        return self._page(met, after, limit, facets)

    def newest(self, size: int) -> list[tuple[str, int, bytes]]:
        """Id, index and SHA-256 of the record of everybody's version at a log size; in no order."""
        there = np.flatnonzero((self._indexes.all < size) & (size <= self._ends.all))
        names = {number: name for name, number in self._numbers.items()}
        return [
            (names[actor], index, self._hashes[position])
            for position, actor, index in zip(
                there.tolist(), self._actors.all[there].tolist(), self._indexes.all[there].tolist(), strict=True
            )
        ]

    def _actor(self, name: str, index: int, position: int) -> int:
        """The number of an actor, whose version before, if any, ends here."""
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self._newest)
            self._newest.append(position)
            self._arrived.append(name)
        else:
            self._ends.all[self._newest[number]] = index
            self._newest[number] = position
        return number

    def _conditions(self, wanted: Wanted, count: int, time: int) -> _Mask:
        """Where everything but the facets holds."""
        found = np.ones(count, np.bool_)
        if wanted.role is not None:
            found &= self._roles.mask(count, wanted.role.__eq__)
        if wanted.accredited or wanted.available:
            found &= self._accredited.mask(count, time)
        if wanted.available:
            found &= self._keys.mask(count, time) & (self._active.all != 0)
        if wanted.without:
            told = self._nationality.mask(count, lambda _: True)
            found &= told & ~self._nationality.mask(count, set(wanted.without).__contains__)
        for word in words_of(wanted.text):
            found &= self._beginning(word, count)
        return found

    def _beginning(self, word: str, count: int) -> _Mask:
        """Where some word begins with ``word``."""
        if len(self._spelt) < len(self._words):
            self._spelt = sorted(self._words)
        found = np.zeros(count, np.bool_)
        first, last = bisect_left(self._spelt, word), bisect_right(self._spelt, word + "\U0010ffff")
        found[list(chain.from_iterable(self._words[one] for one in self._spelt[first:last]))] = True
        return found

    def _sort(self) -> None:
        """Put who arrived lately in its place among the ids."""
        if len(self._arrived) > _FEW:
            self._ids = sorted(self._numbers)
            self._order = np.array([self._numbers[name] for name in self._ids], np.int64)
        else:
            for name in self._arrived:
                self._order = np.insert(self._order, bisect_left(self._ids, name), self._numbers[name])
                insort(self._ids, name)
        self._arrived.clear()

    def _page(self, met: _Mask, after: str, limit: int, facets: Mapping[str, tuple[tuple[str, int], ...]]) -> Found:
        self._sort()
        positions = np.flatnonzero(met)
        of_actor = np.full(len(self._newest), -1, np.int64)
        of_actor[self._actors.all[positions]] = positions
        ordered = of_actor[self._order[bisect_right(self._ids, after) :]]
        some = ordered[ordered >= 0][: limit + 1]
        shown = some[:limit]
        more = len(some) > limit
        last = int(np.flatnonzero(self._order == self._actors.all[shown[-1]])[0]) if more else 0
        indexes = tuple(int(one) for one in self._indexes.all[shown])
        return Found(indexes, self._ids[last] if more else None, len(positions), facets)
