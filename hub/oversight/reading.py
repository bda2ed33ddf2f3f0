"""Stored case events as the values that ``metrics`` computes with."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from hub.instants import instant
from hub.storage.values import CaseEvent
from metrics.events import Event, Slot
from metrics.money import Money

__all__ = ["event_of"]


def event_of(stored: CaseEvent) -> Event:
    """The event; its members were held against the schema when its statement was registered."""
    told = stored.attributes
    if not told.keys().isdisjoint(_READERS):
        told = {name: _READERS[name](value) if name in _READERS else value for name, value in told.items()}
    return Event(stored.provider, stored.case, stored.sequence, stored.type, stored.at, stored.recorded_at, **told)


def _money(told: Mapping[str, str]) -> Money:
    return Money(Decimal(told["amount"]), told["currency"])


def _slots(told: list[Mapping[str, str]]) -> tuple[Slot, ...]:
    return tuple(Slot(one["role"], one["token"]) for one in told)


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "due": lambda told: instant(told, "/due"),
    "economies": tuple,
    "declared_languages": tuple,
    "fee": _money,
    "claim": _money,
    "slots": _slots,
}
"""Members that are not kept as JSON has them."""
