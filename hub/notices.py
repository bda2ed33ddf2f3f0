"""What will soon end: accreditations and keys, and the time to comment on an enquiry, 90, 30 and 7 days before.

Notices are computed whenever somebody asks; nothing of them is stored, so that none can be stale.
An accreditation is told of as long as it is in force by its status; a retired key until its overlap has ended, and how
grave that is depends on whether its owner has another current key for the same purpose; an enquiry as long as its
provider may still comment and has not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hub.storage.enquiries import Enquiry
from signing.compose import timestamp
from signing.encoding import JSON
from signing.keyring import KeyRecord, Ring, newest_current

__all__ = ["DAYS", "Notice", "notices_of", "notices_of_enquiries"]

DAY = 86_400
DAYS = (7, 30, 90)
"""Notice is given that many days before, the nearest first."""

_WAITS = "enquiry_waits"
_IN_FORCE = ("listed", "conditional", "concern", "referred")


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that ends.

    Args:
        code: accreditation_ends, accreditation_lapsed, key_ends, last_key_ends or enquiry_waits.
        subject: actor id.
        name: kid of the key, or id of the enquiry; None for an accreditation.
        due: when it ends, POSIX seconds.
        within: 7, 30 or 90 days; 0 when it has ended.
        message: what it means and what to do.
    """

    code: str
    subject: str
    name: str | None
    due: int
    within: int
    message: str

    def json(self) -> dict[str, JSON]:
        """As it is sent."""
        asked = self.code == _WAITS
        return {
            "code": self.code,
            "subject": self.subject,
            "kid": None if asked else self.name,
            "enquiry": self.name if asked else None,
            "due": timestamp(self.due),
            "within_days": self.within,
            "message": self.message,
        }


def notices_of(subject: str, accreditation: Mapping[str, JSON] | None, ring: Ring, size: int, now: int) -> list[Notice]:
    """Every notice about one actor, the nearest end first.

    Args:
        subject: actor id.
        accreditation: ``status`` and ``ends`` (POSIX seconds) of the newest decision, None without any.
        ring: its keys.
        size: log size at which keys are judged.
        now: POSIX seconds.
    """
    found = [_of_key(record, ring, size, now) for record in ring.values()]
    if accreditation is not None and accreditation["status"] in _IN_FORCE:
        found.append(_of_accreditation(subject, accreditation["ends"], now))
    return sorted((one for one in found if one is not None), key=lambda one: (one.due, one.name or ""))


def notices_of_enquiries(enquiries: Iterable[Enquiry], now: int) -> list[Notice]:
    """A notice of each enquiry that waits for its comment at ``now`` (POSIX seconds)."""
    return [_of_enquiry(one, now) for one in enquiries if one.waits(now)]


def _within(due: int, now: int) -> int | None:
    """The smallest of ``DAYS`` that covers what is left; 0 when nothing is left, None when there is no haste."""
    return 0 if due <= now else next((days for days in DAYS if due - now <= days * DAY), None)


def _of_accreditation(subject: str, ends: int, now: int) -> Notice | None:
    within = _within(ends, now)
    if within is None:
        return None
    if within == 0:
        message = f"The accreditation of {subject} has lapsed; a new decision is needed."
        return Notice("accreditation_lapsed", subject, None, ends, 0, message)
    message = f"The accreditation of {subject} ends within {within} days; ask the officers for a new decision."
    return Notice("accreditation_ends", subject, None, ends, within, message)


def _of_key(record: KeyRecord, ring: Ring, size: int, now: int) -> Notice | None:
    until = record.retired_at
    if until is None or until <= now or record.revoked_at is not None:
        return None
    within = _within(until, now) or DAYS[-1]
    other = newest_current({**ring, record.kid: record}, record.purpose, size, until)
    if other is None:
        message = f"The last {record.purpose} key of {record.owner} ends within {within} days; add another one."
        return Notice("last_key_ends", record.owner, record.kid, until, within, message)
    message = f"A retired {record.purpose} key of {record.owner} ends within {within} days; stop using it."
    return Notice("key_ends", record.owner, record.kid, until, within, message)


def _of_enquiry(one: Enquiry, now: int) -> Notice:
    last = timestamp(one.due - 1)[:10]
    message = (
        f"Officers have asked {one.provider} about its figures (enquiry {one.id}); {last} is the last day to comment."
    )
    return Notice(_WAITS, one.provider, one.id, one.due, _within(one.due, now) or DAYS[-1], message)
