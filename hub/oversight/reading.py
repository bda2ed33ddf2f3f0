"""Stored case events as the values that ``metrics`` computes with."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from hub.storage.values import CaseEvent
from metrics.events import Event, Slot
from metrics.money import Money
from signing.statement import seconds

__all__ = ["event_of"]


def event_of(stored: CaseEvent) -> Event:
    """The event; its members were held against the schema when its statement was registered."""
    told = {name: _read(name, value) for name, value in stored.attributes.items()}
    return Event(stored.provider, stored.case, stored.sequence, stored.type, stored.at, stored.recorded_at, **told)


def _read(name: str, value: Any) -> Any:  # noqa: ANN401 - members of an event
    reader = _READERS.get(name)
    return value if reader is None else reader(value)


def _money(told: Mapping[str, str]) -> Money:
    return Money(Decimal(told["amount"]), told["currency"])


def _slots(told: list[Mapping[str, str]]) -> tuple[Slot, ...]:
    return tuple(Slot(one["role"], one["token"]) for one in told)


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "due": lambda told: seconds(told, "/due"),
    "economies": tuple,
    "declared_languages": tuple,
    "fee": _money,
    "claim": _money,
    "slots": _slots,
}
"""Members that are not kept as JSON has them."""
