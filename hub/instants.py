"""Times of case events, of which a statement has hundreds, read at a fraction of what reading one time costs.

A day, a minute of the day and a second are each read once by ``signing.statement.seconds`` and then known: days recur,
and of the others there are few. So exactly the same texts are taken, and refused in the same words.
"""

from functools import lru_cache

from signing.errors import FormatError
from signing.statement import seconds

__all__ = ["instant"]

_DAYS = 8192
"""Days that are remembered: those of twenty years."""


def instant(text: str, where: str = "") -> int:
    """POSIX seconds of ``YYYY-MM-DDThh:mm:ssZ``; ``where`` it stands is told by the error.

    Raises:
        FormatError: bad_time, as ``signing.statement.seconds`` does.
    """
    try:
        return _day(text[:10]) + _minute(text[10:16]) + _second(text[16:])
    except FormatError:
        return seconds(text, where)


@lru_cache(_DAYS)
def _day(date: str) -> int:
    return seconds(f"{date}T00:00:00Z")


@lru_cache(24 * 60)
def _minute(time: str) -> int:
    return seconds(f"1970-01-01{time}:00Z")


@lru_cache(60)
def _second(rest: str) -> int:
    return seconds(f"1970-01-01T00:00{rest}")
