"""Reported events held against what is registered elsewhere: awards, their reviews, court outcomes.

An award is registered because the winner needs it, so whoever leaves lost cases out of the events is found here: the
register knows an award that no event reports. Registered awards of one case count once, for an award may be
registered again as a translation or corrected text, and only those that end a case (``ENDING``) are expected.

A discrepancy is a question to the provider, not a defect of an event: no event is wrong, but two things that ought to
agree don't. It stands until a later event, amendment or registration settles it. What is *not* found here: a case of
which nothing was registered, and a case that is reported open although it was settled.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from metrics.events import DAY_SECONDS
from metrics.facts import AwardFact, CaseFact

__all__ = [
    "DISCREPANCIES",
    "ENDING",
    "GRACE_DAYS",
    "MISSING",
    "CourtOutcome",
    "Discrepancy",
    "RegisteredAward",
    "cross_check",
]

GRACE_DAYS = 14
"""How long one of two records may be alone."""

ENDING = frozenset({"final", "consent"})
"""Types of award that end a case; partial awards and awards on costs alone don't."""

DISCREPANCIES: dict[str, str] = {
    "award_not_reported": "An award is registered and no event reports it: the end of a case is missing.",
    "award_set_aside": "The award was reported in an event that contradicts its case, so the case doesn't end with it.",
    "award_not_registered": "An event reports an award that was not registered.",
    "award_elsewhere": "The award of the case was registered by another provider.",
    "award_not_final": "The case is said to end with an award that was registered as partial or on costs alone.",
    "award_unnamed": "An event reports an award and doesn't say which, so it can't be held against the register.",
    "award_reported_twice": "Two cases are said to end with the same award.",
    "award_rejected": "The case is said to end with an award that a review has rejected.",
    "award_after_registration": "The award is said to have been made more than a day after it was registered.",
    "court_not_reported": "A court's decision on the award is registered and no event reports one.",
    "court_disagrees": "A court's decision on the award is registered, and events report only others.",
    "slot_reused": "The same place for an answer was registered for two cases.",
}
"""Code and plain sentence of every discrepancy."""

MISSING = frozenset({"award_not_reported", "court_not_reported"})
"""Discrepancies that stand for an event that ought to have been reported."""


@dataclass(frozen=True, slots=True)
class RegisteredAward:
    """An award as the log has it.

    Attributes:
        provider: who registered it.
        registered_at: entry time, POSIX seconds.
        case_id: the case as statements name it; awards with the same one are of one case. Empty: a case of its own.
        type: ``final``, ``partial``, ``consent`` or ``costs``.
        rejected: whether a review has rejected it, because a key was misused.
    """

    provider: str
    digest: str
    registered_at: int
    case_id: str = ""
    type: str = "final"
    rejected: bool = False


@dataclass(frozen=True, slots=True)
class CourtOutcome:
    """A court's decision as the log has it; ``decision`` is one of ``events.COURT_DECISIONS``."""

    award: str
    decision: str
    registered_at: int


@dataclass(frozen=True, slots=True, order=True)
class Discrepancy:
    """Two things that ought to agree and don't.

    Attributes:
        provider: who is asked about it.
        code: one of ``DISCREPANCIES``.
        about: digest of the award, pseudonym of the case, or hash of the token that it is about.
        since: since when it ought to have been settled (POSIX seconds).
    """

    provider: str
    code: str
    about: str
    since: int


def cross_check(
    facts: Iterable[CaseFact],
    awards: Iterable[RegisteredAward],
    courts: Iterable[CourtOutcome],
    freeze: int,
    grace_days: int = GRACE_DAYS,
) -> tuple[Discrepancy, ...]:
    """Every discrepancy at the freeze, sorted by provider, code and what it is about.

    Args:
        facts: of every provider, folded with this freeze; with the facts of some, awards of the others would seem
            unreported.
        awards: every registered award; those registered after the freeze are not known yet.
        courts: every registered outcome, likewise.
        freeze: what was recorded later is not known yet (POSIX seconds).
        grace_days: how long a registration or an event may stand alone before that is a discrepancy.
    """
    known = sorted(facts, key=_by_name)
    register = {one.digest: one for one in awards if one.registered_at <= freeze}
    settled = freeze - grace_days * DAY_SECONDS
    found = {
        *_registered(register, known, settled),
        *(one for fact in known if fact.award for one in _reported(fact, fact.award, register, settled)),
        *_repeated(known),
        *_courts((one for one in courts if one.registered_at <= settled), register, known),
    }
    return tuple(sorted(found))


def _by_name(fact: CaseFact) -> tuple[str, str]:
    return fact.provider, fact.case


def _registered(register: Mapping[str, RegisteredAward], facts: list[CaseFact], settled: int) -> Iterator[Discrepancy]:
    """Registered awards of which no event tells, or only one that had to be set aside."""
    counted = {fact.award.digest for fact in facts if fact.award}
    named = {digest: fact.provider for fact in facts for digest in fact.award_digests}
    cases: dict[str, list[RegisteredAward]] = {}
    for one in register.values():
        if one.type in ENDING and not one.rejected:
            cases.setdefault(one.case_id or one.digest, []).append(one)
    for group in cases.values():
        if any(one.digest in counted for one in group):
            continue
        first = min(group, key=lambda one: (one.registered_at, one.digest))
        if first.registered_at > settled:
            continue
        aside = next((one for one in group if one.digest in named), None)
        if aside is not None:
            yield Discrepancy(named[aside.digest], "award_set_aside", aside.digest, first.registered_at)
        else:
            yield Discrepancy(first.provider, "award_not_reported", first.digest, first.registered_at)


def _reported(
    fact: CaseFact, award: AwardFact, register: Mapping[str, RegisteredAward], settled: int
) -> Iterator[Discrepancy]:
    """What is wrong with the award that a case is said to end with."""
    if award.digest is None:
        yield Discrepancy(fact.provider, "award_unnamed", fact.case, award.at)
        return
    one = register.get(award.digest)
    if one is None:
        if award.at <= settled:
            yield Discrepancy(fact.provider, "award_not_registered", award.digest, award.at)
        return
    wrong = {
        "award_elsewhere": one.provider != fact.provider,
        "award_not_final": one.type not in ENDING,
        "award_rejected": one.rejected,
        "award_after_registration": award.at > one.registered_at + DAY_SECONDS,
    }
    for code in (code for code, holds in wrong.items() if holds):
        yield Discrepancy(fact.provider, code, award.digest, max(award.at, one.registered_at))


def _repeated(facts: list[CaseFact]) -> Iterator[Discrepancy]:
    """Awards and tokens that two cases claim; the case that comes later by name is asked about it."""
    awards: set[str] = set()
    tokens: set[str] = set()
    for fact in facts:
        digest = fact.award.digest if fact.award else None
        if fact.award and digest is not None:
            if digest in awards:
                yield Discrepancy(fact.provider, "award_reported_twice", fact.case, fact.award.at)
            awards.add(digest)
        for slot in fact.slots:
            if slot.token in tokens:
                yield Discrepancy(fact.provider, "slot_reused", slot.token, fact.commenced or 0)
            tokens.add(slot.token)


def _courts(
    courts: Iterable[CourtOutcome], register: Mapping[str, RegisteredAward], facts: list[CaseFact]
) -> Iterator[Discrepancy]:
    """Registered decisions of courts that the provider doesn't report."""
    by_award = {fact.award.digest: fact for fact in facts if fact.award}
    for one in courts:
        fact, award = by_award.get(one.award), register.get(one.award)
        provider = fact.provider if fact else award.provider if award else None
        if provider is None:
            continue  # an award that neither the register nor any event knows
        told = {step.decision for step in fact.court if step.decision} if fact else set()
        if one.decision not in told:
            code = "court_disagrees" if told else "court_not_reported"
            yield Discrepancy(provider, code, one.award, one.registered_at)
