"""Facts held against the events that they were folded from: every case folded anew, and compared row for row.

The table of facts is kept up case by case; that it is what all events together give is not believed but looked at,
by ``fsck`` and once a day by the hub itself.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from hub.following.casefacts import folded
from hub.storage.case_facts import CaseFacts, ToldCase
from hub.storage.values import StoredFact
from metrics.storedfacts import FORM

__all__ = ["Refolded", "refolded"]

_PIECE = 200
"""Cases that are folded at a time: some 20 ms of processor work."""


@dataclass(frozen=True, slots=True)
class Refolded:
    """Some cases that were folded anew: how many, and those whose stored fact is another, as (provider, case)."""

    cases: int
    differing: tuple[tuple[str, str], ...]


async def refolded(facts: CaseFacts, piece: int = _PIECE) -> AsyncIterator[Refolded]:
    """Every case of which an event tells, some at a time; each is seen as it is at one moment."""
    after: tuple[str, str] | None = None
    while found := await facts.told(after, piece):
        yield await asyncio.to_thread(_compared, found)
        after = (found[-1].provider, found[-1].case)


def _compared(found: list[ToldCase]) -> Refolded:
    return Refolded(len(found), tuple((one.provider, one.case) for one in found if not _is_right(one)))


def _is_right(one: ToldCase) -> bool:
    """Whether the row is what the events give; what the log was not followed to yet is not missed."""
    waits = one.newest is not None and one.newest >= one.followed
    if one.fact is None:
        return waits
    if one.events is None or not (one.fact.index == one.newest or (waits and one.fact.index < one.followed)):
        return False
    try:
        return one.fact == StoredFact(one.provider, one.case, one.fact.index, FORM, folded(one.events))
    except (TypeError, ValueError, ArithmeticError):  # an event that was damaged in the database
        return False
