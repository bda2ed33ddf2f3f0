"""Signed statuses of members, kept for a short while: one for each member, checkpoint and ten seconds.

However many sites ask, the hub signs at most one status of a member for a checkpoint in ``KEPT_SECONDS``, and
remembers a bounded number. A new entry in the log makes a new checkpoint, so nothing that is remembered hides it.
Where entries are known to be missing here, no status of now is signed: what they hold may be a suspension.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Literal
from weakref import WeakValueDictionary

from hub.log.publication import Publication
from hub.log.receipts import Receipts
from hub.storage.directory import Directory
from hub.storage.values import StoredStatement
from hub.trustmark.memberstatus import VALID_SECONDS, Moment, SignedStatus, sign_member_status
from hub.trustmark.standing import APPROVALS, standing_of
from signing.secretkeys import SigningKey
from signing.statement import seconds

__all__ = ["KEPT_SECONDS", "Kind", "MemberStatuses"]

KEPT_SECONDS = 10
_CAPACITY = 2048

Kind = Literal["member", "neutral"]
_Key = tuple[Kind, str, int, int | None]
"""Kind, actor id, log size, and the time asked about (None: now)."""


class MemberStatuses:
    """Makes and keeps signed statuses; one event loop uses it.

    Args:
        directory: registered statements.
        publication: the newest signed head.
        receipts: roots of earlier sizes.
        key: the hub's statement key.
        network: the network's digest.
        clock: POSIX seconds.
        require_newest: raises while the newest entry stored here may not be the newest that there is.
    """

    def __init__(  # noqa: PLR0913 - what a status is made of
        self, directory: Directory, publication: Publication, receipts: Receipts, *, key: SigningKey, network: str,
        clock: Callable[[], int], require_newest: Callable[[], None],
    ) -> None:  # fmt: skip
        self._directory = directory
        self._publication = publication
        self._receipts = receipts
        self._key = key
        self._network = network
        self._clock = clock
        self._require_newest = require_newest
        self._kept: OrderedDict[_Key, tuple[int, SignedStatus]] = OrderedDict()
        self._making: WeakValueDictionary[_Key, asyncio.Lock] = WeakValueDictionary()

    async def current(self, kind: Kind, actor: str) -> SignedStatus | None:
        """The status now, signed at most ``KEPT_SECONDS`` ago; None if nobody of this kind and id is registered.

        Raises:
            NewestUnknownError: newest_unknown, also where one is kept.
        """
        self._require_newest()
        return await self._status((kind, actor, self._publication.signed.size, None))

    async def past(self, kind: Kind, actor: str, size: int, time: int) -> SignedStatus | None:
        """The status as of a log size and a time (POSIX seconds); it has expired from the beginning."""
        return await self._status((kind, actor, size, time))

    async def _status(self, key: _Key) -> SignedStatus | None:
        lock = self._making.setdefault(key, asyncio.Lock())
        async with lock:
            now = self._clock()
            signed_at, kept = self._kept.get(key, (0, None))
            if kept is not None and 0 <= now - signed_at < KEPT_SECONDS and _is_fit(kept, now):
                return kept
            made = await self._made(key, now)
            if made is not None:
                self._kept[key] = (now, made)
                self._kept.move_to_end(key)
                if len(self._kept) > _CAPACITY:
                    self._kept.popitem(last=False)
            return made

    async def _made(self, key: _Key, now: int) -> SignedStatus | None:
        kind, actor, size, time = key
        head = self._publication.signed
        find = self._directory.member if kind == "member" else self._directory.neutral
        registered = await find(actor, size)
        if registered is None:
            return None
        decision = await self._directory.accreditation(actor, size)
        policy = (await self._directory.policies(size))[-1]
        root = head.root if head.size == size else await self._receipts.root(size)
        moment = Moment(
            size, root, (policy.digest, policy.index),
            time=now if time is None else time,
            expires=now + VALID_SECONDS if time is None else time,
        )  # fmt: skip
        return await asyncio.to_thread(self._signed, registered, decision, moment, now)

    def _signed(
        self, registered: StoredStatement, decision: StoredStatement | None, moment: Moment, now: int
    ) -> SignedStatus:
        standing = standing_of(registered, decision, moment.time)
        if standing.accreditation is not None and standing.state in APPROVALS:
            moment = replace(moment, expires=min(moment.expires, seconds(standing.accreditation["valid_to"])))
        return sign_member_status(self._network, standing, moment, self._key, now)


def _is_fit(kept: SignedStatus, now: int) -> bool:
    """Whether a status may be given out again: it is valid still, or about the past anyway."""
    return now < kept.moment.expires or kept.moment.expires == kept.moment.time
