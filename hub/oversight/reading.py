"""Stored case events as the values that ``metrics`` computes with."""

from typing import Any

from hub.storage.values import CaseEvent
from metrics.events import Event
from signing.statement import seconds

__all__ = ["event_of"]


def event_of(stored: CaseEvent) -> Event:
    """The event; its members were held against the schema when its statement was registered."""
    told: dict[str, Any] = dict(stored.attributes)
    if "due" in told:
        told["due"] = seconds(told["due"], "/due")
    if "economies" in told:
        told["economies"] = tuple(told["economies"])
    return Event(stored.provider, stored.case, stored.sequence, stored.type, stored.at, stored.recorded_at, **told)
