"""What stands in each column: how it is read from a fact, and whether it is a number or a name.

``metrics.columns`` says what the columns are; here is where each comes from. Whatever has no number of its own (None)
is ``ABSENT``.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from decimal import ROUND_HALF_EVEN
from hashlib import blake2b
from operator import attrgetter
from typing import Any

import numpy as np

from metrics.details import (
    Appointments,
    AwardDigests,
    Court,
    Deadlines,
    Defects,
    Detail,
    Languages,
    Lateness,
    Moved,
    Slots,
    Spells,
    Stages,
    Stops,
)
from metrics.facts import HANDED_OVER, CaseFact, Money
from metrics.names import ABSENT, Names
from metrics.survival import Integers

__all__ = ["COLUMNS", "TABLES", "read"]

_Read = Callable[[CaseFact], Any]
_MOST = 2**62
"""Hundredths; a larger amount counts as this much, which no cap or band tells from it."""


def read(facts: Sequence[CaseFact], names: Names) -> dict[str, Any]:
    """Every column and table of the facts, by name; new ``names`` are entered."""
    told: dict[str, Any] = {}
    for name, of_fact in _NUMBERS.items():
        told[name] = _numbers([of_fact(fact) for fact in facts])
    for name, of_fact in _NAMES.items():
        told[name] = _codes(names, [of_fact(fact) for fact in facts])
    for name, (table, of_case, named) in _DETAILS.items():
        found = [(row, one) for row, fact in enumerate(facts) for one in of_case(fact)]
        told[name] = _detail(table, found, names, named)
    for name, (table, of_value) in _VALUES.items():
        values = [(row, one) for row, fact in enumerate(facts) for one in of_value(fact, names)]
        told[name] = table(_numbers([row for row, _ in values]), _numbers([one for _, one in values]))
    slots = [(row, one) for row, fact in enumerate(facts) for one in fact.slots]
    roles, tokens = [names.add(one.role) for _, one in slots], [_mark(one.token) for _, one in slots]
    told["slots"] = Slots(_numbers([row for row, _ in slots]), _numbers(roles), _numbers(tokens))
    moved = [row for row, fact in enumerate(facts) if _has_moved(fact)]
    kept = np.empty(len(moved), dtype=object)
    kept[:] = [facts[row] for row in moved]
    return told | {"moved": Moved(_numbers(moved), kept)}


def _mark(token: str) -> int:
    """A number of 63 bits that equal tokens share."""
    return int.from_bytes(blake2b(token.encode(), digest_size=8).digest()) >> 1


def _has_moved(fact: CaseFact) -> bool:
    return bool(fact.spells) and (bool(fact.transfers) or fact.spells[-1].ended_by == HANDED_OVER)


def _numbers(values: Sequence[Any]) -> Integers:
    return np.array([ABSENT if value is None else value for value in values], dtype=np.int64)


def _codes(names: Names, values: Sequence[str | None]) -> Integers:
    return np.array([names.add(value) for value in values], dtype=np.int64)


def _detail(table: type[Detail], found: list[tuple[int, Any]], names: Names, named: frozenset[str]) -> Detail:
    told: dict[str, Integers] = {"row": _numbers([row for row, _ in found])}
    for one in fields(table):
        if one.name != "row":
            values = [getattr(detail, one.name) for _, detail in found]
            told[one.name] = _codes(names, values) if one.name in named else _numbers(values)
    return table(**told)


def _first(member: str) -> _Read:
    return lambda fact: getattr(fact.spells[0], member) if fact.spells else None


def _of(part: str, member: str) -> _Read:
    return lambda fact: None if (one := getattr(fact, part)) is None else getattr(one, member)


def _economy(place: int) -> _Read:
    return lambda fact: fact.attributes.economies[place] if fact.attributes.economies else None


def _hundredths(member: str) -> _Read:
    def hundredths(fact: CaseFact) -> int | None:
        money: Money | None = getattr(fact, member)
        return None if money is None else min(int((money.amount * 100).to_integral_value(ROUND_HALF_EVEN)), _MOST)

    return hundredths


_NUMBERS: dict[str, _Read] = {
    **{name: attrgetter(name) for name in ("filed", "commenced", "closed_at", "deleted_at")},
    "opened": _first("opened"),
    "ended": _first("ended"),
    "outcome_at": _of("outcome", "at"),
    "cross_border": _of("attributes", "cross_border"),
    "represented": _of("attributes", "represented"),
    **{
        name: attrgetter(name)
        for name in ("responded_at", "silent_at", "response_due", "submissions_closed", "published_at", "fee_final")
    },
    "award_at": _of("award", "at"),
    "award_notified": _of("award", "notified_at"),
    "award_default": _of("award", "default"),
    "award_obligation": _of("award", "obligation"),
    "award_due": _of("award", "due"),
    "performance_due": _of("performance", "due"),
    "performance_at": _of("performance", "at"),
    "fee": _hundredths("fee"),
    "claim": _hundredths("claim"),
    "events": lambda fact: fact.events,
    "amendments": lambda fact: fact.amendments,
}
_NAMES: dict[str, _Read] = {
    "provider": lambda fact: fact.provider,
    "case": lambda fact: fact.case,
    "opened_by": _first("opened_by"),
    "ended_by": _first("ended_by"),
    "outcome": _of("outcome", "kind"),
    "outcome_stage": _of("outcome", "stage"),
    "outcome_code": _of("outcome", "code"),
    "outcome_reason": _of("outcome", "reason"),
    "award_digest": _of("award", "digest"),
    "award_code": _of("award", "code"),
    "performance": _of("performance", "result"),
    "performance_of": _of("performance", "of"),
    "fee_currency": _of("fee", "currency"),
    "claim_currency": _of("claim", "currency"),
    "respondent": lambda fact: fact.respondent,
    "economy": _economy(0),
    "other_economy": _economy(1),
    **{
        name: _of("attributes", name)
        for name in ("procedure", "respondent_type", "hs2", "amount_band", "language", "dispute_type")
    },
}
_DETAILS: dict[str, tuple[type[Detail], Callable[[CaseFact], Iterable[Any]], frozenset[str]]] = {
    "spells": (Spells, lambda fact: fact.spells, frozenset({"opened_by", "ended_by"})),
    "stages": (Stages, lambda fact: fact.stages, frozenset({"stage"})),
    "stops": (Stops, lambda fact: fact.stops, frozenset({"reason"})),
    "deadlines": (Deadlines, lambda fact: fact.deadlines, frozenset({"kind", "extension", "result"})),
    "appointments": (Appointments, lambda fact: fact.appointments, frozenset({"neutral", "ended_by"})),
    "court": (Court, lambda fact: fact.court, frozenset({"kind", "decision"})),
    "defects": (Defects, lambda fact: fact.defects, frozenset({"code"})),
}
_VALUES: dict[str, tuple[type[Any], Callable[[CaseFact, Names], Iterable[int]]]] = {
    "award_digests": (AwardDigests, lambda fact, names: (names.add(one) for one in fact.award_digests)),
    "languages": (Languages, lambda fact, names: (names.add(one) for one in fact.declared_languages)),
    "lateness": (Lateness, lambda fact, _: fact.lateness),
}
COLUMNS = (*_NUMBERS, *_NAMES)
TABLES = (*_DETAILS, *_VALUES, "slots", "moved")
