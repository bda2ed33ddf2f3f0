"""Deleting what is not needed any more: packages, and the texts of transfers that ended long ago.

Texts go ``retention.statements_days`` after the end of their transfer, once both members have fetched them: a gateway
that was away that long would otherwise never learn how its transfer ended. ``retention.unfetched_days`` after it they
go anyway. What proves stays: entries, effects, digests, signatures' hash, receipts.
"""

import logging
from collections.abc import Callable

from hub.packages.deletion import DAY, Deletions
from hub.settings import RetentionSection
from hub.storage.inboxread import InboxesRead
from hub.storage.transfers import Transfers

__all__ = ["Retention"]

LOG = logging.getLogger("hub.jobs")
_PIECE = 100


class Retention:
    """Deletes what is due.

    Args:
        deletions: of packages.
        transfers: whose texts are deleted.
        read: what members have fetched.
        limits: how long anything is kept.
        clock: POSIX seconds.
    """

    def __init__(
        self,
        deletions: Deletions,
        transfers: Transfers,
        read: InboxesRead,
        limits: RetentionSection,
        clock: Callable[[], int],
    ) -> None:
        self._deletions = deletions
        self._transfers = transfers
        self._read = read
        self._limits = limits
        self._clock = clock

    async def sweep(self) -> None:
        """Delete everything whose time is over."""
        packages, texts = await self._deletions.sweep(), 0
        await self._read.write()
        while count := await self._clear(self._clock()):
            texts += count
        if packages or texts:
            LOG.info("deleted %d packages and the texts of %d transfers", packages, texts)

    async def _clear(self, now: int) -> int:
        limits = self._limits
        unfetched = now - max(limits.unfetched_days, limits.statements_days) * DAY
        return await self._transfers.clear(now - limits.statements_days * DAY, now, _PIECE, unfetched_before=unfetched)
