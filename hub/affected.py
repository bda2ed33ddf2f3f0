"""Which awards are in doubt, or would be, because of one key: the report that follows a compromise (PROTOCOL §6).

An award is affected when it was signed, from the log index in question on, by the key itself or by a key that came in
through it, directly or through others, and no confirmation stands between. The judgement is that of rules and
verifier (``signing.keyring.dispute``) where this key alone is revoked, so that what another revoked key of the owner
puts in doubt too stands in the reports of both; asked about an index from which the key was *not* revoked, it is the
judgement that such a revocation would bring.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hub.storage.awardrecords import AwardRecord, AwardRecords
from signing.encoding import JSON
from signing.keyring import KeyRecord, Ring, dispute

__all__ = ["DISPUTED", "AffectedAward", "Doubted", "affected_awards", "awards_in_doubt", "doubted"]

DISPUTED = "disputed"
"""The status of an award that nobody has reviewed since."""

_PIECE = 2_000
MOST_LOOKED_AT = 100_000
"""Awards that one request looks at."""

_MOST_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Doubted:
    """A key in question: its owner's keys as if it alone were revoked, and from which log index on it is in doubt.

    ``supposed`` says that the revocation is only asked about.
    """

    kid: str
    ring: Ring
    since: int
    size: int
    supposed: bool

    @property
    def owner(self) -> str:
        """Whose key it is."""
        return self.ring[self.kid].owner


@dataclass(frozen=True, slots=True)
class AffectedAward:
    """An award in doubt: its record, the kid that signed it, and how it stands as far as the key in question goes."""

    award: Mapping[str, JSON]
    signed_with: str
    status: str


def doubted(kid: str, ring: Ring, since: int | None, size: int) -> Doubted:
    """The key in question at log ``size``; from ``since`` on, or from where its revocation says, or from its start."""
    record: KeyRecord = ring[kid]
    others = {name: replace(one, revoked_at=None, invalid_from=None) for name, one in ring.items() if name != kid}
    if since is None and record.revoked_at is not None:
        return Doubted(kid, {**others, kid: record}, record.invalid_from or 0, size, supposed=False)
    begins = record.index if since is None else since
    asked = replace(record, revoked_at=size, invalid_from=begins)
    return Doubted(kid, {**others, kid: asked}, begins, size + 1, supposed=True)


async def affected_awards(
    records: AwardRecords, one: Doubted, after: int, limit: int
) -> tuple[list[AffectedAward], int | None]:
    """At most ``limit`` affected awards after a log index, and the index from which to go on, None at the end."""
    found: list[AffectedAward] = []
    first = max(one.since, after + 1)
    for _ in range(0, MOST_LOOKED_AT, _PIECE):
        piece = await records.piece(first, one.size, _PIECE, one.ring)
        for judged in await asyncio.to_thread(_judged, one, piece.records):
            found.append(judged)
            if len(found) == limit:
                return found, int(judged.award["index"])
        if piece.following is None:
            return found, None
        first = piece.following
    return found, first - 1


async def awards_in_doubt(records: AwardRecords, one: Doubted) -> tuple[int, bool]:
    """How many awards wait for a review because of the key, and whether there may be more than were counted."""
    found, following = await affected_awards(records, one, -1, _MOST_COUNTED)
    return sum(each.status == DISPUTED for each in found), following is not None


def _judged(one: Doubted, piece: Sequence[AwardRecord]) -> list[AffectedAward]:
    found = []
    for record in piece:
        own = [signer["kid"] for signer in record.award["signers"] if signer["kid"] in one.ring]
        for kid in own:
            if dispute(one.ring, kid, record.award["index"], one.size) == one.kid:
                found.append(AffectedAward(record.award, kid, _status(one, record)))
                break
    return found


def _status(one: Doubted, record: AwardRecord) -> str:
    """How the award stands as far as this key goes: reviewed since its revocation, disputed, or only recorded."""
    revoked_at = one.ring[one.kid].revoked_at or 0
    if record.review is not None and (one.supposed or record.review["index"] > revoked_at):
        return "confirmed" if record.review["decision"] == "confirm" else "rejected"
    return "recorded" if one.supposed else DISPUTED
