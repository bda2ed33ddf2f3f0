"""A federation out of a seed, one quarter at a time.

The same seed and setting give the same federation, whatever quarters are asked for and in which order: each provider's
quarter has a stream of chance of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from metrics.crosschecks import RegisteredAward
from metrics.events import DAY_SECONDS, Event
from metrics.figures import Period
from metrics.simulation.draws import Draws, draw
from metrics.simulation.roster import PLANTED, Provider, roster
from metrics.simulation.setting import Behaviour, Setting
from metrics.simulation.stories import Told, tell

__all__ = ["FOLLOWED_DAYS", "Federation", "Quarter", "Truth"]

_USUAL = Setting()
FOLLOWED_DAYS, _GRACE_DAYS = 90, 5


@dataclass(frozen=True, slots=True)
class Truth:
    """What nobody reports.

    Attributes:
        behaviours: of each provider.
        outliers: (provider, indicator) that really are worse, by as much as the setting says.
    """

    behaviours: Mapping[str, Behaviour]
    outliers: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Quarter:
    """Cases filed in one quarter, to their end, as far as they are ever reported.

    Attributes:
        freeze: when a release counts them: 90 days after the quarter, and a few for reporting.
        hidden: digests of registered awards that their providers leave out.
    """

    period: Period
    freeze: int
    events: tuple[Event, ...]
    awards: tuple[RegisteredAward, ...]
    hidden: frozenset[str]


@dataclass(frozen=True)
class Federation:
    """Made of a seed (from 0) and a setting."""

    seed: int
    setting: Setting = _USUAL

    @cached_property
    def providers(self) -> tuple[Provider, ...]:
        """Who takes part."""
        return roster(np.random.default_rng([self.seed, 0]), self.setting)

    @cached_property
    def truth(self) -> Truth:
        """What is planted."""
        worse = [one.name for one in self.providers if one.behaviour in {"slow", "padding"}]
        return Truth(
            {one.name: one.behaviour for one in self.providers},
            frozenset((name, indicator) for name in worse for indicator in PLANTED),
        )

    def quarter(self, number: int) -> Quarter:
        """The quarter 0, 1, 2 or 3."""
        period = self.setting.quarters[number]
        told = [self.told(place, number) for place in range(len(self.providers))]
        return Quarter(
            period,
            self.freeze(number),
            tuple(event for one in told for event in one.events),
            tuple(award for one in told for award in one.awards),
            frozenset[str]().union(*(one.hidden for one in told)),
        )

    def freeze(self, number: int) -> int:
        """When a release counts the quarter."""
        return self.setting.quarters[number].end + (FOLLOWED_DAYS + _GRACE_DAYS) * DAY_SECONDS

    def drawn(self, place: int, number: int) -> Draws:
        """How the cases of one provider and quarter really go."""
        return self._drawn(place, number)[0]

    def told(self, place: int, number: int) -> Told:
        """What is reported and registered of them."""
        draws, rng = self._drawn(place, number)
        return tell(rng, self.providers[place], self.setting.quarters[number], draws)

    def _drawn(self, place: int, number: int) -> tuple[Draws, np.random.Generator]:
        rng = np.random.default_rng([self.seed, 1, place, number])
        return draw(rng, self.providers[place], self.setting.quarters[number], self.setting), rng
