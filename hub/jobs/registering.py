"""Answers of parties become entries of the log: by weeks that are over, several together (ADR 0042).

An entry is public in its order and time. So that neither tells who answered when: what waits is looked at as of the
last midnight before a Monday (UTC), which nobody's answer chooses; one entry holds the answers of the whole federation,
and its size shows nowhere; and fewer than a group wait for others, however long that takes.

What is registered is told by the log and by nothing else. A run that was killed is done over: what it registered is
followed first, and the rule of the kind refuses an answer that the log has.

A statement that the rules refuse is kept (``hub.jobs.refusedanswers``) and not made again until something has changed
that the refusal may rest on: the answers that it holds, members, keys and policy in the log, or the program; or until
somebody asks. One whose refusal may end by itself is tried once a day.
"""

import asyncio
import logging
from collections.abc import Sequence
from itertools import pairwise

from hub.feedback.standing import DAY, GROUP, PARTY
from hub.feedback.statements import KIND, body_of
from hub.following.follower import LogFollower
from hub.jobs.ownstatements import OwnStatements
from hub.jobs.refusedanswers import RefusedAnswers, RefusedStatement
from hub.operation.presence import version
from hub.storage.feedback import FeedbackStore
from hub.storage.log_reads import LogReads
from hub.storage.values import Answered
from registry.errors import Refused
from signing.encoding import canonical, sha256_hex

__all__ = ["AT_ONCE", "FeedbackRegistration", "pieces", "week_began"]

LOG = logging.getLogger("hub.jobs")

AT_ONCE = 200
"""Answers of one statement, at most; it stays well below the size that a payload may have."""

RULED_BY = ("genesis", "policy", "member", "key")
"""Kinds of statements that decide whether the hub may register answers, besides the answers."""

_WEEK, _MONDAY = 7, 4
"""Days of a week, and the first Monday counted from 1970-01-01, a Thursday."""


class FeedbackRegistration:
    """One look at what waits, whenever ``run`` is called.

    Args:
        store: answers.
        follower: takes in what was registered.
        own: registers what the hub says.
        log: tells whether something has changed that a refusal rests on.
        refused: what the rules refused.
    """

    def __init__(
        self,
        store: FeedbackStore,
        follower: LogFollower,
        own: OwnStatements,
        log: LogReads,
        refused: RefusedAnswers,
    ) -> None:
        self._store = store
        self._follower = follower
        self._own = own
        self._log = log
        self._refused = refused

    async def run(self) -> None:
        """Register the answers of weeks that are over, if there are enough."""
        await self._follower.catch_up()
        now = await self._own.now()
        before = await asyncio.to_thread(self._refused.read)
        rests_on = f"{version()} {await self._log.newest_of(RULED_BY)}"  # before it is tried: what comes later is new
        waiting = pieces(await self._store.waiting(PARTY, week_began(now // DAY)))
        tried = [await self._try(piece, before, rests_on, now) for piece in waiting]
        refused = [one for one in tried if one is not None]
        if tuple(refused) != before:
            await self._keep(refused)

    async def _try(
        self, piece: Sequence[Answered], before: Sequence[RefusedStatement], rests_on: str, now: int
    ) -> RefusedStatement | None:
        """Register these answers; how they are refused, if they are, or were and nothing has changed since."""
        body = body_of(PARTY, piece)
        digest = sha256_hex(canonical(body))
        last = next((one for one in before if one.body == digest), None)
        if last is not None and last.rests_on in (rests_on, _daily(rests_on, now)):
            return last
        try:
            await self._own.register(KIND, body, now)
        except Refused as refusal:
            since = min([one.since for one in before if one.code == refusal.code], default=now)
            LOG.warning("answers of parties were not registered: %s %s", refusal.code, refusal.where)
            kept = _daily(rests_on, now) if refusal.retryable else rests_on
            return RefusedStatement(digest, len(piece), refusal.code, refusal.where, since, now, kept)
        return None

    async def _keep(self, refused: Sequence[RefusedStatement]) -> None:
        try:
            await asyncio.to_thread(self._refused.write, refused)
        except OSError as error:
            LOG.warning("what was refused can't be kept, and is tried again: %s", error.strerror)


def _daily(rests_on: str, now: int) -> str:
    return f"{rests_on} {now // DAY}"


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
