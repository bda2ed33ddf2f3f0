"""What may enter a comparison. Each type leaves out what a fair comparison must not have.

``Rate``          a share can't be built without the number of cases it rests on
``MatureCohort``  a period whose last cases were not followed long enough by the freeze can't be built
``Basis``         every provider's cases are of one procedure (``OneProcedure``), or each is compared with what its own
                  mix of cases leads to expect, procedures among the strata (``Expected``); there is no third way
``Apart``         a provider without a rate, because none of its cases can be compared; it is counted and not judged
``Observed``      one provider's rate; indicators of load (pending, clearance, disposition time ...) are no durations
                  and no results of cases, so they can't be built into one
"""

from dataclasses import dataclass

from metrics.comparison.quantity import Quantity
from metrics.errors import BadComparisonError, BadFigureError
from metrics.events import DAY_SECONDS
from metrics.figures import Period

__all__ = ["LOAD", "Apart", "Basis", "Expected", "MatureCohort", "Observed", "OneProcedure", "Rate"]

LOAD = frozenset({"incoming", "resolved", "pending", "clearance_rate", "disposition_time", "case_turnover"})
"""Indicators that say how busy a provider is; they have no target and are not compared."""


@dataclass(frozen=True, slots=True)
class Rate:
    """``numerator`` of ``n`` cases; n is above 0."""

    numerator: int
    n: int

    def __post_init__(self) -> None:
        if self.n < 1 or not 0 <= self.numerator <= self.n:
            raise BadFigureError(
                "rate_without_n", "A rate counts some of n cases, and n is above 0.", f"{self.numerator}/{self.n}"
            )

    @property
    def share(self) -> Quantity:
        """The share, which has no order."""
        return Quantity(self.numerator / self.n)


@dataclass(frozen=True, slots=True)
class MatureCohort:
    """A period all of whose cases had been followed for ``follow_days`` by the freeze."""

    period: Period
    freeze: int
    follow_days: int

    def __post_init__(self) -> None:
        if self.follow_days < 0 or self.freeze < self.period.end + self.follow_days * DAY_SECONDS:
            raise BadComparisonError(
                "cohort_immature",
                f"Not every case of the period was followed for {self.follow_days} days by the freeze; wait for it.",
                str(self.period),
            )


@dataclass(frozen=True, slots=True)
class Expected:
    """How many of the provider's cases would count, did they go as such cases go at other providers.

    Attributes:
        numerator: that number (``standardise``).
        strata: what was held equal; the procedure is among it.
        alone: cases that nobody else has the like of; they are not in the rate.
    """

    numerator: float
    strata: tuple[str, ...]
    alone: int = 0

    def __post_init__(self) -> None:
        if "procedure" not in self.strata:
            raise BadComparisonError(
                "procedures_mixed",
                "Providers of different procedures are compared only with the procedure among the strata.",
                ", ".join(self.strata),
            )
        if self.numerator < 0 or self.alone < 0:
            raise BadComparisonError("bad_expectation", "Expected numbers are not below 0.", str(self.numerator))


@dataclass(frozen=True, slots=True)
class OneProcedure:
    """All cases are of this procedure, and are compared with a target as they are."""

    procedure: str

    def __post_init__(self) -> None:
        if not self.procedure:
            raise BadComparisonError("procedures_mixed", "The procedure that all cases are of must be named.")


Basis = Expected | OneProcedure


@dataclass(frozen=True, slots=True)
class Apart:
    """A provider all of whose cases are outside the comparison; there is one at least.

    Attributes:
        alone: cases that nobody else has the like of.
        unknown: cases of which the result is not known.
    """

    subject: str
    alone: int
    unknown: int

    def __post_init__(self) -> None:
        if min(self.alone, self.unknown) < 0 or not self.alone + self.unknown:
            raise BadComparisonError("bad_observation", "Who is apart has cases, alone or unknown.", self.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One provider's rate of one indicator.

    Attributes:
        quality: score of what the provider reports, from 0 to 1.
        minimum: n that a judgement needs.
        unknown: cases more of which the result is not known.
        reach: the share of all of which it must be known, for the others to speak for them.
    """

    indicator: str
    subject: str
    cohort: MatureCohort
    rate: Rate
    basis: Basis
    quality: float
    minimum: int = 30
    unknown: int = 0
    reach: float = 0.0

    def __post_init__(self) -> None:
        where = f"{self.indicator} {self.subject}"
        if not isinstance(self.cohort, MatureCohort):
            raise BadComparisonError("cohort_immature", "A comparison needs a cohort that is mature.", where)
        if not isinstance(self.rate, Rate):
            raise BadComparisonError("rate_without_n", "A comparison needs rates with their n.", where)
        if not isinstance(self.basis, Expected | OneProcedure):
            raise BadComparisonError("procedures_mixed", "Say what makes the provider's cases comparable.", where)
        if self.indicator in LOAD:
            raise BadComparisonError("load_indicator", "An indicator of load is not compared between providers.", where)
        if not 0 <= self.quality <= 1 or self.minimum < 1:
            raise BadComparisonError("bad_observation", "Quality lies between 0 and 1, the minimum above 0.", where)
        if self.unknown < 0 or not 0 <= self.reach <= 1:
            raise BadComparisonError("bad_observation", "What is not known is a number of cases.", where)
        if isinstance(self.basis, Expected) and self.basis.numerator > self.rate.n + 1e-9:
            raise BadComparisonError("bad_expectation", "No more can be expected than there are cases.", where)
