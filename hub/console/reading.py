"""Reads the facts: each kind in one bounded query, and again only when an entry changed what they rest on.

Applications, drafts and enquiries are asked for each time, because they change without any entry; so are alarms and
refused answers, which are files. Everything else follows from the log and is kept until a statement of a kind that
matters is signed, or a day has passed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hub.affected import awards_in_doubt, doubted
from hub.alarms.register import Alarm, Alarms
from hub.console.attention import DAY, HORIZONS_DAYS
from hub.console.facts import (
    AlarmFact,
    AnswersFact,
    ApplicationFact,
    DecisionFact,
    DoubtFact,
    DraftFact,
    EnquiryFact,
    Facts,
    KeyFact,
)
from hub.console.subjects import Subject, find_subject
from hub.log.publication import Publication
from hub.storage.awardrecords import AwardRecords
from hub.storage.directory import Directory
from hub.storage.values import StoredStatement
from hub.storage.watchlist import Standing, Watchlist
from signing.encoding import JSON
from signing.keyring import KEY_OVERLAP_SECONDS, KeyRecord, Ring, suspended_by
from signing.statement import parse_statement, seconds

__all__ = ["CONCERNING_OFFICERS", "ConsoleReader", "Sources", "decision_fact", "key_facts"]

CONCERNING_OFFICERS = frozenset({"quorum_missing", "store_differs", "witness_ahead", "witness_equivocation"})
"""Alarms that officers must know of; the others are the operator's alone."""

_RESTED_ON = ("genesis", "policy", "member", "neutral", "key", "accreditation", "award-review")
_MOST = 500
"""Listings that end, and key rings that changed, that are looked at; what was decided otherwise is read whole."""
_REMOVAL_SECONDS = 366 * DAY


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the facts that no entry tells come from: applications, drafts that an officer may see, enquiries ...

    Of applications and drafts those that matter most, and how many there are beside them.
    """

    applications: Callable[[], Awaitable[tuple[Sequence[ApplicationFact], int]]]
    drafts: Callable[[str], Awaitable[tuple[Sequence[DraftFact], int]]]
    enquiries: Callable[[], Awaitable[Sequence[EnquiryFact]]]
    answers: Callable[[], Awaitable[Sequence[AnswersFact]]]
    alarms: Alarms


@dataclass(frozen=True, slots=True)
class _Kept:
    """Facts that follow from the log, with what they rest on."""

    mark: tuple[int, int] = (-2, 0)
    decisions: Sequence[DecisionFact] = field(default=())
    keys: Sequence[KeyFact] = field(default=())
    doubts: Sequence[DoubtFact] = field(default=())


class ConsoleReader:
    """Reads facts for officers.

    Args:
        watchlist: reads what officers keep an eye on.
        records: reads awards.
        directory: reads statements.
        publication: what is signed; nothing later is read.
        sources: the facts that are not in the log.
    """

    def __init__(
        self,
        watchlist: Watchlist,
        records: AwardRecords,
        directory: Directory,
        publication: Publication,
        sources: Sources,
    ) -> None:
        self._watchlist = watchlist
        self._records = records
        self._directory = directory
        self._publication = publication
        self._sources = sources
        self._kept = _Kept()
        self._turn = asyncio.Lock()

    async def facts(self, officer: str, now: int) -> Facts:
        """What is to be known at ``now`` (POSIX seconds) for ``officer`` (actor id)."""
        kept = await self._from_log(now)
        alarms = await asyncio.to_thread(lambda: self._sources.alarms.active)
        drafts, more_drafts = await self._sources.drafts(officer)
        applications, more_applications = await self._sources.applications()
        return Facts(
            drafts,
            applications,
            kept.decisions,
            kept.keys,
            kept.doubts,
            [_alarm(one) for one in alarms if one.code in CONCERNING_OFFICERS],
            await self._sources.enquiries(),
            await self._sources.answers(),
            more_drafts,
            more_applications,
        )

    async def _from_log(self, now: int) -> _Kept:
        async with self._turn:  # whoever comes second finds what the first has read
            mark = (self._publication.newest_of(_RESTED_ON), now // DAY)
            if self._kept.mark != mark:
                size = self._publication.signed.size
                keys, doubts = await self._keys(now, size)
                self._kept = _Kept(mark, await self._decisions(now, size), keys, doubts)
            return self._kept

    async def _decisions(self, now: int, size: int) -> list[DecisionFact]:
        horizon = (now // DAY + HORIZONS_DAYS[-1] + 2) * DAY
        since = await self._directory.size_at(now - _REMOVAL_SECONDS, size)
        standings = [one for one in await self._watchlist.standings(horizon, since, _MOST) if one.index < size]
        times = await self._watchlist.times({one.index for one in standings})
        names = await self.names({one.subject for one in standings})
        return [decision_fact(one, times[one.index], names.get(one.subject, "")) for one in standings]

    async def subject(self, actor: str) -> Subject:
        """The member or neutral of this actor id.

        Raises:
            NotFoundError: not_found.
        """
        return await find_subject(self._directory, self._watchlist, actor, self._publication.signed.size)

    async def names(self, subjects: Collection[str]) -> dict[str, str]:
        """What these members and neutrals are called in their newest profiles, by actor id."""
        profiles = await self._watchlist.profiles(subjects, self._publication.signed.size)
        return await asyncio.to_thread(lambda: {str(one.subject): _name(one) for one in profiles})

    async def _keys(self, now: int, size: int) -> tuple[list[KeyFact], list[DoubtFact]]:
        since = await self._directory.size_at(now - KEY_OVERLAP_SECONDS - DAY, size)
        stored = await self._watchlist.rings_in_motion(since, size, _MOST)
        rings = {owner: _ring(value) for owner, value in sorted(stored.items())}
        revoked = {owner: causes for owner, ring in rings.items() if (causes := _backwards(ring, size))}
        indexes = {one.revoked_at for causes in revoked.values() for one in causes if one.revoked_at is not None}
        indexes |= {one.index for ring in rings.values() for one in ring.values() if one.active_from}
        times = await self._watchlist.times(indexes)
        keys = [fact for owner, ring in rings.items() for fact in key_facts(owner, ring, size, times)]
        doubts = [await self._doubt(one, rings[owner], size, times) for owner in revoked for one in revoked[owner]]
        return keys, doubts

    async def _doubt(self, cause: KeyRecord, ring: Ring, size: int, times: Mapping[int, int]) -> DoubtFact:
        """Awards that this revocation put in doubt, counted as the report about the key lists them."""
        count, more = await awards_in_doubt(self._records, doubted(cause.kid, ring, None, size))
        return DoubtFact(cause.owner, cause.kid, count, times.get(cause.revoked_at or 0, 0), more)


def decision_fact(standing: Standing, since: int, name: str) -> DecisionFact:
    """The fact of a standing that was decided at ``since`` (POSIX seconds) about who is called ``name``."""
    appeal = standing.procedure.get("appeal", {})
    cure, until = standing.procedure.get("cure_deadline"), appeal.get("until")
    return DecisionFact(
        standing.subject,
        name,
        standing.status,
        since,
        standing.ends,
        None if cure is None else seconds(cure),
        "consultation" in standing.procedure,
        appeal.get("state", ""),
        None if until is None else seconds(until),
    )


def key_facts(owner: str, ring: Ring, size: int, times: Mapping[int, int]) -> Iterable[KeyFact]:
    """Keys of one ring that will change by themselves or must be answered.

    Args:
        owner: actor id.
        ring: all its keys.
        size: log size.
        times: entry times by log index, as far as they are known.
    """
    for kid, record in sorted(ring.items()):
        if record.revoked_at is not None and record.revoked_at < size:
            continue
        since = times.get(record.index, 0)
        if record.active_from:
            yield KeyFact(owner, kid, "waiting", since, record.active_from)
        if record.retired_at is not None:
            yield KeyFact(owner, kid, "overlap", record.retired_at - KEY_OVERLAP_SECONDS, record.retired_at)
        if (cause := suspended_by(ring, kid, size)) is not None:
            yield KeyFact(owner, kid, "suspended", times.get(ring[cause].revoked_at or 0, since))


def _backwards(ring: Ring, size: int) -> list[KeyRecord]:
    """Keys of the ring whose revocation reaches back behind its own entry."""
    return [
        one
        for _, one in sorted(ring.items())
        if one.revoked_at is not None and one.revoked_at < size and (one.invalid_from or 0) < one.revoked_at
    ]


def _ring(stored: Mapping[str, JSON]) -> Ring:
    return {kid: KeyRecord(**record) for kid, record in stored.items()}


def _name(stored: StoredStatement) -> str:
    if stored.document is None:
        return ""
    profile = parse_statement(stored.document).body["profile"]
    return str(profile.get("display_name") or profile.get("legal_name") or "")


def _alarm(alarm: Alarm) -> AlarmFact:
    return AlarmFact(alarm.code, alarm.since)
