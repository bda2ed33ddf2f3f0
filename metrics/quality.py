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

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from metrics.events import DAY_SECONDS

__all__ = [
    "AMENDED",
    "FIELDS",
    "LATE_DAYS",
    "ON_TIME_DAYS",
    "WEIGHTS",
    "Counts",
    "Quality",
    "assess",
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


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _falling(value: float, good: float, bad: float) -> float:
    """1 up to ``good``, 0 from ``bad`` on, a straight line between."""
    return min(1.0, max(0.0, (bad - value) / (bad - good)))


def _complete(unknown: Mapping[str, tuple[int, int]]) -> float | None:
    shares = [count / asked for count, asked in unknown.values()]
    return 1 - sum(shares) / len(shares) if shares else None
