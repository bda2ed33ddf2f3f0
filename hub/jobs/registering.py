"""Answers of parties become entries of the log: by weeks that are over, several together (ADR 0042).

An entry is public in its order and time. So that neither tells who answered when: what waits is looked at as of the
last midnight before a Monday (UTC), which nobody's answer chooses; one entry holds the answers of the whole federation,
and its size shows nowhere; and fewer than a group wait for others, however long that takes.

What is registered is told by the log and by nothing else. A run that was killed is done over: what it registered is
followed first, and the rule of the kind refuses an answer that the log has.
"""

import logging
from collections.abc import Sequence
from itertools import pairwise

from hub.feedback.standing import DAY, GROUP, PARTY
from hub.feedback.statements import KIND, body_of
from hub.following.follower import LogFollower
from hub.jobs.ownstatements import OwnStatements
from hub.storage.feedback import FeedbackStore
from hub.storage.values import Answered
from registry.errors import Refused

__all__ = ["AT_ONCE", "FeedbackRegistration", "pieces", "week_began"]

LOG = logging.getLogger("hub.jobs")

AT_ONCE = 200
"""Answers of one statement, at most; it stays well below the size that a payload may have."""

_WEEK, _MONDAY = 7, 4
"""Days of a week, and the first Monday counted from 1970-01-01, a Thursday."""


class FeedbackRegistration:
    """One look at what waits, whenever ``run`` is called.

    Args:
        store: answers.
        follower: takes in what was registered.
        own: registers what the hub says.
    """

    def __init__(self, store: FeedbackStore, follower: LogFollower, own: OwnStatements) -> None:
        self._store = store
        self._follower = follower
        self._own = own

    async def run(self) -> None:
        """Register the answers of weeks that are over, if there are enough."""
        await self._follower.catch_up()
        now = await self._own.now()
        for piece in pieces(await self._store.waiting(PARTY, week_began(now // DAY))):
            try:
                await self._own.register(KIND, body_of(PARTY, piece), now)
            except Refused as refusal:
                LOG.warning("answers of parties were not registered: %s", refusal.code)


def week_began(day: int) -> int:
    """The Monday of the week that ``day`` is in; days are counted from 1970-01-01."""
    return day - (day - _MONDAY) % _WEEK


def pieces(answers: Sequence[Answered], at_once: int = AT_ONCE) -> list[Sequence[Answered]]:
    """The answers in as few statements as hold them, about alike in size; none while they are fewer than a group."""
    if len(answers) < GROUP:
        return []
    count = -(-len(answers) // at_once)
    ends = [len(answers) * number // count for number in range(count + 1)]
    return [answers[first:end] for first, end in pairwise(ends)]
