"""The look around, once a minute: what has piled up is thrown away, and alarms are raised and taken back.

Alarms are looked after whatever the clock says; nothing is thrown away because of its age while it can't be relied on.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from hub.alarms.register import Alarms
from hub.jobs.schedule import Jobs
from hub.log.publication import Publication
from hub.log.publisher import Publisher
from hub.packages.uploads import Uploads
from hub.storage.errors import FullError
from hub.storage.nonces import NonceStore
from hub.verifiers import Verifiers

__all__ = ["Housekeeping", "Watched"]

ENDS_OF_VERIFIERS = 3
"""So many ends of verifier processes between two looks are an alarm."""

PROBE = "housekeeping"
"""Instead of a key's id: no request is signed with it."""

FAILED_SWEEPS = 3
"""So many failures of the retention job in a row are an alarm."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What is looked at."""

    publisher: Publisher
    publication: Publication
    verifiers: Verifiers
    jobs: Callable[[], Jobs]


class Housekeeping:
    """One look, whenever ``run`` is called.

    Args:
        alarms: raised and taken back here.
        nonces: old ones are forgotten; whether that can be written tells whether the disk is full.
        uploads: unfinished ones are given up.
        watched: see there.
        quorum_seconds: how long a quorum may be missing before the alarm.
        clock: POSIX seconds.
    """

    def __init__(  # noqa: PLR0913  # its collaborators, each used
        self,
        alarms: Alarms,
        nonces: NonceStore,
        uploads: Uploads,
        watched: Watched,
        *,
        quorum_seconds: int,
        clock: Callable[[], int],
    ) -> None:
        self._alarms = alarms
        self._nonces = nonces
        self._uploads = uploads
        self._watched = watched
        self._quorum_seconds = quorum_seconds
        self._clock = clock
        self._ended_before = watched.verifiers.ended

    async def run(self) -> None:
        """Look once.

        Raises:
            FullError: the disk is full; the alarm is raised already.
        """
        await asyncio.to_thread(self._alarms.write_pending)
        await self._look_at_witnesses()
        await self._look_at_verifiers()
        await self._look_at_retention()
        try:
            now = self._clock()
            await self._nonces.remember_nonce(PROBE, str(now), now)  # forgetting nothing would write nothing
            await self._throw_away()
        except FullError:
            await self._sound("disk_full", "The database could not be written.")
            raise
        await self._ended("disk_full")

    async def _throw_away(self) -> None:
        """Forget what is old, each after a look at the clock of its own: a write before it may have taken long."""
        doubt = self._watched.jobs().clock_doubt
        if doubt() is None:
            await self._nonces.forget_expired(self._clock())
        if doubt() is None:
            await self._uploads.sweep()

    async def _look_at_witnesses(self) -> None:
        shown, missing = self._watched.publication, self._watched.publisher.without_quorum
        if missing > self._quorum_seconds:
            head = shown.signed.size
            await self._sound("quorum_missing", f"For {missing} s no quorum has cosigned the head of {head} entries.")
        elif shown.quorum_none or (shown.witnessed is not None and shown.witnessed.size == shown.signed.size):
            await self._ended("quorum_missing")

    async def _look_at_verifiers(self) -> None:
        ended = self._watched.verifiers.ended
        count, self._ended_before = ended - self._ended_before, ended
        if count >= ENDS_OF_VERIFIERS:
            await self._sound("verifier_restarting", f"{count} of them ended since the last look.")
        elif count == 0:
            await self._ended("verifier_restarting")

    async def _look_at_retention(self) -> None:
        failed = self._watched.jobs().failed_in_a_row("retention")
        if failed is not None and failed >= FAILED_SWEEPS:
            await self._sound("retention_failing", f"The job failed {failed} times in a row.")
        elif failed == 0:
            await self._ended("retention_failing")

    async def _sound(self, code: str, detail: str) -> None:
        await asyncio.to_thread(self._alarms.sound, code, detail)

    async def _ended(self, code: str) -> None:
        await asyncio.to_thread(self._alarms.ended, code)
