"""Facts as they are stored: members by name, what is as it is by default left out, the parts of a fact as lists.

``FORM`` is the number of this form *and* of how events fold: whoever changes what the same events fold into, or how it
is written here, raises it, and hubs fold their facts again. A member that is added to a fact with a default needs a
new number only because folding fills it; what was stored before can still be read.

Equal facts are equal values here, so a stored fact can be compared as text.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from decimal import Decimal
from operator import attrgetter
from typing import Any

from metrics.defects import Defect
from metrics.events import Slot
from metrics.facts import (
    Appointment,
    Attributes,
    AwardFact,
    CaseFact,
    CourtStep,
    Deadline,
    Money,
    Outcome,
    Performance,
    Record,
    Spell,
    StageSpell,
    Stop,
    Transfer,
)

__all__ = ["FORM", "as_stored", "of_stored"]

FORM = 4
"""The number of the form and of the folding."""

_Code = tuple[Callable[[Any], Any], Callable[[Any], Any]]


def as_stored(fact: CaseFact) -> dict[str, Any]:
    """The fact as JSON members; provider and case are not among them."""
    told: dict[str, Any] = {}
    for value, (name, default, write) in zip(_VALUES(fact), _MEMBERS, strict=True):
        if value is not default and value != default:  # most are the default itself
            told[name] = value if write is None else write(value)
    return told


def of_stored(provider: str, case: str, told: Mapping[str, Any]) -> CaseFact:
    """The fact that was stored; members are not checked, they are the hub's own.

    Raises:
        TypeError: there are members that no fact has.
    """
    known = {name: value if (code := _CODES.get(name)) is None else code[1](value) for name, value in told.items()}
    return CaseFact(provider, case, **known)


def _part(kind: type[Any]) -> _Code:
    """One part: the list of its members."""
    return _members(kind), lambda told: kind(*told)


def _parts(kind: type[Any]) -> _Code:
    """Several parts."""
    members = _members(kind)
    return lambda parts: [members(one) for one in parts], lambda told: tuple(kind(*one) for one in told)


def _members(kind: type[Any]) -> Callable[[Any], Any]:
    return attrgetter(*(one.name for one in fields(kind)))


def _attributes(told: Mapping[str, Any]) -> Attributes:
    economies = told.get("economies")
    return Attributes(**{**told, "economies": None if economies is None else tuple(economies)})


def _stated(attributes: Attributes) -> dict[str, Any]:
    return {name: value for name in _ATTRIBUTES if (value := getattr(attributes, name)) is not None}


_ATTRIBUTES = tuple(one.name for one in fields(Attributes))
_MONEY: _Code = (lambda one: (str(one.amount), one.currency), lambda told: Money(Decimal(told[0]), told[1]))
_CODES: dict[str, _Code] = {
    "outcome": _part(Outcome),
    "spells": _parts(Spell),
    "stages": _parts(StageSpell),
    "transfers": _parts(Transfer),
    "deadlines": _parts(Deadline),
    "stops": _parts(Stop),
    "attributes": (_stated, _attributes),
    "defects": _parts(Defect),
    "appointments": _parts(Appointment),
    "award": _part(AwardFact),
    "performance": _part(Performance),
    "court": _parts(CourtStep),
    "fee": _MONEY,
    "claim": _MONEY,
    "award_digests": (tuple, tuple),
    "declared_languages": (tuple, tuple),
    "slots": _parts(Slot),
    "lateness": (tuple, tuple),
    "records": _parts(Record),
}
"""How members are written and read that JSON has no type for."""
_MEMBERS = tuple(
    (one.name, None if one.default is MISSING else one.default, _CODES[one.name][0] if one.name in _CODES else None)
    for one in fields(CaseFact)
    if one.name not in {"provider", "case"}
)
"""Each member: its name, what it is by default, and how it is written."""
_VALUES = attrgetter(*(name for name, _, _ in _MEMBERS))
