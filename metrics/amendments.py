"""Which events count: what is known by the freeze, each sequence number once, amendments carried out.

An event of type ``amended`` replaces what it states of the event it names (``at`` always, any other field when
given) and keeps its type; with reason ``annulled`` it takes the event back. An event of any other type with
``amends_sequence`` replaces the named event altogether. Of several amendments the one with the highest number
counts last, and an amendment of an amendment amends the event at the root.

The result does not depend on the order in which events arrive; a property test says so.
"""

from collections.abc import Iterable

from metrics.defects import Defect
from metrics.events import TYPES, Event

__all__ = ["ANNULLED", "SKEW_SECONDS", "current", "lateness"]

ANNULLED = "annulled"
SKEW_SECONDS = 300
"""How far a provider's clock may run ahead of the log's."""

_IDENTITY = {"provider", "case", "sequence", "type", "recorded_at", "amends_sequence"}
_CONTENT = tuple(name for name in Event._fields if name not in _IDENTITY)


def current(events: Iterable[Event], freeze: int) -> tuple[list[Event], list[Defect]]:
    """The events of one case that count, in the order in which they happened, and what is wrong with the rest."""
    defects: list[Defect] = []
    standing: dict[int, Event] = {}
    roots: dict[int, int] = {}
    for event in _once(events, freeze, defects):
        if not _sensible(event, defects):
            continue
        target = event.amends_sequence
        if target is None:
            if event.type == "amended":
                defects.append(Defect("amends_unknown", event.sequence))
                continue
            roots[event.sequence] = event.sequence
            standing[event.sequence] = event
        elif target >= event.sequence:
            defects.append(Defect("amends_later", event.sequence))
        elif target not in roots:
            defects.append(Defect("amends_unknown", event.sequence))
        else:
            root = roots[event.sequence] = roots[target]
            if not _amend(standing, root, event):
                defects.append(Defect("amends_annulled", event.sequence))
    return sorted(standing.values(), key=lambda one: (one.at, one.sequence)), defects


def lateness(events: Iterable[Event]) -> tuple[int, ...]:
    """Seconds from happening to recording of each event of one case, by its number, at its first arrival.

    Amendments, unknown types and events dated after their recording have none: they are counted otherwise. Less
    than no time, which the difference of clocks can make, is none.
    """
    first: dict[int, Event] = {}
    for event in events:
        if event.amends_sequence is None and event.type in TYPES and event.at <= event.recorded_at + SKEW_SECONDS:
            known = first.setdefault(event.sequence, event)
            if known is not event and _arrival(event) < _arrival(known):
                first[event.sequence] = event
    return tuple([max(0, one.recorded_at - one.at) for _, one in sorted(first.items())])


def _once(events: Iterable[Event], freeze: int, defects: list[Defect]) -> list[Event]:
    """By sequence number; of events with the same number the one recorded first."""
    copies: dict[int, list[Event]] = {}
    for event in events:
        if event.recorded_at <= freeze:
            copies.setdefault(event.sequence, []).append(event)
    kept = []
    for sequence in sorted(copies):
        of_number = copies[sequence]
        if len(of_number) > 1:  # seldom, and to tell the arrival costs more than all the rest
            of_number.sort(key=_arrival)
        first = of_number[0]
        kept.append(first)
        for other in of_number[1:]:
            same = other._replace(recorded_at=first.recorded_at) == first
            defects.append(Defect("duplicate_event" if same else "sequence_conflict", sequence))
    return kept


def _arrival(event: Event) -> tuple[int, str]:
    return event.recorded_at, repr(event)  # the text breaks ties, whatever the order of arrival


def _sensible(event: Event, defects: list[Defect]) -> bool:
    if event.type not in TYPES:
        defects.append(Defect("unknown_type", event.sequence))
        return False
    if event.at > event.recorded_at + SKEW_SECONDS:
        defects.append(Defect("event_in_future", event.sequence))
        return False
    return True


def _amend(standing: dict[int, Event], root: int, event: Event) -> bool:
    """Carry the amendment out; False if what it amends was taken back before."""
    if event.type != "amended":
        standing[root] = event._replace(sequence=root)
        return True
    if root not in standing:
        return False
    if event.reason == ANNULLED:
        del standing[root]
    else:
        stated = {name: value for name in _CONTENT if (value := getattr(event, name)) is not None}
        standing[root] = standing[root]._replace(**stated)
    return True
