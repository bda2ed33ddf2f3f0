"""Keeps ``DATA/running.json`` current while the process runs."""

import asyncio
import importlib.metadata
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hub.alarms.witnesswatch import WitnessWatch
from hub.log.publisher import Publisher
from hub.log.sequencer import Sequencer
from hub.operation.runningfile import RunningFacts, remove_running, write_running
from hub.settings import Settings
from hub.verifiers import Verifiers

__all__ = ["Presence", "version"]

LOG = logging.getLogger("hub")


def version() -> str:
    """This program's version."""
    return importlib.metadata.version("odr-hub")


@dataclass(slots=True)
class Presence:
    """What a running hub writes down about itself; ``url`` is set once the process listens."""

    data: Path
    settings: Settings
    clock: Callable[[], int]
    sequencer: Sequencer
    publisher: Publisher
    verifiers: Verifiers
    watch: WitnessWatch
    started: int
    url: str = ""
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def write(self) -> None:
        """Write the file once the process listens; a disk that has no room for it is another's business to report."""
        async with self._turn:  # the newest facts must be what stays
            if not self.url:
                return
            try:
                await asyncio.to_thread(write_running, self.data, self._facts())
            except OSError as error:
                LOG.debug("the running file can't be written now: %s", error)

    def remove(self) -> None:
        """The process ends."""
        remove_running(self.data)

    def _facts(self) -> RunningFacts:
        stopped = self.sequencer.stopped
        return RunningFacts(
            version=version(),
            url=self.url,
            started=self.started,
            time=self.clock(),
            pid=os.getpid(),
            waiting=self.sequencer.waiting,
            queue=self.settings.log.queue_entries,
            verifiers=len(self.verifiers.children),
            verifiers_wanted=self.settings.server.verifiers,
            without_quorum=self.publisher.without_quorum,
            read_only="" if stopped is None else str(stopped),
            witnesses=dict(self.watch.known()),
        )
