"""When a job last ran to its end, in a small file, so that a start does not do again what was done an hour ago."""

import logging
from pathlib import Path

from providers.durable import write_whole

__all__ = ["LastRun"]

LOG = logging.getLogger("hub.jobs")


class LastRun:
    """One such file. Whatever can't be read, or lies in the future, means that the job is due.

    Args:
        path: where it is.
        about: what the job did, without line breaks; what was done about anything else does not count.
    """

    def __init__(self, path: Path, about: str) -> None:
        self._path = path
        self._about = about

    def due(self, now: int, seconds: int) -> bool:
        """Whether the last run was ``seconds`` ago or more."""
        try:
            about, _, time = self._path.read_text(encoding="utf-8").strip().rpartition(" ")
            return about != self._about or not 0 <= now - int(time) < seconds
        except (OSError, ValueError):
            return True

    def remember(self, now: int) -> None:
        """It ran just now; where that can't be written, it runs once more after a restart."""
        try:
            write_whole(self._path, f"{self._about} {now}\n".encode())
        except OSError as error:
            LOG.warning("%s can't be written: %s", self._path.name, error.strerror)
