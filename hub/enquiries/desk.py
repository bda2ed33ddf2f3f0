"""The desk of enquiries: takes what officers ask, and what the provider concerned says within 28 days.

A comment is said once and stays: the officer may have acted on it. What is decided here is decided where the row is
written, so that two at the same time can't both count.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from hub.enquiries.errors import AskedError, BadEnquiryError
from hub.errors import NotFoundError
from hub.plaintext import is_storable
from hub.storage.enquiries import Enquiry, EnquiryStore
from metrics.comparison.flags import COMMENT_DAYS, Comment
from metrics.events import DAY_SECONDS
from metrics.figures import Period
from signing.encoding import JSON

__all__ = ["DISCREPANCY", "FLAG", "KEPT_DAYS", "LONGEST", "EnquiryDesk", "Matter"]

FLAG, DISCREPANCY = "flag", "discrepancy"
LONGEST = 4000
"""Characters of an enquiry and of a comment, at most."""
KEPT_DAYS = 3 * 365
"""An enquiry is kept for so long after it was sent: flags look back two years."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What an enquiry is about: a flag of an indicator or a kind of discrepancy, at one provider, in one quarter."""

    provider: str
    about: str
    code: str
    period: Period


class EnquiryDesk:
    """Enquiries and comments.

    Args:
        store: where they are kept.
        clock: POSIX seconds.
    """

    def __init__(self, store: EnquiryStore, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock

    async def ask(self, officer: str, matter: Matter, text: str, evidence: Mapping[str, JSON]) -> Enquiry:
        """Send an enquiry; from now on the provider sees it, and has 28 days to comment.

        Raises:
            BadEnquiryError: bad_enquiry.
            AskedError: enquiry_asked, about this matter an enquiry was sent before.
        """
        now, period = self._clock(), matter.period
        enquiry = Enquiry(
            str(uuid.uuid4()), matter.provider, matter.about, matter.code, period.start, period.end,
            _text(text, "text"), evidence, officer, now, now + COMMENT_DAYS * DAY_SECONDS,
        )  # fmt: skip

        def check(before: Enquiry | None) -> None:
            if before is not None:
                message = "An enquiry about this matter of this quarter was sent already; the provider has it."
                raise AskedError("enquiry_asked", message, before.id)

        await self._store.add(enquiry, check)
        return enquiry

    async def comment(self, provider: str, name: str, text: str) -> Enquiry:
        """Keep what the provider says to an enquiry; the same words again are no error.

        Raises:
            BadEnquiryError: bad_enquiry.
            NotFoundError: not_found, also for an enquiry to somebody else.
            AskedError: enquiry_commented, other words were said before; enquiry_over, the 28 days are over.
        """
        said, now = _text(text, "comment"), self._clock()

        def decide(before: Enquiry | None) -> Enquiry:
            if before is None or before.provider != provider:
                raise NotFoundError("not_found", "There is no such enquiry to you.", name)
            if before.comment == said:
                return before
            if before.comment is not None:
                message = "You have commented on this enquiry; a comment stays as it is."
                raise AskedError("enquiry_commented", message, name)
            if now >= before.due:
                raise AskedError("enquiry_over", "The time to comment on this enquiry is over.", name)
            return replace(before, comment=said, commented_at=now)

        return await self._store.change(name, decide)

    async def enquiries(self, provider: str | None = None) -> list[Enquiry]:
        """Every enquiry, or every one to a provider, the newest first."""
        return await self._store.all(provider)

    async def sweep(self) -> None:
        """Delete enquiries whose time is over."""
        await self._store.forget(self._clock() - KEPT_DAYS * DAY_SECONDS)

    @staticmethod
    def comments(enquiries: list[Enquiry]) -> tuple[Comment, ...]:
        """What flags take of enquiries."""
        return tuple(
            Comment(one.code, one.provider, Period(one.period_start, one.period_end), one.asked_at, one.comment)
            for one in enquiries
            if one.about == FLAG
        )


def _text(given: str, where: str) -> str:
    """The text without the white space around it."""
    text = given.replace("\r\n", "\n").strip()
    if not 0 < len(text) <= LONGEST:
        raise BadEnquiryError("bad_enquiry", f"Write at least a word and at most {LONGEST} characters.", where)
    if not is_storable(text):
        raise BadEnquiryError("bad_enquiry", "The text holds the character U+0000.", where)
    return text
