"""What kind of federation is simulated.

========  ============================================================================================================
honest    does as such providers do, and reports it within two days
slow      resolves fewer cases in time and misses more deadlines, by ``outlier`` times the usual difference
padding   slow, and takes in many easy cases that settle at once, so that its average looks better
hiding    leaves out the award and the closing of cases that the claimant lost; their awards are registered
late      does as the honest ones do, but reports most of its events weeks afterwards
========  ============================================================================================================
"""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal, get_args

from metrics.errors import BadDataError
from metrics.figures import Period

__all__ = ["BEHAVIOURS", "Behaviour", "Setting"]

Behaviour = Literal["honest", "slow", "hiding", "padding", "late"]
BEHAVIOURS: tuple[Behaviour, ...] = get_args(Behaviour)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A kind of federation.

    Attributes:
        year: of the four quarters.
        slow, padding, hiding, late: how many providers behave so; the others are honest.
        smallest, largest: cases a quarter; providers lie between them, evenly on the scale of logarithms.
        tau: standard deviation between honest providers on the scale asin sqrt.
        outlier: by how many tau a slow provider is worse.
        padded: easy cases that a padding provider adds, as a share of its own.
    """

    year: int = 2026
    providers: int = 60
    slow: int = 2
    padding: int = 1
    hiding: int = 1
    late: int = 1
    smallest: int = 50
    largest: int = 500
    tau: float = 0.05
    outlier: float = 5.0
    padded: float = 0.5

    def __post_init__(self) -> None:
        counts = (self.slow, self.padding, self.hiding, self.late)
        if min(counts) < 0 or sum(counts) > self.providers or not 1 <= self.smallest <= self.largest:
            raise BadDataError("bad_setting", "Behaviours are of providers, and sizes go from small to large.")
        if min(self.tau, self.outlier, self.padded) < 0:
            raise BadDataError("bad_setting", "Differences and shares are not below 0.")

    @property
    def behaviours(self) -> tuple[Behaviour, ...]:
        """Of each provider, in the order of the roster before it is shuffled."""
        counts: dict[Behaviour, int] = {
            "slow": self.slow,
            "padding": self.padding,
            "hiding": self.hiding,
            "late": self.late,
        }
        counts["honest"] = self.providers - sum(counts.values())
        return tuple(name for name, count in counts.items() for _ in range(count))

    @property
    def quarters(self) -> tuple[Period, ...]:
        """The four quarters of the year."""
        starts = [date(self.year, month, 1) for month in (1, 4, 7, 10)] + [date(self.year + 1, 1, 1)]
        return tuple(Period.of(first, date.fromordinal(after.toordinal() - 1)) for first, after in pairwise(starts))
