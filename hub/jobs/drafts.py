"""What becomes of drafts by themselves: those that everybody has signed are registered, late ones end, texts go.

A complete draft is handed to the log again whenever this runs: after a crash, or when the hub took nothing in before.
Its expiry counts only after that, so that nothing that the log has is called expired.
"""

import logging
from collections.abc import Callable
from contextlib import suppress

from hub.drafts import machine
from hub.drafts.errors import DraftStateError
from hub.drafts.limits import FORGOTTEN_SECONDS, RESULT_SECONDS
from hub.drafts.registering import Registrar
from hub.storage.drafts import DraftStore

__all__ = ["DraftSweep"]

LOG = logging.getLogger("hub.jobs")


class DraftSweep:
    """One round, whenever ``run`` is called.

    Args:
        store: drafts.
        registrar: registers complete ones.
        clock: POSIX seconds.
    """

    def __init__(self, store: DraftStore, registrar: Registrar, clock: Callable[[], int]) -> None:
        self._store = store
        self._registrar = registrar
        self._clock = clock

    async def run(self) -> None:
        """Register, end, delete the texts of, and forget what has become due."""
        now = self._clock()  # first of all: whoever runs this has just seen that the clock can be relied on
        await self._register()
        for name in await self._store.late(now):
            with suppress(DraftStateError):  # it ended meanwhile
                await self._store.change(name, lambda draft: machine.expired(draft, now))
        for name in await self._store.to_clear(now - RESULT_SECONDS):
            await self._store.change(name, machine.cleared)
        if forgotten := await self._store.forget(now - FORGOTTEN_SECONDS):
            LOG.info("%d ended drafts were forgotten", forgotten)

    async def _register(self) -> None:
        """Hand over every complete draft, piece by piece: those that must wait keep nobody else waiting."""
        after = ""
        while names := await self._store.to_register(after):
            for name in names:
                draft = await self._store.draft(name)
                if draft is not None:
                    await self._registrar.register(draft)
            after = names[-1]
