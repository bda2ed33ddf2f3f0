"""What is asked for (``Request``), of whom (``Books``), and one indicator being computed (``Task``).

A task decides in one place when a value is withheld, so that no indicator forgets it: ``figure`` and ``share`` show
none on too few cases, ``few`` tells "too few" from "not reported", and ``Cohort.is_mature`` says whether a day was
reached. What is shown to supervision on less than the definition's minimum carries that minimum (``Figure.small``).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from metrics import intervals
from metrics.cohorts import Cohort, filed
from metrics.columns import Columns
from metrics.context import Context
from metrics.definitions import Definition
from metrics.errors import BadPeriodError
from metrics.figures import Figure, Interval, Period, Status
from metrics.flows import Flows, flows

__all__ = ["AT_RISK", "Books", "Estimate", "Part", "Request", "Task"]

AT_RISK = 10
"""Cases that must be under observation where an estimate is read off a curve."""


@dataclass(frozen=True, slots=True)
class Request:
    """Which period, as known at which instant, and down to which n.

    Attributes:
        minimum: None for the minima of the definitions; a supervised view gives a lower one.
        context: what is known besides the facts.
    """

    period: Period
    freeze: int
    minimum: int | None = None
    context: Context = field(default_factory=Context)

    def __post_init__(self) -> None:
        if self.period.end > self.freeze:
            raise BadPeriodError("period_not_over", "The period ends after the freeze.", str(self.period))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, its limits, numerator and denominator, its own method of limits, and what the public view says of it."""

    value: float
    limits: tuple[float | None, float | None] | None = None
    parts: tuple[int, int] | None = None
    method: str | None = None
    in_public: Status = "value"

    @classmethod
    def share(cls, x: int, n: int) -> "Estimate":
        """A plain share with Wilson's interval."""
        return cls(x / n, intervals.wilson(x, n), (x, n))

    @classmethod
    def quantile(cls, values: ArrayLike, q: float) -> "Estimate":
        """The smallest value with at least the share ``q`` of the values at or below it; exact interval."""
        ordered = np.sort(np.asarray(values))
        found = ordered[max(0, math.ceil(q * len(ordered) - 1e-9) - 1)]
        return cls(float(found), intervals.quantile_limits(ordered, q), None, "order_statistic")


@dataclass(frozen=True, slots=True)
class Part:
    """One of the values of an indicator.

    Attributes:
        unit: None for that of the definition.
        least: the n that this part needs, where that is more than the definition's minimum.
        reported: whether anything was reported of it; None: whether there is any case.
    """

    name: str
    unit: str | None = None
    least: int = 0
    reported: bool | None = None


@dataclass(frozen=True)
class Books:
    """One subject and its facts as columns, for one request; what several indicators need of them is computed once."""

    subject: str
    columns: Columns
    request: Request

    @cached_property
    def flows(self) -> Flows:
        """The base counts; raises ``IdentityBrokenError`` when they don't add up."""
        return flows(self.subject, self.columns, self.request.period)

    @cached_property
    def filed(self) -> Cohort:
        """The filing cohort."""
        return filed(self.columns, self.request.period, self.request.freeze)


@dataclass(frozen=True, slots=True)
class Task:
    """One indicator of one subject."""

    definition: Definition
    books: Books

    @property
    def columns(self) -> Columns:
        """The subject's facts."""
        return self.books.columns

    @property
    def request(self) -> Request:
        """What is asked for."""
        return self.books.request

    @property
    def period(self) -> Period:
        """The period asked for."""
        return self.request.period

    @property
    def context(self) -> Context:
        """What is known besides the facts."""
        return self.request.context

    @property
    def minimum(self) -> int:
        """The smallest n of which a value is shown; at least 1."""
        return self._least(Part(""))

    @property
    def needed(self) -> int:
        """Cases needed under observation where a value is read off a curve."""
        return min(AT_RISK, self.minimum)

    @property
    def needed_in_public(self) -> int:
        """The same by the definition, whatever lower n a supervised view asks for."""
        return min(AT_RISK, self.definition.minimum)

    def figure(self, part: str | Part, n: int, estimate: Estimate, counts: Mapping[str, int] | None = None) -> Figure:
        """The value, if n is large enough."""
        if n < self._least(_part(part)):
            return self.withheld("too_few", part, n, counts)
        limits, (numerator, denominator) = estimate.limits, estimate.parts or (None, None)
        told = {
            "value": float(estimate.value),
            "numerator": numerator,
            "denominator": denominator,
            "interval": Interval(*limits, method=estimate.method or self.definition.interval) if limits else None,
            "in_public": estimate.in_public,
        }
        return self._figure("value", _part(part), n, counts, told)

    def share(
        self,
        part: str | Part,
        x: int,
        n: int,
        counts: Mapping[str, int] | None = None,
        *,
        limits: Callable[[int, int], tuple[float, float]] | None = intervals.wilson,
    ) -> Figure:
        """The share x/n, if n is large enough; the interval's method has the name of the function ``limits``.

        ``limits`` is None for a share of all that there is: it has no interval.
        """
        own = replace(_part(part), unit="share")
        if n < self._least(own) or own.reported is False:
            return self.few(own, n, counts)
        made = None if limits is None else (limits(x, n), limits.__name__)
        estimate = Estimate(x / n, None, (x, n)) if made is None else Estimate(x / n, made[0], (x, n), made[1])
        return self.figure(own, n, estimate, counts)

    def few(self, part: str | Part, n: int, counts: Mapping[str, int] | None = None) -> Figure:
        """No value: too few, or nothing was reported."""
        reported = _part(part).reported
        known = len(self.columns) > 0 if reported is None else reported
        return self.withheld("too_few" if known else "not_reported", part, n, counts)

    def withheld(self, status: Status, part: str | Part, n: int, counts: Mapping[str, int] | None = None) -> Figure:
        """No value, and why."""
        return self._figure(status, _part(part), n, counts, {})

    def _least(self, part: Part) -> int:
        asked = self.request.minimum
        return max(1, max(self.definition.minimum, part.least) if asked is None else asked)

    def _figure(
        self, status: Status, part: Part, n: int, counts: Mapping[str, int] | None, told: Mapping[str, Any]
    ) -> Figure:
        return Figure(
            indicator=self.definition.id,
            subject=self.books.subject,
            part=part.name,
            period=self.period,
            freeze=self.request.freeze,
            unit=part.unit or self.definition.unit,
            status=status,
            n=n,
            minimum=max(self.definition.minimum, part.least),
            counts=MappingProxyType(dict(counts or {})),
            **told,
        )


def _part(part: str | Part) -> Part:
    return Part(part) if isinstance(part, str) else part
