"""How an application ends, and with it the draft of its admission that waits on the signing desk.

What an applicant took back, or what officers declined, is admitted by no signature that comes later: not on the
desk, whose draft ends here, nor beside it (``admitting``). A draft that everybody has signed and that the hub is to
register can't be taken back any more: the log may have it, so that its application does not end by anybody's word
either. Judged is only a draft with the very text of the application.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from hub.applications.errors import ApplicationError
from hub.drafts import machine
from hub.drafts.values import COMPLETE, DeskDraft
from hub.storage.applications import Application, Ending
from providers.application.form import ApplicationForm

__all__ = ["Posted", "ended_already", "ended_as", "quietly", "signed_already", "wished"]


@dataclass(frozen=True, slots=True)
class Posted:
    """What an application posted: the id of its statement, and the digest of each alternative."""

    statement: str
    digests: frozenset[str]

    @classmethod
    async def of(cls, one: Application) -> "Posted":
        """What ``one`` posted; nothing once it has ended."""
        return await asyncio.to_thread(cls._of, one.form)

    @classmethod
    def _of(cls, form: str | None) -> "Posted":
        if form is None:
            return cls("", frozenset())
        drafts = ApplicationForm.from_bytes(form.encode("utf-8")).drafts()
        return cls(str(drafts[0].payload["id"]), frozenset(draft.digest for draft in drafts))

    def waits(self, waiting: DeskDraft | None) -> DeskDraft | None:
        """The draft on the desk, where its text is that of the application."""
        return waiting if waiting is not None and waiting.digest in self.digests else None


def ended_as(  # noqa: PLR0913, PLR0917  # what an end is
    one: Application, posted: Posted, state: str, now: int, reason: str | None = None, by: str | None = None
) -> Application:
    """The application as it ended at ``now`` (POSIX seconds): without its texts, with the id of what it posted."""
    named = posted.statement or None
    return replace(
        one, state=state, reason=reason, ended=now, ended_by=by, form=None, challenge=None, statement=named
    )  # fmt: skip


def ended_already(one: Application) -> ApplicationError:
    """What is said of an application to which nothing can be done any more."""
    return ApplicationError("application_ended", f"The application has ended: {one.state}.", one.id)


def signed_already(one: Application) -> ApplicationError:
    """What is said to who would end an application whose admission is on its way into the log."""
    message = "Everybody has signed the admission and the hub registers it; it can't be taken back any more."
    return ApplicationError("admission_signed", message, one.id)


def wished(posted: Posted, end: Callable[[Application], Application], now: int) -> Ending:
    """The end that somebody wishes; raises application_ended or admission_signed."""

    def decide(one: Application, found: DeskDraft | None) -> tuple[Application, DeskDraft | None]:
        if one.ended is not None:
            raise ended_already(one)
        waiting = posted.waits(found)
        if waiting is not None and waiting.handed_over:
            raise signed_already(one)
        return end(one), None if waiting is None else machine.withdrawn(waiting, now)

    return decide


def quietly(posted: Posted, end: Callable[[Application], Application], now: int) -> Ending:
    """The end that comes by itself; one that has ended stays as it is.

    A draft that everybody has signed stays on the desk: it is registered, or refused, or expires there.
    """

    def decide(one: Application, found: DeskDraft | None) -> tuple[Application, DeskDraft | None]:
        if one.ended is not None:
            return one, None
        waiting = posted.waits(found)
        if waiting is None or waiting.state == COMPLETE:
            return end(one), None
        return end(one), machine.withdrawn(waiting, now)

    return decide
