"""Who waits for something new: each member's long polls, woken when the follower has taken something in for it."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager

__all__ = ["Arrivals"]


class Arrivals:
    """Wakes whoever listens under a name. A listener that begins to listen before it looks misses nothing."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._closed = False

    @contextmanager
    def listening(self, name: str) -> Iterator[asyncio.Event]:
        """An event that is set when something arrives for ``name``, or when nobody shall wait any more."""
        event = asyncio.Event()
        if self._closed:
            event.set()
        self._listeners[name].add(event)
        try:
            yield event
        finally:
            self._listeners[name].discard(event)
            if not self._listeners[name]:
                del self._listeners[name]

    def waiting(self, name: str) -> int:
        """How many listen under a name."""
        return len(self._listeners.get(name, ()))

    def arrived(self, names: Collection[str]) -> None:
        """Something arrived for each of these."""
        for name in names:
            for event in self._listeners.get(name, ()):
                event.set()

    def close(self) -> None:
        """Let everybody go who waits, now and later: the process is about to end."""
        self._closed = True
        self.arrived(list(self._listeners))
