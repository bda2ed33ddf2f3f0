"""Errors of the log.

LogError
├── SequencerStopped   sequencing ended for good in this process; what waited is neither promised nor lost
├── Overloaded         too many statements wait, of all or of one owner; come back after ``retry_after`` seconds
├── CorruptionError    what is stored is not what was written
├── RecoveryError      the log can't be opened as it is found
└── UnverifiedPolicyError  a stored policy that should lead to the log's key does not verify
"""

from hub.errors import HubError

__all__ = ["CorruptionError", "LogError", "Overloaded", "RecoveryError", "SequencerStopped", "UnverifiedPolicyError"]


class LogError(HubError):
    """Root of the log's errors."""


class SequencerStopped(LogError):  # noqa: N818  # named for what happened, like the port that raises it
    """Sequencing ended for good in this process; whether a waiting statement is in the log, a restart will tell."""


class Overloaded(LogError):  # noqa: N818  # named for what happened
    """Too many statements wait, of ``owner`` if that is given; nothing was done with this one."""

    def __init__(self, waiting: int, retry_after: int = 1, owner: str = "") -> None:
        again = f"try again in {retry_after} s."
        if owner:
            super().__init__("member_share", f"{waiting} statements of {owner} are waiting; {again}", owner)
        else:
            super().__init__("overloaded", f"{waiting} statements are waiting; {again}")
        self.retry_after = retry_after


class CorruptionError(LogError):
    """What is stored is not what was written."""


class RecoveryError(LogError):
    """The log can't be opened as it is found."""


class UnverifiedPolicyError(LogError):
    """A stored policy that should lead to the log's key does not verify; ``where`` names its entry."""
