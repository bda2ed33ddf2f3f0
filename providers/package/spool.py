"""Hashing beside the work: SHA-256 in a second thread, which the interpreter's lock does not hold up."""

import hashlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from signing.agestream import Writable

__all__ = ["Hasher", "Spool", "side_thread"]

_AHEAD = 8
_BLOCK = 1 << 18


@contextmanager
def side_thread() -> Iterator[ThreadPoolExecutor]:
    """The one thread in which hashers work; one alone, so that blocks keep their order."""
    with ThreadPoolExecutor(1, thread_name_prefix="sha256") as pool:
        yield pool


class Hasher:
    """SHA-256 of what is given to it, computed in the side thread; at most a few blocks wait."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._digest = hashlib.sha256()
        self._gathered: list[bytes] = []
        self._given = 0
        self._waiting: deque[Future[None]] = deque()
        self.size = 0

    def update(self, octets: bytes) -> None:
        """Take octets; waits when too many blocks are waiting already."""
        self.size += len(octets)
        self._gathered.append(octets)
        if self.size - self._given >= _BLOCK:
            self._give()
            while len(self._waiting) > _AHEAD:
                self._waiting.popleft().result()

    def hexdigest(self) -> str:
        """The digest of everything so far."""
        self._give()
        while self._waiting:
            self._waiting.popleft().result()
        return self._digest.hexdigest()

    def _give(self) -> None:
        gathered, self._gathered, self._given = self._gathered, [], self.size
        self._waiting.append(self._pool.submit(self._hash, gathered))

    def _hash(self, gathered: list[bytes]) -> None:
        for octets in gathered:
            self._digest.update(octets)


class Spool:
    """Gathers small writes into large ones, hashed on their way to ``target``; call ``finish`` at the end."""

    def __init__(self, target: Writable, digest: Hasher) -> None:
        self._target = target
        self._digest = digest
        self._pieces: list[bytes] = []
        self._gathered = 0

    def write(self, data: bytes) -> int:
        """Take all of ``data``."""
        self._pieces.append(data)
        self._gathered += len(data)
        if self._gathered >= _BLOCK:
            self.finish()
        return len(data)

    def finish(self) -> None:
        """Pass on what is gathered."""
        block = b"".join(self._pieces)
        self._pieces, self._gathered = [], 0
        self._digest.update(block)
        self._target.write(block)
