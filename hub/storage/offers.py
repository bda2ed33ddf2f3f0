"""What providers offer, as far as it tells whether one fits a dispute: read once for each version, kept in memory.

A search by facets finds candidates; amounts and the force of awards stand in no facet, so that each candidate has to
be looked at. A version never changes, so what was read of it stays true, and a thousand candidates cost no table.
"""

from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

import orjson

from hub.storage.searchterms import public_name
from signing.encoding import JSON

__all__ = ["LOOKED_AT", "Offer", "Offers", "Sifted", "Test"]

LOOKED_AT = 1000
"""Most candidates, by actor id, that are looked at for one question."""
_KEPT = 4 * LOOKED_AT
_TELLING = ("dispute_types", "stages_offered", "binding", "languages_procedure", "value_threshold")
"""Members of a profile that tell whether a provider fits."""

Test = Callable[[Mapping[str, JSON]], bool]
"""Whether a provider passes, by the members of its profile that tell."""

Read = Callable[[Sequence[int], Callable[[str], "Offer"]], Awaitable[list["Offer"]]]
"""Makes something of each text of the records at these indexes, beside the event loop."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A provider's version by the index of its entry: id, name, and of its profile what tells whether it fits.

    ``order`` is its place in lists by name.
    """

    index: int
    id: str
    name: str
    profile: Mapping[str, JSON] = field(repr=False)
    order: tuple[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sifted:
    """Candidates by name: those that pass and those that don't.

    ``whole`` is whether all candidates were to be looked at, not only the first ``LOOKED_AT`` by id.
    """

    passed: tuple[Offer, ...]
    missed: tuple[Offer, ...]
    whole: bool

    @classmethod
    def of(
        cls, offers: Sequence[Offer], test: Test, *, whole: bool, known: Container[int] = (), enough: int | None = None
    ) -> "Sifted":
        """Sift ``offers`` by what ``test`` says of each one's profile.

        Args:
            offers: the candidates.
            test: whether a provider with this profile passes.
            whole: as in ``Sifted``.
            known: indexes of candidates that are left out.
            enough: end when so many have passed; all are looked at if not given.
        """
        passed: list[Offer] = []
        missed: list[Offer] = []
        for one in sorted(offers, key=attrgetter("order")):
            if len(passed) == enough:
                break
            if one.index not in known:
                (passed if test(one.profile) else missed).append(one)
        return cls(tuple(passed), tuple(missed), whole)


@dataclass(slots=True)
class Offers:
    """What was read lately, by the index of the version; used on one event loop."""

    _known: dict[int, Offer] = field(default_factory=dict)

    async def read(self, indexes: Sequence[int], read: Read) -> list[Offer]:
        """The offers of the versions at these indexes, in this order."""
        found = {index: self._known[index] for index in indexes if index in self._known}
        if unknown := [index for index in indexes if index not in found]:
            found |= {one.index: one for one in await read(unknown, _offer)}
            self._known |= found
            for index in list(self._known)[: max(0, len(self._known) - _KEPT)]:
                del self._known[index]
        return [found[index] for index in indexes]


def _offer(text: str) -> Offer:
    record = orjson.loads(text)
    profile = record["profile"]
    telling = {name: profile[name] for name in _TELLING if name in profile}
    name = public_name(profile)
    return Offer(record["index"], record["id"], name, telling, (name.casefold(), record["id"]))
