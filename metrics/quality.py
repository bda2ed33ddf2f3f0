"""How good a provider's reporting is: ``Quality``, a score from 0 to 1 and the parts that it is made of.

=============  ======  ===========================================================================================
part           weight  1 if, and how it falls
=============  ======  ===========================================================================================
on_time        0.25    every expected event was recorded within ``ON_TIME_DAYS``: the share of events that were
prompt         0.10    19 of 20 events were: falls evenly to 0 where the slowest twentieth takes ``LATE_DAYS``
steady         0.10    nothing was amended: falls evenly to 0 where ``AMENDED`` of the events are amended
complete       0.20    no field is unknown: 1 less the mean of the shares of unknown values over ``FIELDS``
consistent     0.15    no case has a defect: the share of cases without one
matching       0.20    the register agrees: the share of awards without a discrepancy
=============  ======  ===========================================================================================

The score is the weighted mean of the parts that can be told; a part with nothing to judge by has no value, and where
no part has one there is no score. Expected events are those that were reported, those that a discrepancy shows to be
missing, and a report on each deadline that fell due and of which nobody said whether it was kept.

What counts: cases in the provider's hands at any time in the period, and cases that were never opened; for *matching*
everything before the period's end, for a discrepancy stands until it is settled. A score says how far figures can be
trusted, nothing about how well cases are handled; the weights are a convention of this project (ADR 0029), so the parts
are always shown with it. Not seen: events that leave no trace anywhere.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from metrics.crosschecks import MISSING, Discrepancy
from metrics.events import DAY_SECONDS
from metrics.facts import CaseFact
from metrics.tasks import Request

__all__ = [
    "AMENDED",
    "FIELDS",
    "LATE_DAYS",
    "ON_TIME_DAYS",
    "WEIGHTS",
    "Counts",
    "Quality",
    "assess",
    "counted",
    "quality",
]

ON_TIME_DAYS: Final = 2
"""An event recorded within so many days of its happening is on time."""

LATE_DAYS: Final = 30
AMENDED: Final = 0.25

WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {"on_time": 0.25, "prompt": 0.10, "steady": 0.10, "complete": 0.20, "consistent": 0.15, "matching": 0.20}
)

FIELDS: Final = (
    "procedure", "cross_border", "respondent_type", "represented", "economies", "amount_band", "language",
    "dispute_type", "claim", "fee", "respondent", "declared_languages", "neutral", "award_digest", "notified",
    "due",
)  # fmt: skip
"""Fields of which the share of unknown values counts; those of refused cases are not asked for."""

_ATTRIBUTES = FIELDS[:8]
_UNKNOWN = frozenset({None, "unknown"})


@dataclass(frozen=True, slots=True)
class Counts:
    """What a score is made of; every number can be shown.

    Attributes:
        cases: cases that count; ``faulty`` how many of them have a defect.
        events: events recorded for the first time; ``on_time`` how many within ``ON_TIME_DAYS``.
        missing: events that ought to have been reported and were not.
        lag_p95: seconds within which 19 of 20 events were recorded; None without events.
        amendments: events that amend another.
        unknown: of each field, how many values are unknown and how many were asked for.
        defects: how often each defect occurs.
        awards: awards before the period's end that were reported or ought to have been.
        disputed: how many awards, cases or tokens have a discrepancy; ``discrepancies``: of which kinds.
    """

    cases: int = 0
    faulty: int = 0
    events: int = 0
    on_time: int = 0
    missing: int = 0
    lag_p95: int | None = None
    amendments: int = 0
    unknown: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    defects: Mapping[str, int] = field(default_factory=dict)
    awards: int = 0
    disputed: int = 0
    discrepancies: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a provider's reporting is.

    Attributes:
        score: 0 to 1; None where nothing was reported and nothing is known to be missing.
        parts: of each part in ``WEIGHTS`` its value from 0 to 1, or None if there is nothing to judge it by.
        counts: what they are made of.
    """

    provider: str
    score: float | None
    parts: Mapping[str, float | None]
    counts: Counts


def quality(
    provider: str, facts: Iterable[CaseFact], discrepancies: Iterable[Discrepancy], request: Request
) -> Quality:
    """The quality of one provider's reporting in a period.

    Args:
        provider: whose.
        facts: its facts, folded with the freeze of the request; those of others are passed over.
        discrepancies: of any provider; only its own count.
        request: the period.
    """
    return assess(provider, counted(provider, facts, discrepancies, request))


def counted(provider: str, facts: Iterable[CaseFact], discrepancies: Iterable[Discrepancy], request: Request) -> Counts:
    """The counts that a score is made of; arguments as for ``quality``."""
    known = [one for one in facts if one.provider == provider]
    own = [one for one in known if _touched(one, request)]
    standing = [one for one in discrepancies if one.provider == provider and one.since < request.period.end]
    late = sorted(seconds for fact in own for seconds in fact.lateness)
    codes = Counter(one.code for one in standing)
    unreported = sum(codes[code] for code in MISSING)
    return Counts(
        cases=len(own),
        faulty=sum(bool(fact.defects) for fact in own),
        events=len(late),
        on_time=sum(seconds <= ON_TIME_DAYS * DAY_SECONDS for seconds in late),
        missing=unreported + _silent_deadlines(own, request.freeze),
        lag_p95=_p95(late),
        amendments=sum(fact.amendments for fact in own),
        unknown=_unknown(own),
        defects=dict(sorted(Counter(one.code for fact in own for one in fact.defects).items())),
        awards=_awards(known, request) + codes["award_not_reported"] + codes["award_set_aside"],
        disputed=len({one.about for one in standing}),
        discrepancies=dict(sorted(codes.items())),
    )


def assess(provider: str, counts: Counts) -> Quality:
    """The score of counts, however they were made."""
    parts = {
        "on_time": _share(counts.on_time, counts.events + counts.missing),
        "prompt": None if counts.lag_p95 is None else _falling(counts.lag_p95 / DAY_SECONDS, ON_TIME_DAYS, LATE_DAYS),
        "steady": _falling(counts.amendments / counts.events, 0, AMENDED) if counts.events else None,
        "complete": _complete(counts.unknown),
        "consistent": _share(counts.cases - counts.faulty, counts.cases),
        "matching": _share(max(0, counts.awards - counts.disputed), counts.awards) if counts.awards else None,
    }
    if parts["matching"] is None and counts.disputed:
        parts["matching"] = 0.0
    told = {name: value for name, value in parts.items() if value is not None}
    weight = sum(WEIGHTS[name] for name in told)
    score = sum(WEIGHTS[name] * value for name, value in told.items()) / weight if told else None
    return Quality(provider, score, MappingProxyType(parts), counts)


def _touched(fact: CaseFact, request: Request) -> bool:
    """Whether the case was in the provider's hands in the period, or never was at all."""
    period = request.period
    opened = fact.spells[0].opened if fact.spells else fact.outcome.at if fact.outcome else None
    if opened is None:
        return True  # nobody knows when it was
    ended = fact.spells[-1].ended if fact.spells else opened
    return opened < period.end and (ended is None or ended >= period.start)


def _awards(facts: Iterable[CaseFact], request: Request) -> int:
    """Awards that were reported, of any time before the period's end: discrepancies stand until they are settled."""
    return sum(fact.award is not None and fact.award.at < request.period.end for fact in facts)


def _silent_deadlines(facts: Sequence[CaseFact], freeze: int) -> int:
    """Deadlines that have fallen due and of which nobody says whether they were kept."""
    overdue = freeze - ON_TIME_DAYS * DAY_SECONDS
    return sum(one.result == "open" and one.judged_due < overdue for fact in facts for one in fact.deadlines)


def _p95(ordered: Sequence[int]) -> int | None:
    return ordered[-(-19 * len(ordered) // 20) - 1] if ordered else None


def _unknown(facts: Sequence[CaseFact]) -> dict[str, tuple[int, int]]:
    """Of each field, how many values are unknown, of how many that were asked for."""
    asked: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for fact in facts:
        for name, known in _fields(fact):
            asked[name] += 1
            unknown[name] += not known
    return {name: (unknown[name], asked[name]) for name in FIELDS if asked[name]}


def _fields(fact: CaseFact) -> Iterable[tuple[str, bool]]:
    """Fields that the case ought to tell, and whether it does."""
    if fact.outcome is not None and fact.outcome.kind == "refused":
        return
    for name in _ATTRIBUTES:
        yield name, getattr(fact.attributes, name) not in _UNKNOWN
    yield "claim", fact.claim is not None
    yield "fee", fact.fee is not None
    yield "respondent", fact.respondent is not None
    yield "declared_languages", bool(fact.declared_languages)
    for one in fact.appointments:
        yield "neutral", one.neutral is not None
    if fact.award is not None:
        yield "award_digest", fact.award.digest is not None
        yield "notified", fact.award.notified_at is not None
    if fact.performance is not None:
        yield "due", fact.performance.due is not None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _falling(value: float, good: float, bad: float) -> float:
    """1 up to ``good``, 0 from ``bad`` on, a straight line between."""
    return min(1.0, max(0.0, (bad - value) / (bad - good)))


def _complete(unknown: Mapping[str, tuple[int, int]]) -> float | None:
    shares = [count / asked for count, asked in unknown.values()]
    return 1 - sum(shares) / len(shares) if shares else None
