"""Whether the newest entry that is stored here can be the newest of the log.

It can't while the log is read-only for a head that its own key has signed and that the stored entries do not reach, or
contradict: a decision may then be registered that nobody finds here, a suspension for example. What the hub signs about
*now* is refused meanwhile, with ``newest_unknown``, and so is what it signs about a time of which not everything is
known here:

- entries are missing (*behind*): times from that of the newest signed entry on; entry times never fall, so what is
  missing came then or later. This takes it that the head continues the stored entries, which only its entries can tell.
- the key has signed another history (*differs*): every time, since nobody can tell here where the two part.

What it tells of a past log size is as true as before: it is about the tree stored here, whose root it names. Nothing
else that keeps statements out says so: not a full disk, not a wrong clock, not a log that has ended.
"""

from hub.errors import HubError
from hub.log.errors import SequencerStopped
from hub.log.sequencer import Sequencer

__all__ = ["NewestUnknownError", "known_until", "require_known", "require_newest"]

_MESSAGE = (
    "This log's key has signed a head that the entries stored here do not reach or contradict, so nobody can be told"
    " here what is newest. The operator must mend it (the alarm says how). Answers are given about log sizes (at), and,"
    " where entries are only missing, about times before that of the newest one."
)
_DIFFERS = (
    "This log's key has signed another history than the one stored here, so nobody can be told here what is true now or"
    " was at a time. The operator and the coordinator find out which history is true; this log ends, and the network"
    " goes on under another. Answers are given about log sizes (at)."
)


class NewestUnknownError(HubError):
    """Newer entries exist, or others than are stored here; ask again after ``retry_after`` seconds."""

    def __init__(self, message: str = _MESSAGE, retry_after: int = 60) -> None:
        super().__init__("newest_unknown", message)
        self.retry_after = retry_after


def require_newest(sequencer: Sequencer) -> None:
    """Refuse while signed heads are known that the stored entries do not continue.

    Raises:
        NewestUnknownError: newest_unknown.
    """
    if _lacks_entries(sequencer):
        raise NewestUnknownError(_DIFFERS if sequencer.differs else _MESSAGE)


def require_known(sequencer: Sequencer, time: int) -> None:
    """Refuse a question about ``time`` (POSIX seconds) where not everything that was registered by then is known here.

    Where entries are missing that is so in the second of the newest one already: others may have come in it.

    Raises:
        NewestUnknownError: newest_unknown.
    """
    if sequencer.differs or time >= sequencer.newest:
        require_newest(sequencer)


def known_until(sequencer: Sequencer, now: int) -> int:
    """The newest moment that an answer about now can be about: ``now`` as a rule (POSIX seconds).

    While signed heads show that entries are missing here, it is the time of the newest signed entry.

    Raises:
        NewestUnknownError: newest_unknown, where the key has signed another history.
    """
    if sequencer.differs:
        require_newest(sequencer)
    return min(now, sequencer.newest) if _lacks_entries(sequencer) else now


def _lacks_entries(sequencer: Sequencer) -> bool:
    stopped = sequencer.stopped
    return isinstance(stopped, SequencerStopped) and stopped.code == "read_only"
