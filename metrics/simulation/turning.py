"""Federations in which somebody turns bad: honest for three quarters, and in the last one as the setting says.

For the alarms between releases. Same providers, sizes and usual differences throughout, since the roster is drawn from
the seed whatever the behaviours are; only who is slow or pads becomes so with the last quarter. Reports are complete,
so that they become facts without events (``metrics.simulation.drawncolumns``).
"""

from dataclasses import dataclass, replace

from metrics.columns import Columns
from metrics.comparison.counted import FOLLOWED_DAYS
from metrics.comparison.quarters import REPORTING_DAYS
from metrics.events import DAY_SECONDS
from metrics.names import Names
from metrics.simulation.drawncolumns import columns_of
from metrics.simulation.federation import Federation
from metrics.simulation.setting import Setting

__all__ = ["Turned", "turned"]


@dataclass(frozen=True, slots=True)
class Turned:
    """A federation as known at the end of the last quarter's time, the moment before that quarter can be compared.

    Attributes:
        now: that moment, in POSIX seconds.
        outliers: (provider, indicator) that really turned worse.
    """

    columns: Columns
    now: int
    providers: tuple[str, ...]
    outliers: frozenset[tuple[str, str]]


def turned(seed: int, setting: Setting, *, always: bool = False) -> Turned:
    """The federation of the seed; ``always``: who is bad in the last quarter was so in all of them."""
    bad = Federation(seed, replace(setting, hiding=0, late=0))
    good = bad if always else Federation(seed, replace(bad.setting, slow=0, padding=0))
    names, parts = Names(), []
    for number, period in enumerate(setting.quarters):
        federation = bad if period == setting.quarters[-1] else good
        parts += [
            columns_of(one.name, period, federation.drawn(place, number), names)
            for place, one in enumerate(federation.providers)
        ]
    now = setting.quarters[-1].end + (FOLLOWED_DAYS + REPORTING_DAYS) * DAY_SECONDS - 1
    return Turned(Columns.joined(parts), now, tuple(one.name for one in bad.providers), bad.truth.outliers)
