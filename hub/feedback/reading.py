"""Feedback as figures need it: answers of the whole federation, and how slots were used, by provider.

An answer of the source ``party`` was given with the slot's token; ``relayed`` is what the provider says that a party
told it, and stands here only where the party itself did not answer. Whether a slot stands in the case's events plays no
part: a provider that names none would otherwise get rid of the answers. ``hub.feedback.standing`` counts those slots.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hub.feedback.standing import PARTY, RELAYED
from hub.storage.feedback import FeedbackStore, Slot
from hub.storage.values import Answered

__all__ = ["FeedbackReading", "Use", "counting", "used"]


@dataclass(frozen=True, slots=True)
class Use:
    """How the slots of a provider were used; ``unused`` are those that ran out, ``open`` those that did not yet."""

    provider: str
    invited: int
    answered: int
    relayed: int
    unused: int
    open: int


class FeedbackReading:
    """Answers and slots, read anew only when there are more of them.

    Args:
        store: where they are kept.
    """

    def __init__(self, store: FeedbackStore) -> None:
        self._store = store
        self._counted = (-1, -1)
        self._answers: tuple[Answered, ...] = ()
        self._slots: tuple[Slot, ...] = ()
        self._turn = asyncio.Lock()

    async def answers(self) -> tuple[Answered, ...]:
        """Every answer that counts, by provider, case and role."""
        await self._refresh()
        return self._answers

    async def uses(self, now: int) -> tuple[Use, ...]:
        """How slots were used, by provider.

        Args:
            now: POSIX seconds.
        """
        await self._refresh()
        return await asyncio.to_thread(used, self._slots, self._answers, now)

    async def _refresh(self) -> None:
        async with self._turn:
            counted = await self._store.counted()
            if counted != self._counted:
                self._answers = counting(await self._store.answers())
                self._slots = tuple(await self._store.slots())
                self._counted = counted  # what came meanwhile is read again with the next look


def counting(found: Sequence[Answered]) -> tuple[Answered, ...]:
    """The answers without those that a provider relayed although the party answered itself."""
    own = {(one.provider, one.case, one.role) for one in found if one.source == PARTY}
    return tuple(one for one in found if one.source == PARTY or (one.provider, one.case, one.role) not in own)


def used(slots: Iterable[Slot], answers: Iterable[Answered], now: int) -> tuple[Use, ...]:
    """How slots were used at ``now`` (POSIX seconds), by provider; ``answers`` are those that count."""
    source = {(one.provider, one.case, one.role): one.source for one in answers}
    counts: dict[str, Counter[str]] = {}
    for one in slots:
        left = "open" if one.expires > now else "unused"
        counts.setdefault(one.provider, Counter())[source.get((one.provider, one.case, one.role), left)] += 1
    return tuple(
        Use(name, many.total(), many[PARTY], many[RELAYED], many["unused"], many["open"])
        for name, many in sorted(counts.items())
    )
