"""One case of a sample: its events from filing to closing, after the stages and limits of the rules.

Limits in days (APEC Model Procedural Rules): response 7, negotiation 10 (20 by agreement), mediation 10, last
materials 10, award 10. A stage that takes longer was extended by agreement in two of three cases, and is a deadline
missed in the third. Part of ``metrics.samples``.
"""

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np

from metrics.events import DAY_SECONDS, Event

__all__ = ["BOUNDS", "SampleCase", "case_events"]

BOUNDS = {"negotiation": (2, 10), "mediation": (12, 30), "arbitration": (31, 50), "discontinued": (5, 40)}
"""How the case ends, and how many days such a case may take."""

_RESPONSE, _STAGE = 7, 10
_ECONOMIES = ("CN", "HK", "US", "SG", "JP", "VN", "TH", "MY", "PE")
_HS2 = ("39", "42", "61", "62", "64", "73", "84", "85", "87", "94", "95")
_SIZES = ("micro", "small", "medium", "large", "unknown")
_REASONS = ("withdrawn", "settled_outside", "unreachable", "fee_unpaid")
_OUTCOMES = ("claimant_full", "claimant_part", "claimant_part", "respondent", "consent_award")


@dataclass(frozen=True, slots=True)
class SampleCase:
    """How a case will go; ``opened`` is 00:00 of the day of its filing."""

    provider: str
    opened: int
    end: str
    length: int


def case_events(rng: np.random.Generator, case: SampleCase) -> list[Event]:
    """The events of the case, in order."""
    writer = _Writer(rng, case)
    default = case.end == "arbitration" and rng.random() < 0.2
    plan = _plan(rng, case, default=default)
    _open(writer, rng, default=default, answered=plan[0][1])
    for place, (stage, began, ended) in enumerate(plan):
        due = _begin(writer, rng, stage, began, ended)
        last = place == len(plan) - 1
        if not last:
            writer.add("stage_ended", ended, stage=stage)
            _judge(writer, ended, due, stage)
            continue
        _end(writer, rng, case, stage, default=default)
        if case.end != "discontinued":
            _judge(writer, ended, due, _deadline(stage))
    writer.add("closed", case.length)
    return writer.events


class _Writer:
    """Numbers events and gives them times: one day's events follow each other within that day."""

    def __init__(self, rng: np.random.Generator, case: SampleCase) -> None:
        self.events: list[Event] = []
        self._rng = rng
        self._case = case
        self._name = base64.urlsafe_b64encode(rng.bytes(16)).decode("ascii").rstrip("=")

    def add(self, kind: str, on: int, **fields: Any) -> None:  # noqa: ANN401 - fields of Event, which checks them
        """One event on a day counted from the filing."""
        sequence = len(self.events)
        at = self._case.opened + on * DAY_SECONDS + 8 * 3600 + 600 * sequence
        recorded_at = at + int(self._rng.integers(60, 2 * DAY_SECONDS))
        self.events.append(Event(self._case.provider, self._name, sequence, kind, at, recorded_at, **fields))

    def instant(self, on: int) -> int:
        """The end of a day counted from the filing."""
        return self._case.opened + (on + 1) * DAY_SECONDS - 1


def _plan(rng: np.random.Generator, case: SampleCase, *, default: bool) -> list[tuple[str, int, int]]:
    """Stages with their first and last day."""
    length = case.length
    answered = min(int(rng.integers(1, 7)), length - 1)
    if case.end == "negotiation":
        return [("negotiation", answered, length)]
    if case.end == "discontinued":
        moved = answered + _STAGE
        first = ("negotiation", answered, min(moved, length))
        return [first, ("mediation", moved, length)] if length > moved else [first]
    if case.end == "mediation":
        began = max(min(answered + int(rng.integers(2, 11)), length - 1), length - 20)
        return [("negotiation", answered, began), ("mediation", began, length)]
    closed = length - int(rng.integers(11, 20))
    began = max(answered + 1, closed - int(rng.integers(4, 11)))
    if default:
        return [("mediation", _RESPONSE, max(began, _RESPONSE + 1)), ("arbitration", max(began, _RESPONSE + 1), length)]
    middle = max(answered, began - int(rng.integers(4, 11)))
    return [("negotiation", answered, middle), ("mediation", middle, began), ("arbitration", began, length)]


def _open(writer: _Writer, rng: np.random.Generator, *, default: bool, answered: int) -> None:
    """Filing, commencement, and the answer or its absence."""
    home, other = rng.choice(len(_ECONOMIES), 2, replace=False)
    cross_border = bool(rng.random() < 0.85)
    writer.add(
        "filed",
        0,
        cross_border=cross_border,
        economies=(_ECONOMIES[home], _ECONOMIES[other if cross_border else home]),
        hs2=str(rng.choice(_HS2)),
        amount_band=f"b{rng.integers(1, 6)}",
        respondent_type=str(rng.choice(_SIZES)),
        represented=bool(rng.random() < 0.3),
        language=str(rng.choice(["zh", "en"])),
    )
    writer.add("commenced", 0, deadline="response", due=writer.instant(_RESPONSE))
    if default:
        writer.add("no_response", _RESPONSE)
        writer.add("deadline_missed", _RESPONSE, deadline="response", due=writer.instant(_RESPONSE))
    else:
        writer.add("response", answered)
        writer.add("deadline_met", answered, deadline="response", due=writer.instant(_RESPONSE))


def _begin(writer: _Writer, rng: np.random.Generator, stage: str, began: int, ended: int) -> int:
    """The stage, its deadline, and perhaps an extension; returns the day on which it falls due."""
    limit = _STAGE * 2 if stage == "arbitration" else _STAGE
    due, kind = began + limit, _deadline(stage)
    writer.add("stage_started", began, stage=stage, deadline=kind, due=writer.instant(due))
    if stage == "mediation":
        writer.add("appointed", began)
    if ended > due and rng.random() < 2 / 3:
        until = writer.instant(ended + 1)
        writer.add("extended", due - 1, reason="complexity", deadline=kind, due=until, agreed=True)
        return ended + 1
    return due


def _judge(writer: _Writer, ended: int, due: int, deadline: str) -> None:
    """The deadline was kept, or not."""
    kept = "deadline_met" if ended <= due else "deadline_missed"
    writer.add(kept, ended, deadline=deadline, due=writer.instant(due))


def _deadline(stage: str) -> str:
    return "award" if stage == "arbitration" else stage


def _end(writer: _Writer, rng: np.random.Generator, case: SampleCase, stage: str, *, default: bool) -> None:
    """The outcome on the last day."""
    if case.end == "discontinued":
        writer.add("discontinued", case.length, reason=str(rng.choice(_REASONS)))
    elif case.end == "arbitration":
        outcome = "claimant_full" if default else str(rng.choice(_OUTCOMES))
        writer.add("award_issued", case.length, outcome=outcome, default=bool(default))
    else:
        writer.add("settled", case.length, stage=stage)
