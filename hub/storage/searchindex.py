"""One register of the directory in memory, column by column, so that a search over all of it takes milliseconds.

Every version has a position, in log order. Those that count at a log size are a view: one row for each actor, by id,
with masks for conditions and counts for facets. Views that were asked for last are kept until a version is added.

Used by one thread. Holds what tables hold. It can tell itself as arrays and become what another one told, but for
nationalities.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

import numpy as np

from hub.storage.keptarrays import Arrays, named, part, texts_of, written_texts
from hub.storage.searchcolumns import Mask, Named, Numbers, Spans
from hub.storage.searchterms import FOREVER, Terms
from hub.storage.searchview import FACET_VALUES, Counts, NamedView, SpanView
from hub.storage.words import words_of

__all__ = ["FACET_VALUES", "HASH", "Found", "SearchIndex", "Wanted"]

HASH = 32
"""Octets of a record's SHA-256."""
_VIEWS = 2
_ARRAYS = {"indexes": "q", "annexes": "q", "active": "b", "_actors": "i", "_replaced": "q", "_newest": "q"}


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
    facets: Mapping[str, Counts]


class SearchIndex:
    """The versions of one register.

    Args:
        facets: names of its facets.
    """

    def __init__(self, facets: Sequence[str]) -> None:
        self.facets = {name: Named() for name in facets}
        self.roles, self.nationality, self.words = Named(), Named(), Named()
        self.accredited, self.keys = Spans(FOREVER), Spans(FOREVER)
        self.indexes, self.annexes, self.active = array("q"), array("q"), array("b")
        self._actors, self._replaced = array("i"), array("q")
        self._hashes = bytearray()
        self._numbers: dict[str, int] = {}
        self._newest = array("q")
        self._ids: list[str] = []
        self._order: Numbers = np.zeros(0, np.int32)
        self._views: OrderedDict[int, _View] = OrderedDict()

    def add(self, terms: Terms) -> None:
        """Take in the next version in log order."""
        self._views.clear()
        self._add_actor(terms.id)
        self.indexes.append(terms.index)
        self.annexes.append(-1 if terms.annex is None else terms.annex)
        self.active.append(terms.active)
        self._hashes += terms.sha256.ljust(HASH, b"\0")
        self.roles.add((terms.role,))
        self.nationality.add(terms.nationality)
        self.words.add(terms.words)
        for name, facet in self.facets.items():
            facet.add(terms.values.get(name, ()))
        self.accredited.add(() if terms.accredited is None else (terms.accredited,))
        self.keys.add(terms.keys)

    def find(self, wanted: Wanted, size: int, time: int, after: str, limit: int) -> Found:
        """Whoever meets all conditions at a log size and a time (POSIX seconds).

        Args:
            wanted: the conditions.
            size: log size; no version at or beyond it exists yet.
            time: when accreditations and keys are to count.
            after: actor id after which the page begins.
            limit: most versions on the page.
        """
        view = self._view(size)
        others = view.conditions(wanted, time)
        asked = {name: view.facet(name).mask(accepts) for name, accepts in wanted.values.items()}
        met = _all(others, *asked.values())
        rows, following = view.page(met, after, limit)
        indexes = tuple(view.indexes[rows].tolist())
        if wanted != Wanted(role=wanted.role):
            return Found(indexes, following, int(np.count_nonzero(met)), self._counts(view, others, asked))
        if wanted.role not in view.unasked:
            view.unasked[wanted.role] = self._counts(view, others, asked)
        return Found(indexes, following, int(np.count_nonzero(met)), view.unasked[wanted.role])

    def newest(self, size: int) -> list[tuple[str, int, bytes]]:
        """Id, index and SHA-256 of the record of everybody's version at a log size, by id."""
        view, hashes = self._view(size), bytes(self._hashes)
        rows = zip(view.ids(), view.positions.tolist(), view.indexes.tolist(), strict=True)
        return [(name, index, hashes[HASH * position : HASH * (position + 1)]) for name, position, index in rows]

    def kept(self) -> Arrays:
        """Everything but nationalities, which stand in annexes and nowhere else, as arrays."""
        told: dict[str, Numbers] = {name: np.array(getattr(self, name)) for name in _ARRAYS}
        told |= {"ids": written_texts(list(self._numbers)), "hashes": np.frombuffer(bytes(self._hashes), np.uint8)}
        for name, column in self._columns.items():
            told |= named(name, column.kept())
        return told

    def restore(self, kept: Arrays, nationalities: Mapping[int, Sequence[str]]) -> None:
        """Become the index that told ``kept``; nothing was added before.

        Args:
            kept: what it told.
            nationalities: by the index of the entry with the annex that tells them.
        """
        for name, code in _ARRAYS.items():
            setattr(self, name, array(code, kept[name].tobytes()))
        self._numbers = {name: number for number, name in enumerate(texts_of(kept["ids"]))}
        self._hashes = bytearray(kept["hashes"].tobytes())
        for name, column in self._columns.items():
            column.restore(part(kept, name))
        for annex in self.annexes:
            self.nationality.add(nationalities.get(annex, ()))

    @property
    def _columns(self) -> dict[str, Named | Spans]:
        columns: dict[str, Named | Spans] = {f"facet {name}": one for name, one in self.facets.items()}
        return columns | {name: getattr(self, name) for name in ("roles", "words", "accredited", "keys")}

    def _counts(self, view: "_View", others: Mask, asked: Mapping[str, Mask]) -> dict[str, Counts]:
        """Of each facet, under all conditions but its own."""
        met = _all(others, *asked.values())
        but = {name: _all(others, *(mask for other, mask in asked.items() if other != name)) for name in asked}
        return {name: view.facet(name).counts(but.get(name, met)) for name in self.facets}

    def _add_actor(self, name: str) -> None:
        """Whose version is added; the one before, if any, ends here."""
        position, number = len(self._hashes) // HASH, self._numbers.setdefault(name, len(self._newest))
        if number == len(self._newest):
            self._newest.append(position)
        else:
            self._replaced[self._newest[number]] = position
            self._newest[number] = position
        self._actors.append(number)
        self._replaced.append(FOREVER)

    def _view(self, size: int) -> "_View":
        """The newest versions below a log size."""
        count = bisect_left(self.indexes, size)
        if count not in self._views:
            self._views[count] = self._viewed(count)
            if len(self._views) > _VIEWS:
                self._views.popitem(last=False)
        self._views.move_to_end(count)
        return self._views[count]

    def _viewed(self, count: int) -> "_View":
        """The newest among the first ``count`` versions."""
        if len(self._ids) < len(self._numbers):
            self._ids = [*self._ids, *islice(self._numbers, len(self._ids), None)]
            self._ids.sort()  # mostly sorted already, which makes it a merge
            self._order = np.fromiter(map(self._numbers.__getitem__, self._ids), np.int32, len(self._ids))
        there = np.flatnonzero(np.array(self._replaced[:count]) >= count)
        of_actor = np.full(len(self._newest), -1, np.int64)
        of_actor[np.array(self._actors)[there]] = there
        ordered = of_actor[self._order]
        ranks = np.flatnonzero(ordered >= 0)
        return _View(self, ordered[ranks], self._ids, ranks)


class _View:
    """What was found or counted of the newest versions below one log size.

    Args:
        index: of all versions.
        positions: the versions, by actor id.
        ids: of all actors, in order.
        ranks: which of them the versions' actors are.
    """

    def __init__(self, index: SearchIndex, positions: Numbers, ids: Sequence[str], ranks: Numbers) -> None:
        self.positions = positions
        self.indexes: Numbers = np.array(index.indexes)[positions]
        self.unasked: dict[str | None, Mapping[str, Counts]] = {}
        self._index = index
        self._ids = ids
        self._ranks = ranks
        self._everybody = np.ones(len(positions), np.bool_)
        self._facets: dict[str, NamedView] = {}

    @cached_property
    def _roles(self) -> NamedView:
        return NamedView(self._index.roles, self.positions)

    @cached_property
    def _words(self) -> NamedView:
        return NamedView(self._index.words, self.positions)

    @cached_property
    def _nationality(self) -> NamedView:
        return NamedView(self._index.nationality, self.positions)

    @cached_property
    def _accredited(self) -> SpanView:
        return SpanView(self._index.accredited, self.positions)

    @cached_property
    def _keys(self) -> SpanView:
        return SpanView(self._index.keys, self.positions)

    @cached_property
    def _active(self) -> Mask:
        active: Mask = np.array(self._index.active, np.bool_)[self.positions]
        return active

    def facet(self, name: str) -> NamedView:
        """The values of a facet."""
        if name not in self._facets:
            self._facets[name] = NamedView(self._index.facets[name], self.positions)
        return self._facets[name]

    def conditions(self, wanted: Wanted, time: int) -> Mask:
        """Where everything but the facets holds; not to be changed."""
        masks = [] if wanted.role is None else [self._roles.mask(wanted.role.__eq__)]
        if wanted.accredited or wanted.available:
            masks.append(self._accredited.mask(time))
        if wanted.available:
            masks += [self._keys.mask(time), self._active]
        if wanted.without:
            masks += [self._nationality.some(), ~self._nationality.among(wanted.without)]
        masks += [self._words.beginning(word) for word in words_of(wanted.text)]
        return _all(self._everybody, *masks)

    def page(self, met: Mask, after: str, limit: int) -> tuple[Numbers, str | None]:
        """The first rows after an id, and where more follow, the id of the last of them."""
        first = int(np.searchsorted(self._ranks, bisect_right(self._ids, after)))
        rows = first + np.flatnonzero(met[first:])[: limit + 1]
        shown = rows[:limit]
        return shown, self._ids[self._ranks[shown[-1]]] if len(rows) > limit else None

    def ids(self) -> list[str]:
        """The ids of all rows."""
        return [self._ids[rank] for rank in self._ranks.tolist()]


def _all(first: Mask, *masks: Mask) -> Mask:
    """Where all of these hold; none of them is changed."""
    found = first
    for mask in masks:
        found = found & mask
    return found
