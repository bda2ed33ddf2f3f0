"""Figures of one indicator for one provider, by part, and many cases of the same story."""

from collections.abc import Sequence
from typing import Any

from metrics.columns import Columns
from metrics.compute import compute
from metrics.context import Context
from metrics.definitions import definition
from metrics.facts import CaseFact
from metrics.figures import Figure, Interval
from metrics.tasks import Request
from tests.metrics.stories import FREEZE, PERIOD, days, fact

__all__ = ["LATER", "figures", "limits", "many", "three"]

LATER = days(400)


def figures(
    name: str,
    facts: Sequence[CaseFact] | Columns,
    freeze: int = FREEZE,
    minimum: int | None = None,
    context: Context | None = None,
    subject: str = "alpha",
) -> dict[str, Figure]:
    request = Request(PERIOD, freeze, minimum, context or Context())
    return {one.part: one for one in compute(definition(name), subject, facts, request)}


def many(count: int, *lines: str, freeze: int = FREEZE, first: int = 0) -> list[CaseFact]:
    return [fact(*lines, freeze=freeze, case=str(first + number)) for number in range(count)]


def three(figure: Figure) -> tuple[Any, ...]:
    """Value, numerator and denominator."""
    return figure.value, figure.numerator, figure.denominator


def limits(figure: Figure) -> tuple[float | None, float | None, str]:
    found = figure.interval
    assert isinstance(found, Interval)
    return found.low, found.high, found.method
