"""Deleting what is not needed any more: packages, and the texts of transfers that ended long ago.

Texts go ``retention.statements_days`` after the end of their transfer, so that both members have fetched each
other's statements by then. What proves stays: entries, effects, digests, signatures' hash, receipts.
"""

import logging
from collections.abc import Callable

from hub.packages.deletion import DAY, Deletions
from hub.settings import RetentionSection
from hub.storage.transfers import Transfers

__all__ = ["Retention"]

LOG = logging.getLogger("hub.jobs")
_PIECE = 100


class Retention:
    """Deletes what is due.

    Args:
        deletions: of packages.
        transfers: whose texts are deleted.
        limits: how long anything is kept.
        clock: POSIX seconds.
    """

    def __init__(
        self, deletions: Deletions, transfers: Transfers, limits: RetentionSection, clock: Callable[[], int]
    ) -> None:
        self._deletions = deletions
        self._transfers = transfers
        self._limits = limits
        self._clock = clock

    async def sweep(self) -> None:
        """Delete everything whose time is over."""
        now = self._clock()
        packages, texts = await self._deletions.sweep(), 0
        while count := await self._transfers.clear(now - self._limits.statements_days * DAY, now, _PIECE):
            texts += count
        if packages or texts:
            LOG.info("deleted %d packages and the texts of %d transfers", packages, texts)
