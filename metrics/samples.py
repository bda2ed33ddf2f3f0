"""A seeded sample of events, shaped after figures that a platform has reported; for demonstrations and tests.

The Guangzhou platform reported 169 cases up to February 2022, 23 days on average, 63 % settled in mediation. Only
these three figures are real; everything else (filing dates, stages, attributes, the other outcomes) is drawn by
chance within the limits of the APEC Model Procedural Rules and says nothing about any provider or economy.

Exact by construction: every case closes; the mean of the days from filing to closing is 23.0; 106 of 169 cases are
settled in mediation (62.7 %; 107 would be 63.3 %, farther from 63 %). For another ``count`` the nearest whole number
of cases is taken.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from metrics.events import DAY_SECONDS, Event, day
from metrics.facts import CaseFact
from metrics.samplecases import BOUNDS, SampleCase, case_events

__all__ = ["GUANGZHOU", "Observed", "Reported", "as_reported", "guangzhou_like", "observed"]

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Reported:
    """What a platform says about itself."""

    cases: int
    mean_days: int
    settled_in_mediation_percent: int
    source: str


GUANGZHOU = Reported(169, 23, 63, "Zhang Yingxin, Dispute Settlement 2024, DOI 10.12677/ds.2024.102120")


@dataclass(frozen=True, slots=True)
class Observed:
    """The same figures of a set of facts. Means of closed cases mislead while cases are open; here for comparison."""

    cases: int
    closed: int
    days: int
    settled_in_mediation: int

    @property
    def mean_days(self) -> float:
        """Days from filing to closing, on average over closed cases."""
        return self.days / self.closed


def as_reported(event: Event) -> dict[str, Any]:
    """The event as a member of a case-events statement: what was not said is left out, times are text."""
    told = {name: value for name, value in event._asdict().items() if value is not None and name not in _NOT_REPORTED}
    times = {name: datetime.fromtimestamp(told[name], UTC).strftime(_TIME) for name in ("at", "due") if name in told}
    lists = {name: list(value) for name, value in told.items() if isinstance(value, tuple)}
    slots = {"slots": [asdict(one) for one in event.slots]} if event.slots is not None else {}
    amounts = {
        name: asdict(told[name]) | {"amount": f"{told[name].amount:f}"} for name in ("fee", "claim") if name in told
    }
    return told | times | lists | slots | amounts


_NOT_REPORTED = frozenset({"provider", "recorded_at"})
_TIME = "%Y-%m-%dT%H:%M:%SZ"


def observed(facts: Iterable[CaseFact]) -> Observed:
    """What a platform would report of these cases in the manner of ``Reported``; at least one is closed."""
    filed = [fact for fact in facts if fact.filed is not None]
    closed = [(fact.filed, fact.closed_at) for fact in filed if fact.filed is not None and fact.closed_at is not None]
    settled = [fact.outcome for fact in filed if fact.outcome and fact.outcome.kind == "settled"]
    return Observed(
        cases=len(filed),
        closed=len(closed),
        days=sum(day(end) - day(start) for start, end in closed),
        settled_in_mediation=sum(one.stage == "mediation" for one in settled),
    )


def guangzhou_like(seed: int, count: int, first_day: date, provider: str = "sample") -> list[Event]:
    """Events of ``count`` cases filed from ``first_day`` on, nine every sixteen days on average; ordered as recorded.

    The same arguments give the same events.
    """
    rng = np.random.default_rng(seed)
    ends = _ends(count)
    rng.shuffle(ends)
    lengths = _lengths(rng, ends, GUANGZHOU.mean_days * count)
    start = (first_day - _EPOCH).days
    filed = sorted(start + int(offset) for offset in rng.integers(0, max(1, count * 16 // 9), count))
    events = []
    for end, length, opened in zip(ends, lengths, filed, strict=True):
        events += case_events(rng, SampleCase(provider, opened * DAY_SECONDS, end, length))
    return sorted(events, key=lambda event: (event.recorded_at, event.case, event.sequence))


def _ends(count: int) -> list[str]:
    """How the cases end: 63 % settled in mediation; of the rest a third in negotiation, half by award."""
    mediation = round(GUANGZHOU.settled_in_mediation_percent * count / 100)
    rest = count - mediation
    negotiation, award = round(rest / 3), round(rest * 0.48)
    discontinued = rest - negotiation - award
    return (
        ["mediation"] * mediation
        + ["negotiation"] * negotiation
        + ["arbitration"] * award
        + ["discontinued"] * discontinued
    )


def _lengths(rng: np.random.Generator, ends: list[str], total: int) -> list[int]:
    """Days of each case, within the bounds of its end, adding up to ``total`` exactly."""
    lengths = [int(rng.integers(BOUNDS[end][0], BOUNDS[end][1] + 1)) for end in ends]
    while (missing := total - sum(lengths)) != 0:
        step = 1 if missing > 0 else -1
        for place in rng.permutation(len(ends))[: abs(missing)]:
            low, high = BOUNDS[ends[place]]
            lengths[place] = min(high, max(low, lengths[place] + step))
    return lengths
