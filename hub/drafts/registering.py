"""From a draft that everybody has signed to an entry of the log, through the one door that everybody uses.

Nothing is registered twice and nothing is forgotten: the draft is *complete* on disk before the statement is handed
over, the log knows a statement by its digest and gives the same index again, and the draft is *registered* only once
the log has answered. A crash at any instant leaves a complete draft, which the job hands over again.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from hub.drafts import machine
from hub.drafts.errors import DraftStateError
from hub.drafts.values import COMPLETE, DeskDraft
from hub.errors import HubError
from hub.intake import Verified
from hub.log.sequencer import Registered
from hub.storage.drafts import DraftStore
from hub.storage.errors import FullError
from registry.errors import Refused
from signing.encoding import JSON

__all__ = ["Door", "Judgement", "Registrar"]

LOG = logging.getLogger("hub.drafts")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a refusal means: the problem as it is shown, and whether the same statement may be registered later."""

    problem: Mapping[str, JSON]
    retryable: bool


class Door(Protocol):
    """The hub's own intake, as a post to it goes through it."""

    async def verify(self, document: bytes, annex: bytes | None) -> Verified:
        """Check form, schema, signatures and annex."""

    async def require_open(self, verified: Verified) -> None:
        """Quotas, what must be stored, and whether anything is taken in now."""

    async def submit(self, verified: Verified) -> Registered:
        """Have it registered."""


class Registrar:
    """Registers complete drafts.

    Args:
        store: drafts.
        door: the hub's intake.
        judge: what a refusal means, for a draft of this id; None for what is no refusal but the hub's own fault.
        clock: POSIX seconds.
    """

    def __init__(
        self,
        store: DraftStore,
        door: Door,
        judge: Callable[[Exception, str], Judgement | None],
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._door = door
        self._judge = judge
        self._clock = clock

    async def register(self, draft: DeskDraft) -> DeskDraft:
        """Hand a complete draft over; returns it as it is then. One that is not complete comes back as it is.

        What may succeed later leaves it complete, with the problem, so that whoever waits sees what for.
        """
        text = draft.draft
        if draft.state != COMPLETE or not draft.register or text is None:
            return draft
        try:
            statement = text.statement()
            verified = await self._door.verify(statement.document, draft.annex)
            await self._door.require_open(verified)
            done = await self._door.submit(verified)
        except (HubError, Refused) as error:
            judgement = self._judge(error, draft.id)
            if judgement is None:
                raise
            LOG.info("draft %s was not registered: %s", draft.id, error.code)
            if judgement.retryable:
                return await self._keep_waiting(draft, judgement.problem)
            return await self._note(draft, partial(_refused, problem=judgement.problem, now=self._clock()))
        return await self._note(draft, partial(_registered, index=done.index, now=self._clock()))

    async def _keep_waiting(self, draft: DeskDraft, problem: Mapping[str, JSON]) -> DeskDraft:
        """Note why it waits; where the disk is full, this one answer alone tells it."""
        try:
            return await self._note(draft, partial(machine.waiting, problem=problem))
        except FullError:
            return replace(draft, problem=problem)

    async def _note(self, draft: DeskDraft, work: Callable[[DeskDraft], DeskDraft]) -> DeskDraft:
        """Write how it went, unless somebody wrote that before."""
        try:
            return await self._store.change(draft.id, work) or draft
        except DraftStateError:
            return await self._store.draft(draft.id) or draft


def _registered(draft: DeskDraft, *, index: int, now: int) -> DeskDraft:
    return machine.registered(draft, index, now)


def _refused(draft: DeskDraft, *, problem: Mapping[str, JSON], now: int) -> DeskDraft:
    return machine.refused(draft, problem, now)
