"""From values to places on a drawing, and the round numbers that stand beside an axis."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

__all__ = ["Scale", "Ticks", "days", "linear", "logarithmic"]

_STEPS = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))
_LEAST = 1e-9
_FINEST = 1e-4
"""The smallest step of an even scale: what differs by less lies at one place."""
_TOUCH = Decimal("1e-9")
_FINE = 12
"""Ticks of a scale by logarithm; where 1, 2 and 5 would be more there are only powers of ten."""
_BEYOND = 1.03
_DAYS = (1, 2, 5, 7, 10, 14, 30, 60, 90, 180, 360)


@dataclass(frozen=True, slots=True)
class Ticks:
    """Round numbers along an axis, and how many decimal places they need."""

    values: tuple[float, ...]
    places: int


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from ``low`` to ``high`` lie between the places ``start`` and ``end``, evenly or by their logarithm."""

    low: float
    high: float
    start: float
    end: float
    ticks: Ticks
    by_logarithm: bool = False

    def place(self, value: float) -> float:
        """Where the value lies; what is beyond the ends lies at the end."""
        low, high, one = (self._measured(each) for each in (self.low, self.high, value))
        share = min(1.0, max(0.0, (one - low) / (high - low)))
        return self.start + share * (self.end - self.start)

    def _measured(self, value: float) -> float:
        return math.log(max(value, _LEAST)) if self.by_logarithm else value


def linear(values: Iterable[float], start: float, end: float, count: int, *, limit: float | None = None) -> Scale:
    """An even scale that holds all values and ends at round numbers.

    Args:
        values: at least one.
        start: place of the lowest value.
        end: place of the highest.
        count: about how many steps between ticks.
        limit: the scale does not go beyond it, such as 1 for a share.
    """
    held = list(values)
    low, high = min(held), max(held)
    if high - low < _FINEST:
        low, high = (0.5 * low, 1.5 * high) if low >= _FINEST else (min(low, 0.0), max(low, 0.0) + 1.0)
    if limit is not None:
        high = min(high, limit)
    step = _step(max((high - low) / count, _FINEST))
    first = math.floor(Decimal(str(low)) / step + _TOUCH)
    last = math.ceil(Decimal(str(high)) / step - _TOUCH)
    places = max(0, -int(step.normalize().as_tuple().exponent))
    ticks = tuple(float(step * number) for number in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], start, end, Ticks(ticks, places))


def _step(rough: float) -> Decimal:
    """The smallest of 1, 2, 5 times a power of ten that is not below ``rough``."""
    power = Decimal(10) ** math.floor(math.log10(rough))
    return next(step * power for step in _STEPS if float(step * power) >= rough * (1 - 1e-9))


def logarithmic(values: Iterable[float], start: float, end: float) -> Scale:
    """A scale by logarithm for whole numbers from 1 on; ticks are 1, 2, 5 times powers of ten, or the powers alone."""
    held = list(values)
    low, high = max(1.0, min(held)), max(2.0, *held)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    fine = [step * 10**power for power in powers for step in (1, 2, 5)]
    coarse = [10**power for power in powers]
    first = max(one for one in fine if one <= low)
    last = min(one for one in fine if one >= high and one > first)
    inner = [one for one in fine if first <= one <= last]
    if len(inner) > _FINE:
        inner = [one for one in coarse if first <= one <= last]
    return Scale(float(first), float(last), start, end, Ticks(tuple(float(one) for one in inner), 0), by_logarithm=True)


def days(last: int, start: float, end: float, count: int) -> Scale:
    """Days from 0 to a little beyond the last one, so that the last level of a step can be seen.

    Ticks are at day 0 and at lengths of time that people think in.
    """
    step = next((one for one in _DAYS if last / one <= count), None)
    if step is None:
        step = int(_step(last / count))
    ticks = tuple(float(one) for one in range(0, last + 1, step))
    return Scale(0.0, last * _BEYOND, start, end, Ticks(ticks, 0))
