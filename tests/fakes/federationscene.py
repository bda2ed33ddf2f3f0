"""A simulated federation at a running hub: its providers are members, and its events and awards are registered."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from metrics.crosschecks import RegisteredAward
from metrics.events import DAY_SECONDS, Event
from metrics.samples import as_reported
from metrics.simulation.federation import Federation
from metrics.simulation.setting import Setting
from signing.compose import timestamp
from signing.statement import parse_statement
from tests.fakes.consolenetwork import admit, decide
from tests.hub.running import Hub
from tests.hub.world import Actor

__all__ = ["BEGINS", "HIDING", "NAMES", "NOW", "SLOW", "register", "small"]

NAMES = (
    "Andes Online Mediation", "Baltic Dispute Centre", "Cedar Resolution Service", "Delta Arbitration Chamber",
    "Estuary ODR", "Fjord Conciliation House", "Guangzhou Online Disputes Court", "Harbour ODR Centre",
    "Island Mediation Panel", "Jade Arbitration Institute", "Kiwi Fair Outcomes", "Lotus Online Settlement",
)  # fmt: skip
BEGINS = int(datetime(2024, 12, 30, tzinfo=UTC).timestamp())
NOW = int(datetime(2026, 4, 9, 9, tzinfo=UTC).timestamp())
"""Before the small federation's first quarter, and when its last one can be compared."""
SLOW, HIDING = "provider-05", "provider-06"
"""Who of the small federation resolves fewer cases in time, and who leaves lost cases out."""
_UNUSED = ("closed",)
_YEAR = 365 * DAY_SECONDS


def small() -> Federation:
    """Eleven providers of some 40 cases a quarter, in 2025."""
    return Federation(1, Setting(year=2025, providers=11, slow=1, padding=0, hiding=1, late=0, smallest=34,
                                 largest=46, outlier=9.0, tau=0.04))  # fmt: skip


async def register(
    hub: Hub, federation: Federation, until: int, step_days: int, *, plain: bool = False, first: int = 0
) -> list[Actor]:
    """Admit the providers and register what they report by ``until``; the clock moves in steps up to it.

    A report holds what was recorded since the one before; so the fewer steps, the later everything is reported.
    ``plain``: awards that are reported are told as settlements, so that only those that are left out are registered,
    and events that no comparison needs are left out. ``first``: the quarters before this one (from 0) are left out.
    """
    actors = [Actor(one.name, "provider") for one in federation.providers]
    neutral = Actor("neutral-a", "neutral")
    for actor, name in zip(actors, NAMES, strict=False):
        await admit(hub, actor, name)
        await decide(hub, actor, "listed", valid_from=timestamp(hub.clock.now), valid_to=timestamp(until + _YEAR))
    await hub.registered(hub.speaker.neutral(neutral, actors[0]))
    quarters = [federation.quarter(number) for number in range(first, len(federation.setting.quarters))]
    awards = sorted((one for each in quarters for one in each.awards), key=lambda one: one.registered_at)
    events = _in_order(one for each in quarters for one in each.events)
    if plain:
        hidden = frozenset[str]().union(*(each.hidden for each in quarters))
        awards, events = (
            [one for one in awards if one.digest in hidden],
            [_settled(one) for one in events if one.type not in _UNUSED],
        )
    known: dict[str, str] = {}
    for now in (*range(hub.clock.now, until, step_days * DAY_SECONDS), until):
        hub.clock.now = now
        while awards and awards[0].registered_at <= now:
            await _award(hub, neutral, awards.pop(0), known)
        reported: dict[str, list[Event]] = defaultdict(list)
        while events and events[0].recorded_at <= now:
            reported[events[0].provider].append(events.pop(0))
        for actor in actors:
            await hub.report(actor, [_told(one, known) for one in reported[actor.id]])
    return actors


def _in_order(events: Iterable[Event]) -> list[Event]:
    """By the time of the report; an event waits for those of its case that come before it."""
    reported: dict[tuple[str, str], int] = {}
    waited = []
    for one in sorted(events, key=lambda one: one.sequence):
        key = (one.provider, one.case)
        reported[key] = max(reported.get(key, 0), one.recorded_at)
        waited.append(one._replace(recorded_at=reported[key]))
    return sorted(waited, key=lambda one: (one.recorded_at, one.sequence))


async def _award(hub: Hub, neutral: Actor, award: RegisteredAward, known: dict[str, str]) -> None:
    name = uuid.uuid5(uuid.NAMESPACE_URL, award.digest).hex
    case = f"urn:odr:{award.provider}:{name[:8]}-{name[8:12]}-7{name[13:16]}-8{name[17:20]}-{name[20:]}"
    document = hub.speaker.award(Actor(award.provider, "provider"), neutral, award.digest.encode(), case_id=case)
    known[award.digest] = parse_statement(document).digest
    await hub.registered(document)


def _settled(event: Event) -> Event:
    if event.type != "award_issued":
        return event
    return Event(event.provider, event.case, event.sequence, "settled", event.at, event.recorded_at, stage="mediation")


def _told(event: Event, known: dict[str, str]) -> dict[str, Any]:
    """The event as it is reported, naming the award as it is registered here."""
    digest = event.award_digest
    return as_reported(event._replace(award_digest=known[digest]) if digest in known else event)
