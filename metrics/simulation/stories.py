"""One simulated case as the events that its provider reports, and as what becomes known otherwise.

Filed and commenced on day 0; an answer by day 7, to which the parties have moved it, or none; mediation from day 8, due
on day 30, with a neutral after 10 days or after 18; the outcome on the last day, an award 8 days after the last
submission or 15.
Because the parties agreed on it, the day of the answer is none of the deadlines that are compared.
A case that ends by award has that award registered, whatever its provider reports.
"""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from metrics.crosschecks import RegisteredAward
from metrics.events import DAY_SECONDS, Event
from metrics.figures import Period
from metrics.money import Money
from metrics.simulation.draws import OUTCOMES, PROCEDURES, Draws
from metrics.simulation.roster import Provider

__all__ = ["ALIKE", "ANSWER", "APPOINTED", "CODES", "DUE", "FEES", "MEDIATION", "SUBMITTED", "Told", "tell"]

MEDIATION, DUE = 8, 30
"""The day on which mediation begins, and the one by which it should end."""
_ANSWERED, ANSWER = 5, 7
"""The day on which respondents answer, and until which they may."""
_MISSED = 36
_SOON, _WEEKS = 2 * DAY_SECONDS, (20 * DAY_SECONDS, 120 * DAY_SECONDS)
_LATE = 0.8
ALIKE: dict[str, Any] = {
    "cross_border": True,
    "respondent_type": "small",
    "represented": False,
    "economies": ("CL", "CN"),
    "language": "en",
    "dispute_type": "non_conformity",
    "claim": Money(Decimal(900), "USD"),
    "respondent": "one-of-many-respondents",
    "declared_languages": ("en", "es"),
}
"""What is the same of every case here, and is told."""
FEES = (Money(Decimal(40), "USD"), Money(Decimal(120), "USD"))
"""The usual fee, and one above a tenth of the claim."""
APPOINTED, SUBMITTED = (26, 18), (15, 8)
"""The day of the appointment, and days from the last submission to the award: late, in time."""
_NEUTRALS = 3
CODES = {"claimant": "claimant_full", "respondent": "respondent"}
"""Outcomes that are awards, and their codes."""


@dataclass(frozen=True, slots=True)
class Told:
    """One quarter of a provider: reported events, registered awards, and digests of those that it does not report."""

    events: tuple[Event, ...]
    awards: tuple[RegisteredAward, ...]
    hidden: frozenset[str]


def tell(rng: np.random.Generator, provider: Provider, period: Period, draws: Draws) -> Told:
    """The events of the provider's cases in the order of cases, and the awards of those that ended so."""
    stories = [_Story(provider, period, draws, place) for place in range(len(draws.filed))]
    told = [list(one.events()) for one in stories]
    delays = iter(_delays(rng, provider, sum(map(len, told))).tolist())
    return Told(
        tuple(
            _event(provider.name, one.name, row, next(delays))
            for one, rows in zip(stories, told, strict=True)
            for row in rows
        ),
        tuple(one.award for one in stories if one.award is not None),
        frozenset(one.digest for one in stories if one.hides),
    )


def _delays(
    rng: np.random.Generator, provider: Provider, count: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Seconds from each event to its record."""
    soon = rng.integers(60, _SOON, count)
    late = (rng.random(count) < _LATE) & (provider.behaviour == "late")
    return np.where(late, rng.integers(*_WEEKS, count), soon)


def _event(provider: str, case: str, row: tuple[int, str, int, dict[str, Any]], delay: int) -> Event:
    sequence, kind, at, fields = row
    return Event(provider, case, sequence, kind, at, at + delay, **fields)


class _Story:
    """One case: what happens, what is told of it."""

    def __init__(self, provider: Provider, period: Period, draws: Draws, place: int) -> None:
        self.opened = period.start + int(draws.filed[place]) * DAY_SECONDS
        self.name = base64.urlsafe_b64encode(draws.names[place].tobytes()).decode("ascii").rstrip("=")
        self.kept, self.answered = bool(draws.kept[place]), bool(draws.answered[place])
        self.appointed, self.awarded = bool(draws.appointed[place]), bool(draws.awarded[place])
        self.neutral = f"{provider.name}-neutral-{place % _NEUTRALS}"
        self.length, self.outcome = int(draws.length[place]), OUTCOMES[draws.outcome[place]]
        self.kind = {
            "procedure": PROCEDURES[draws.procedure[place]],
            "amount_band": f"b{draws.band[place] + 1}",
            "fee": FEES[int(draws.costly[place])],
            **ALIKE,
        }
        self.hides = provider.behaviour == "hiding" and self.outcome == "respondent"
        by_award = self.outcome in CODES
        self.digest = f"sha256:{hashlib.sha256(draws.names[place].tobytes()).hexdigest()}"
        registered = self.opened + self.length * DAY_SECONDS + 12 * 3600
        self.award = RegisteredAward(provider.name, self.digest, registered) if by_award else None

    def events(self) -> Iterator[tuple[int, str, int, dict[str, Any]]]:
        """Sequence, type, time and fields of each event that is reported."""
        for sequence, (kind, on, fields) in enumerate(sorted(self._rows(), key=lambda row: row[1])):
            yield sequence, kind, self.opened + on * DAY_SECONDS + 8 * 3600 + 600 * sequence, fields

    def _rows(self) -> Iterator[tuple[str, int, dict[str, Any]]]:
        yield "filed", 0, self.kind
        answer = {"deadline": "response", "due": self._until(ANSWER)}
        yield "commenced", 0, answer | {"due": self._until(_ANSWERED)}
        yield "extended", 0, answer | {"agreed": True, "reason": "party_request"}
        yield ("response", _ANSWERED, {}) if self.answered else ("no_response", ANSWER, {})
        yield ("deadline_met", _ANSWERED, answer) if self.answered else ("deadline_missed", MEDIATION, answer)
        yield "stage_started", MEDIATION, {"stage": "mediation", "deadline": "mediation", "due": self._until(DUE)}
        yield "appointed", APPOINTED[self.appointed], {"neutral": self.neutral}
        judged, on = ("deadline_met", DUE) if self.kept else ("deadline_missed", _MISSED)
        yield judged, on, {"deadline": "mediation", "due": self._until(DUE)}
        if self.outcome in CODES:
            yield "submissions_closed", self.length - SUBMITTED[self.awarded], {}
        if not self.hides:
            yield self._end()
            yield "closed", self.length, {}

    def _end(self) -> tuple[str, int, dict[str, Any]]:
        if self.outcome == "settled":
            return "settled", self.length, {"stage": "mediation"}
        if self.outcome == "discontinued":
            return "discontinued", self.length, {"reason": "withdrawn"}
        told = {"outcome": CODES[self.outcome], "default": not self.answered, "award_digest": self.digest}
        return "award_issued", self.length, told

    def _until(self, on: int) -> int:
        """The end of a day counted from the filing."""
        return self.opened + (on + 1) * DAY_SECONDS - 1
