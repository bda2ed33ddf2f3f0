"""The rule state that batches are decided on: loaded once, written through, bounded.

Between batches it equals what is committed, as far as it is held. It is used only where the log is written.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping

from registry.errors import NotLoaded
from signing.encoding import JSON

__all__ = ["RuleStateCache"]


class RuleStateCache:
    """A ``StateView`` on committed state that forgets what was not used for longest.

    Args:
        capacity: how many keys are kept between batches.
    """

    def __init__(self, capacity: int = 10_000) -> None:
        self._capacity = capacity
        self._values: OrderedDict[str, JSON] = OrderedDict()

    def get(self, key: str) -> JSON:
        """The committed value, None for a key that was looked up in vain; raises ``NotLoaded`` for others."""
        try:
            return self._values[key]
        except KeyError:
            raise NotLoaded(frozenset({key})) from None

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def missing(self, keys: Iterable[str]) -> set[str]:
        """Those of ``keys`` that must be loaded; the others count as just used."""
        missing = set()
        for key in keys:
            if key in self._values:
                self._values.move_to_end(key)
            else:
                missing.add(key)
        return missing

    def add(self, keys: Collection[str], found: Mapping[str, JSON]) -> None:
        """Remember what loading ``keys`` found; the rest of them is absent."""
        for key in keys:
            self._values[key] = found.get(key)

    def commit(self, writes: Mapping[str, JSON]) -> None:
        """Take over what a committed batch wrote, and forget what is too much."""
        self._values.update(writes)
        while len(self._values) > self._capacity:
            self._values.popitem(last=False)
