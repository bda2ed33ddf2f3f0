"""Since when there has been a signed head that no quorum has cosigned.

Witnesses are asked about the newest head only, and meanwhile further ones are signed. So two times are enough: that
of the oldest head which no quorum has cosigned, and that of the oldest one which is newer than the head being asked
about; the second takes the place of the first once the witnesses agree. That a head without new entries is cosigned
again, and how long nothing was signed before, makes nothing older.
"""

from dataclasses import dataclass

__all__ = ["Unwitnessed"]


@dataclass(slots=True)
class Unwitnessed:
    """The age of what waits for witnesses; times are POSIX seconds of the caller's clock.

    ``since`` is when the oldest head was signed that no quorum has cosigned, None if all are witnessed. At a start
    that is not known, and while nobody ran nobody was asked: the start counts then.
    """

    since: int | None = None
    _after_asked: int | None = None

    def signed(self, now: int) -> None:
        """A head was signed."""
        if self.since is None:
            self.since = now
        if self._after_asked is None:
            self._after_asked = now

    def asked(self) -> None:
        """The witnesses are being asked about the newest head."""
        self._after_asked = None

    def witnessed(self) -> None:
        """A quorum has cosigned the head that was asked about last, or none is needed."""
        self.since = self._after_asked

    def age(self, now: int) -> int:
        """For how many seconds the oldest head has waited; 0 if none does."""
        return 0 if self.since is None else max(0, now - self.since)
