"""Errors of the log.

LogError
├── SequencerStopped   sequencing ended for good in this process; what waited is neither promised nor lost
├── Overloaded         too many statements wait; come back after ``retry_after`` seconds
├── CorruptionError    what is stored is not what was written
└── RecoveryError      the log can't be opened as it is found
"""

from hub.errors import HubError

__all__ = ["CorruptionError", "LogError", "Overloaded", "RecoveryError", "SequencerStopped"]


class LogError(HubError):
    """Root of the log's errors."""


class SequencerStopped(LogError):  # noqa: N818  # named for what happened, like the port that raises it
    """Sequencing ended for good in this process; whether a waiting statement is in the log, a restart will tell."""


class Overloaded(LogError):  # noqa: N818  # named for what happened
    """Too many statements wait; nothing was done with this one."""

    def __init__(self, waiting: int, retry_after: int = 1) -> None:
        super().__init__("overloaded", f"{waiting} statements are waiting; try again in {retry_after} s.")
        self.retry_after = retry_after


class CorruptionError(LogError):
    """What is stored is not what was written."""


class RecoveryError(LogError):
    """The log can't be opened as it is found."""
