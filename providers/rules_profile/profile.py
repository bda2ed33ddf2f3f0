"""A set of procedural rules: which state follows which, by whose act, within how many calendar days.

Example::

    rules = load("apec-odr")
    rules.clock("negotiation").days                     # 10
    rules.transition("negotiation", "settled").to       # "settled"
    rules.longest(extended=True)                        # 57
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from providers.errors import ProvidersError
from signing.encoding import JSON

__all__ = ["Extension", "Limit", "Profile", "Transition", "load", "parse"]


@dataclass(frozen=True, slots=True)
class Extension:
    """By how many days a period may be extended at once, how often, and who agrees to it."""

    days: int
    times: int
    by: str

    @property
    def most(self) -> int:
        """Days that all extensions together may add."""
        return self.days * self.times


@dataclass(frozen=True, slots=True)
class Limit:
    """A period: calendar days from an event on. ``confirmed``: read in a source that speaks of these rules."""

    name: str
    days: int
    starts: str
    article: str
    confirmed: bool
    extension: Extension | None = None
    note: str = ""

    @property
    def most(self) -> int:
        """Days with every extension."""
        return self.days + (self.extension.most if self.extension else 0)


@dataclass(frozen=True, slots=True)
class Transition:
    """An act that leads from one of some states to another; ``clock`` names the limit it is held against."""

    sources: frozenset[str]
    to: str
    event: str
    actor: str
    article: str
    confirmed: bool
    clock: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """The rules.

    Attributes:
        sequence: the limits that follow each other on the longest way to an award.
        corrections: the limits that follow an award.
    """

    id: str
    name: str
    version: str
    states: frozenset[str]
    clocks: Mapping[str, Limit]
    transitions: tuple[Transition, ...]
    sequence: tuple[str, ...]
    corrections: tuple[str, ...]

    def clock(self, name: str) -> Limit:
        """The limit of that name; raises ``KeyError`` for another."""
        return self.clocks[name]

    def transition(self, state: str, event: str) -> Transition | None:
        """What ``event`` leads to in ``state``; None when these rules do not foresee it."""
        found = (one for one in self.transitions if one.event == event and state in one.sources)
        return next(found, None)

    def longest(self, *, extended: bool = False, correction: bool = False) -> int:
        """Calendar days from commencement on the longest way, each period used up and the next begun at once."""
        limits = [self.clocks[name] for name in self.sequence + (self.corrections if correction else ())]
        return sum(one.most if extended else one.days for one in limits)


@cache
def load(name: str) -> Profile:
    """The profile in the file ``<name>.json`` of this package."""
    return parse(json.loads((Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8")))


def parse(value: Mapping[str, JSON]) -> Profile:
    """Read a profile, and check that what it names exists.

    Raises:
        ProvidersError: bad_profile, when a transition or a list names a state or clock that is not there.
    """
    profile = Profile(
        id=value["id"],
        name=value["name"],
        version=value["version"],
        states=frozenset(value["states"]),
        clocks={one["name"]: _limit(one, value["award_clock_event"]) for one in value["clocks"]},
        transitions=tuple(_transition(one) for one in value["transitions"]),
        sequence=tuple(value["sequence"]),
        corrections=tuple(value["correction"]),
    )
    _check(profile)
    return profile


def _limit(value: Mapping[str, JSON], award_clock_event: str) -> Limit:
    extension = Extension(**value["extension"]) if "extension" in value else None
    starts = award_clock_event if value["starts"] == "award_clock_event" else value["starts"]
    return Limit(**{**value, "starts": starts, "extension": extension})


def _transition(value: Mapping[str, JSON]) -> Transition:
    rest = {name: one for name, one in value.items() if name != "from"}
    return Transition(sources=frozenset(value["from"]), **rest)


def _check(profile: Profile) -> None:
    named_states = {state for one in profile.transitions for state in one.sources | {one.to}}
    named_clocks = {one.clock for one in profile.transitions if one.clock} | {*profile.sequence, *profile.corrections}
    if unknown := (named_states - profile.states) | (named_clocks - profile.clocks.keys()):
        raise ProvidersError("bad_profile", f"The profile names {min(unknown)!r}, which it does not have.", profile.id)
