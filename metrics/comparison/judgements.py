"""What comes out of a comparison: how each provider stands to what was expected of it, by name.

A ``Judgement`` says "different from expected", never good or bad, and belongs to one indicator. There is no order by
result: a ``Comparison`` holds judgements by name and refuses any other order; values have no order
(``metrics.comparison.quantity``). Supervision may list by value, but only as ``Ranked`` rows (``Comparison.by_value``):
each holds between which ranks its provider lies.

A ``Change`` between two periods can't be built without its interval, and has a direction only if that excludes 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from metrics.comparison.observed import Apart, Rate
from metrics.comparison.quantity import Quantity
from metrics.errors import BadComparisonError
from metrics.figures import Period

__all__ = [
    "LEVELS",
    "METHODS",
    "WITHHELD",
    "Association",
    "Change",
    "Comparison",
    "Judgement",
    "Level",
    "Limits",
    "Method",
    "RankInterval",
    "Ranked",
    "Side",
]

Level = Literal["none", "note", "enquiry"]
LEVELS: dict[Level, str] = {
    "none": "Within what chance and the usual differences between providers explain.",
    "note": "Outside the 95 % limits; one in twenty is there by chance.",
    "enquiry": "Outside the 99.8 % limits: different from expected, reason not known.",
}
Side = Literal["above", "below"]
Method = Literal["mad", "pooled", "none"]
METHODS: dict[Method, str] = {
    "mad": "from the median distance between providers of this release (30 providers or more)",
    "pooled": "the mean over several releases (10 to 29 providers)",
    "none": "not known: fewer than 10 providers, shown without judgement",
}
WITHHELD = {
    "too_few": "The provider has too few cases.",
    "too_few_providers": "There are fewer than 10 providers with enough cases.",
    "history_short": "There are fewer than 30 providers, and fewer than 4 releases to learn from.",
    "unknown_many": "Of too many of the provider's cases nobody knows the result.",
    "strata_alone": "More than a fifth of the provider's cases have nothing to be compared with.",
}
"""Why a provider is shown without judgement."""
_WARNS = 0.01


@dataclass(frozen=True, slots=True)
class Limits:
    """Between which two values the result is expected to lie."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise BadComparisonError("limits_reversed", "A lower limit lies below the upper one.", f"{self.low}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One provider in one comparison.

    Attributes:
        numerator, n, expected: how many cases counted, of how many, and how many were expected to.
        value: the share as it would be with everybody's mix of cases (moved on the scale of comparison).
        inner, outer: limits of 95 % and 99.8 % around the target, with the usual differences between providers.
        z, z_adjusted: distance from what was expected in standard errors, without and with those differences.
        p: how surprising it is, two-sided; the larger of the approximate and the exact one.
        withheld: why there is no judgement; codes of ``WITHHELD``.
        alone, unknown: cases outside n, because nobody else has the like of them, or the result is not known.
    """

    subject: str
    numerator: int
    n: int
    expected: float
    value: Quantity
    inner: Limits
    outer: Limits
    z: Quantity
    z_adjusted: Quantity
    p: float
    level: Level
    withheld: tuple[str, ...]
    quality: float
    minimum: int
    alone: int = 0
    unknown: int = 0

    def __post_init__(self) -> None:
        if self.n < 1 or not 0 <= self.p <= 1 or self.level not in LEVELS:
            raise BadComparisonError("rate_without_n", "A judgement has an n above 0, a p and a level.", self.subject)
        if (self.withheld and self.level != "none") or not set(self.withheld) <= set(WITHHELD):
            raise BadComparisonError(
                "judged_anyway", "Who is not judged has no level, and the reason is known.", self.subject
            )

    @property
    def side(self) -> Side:
        """Whether more or fewer counted than expected; which of them is good news is the indicator's matter."""
        return "above" if self.numerator > self.expected else "below"


@dataclass(frozen=True, slots=True)
class Association:
    """How closely results go with something else, over ``n`` providers: rho from -1 to 1, and how surprising it is."""

    rho: float
    p: float
    n: int

    @property
    def warns(self) -> bool:
        """Whether the page that shows the comparison must say so."""
        return self.p < _WARNS


@dataclass(frozen=True, slots=True)
class RankInterval:
    """Between which ranks the subject lies, of how many; there is no rank without it."""

    subject: str
    low: int
    high: int
    of: int

    def __post_init__(self) -> None:
        if not 1 <= self.low <= self.high <= self.of:
            raise BadComparisonError("no_ranks", "Ranks go from 1 to the number of providers.", self.subject)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A row of a list by value, for supervision: a judgement, never without the interval of its rank."""

    judgement: Judgement
    rank: RankInterval

    def __post_init__(self) -> None:
        if not isinstance(self.rank, RankInterval) or self.rank.subject != self.judgement.subject:
            raise BadComparisonError("no_ranks", "A row needs the interval of its own rank.", self.judgement.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One indicator of many providers in one period.

    Attributes:
        target: the share that the funnel is drawn around.
        tau2: variance between providers that was allowed for; ``tau2_own`` that of this release alone, which later
            releases pool.
        phi, tau2_standard: what the published recipe gives, for comparison with others.
        judgements: by name.
        apart: by name, who has cases and no judgement, because none of them can be compared.
        volume, mix: whether z goes with the number of cases, or with what the mix of cases leads to expect.
    """

    indicator: str
    period: Period
    target: float
    tau2: float
    tau2_own: float
    phi: float
    tau2_standard: float
    method: Method
    judgements: tuple[Judgement, ...]
    volume: Association
    mix: Association
    apart: tuple[Apart, ...] = ()

    def __post_init__(self) -> None:
        judged, apart = ([one.subject for one in each] for each in (self.judgements, self.apart))
        if judged != sorted(set(judged)) or apart != sorted(set(apart)) or set(judged) & set(apart):
            raise BadComparisonError(
                "not_by_name", "Providers are listed by name, each once; there is no league table.", self.indicator
            )

    def of(self, subject: str) -> Judgement | None:
        """The judgement of one provider, if it is in the comparison."""
        return next((one for one in self.judgements if one.subject == subject), None)

    def left_out(self, subject: str) -> tuple[int, int]:
        """How many cases of a provider are in no share: nobody has the like of them; or the result is not known."""
        every: tuple[Judgement | Apart, ...] = (*self.judgements, *self.apart)
        return next(((one.alone, one.unknown) for one in every if one.subject == subject), (0, 0))

    def by_value(self, ranks: Sequence[RankInterval]) -> tuple[Ranked, ...]:
        """The judgements from the smallest value to the largest, for supervision, which sees the intervals beside.

        Raises:
            BadComparisonError: the rank interval of a provider is missing, or is one among other providers.
        """
        own = {one.subject: one for one in ranks if one.of == len(self.judgements)}
        if set(own) != {one.subject for one in self.judgements} or len(ranks) != len(own):
            raise BadComparisonError("no_ranks", "Every provider needs the interval of its rank.", self.indicator)
        ordered = sorted(self.judgements, key=lambda one: (float(one.value), one.subject))
        return tuple(Ranked(one, own[one.subject]) for one in ordered)


@dataclass(frozen=True, slots=True)
class Change:
    """One provider's rate in two periods, and between which limits the difference lies.

    Periods don't overlap: the difference of overlapping ones is that of what dropped out and what came in.
    """

    indicator: str
    subject: str
    periods: tuple[Period, Period]
    rates: tuple[Rate, Rate]
    limits: Limits

    def __post_init__(self) -> None:
        where = f"{self.indicator} {self.subject}"
        if self.periods[0].end > self.periods[1].start:
            raise BadComparisonError("periods_overlap", "A change is between periods that don't overlap.", where)
        if not self.limits.low - 1e-9 <= float(self.difference) <= self.limits.high + 1e-9:
            raise BadComparisonError("interval_elsewhere", "The interval of a change lies around it.", where)

    @property
    def difference(self) -> Quantity:
        """The later share less the earlier one."""
        return Quantity(float(self.rates[1].share) - float(self.rates[0].share))

    @property
    def direction(self) -> Literal["up", "down", "not_shown"]:
        """Where the arrow points; nowhere unless the interval excludes 0."""
        if self.limits.low > 0:
            return "up"
        return "down" if self.limits.high < 0 else "not_shown"
