"""What the inbox brought of transfers, until it is applied; forgotten with the process.

It only saves questions: whatever is missing here, after a restart or because there was too much, is asked for.
"""

import asyncio
from collections.abc import Iterable

from providers.receipts import InboxEntry

__all__ = ["Heard"]

_MOST = 1000
"""Transfers of which something is kept."""


class Heard:
    """Entries of the inbox by transfer; used on one event loop."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[int, InboxEntry]] = {}
        self._awaited: dict[str, asyncio.Event] = {}

    def add(self, entries: Iterable[InboxEntry]) -> None:
        """Keep what came, and wake those who wait for it."""
        for one in entries:
            self._entries.setdefault(one.transfer_id, {})[one.index] = one
            if (awaited := self._awaited.get(one.digest)) is not None:
                awaited.set()
        while len(self._entries) > _MOST:
            self._entries.pop(next(iter(self._entries)))

    def of(self, transfer_id: str) -> list[InboxEntry]:
        """What is kept of a transfer, in the log's order."""
        kept = self._entries.get(transfer_id, {})
        return [kept[index] for index in sorted(kept)]

    def applied(self, one: InboxEntry) -> None:
        """An entry is needed no more."""
        kept = self._entries.get(one.transfer_id, {})
        kept.pop(one.index, None)
        if not kept:
            self._entries.pop(one.transfer_id, None)

    def forget(self, transfer_id: str) -> None:
        """Nothing that is kept of a transfer is needed any more, or it is not to be relied on."""
        self._entries.pop(transfer_id, None)

    async def wait(self, transfer_id: str, digest: str, seconds: float) -> bool:
        """Wait until the statement of this digest is there; False when it did not come in that time."""
        if any(one.digest == digest for one in self.of(transfer_id)):
            return True
        came = self._awaited.setdefault(digest, asyncio.Event())
        try:
            async with asyncio.timeout(seconds):
                await came.wait()
        except TimeoutError:
            return came.is_set()
        finally:
            self._awaited.pop(digest, None)
        return True
