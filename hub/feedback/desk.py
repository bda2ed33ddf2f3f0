"""The feedback desk: issues slots to providers, takes answers, forgets tokens.

What a token can do is decided where the answer is written, so that two answers at the same time can't both count.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hub.feedback.errors import SlotError
from hub.feedback.questions import Given, Relayed, Wanted
from hub.feedback.standing import DAY, PARTY, RELAYED, Standing, standing
from hub.feedback.tokens import hash_of, link, new_token
from hub.storage.feedback import FeedbackStore, Met, Slot
from hub.storage.values import Answered

__all__ = ["FORGET_DAYS", "REISSUE_SECONDS", "SLOT_DAYS", "FeedbackDesk", "Issued"]

SLOT_DAYS = 365
"""A slot can be answered for so long after it was issued, which is when the case begins."""

REISSUE_SECONDS = DAY
"""A slot gets a new token for so long, when the first one did not arrive."""

FORGET_DAYS = 30
"""The hash of a token is kept for so long after its slot's time."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A slot that was issued; ``token`` and ``url`` are told this once and never again."""

    role: str
    token: str
    url: str
    expires: int


class FeedbackDesk:
    """Slots and answers.

    Args:
        store: where they are kept.
        hub: the hub's address, for links.
        clock: POSIX seconds.
    """

    def __init__(self, store: FeedbackStore, hub: str, clock: Callable[[], int]) -> None:
        self._store = store
        self._hub = hub
        self._clock = clock

    async def issue(self, provider: str, wanted: Wanted) -> tuple[Issued, ...]:
        """Issue slots for the parties of a case.

        Asking again makes new tokens and ends the old ones, for an answer of the hub may be lost; but not once a day
        has gone by or a case event names the slot. Whether somebody answered plays no part: the provider could ask in
        order to find that out.

        Raises:
            SlotError: feedback_slot_fixed; no slot is issued then.
        """
        now = self._clock()
        expires = now + SLOT_DAYS * DAY
        tokens = {role: new_token() for role in wanted.languages}
        slots = [Slot(provider, wanted.case, role, hash_of(token), now, expires) for role, token in tokens.items()]

        def check(met: Met) -> None:
            if met.slot is not None and (met.claimed or met.slot.issued + REISSUE_SECONDS <= now):
                message = "This slot stands in a case event, or was issued more than a day ago; it keeps its token."
                raise SlotError("feedback_slot_fixed", message, met.slot.role)

        await self._store.issue(slots, check)
        return tuple(
            Issued(role, token, link(self._hub, token, wanted.languages[role]), expires)
            for role, token in tokens.items()
        )

    async def open_slot(self, token: str | None) -> Slot:
        """The slot of a token (SHA-256, hex) whose time is not over.

        Whether it was answered is not told: the provider has seen the token too. Only an answer that is sent finds out,
        and that would use the token up.

        Raises:
            SlotError: feedback_token_unknown, also for one that has run out.
        """
        return self._known(await self._store.find(token) if token is not None else Met(None, (), None))

    async def answer(self, token: str | None, given: Given) -> tuple[Answered, bool]:
        """Keep a party's answer; tells whether it is new. The same answer again is no error and changes nothing.

        Raises:
            SlotError: feedback_token_unknown, feedback_token_used.
        """
        if token is None:
            raise _unknown()

        def decide(met: Met) -> Answered:
            return self._decided(met, self._known(met), PARTY, given)

        return await self._store.answer(token, decide)

    async def relay(self, provider: str, relayed: Relayed) -> tuple[Answered, bool]:
        """Keep an answer that a provider took down. It does not use the party's token, whose own answer goes first.

        Raises:
            SlotError: feedback_slot_unknown, feedback_token_used.
        """
        return await self._store.relay(provider, relayed.case, relayed.role, lambda met: self._relayed(met, relayed))

    async def check_relayed(self, provider: str, relayed: Relayed) -> None:
        """Refuse an answer that a provider is about to register itself, unless it could hand it in here.

        Raises:
            SlotError: feedback_slot_unknown, feedback_token_used.
        """
        self._relayed(await self._store.find_slot(provider, relayed.case, relayed.role), relayed)

    async def standing(self, provider: str, *, officer: bool) -> Standing:
        """How a provider's feedback stands, as an officer or as the provider may see it."""
        slots = await self._store.slots(provider)
        answers = await self._store.answers(provider)
        claimed = await self._store.claimed(provider) if officer else []
        return standing(provider, slots, answers, claimed, self._clock(), officer=officer)

    async def sweep(self) -> None:
        """Forget tokens that open nothing any more."""
        before = self._clock() - FORGET_DAYS * DAY
        while await self._store.forget_tokens(before):
            pass

    def _known(self, met: Met) -> Slot:
        """The slot; one that is unknown and one that has run out are alike."""
        if met.slot is None or met.slot.expires <= self._clock():
            raise _unknown()
        return met.slot

    def _relayed(self, met: Met, relayed: Relayed) -> Answered:
        if met.slot is None or met.slot.expires <= self._clock():
            raise SlotError("feedback_slot_unknown", "No slot is open for this case and role.", relayed.role)
        return self._decided(met, met.slot, RELAYED, relayed.given)

    def _decided(self, met: Met, slot: Slot, source: str, given: Given) -> Answered:
        before = met.of_source(source)
        if before is None:
            day = self._clock() // DAY
            return Answered(slot.provider, slot.case, slot.role, source, given.outcome_side, dict(given.scores), day)
        if (before.outcome_side, before.scores) != (given.outcome_side, given.scores):
            raise _used()
        return before


def _unknown() -> SlotError:
    message = "This link is not valid: it is not whole, was never issued, or its time is over."
    return SlotError("feedback_token_unknown", message)


def _used() -> SlotError:
    return SlotError("feedback_token_used", "This slot was answered already, and an answer can't be changed.")
