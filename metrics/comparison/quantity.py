"""A number that can be shown and drawn, but not ordered or added up.

Results of providers are held as ``Quantity``, so that a table can't be sorted by them and several indicators can't be
made into one score: ``sorted(key=...)``, ``max`` and ``sum`` fail, for the type checker and when they run. ``float()``
gives the number to charts and texts.
"""

import math
from dataclasses import dataclass

from metrics.errors import BadFigureError

__all__ = ["Quantity"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """One finite number."""

    amount: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.amount):
            raise BadFigureError("not_finite", "What is shown is a number.", str(self.amount))

    def __float__(self) -> float:
        return float(self.amount)
