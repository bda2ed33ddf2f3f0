"""Events of one case, written shortly: ``story("filed 0", "settled 5 stage=mediation")`` (days from the first)."""

from datetime import date
from decimal import Decimal
from typing import Any

from metrics.defects import count
from metrics.events import DAY_SECONDS, Event, Slot
from metrics.facts import CaseFact
from metrics.figures import Period
from metrics.folding import fold_case
from metrics.money import Money

__all__ = ["FREEZE", "PERIOD", "START", "codes", "days", "fact", "story"]

PERIOD = Period.of(date(2026, 1, 1), date(2026, 3, 31))
START = PERIOD.start
FREEZE = PERIOD.end


def _yes(text: str) -> bool:
    return text == "yes"


def _money(text: str) -> Money:
    return Money(Decimal(text[:-3]), text[-3:])


def _slots(text: str) -> tuple[Slot, ...]:
    return tuple(Slot(*one.split(":")) for one in text.split(","))


_KINDS: dict[str, Any] = {
    "sequence": int,
    "amends_sequence": int,
    "panel": int,
    "fee": _money,
    "claim": _money,
    "slots": _slots,
    "declared_languages": lambda text: tuple(text.split(",")),
    **dict.fromkeys(("agreed", "default", "fee_final", "enforced", "obligation", "cross_border", "represented"), _yes),
    "due": lambda text: days(float(text)),
    "recorded": lambda text: days(float(text)),
}


def days(number: float) -> int:
    """An instant, in days from the start of the period."""
    return START + round(number * DAY_SECONDS)


def story(*lines: str, provider: str = "alpha", case: str = "one") -> list[Event]:
    """Each line: type, day, fields. Sequence numbers count up; recorded as it happens unless said otherwise."""
    events = []
    for number, line in enumerate(lines):
        kind, when, *rest = line.split()
        fields: dict[str, Any] = {}
        for name, text in (one.split("=") for one in rest):
            fields[name] = _KINDS[name](text) if name in _KINDS else text
        at = days(float(when))
        recorded = fields.pop("recorded", at)
        sequence = fields.pop("sequence", number)
        events.append(Event(provider, case, sequence, kind, at, recorded, **fields))
    return events


def fact(*lines: str, freeze: int = FREEZE, provider: str = "alpha", case: str = "one") -> CaseFact:
    return fold_case(story(*lines, provider=provider, case=case), freeze)


def codes(*lines: str) -> dict[str, int]:
    """Defects of a story."""
    return count(fact(*lines).defects)
