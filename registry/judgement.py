"""Questions about what is recorded: accreditation at a time, disputes and reviews of awards.

Nothing here is stored: whether an award is disputed follows from the award, the rings of its signers
and its newest review, so a revocation touches key records only, however many awards were signed.

Example::

    award_status(record, rings, review, size=120)   # AwardStatus("disputed", cause=…, owner="acme")
"""

from collections.abc import Mapping
from dataclasses import dataclass

from signing.encoding import JSON
from signing.keyring import Ring, dispute
from signing.statement import IN_FORCE, validity

__all__ = ["IN_FORCE", "AwardStatus", "Doubt", "accreditation_status", "award_status", "doubts", "in_force"]


def accreditation_status(record: Mapping[str, JSON] | None, time: int) -> str:
    """The accreditation of a subject at entry ``time`` (POSIX seconds).

    Args:
        record: its newest accreditation record at that index, None when there is none.
        time: entry time of what is judged.

    Returns:
        The recorded status, ``none`` without a record; a status that counts is ``pending`` before
        it begins and lapses by itself: ``expired`` from its end on.
    """
    if record is None:
        return "none"
    status = str(record["status"])
    judged = validity(status, record["begins"], record["ends"], time)
    return {"pending": "pending", "lapsed": "expired"}.get(judged, status)


def in_force(status: str) -> bool:
    """Whether an accreditation of this status counts as accredited.

    A concern and its referral take nothing away: one officer can raise them, and a decision that takes something
    away needs the threshold.
    """
    return status in IN_FORCE


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why an award is disputed: the revoked key, its owner, and the index of its revocation."""

    cause: str
    owner: str
    revoked_at: int | None


@dataclass(frozen=True, slots=True)
class AwardStatus:
    """``recorded``, ``confirmed`` or ``rejected`` by review, or ``disputed`` with the doubt that no review resolved."""

    status: str
    doubt: Doubt | None = None


def doubts(
    award: Mapping[str, JSON], rings: Mapping[str, Ring], review: Mapping[str, JSON] | None, size: int
) -> list[Doubt]:
    """What puts an award in doubt at log ``size`` and came after its newest review, for each signing key at most one.

    Args:
        award: the award's record.
        rings: the rings of all its signers' owners, by owner.
        review: the newest review of the award, if any; it covers revocations of lower index.
        size: log size; what stands at or after that index does not exist yet.
    """
    reviewed_at, found = review["index"] if review else -1, []
    for signer in award["signers"]:
        ring = rings[signer["owner"]]
        cause = dispute(ring, signer["kid"], award["index"], size, reviewed_at)
        if cause is not None:
            found.append(Doubt(cause, signer["owner"], ring[cause].revoked_at))
    return found


def award_status(
    award: Mapping[str, JSON], rings: Mapping[str, Ring], review: Mapping[str, JSON] | None, size: int
) -> AwardStatus:
    """The status of an award as the register knows it at log ``size``; arguments as for ``doubts``."""
    if found := doubts(award, rings, review, size):
        return AwardStatus("disputed", found[0])
    if review is None:
        return AwardStatus("recorded")
    return AwardStatus("confirmed" if review["decision"] == "confirm" else "rejected")
