"""What stands in each column: where it is read from among the members of a stored fact, and whether it is a name.

``metrics.columns`` says what the columns are; here is where each comes from. Facts are read as they are stored
(``metrics.storedfacts``), column by column, so that no object is made of a fact that is only counted. Whatever has no
number of its own (None) is ``ABSENT``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_EVEN, Decimal
from hashlib import blake2b
from itertools import chain
from operator import itemgetter
from typing import Any, Self

import numpy as np

from metrics.defects import Defect
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
    Records,
    Slots,
    Spells,
    Stages,
    Stops,
)
from metrics.events import Slot
from metrics.facts import (
    HANDED_OVER,
    Appointment,
    AwardFact,
    CaseFact,
    CourtStep,
    Deadline,
    Outcome,
    Performance,
    Record,
    Spell,
    StageSpell,
    Stop,
)
from metrics.names import ABSENT, Names
from metrics.storedfacts import as_stored, of_stored
from metrics.survival import Integers

__all__ = ["COLUMNS", "TABLES", "Stored", "read"]

_Members = Mapping[str, Any]
_MOST = 2**62
"""Hundredths; a larger amount counts as this much, which no cap or band tells from it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Facts as they are stored: of each its provider, its case and its members."""

    providers: Sequence[str]
    cases: Sequence[str]
    members: Sequence[_Members]

    @classmethod
    def of(cls, facts: Sequence[CaseFact]) -> Self:
        """These facts."""
        return cls([one.provider for one in facts], [one.case for one in facts], [as_stored(one) for one in facts])


def read(stored: Stored, names: Names) -> dict[str, Any]:
    """Every column and table of the facts, by name; new ``names`` are entered."""
    facts = stored.members
    told: dict[str, Any] = {"provider": names.codes(stored.providers), "case": names.codes(stored.cases)}
    for name, default in _PLAIN.items():
        told[name] = _column(names, name, [fact.get(name, default) for fact in facts])
    for part, (kind, columns) in _PARTS.items():
        none = (None,) * len(fields(kind))
        told |= _columns(names, kind, columns, [fact.get(part, none) for fact in facts])
    none = (None,) * len(fields(Spell))
    told |= _columns(names, Spell, _FIRST, [fact["spells"][0] if "spells" in fact else none for fact in facts])
    told |= _attributes(names, [fact.get("attributes", {}) for fact in facts])
    for name in ("fee", "claim"):
        money = [fact.get(name, (None, None)) for fact in facts]
        told[name] = _numbers([_hundredths(amount) for amount, _ in money])
        told[f"{name}_currency"] = names.codes([currency for _, currency in money])
    for name, (table, member) in _VALUES.items():
        row, found = _flat(facts, member)
        told[name] = table(row, _column(names, name, found))
    for name, (table, kind) in _DETAILS.items():
        row, found = _flat(facts, name)
        own = {one.name: one.name for one in fields(table) if one.name != "row"}
        told[name] = table(row=row, **_columns(names, kind, own, found))
    return told | {"moved": _moved(stored)}


def _attributes(names: Names, found: Sequence[_Members]) -> dict[str, Integers]:
    told = {name: _column(names, name, [one.get(name) for one in found]) for name in _ATTRIBUTES}
    economies = [one.get("economies", (None, None)) for one in found]
    for place, name in enumerate(("economy", "other_economy")):
        told[name] = names.codes([one[place] for one in economies])
    return told


def _moved(stored: Stored) -> Moved:
    rows = [row for row, fact in enumerate(stored.members) if _has_moved(fact)]
    kept = np.empty(len(rows), dtype=object)
    kept[:] = [of_stored(stored.providers[row], stored.cases[row], stored.members[row]) for row in rows]
    return Moved(_numbers(rows), kept)


def _has_moved(fact: _Members) -> bool:
    return "spells" in fact and ("transfers" in fact or fact["spells"][-1][_ENDED_BY] == HANDED_OVER)


def _flat(facts: Sequence[_Members], member: str) -> tuple[Integers, list[Any]]:
    """What the facts have several of, one after the other, and the row of the fact of each."""
    several = [fact.get(member, ()) for fact in facts]
    row = np.repeat(np.arange(len(facts)), np.fromiter(map(len, several), np.int64, len(facts)))
    return row, list(chain.from_iterable(several))


def _columns(names: Names, kind: type[Any], columns: Mapping[str, str], parts: Sequence[Any]) -> dict[str, Integers]:
    """Columns of the members of parts of a kind, which are lists of them in the order of its fields."""
    place = {one.name: number for number, one in enumerate(fields(kind))}
    return {name: _column(names, name, list(map(itemgetter(place[member]), parts))) for name, member in columns.items()}


def _column(names: Names, name: str, values: Sequence[Any]) -> Integers:
    if name == "token":
        return _numbers([_mark(one) for one in values])
    return names.codes(values) if name in _NAMED else _numbers(values)


def _numbers(values: Sequence[Any]) -> Integers:
    return np.array([ABSENT if value is None else value for value in values], dtype=np.int64)


def _mark(token: str) -> int:
    """A number of 63 bits that equal tokens share."""
    return int.from_bytes(blake2b(token.encode(), digest_size=8).digest()) >> 1


def _hundredths(amount: str | None) -> int | None:
    if amount is None:
        return None
    return min(int((Decimal(amount) * 100).to_integral_value(ROUND_HALF_EVEN)), _MOST)


_PLAIN: dict[str, int | None] = {
    **dict.fromkeys(("filed", "commenced", "closed_at", "deleted_at", "responded_at", "silent_at", "response_due")),
    **dict.fromkeys(("submissions_closed", "published_at", "respondent")),
    **dict.fromkeys(("fee_final", "events", "amendments"), 0),
}
"""Members that are columns as they are, and what is so where they were left out."""
_PARTS: dict[str, tuple[type[Any], dict[str, str]]] = {
    "outcome": (
        Outcome,
        {
            "outcome": "kind",
            "outcome_at": "at",
            "outcome_stage": "stage",
            "outcome_code": "code",
            "outcome_reason": "reason",
        },
    ),
    "award": (
        AwardFact,
        {
            "award_at": "at",
            "award_digest": "digest",
            "award_notified": "notified_at",
            "award_code": "code",
            "award_default": "default",
            "award_obligation": "obligation",
            "award_due": "due",
        },
    ),
    "performance": (
        Performance,
        {"performance": "result", "performance_of": "of", "performance_due": "due", "performance_at": "at"},
    ),
}
"""By the member that is one part, its kind and, by column, the member of the part."""
_FIRST = {name: name for name in ("opened", "opened_by", "ended", "ended_by")}
"""Columns of the first spell."""
_ENDED_BY = [one.name for one in fields(Spell)].index("ended_by")
_ATTRIBUTES = (
    "procedure", "cross_border", "respondent_type", "represented", "hs2", "amount_band", "language", "dispute_type"
)  # fmt: skip
_DETAILS: dict[str, tuple[type[Detail], type[Any]]] = {
    "spells": (Spells, Spell),
    "stages": (Stages, StageSpell),
    "stops": (Stops, Stop),
    "deadlines": (Deadlines, Deadline),
    "appointments": (Appointments, Appointment),
    "court": (Court, CourtStep),
    "defects": (Defects, Defect),
    "slots": (Slots, Slot),
    "records": (Records, Record),
}
_VALUES: dict[str, tuple[type[Any], str]] = {
    "award_digests": (AwardDigests, "award_digests"),
    "languages": (Languages, "declared_languages"),
    "lateness": (Lateness, "lateness"),
}
"""By table its kind, and the member whose values it holds."""
_NAMED = frozenset({
    "amount_band", "award_code", "award_digest", "award_digests", "case", "code", "decision", "dispute_type",
    "ended_by", "extension", "hs2", "kind", "language", "languages", "neutral", "opened_by", "outcome", "outcome_code",
    "outcome_reason", "outcome_stage", "performance", "performance_of", "procedure", "provider", "reason", "respondent",
    "respondent_type", "result", "role", "stage",
})  # fmt: skip
"""Columns of cases and of details that hold names; all others hold numbers."""
COLUMNS = (
    "provider", "case", "economy", "other_economy", "fee", "fee_currency", "claim", "claim_currency",
    *_PLAIN, *_FIRST, *_ATTRIBUTES, *(name for _, columns in _PARTS.values() for name in columns),
)  # fmt: skip
TABLES = (*_DETAILS, *_VALUES, "moved")
