"""Whether the newest entry that is stored here can be the newest of the log.

It can't while the log is read-only for a head that its own key has signed and that the stored entries do not reach, or
contradict: a decision may then be registered that nobody finds here, a suspension for example. What the hub signs about
*now* is refused meanwhile, with ``newest_unknown``; what it tells of a past log size or time is as true as before.
Nothing else that keeps statements out says so: not a full disk, not a wrong clock, not a log that has ended.
"""

from hub.errors import HubError
from hub.log.errors import SequencerStopped
from hub.log.sequencer import Sequencer

__all__ = ["NewestUnknownError", "known_until", "require_newest"]

_MESSAGE = (
    "This log's key has signed a head that the entries stored here do not reach or contradict, so nobody can be told"
    " here what is newest. The operator must mend it (the alarm says how); answers about the past are given."
)


class NewestUnknownError(HubError):
    """Newer entries exist, or others than are stored here; ask again after ``retry_after`` seconds."""

    def __init__(self, retry_after: int = 60) -> None:
        super().__init__("newest_unknown", _MESSAGE)
        self.retry_after = retry_after


def require_newest(sequencer: Sequencer) -> None:
    """Refuse while signed heads are known that the stored entries do not continue.

    Raises:
        NewestUnknownError: newest_unknown.
    """
    if _lacks_entries(sequencer):
        raise NewestUnknownError


def known_until(sequencer: Sequencer, now: int) -> int:
    """The newest moment of which everything that was registered is stored here: ``now`` as a rule (POSIX seconds).

    While signed heads are known that the stored entries do not continue, it is the time of the newest stored entry:
    entry times never fall, so whatever is missing came then or later.
    """
    return min(now, sequencer.newest) if _lacks_entries(sequencer) else now


def _lacks_entries(sequencer: Sequencer) -> bool:
    stopped = sequencer.stopped
    return isinstance(stopped, SequencerStopped) and stopped.code == "read_only"
