"""What is asked for (``Request``), of whom (``Books``), and one indicator being computed (``Task``).

A task decides in one place when a value is withheld, so that no indicator forgets it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from metrics import intervals
from metrics.cohorts import Cohort, filed
from metrics.columns import Columns
from metrics.definitions import Definition
from metrics.errors import BadPeriodError
from metrics.figures import Figure, Interval, Period, Status
from metrics.flows import Flows, flows

__all__ = ["AT_RISK", "Books", "Estimate", "Request", "Task"]

AT_RISK = 10
"""Cases that must be under observation where an estimate is read off a curve."""


@dataclass(frozen=True, slots=True)
class Request:
    """Which period, as known at which instant, and down to which n.

    Attributes:
        minimum: None for the minima of the definitions; a supervised view gives a lower one.
    """

    period: Period
    freeze: int
    minimum: int | None = None

    def __post_init__(self) -> None:
        if self.period.end > self.freeze:
            raise BadPeriodError("period_not_over", "The period ends after the freeze.", str(self.period))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its limits, its numerator and denominator, and how the limits were made if not as defined."""

    value: float
    limits: tuple[float | None, float | None] | None = None
    parts: tuple[int, int] | None = None
    method: str | None = None

    @classmethod
    def share(cls, x: int, n: int) -> "Estimate":
        """A plain share with Wilson's interval."""
        return cls(x / n, intervals.wilson(x, n), (x, n))


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
    def minimum(self) -> int:
        """The smallest n of which a value is shown; at least 1."""
        asked = self.request.minimum
        return max(1, self.definition.minimum if asked is None else asked)

    @property
    def needed(self) -> int:
        """Cases needed under observation."""
        return min(AT_RISK, self.minimum)

    def figure(self, part: str, n: int, estimate: Estimate, counts: Mapping[str, int] | None = None) -> Figure:
        """The value, if n is large enough."""
        if n < self.minimum:
            return self.withheld("too_few", part, n, counts)
        limits, (numerator, denominator) = estimate.limits, estimate.parts or (None, None)
        return self._figure(
            "value",
            part,
            n,
            counts,
            value=float(estimate.value),
            numerator=numerator,
            denominator=denominator,
            interval=Interval(*limits, method=estimate.method or self.definition.interval) if limits else None,
        )

    def withheld(self, status: Status, part: str, n: int, counts: Mapping[str, int] | None = None) -> Figure:
        """No value, and why."""
        return self._figure(status, part, n, counts)

    def _figure(
        self,
        status: Status,
        part: str,
        n: int,
        counts: Mapping[str, int] | None,
        **told: Any,  # noqa: ANN401 - members of a figure
    ) -> Figure:
        return Figure(
            indicator=self.definition.id,
            subject=self.books.subject,
            part=part,
            period=self.period,
            freeze=self.request.freeze,
            unit=self.definition.unit,
            status=status,
            n=n,
            minimum=self.definition.minimum,
            counts=MappingProxyType(dict(counts or {})),
            **told,
        )
