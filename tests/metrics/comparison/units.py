"""Data sets of the vectors V8 to V14, as plain arrays."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from statsmodels.datasets import star98 as star98_data

from metrics.survival import Floats

__all__ = ["BASEBALL", "SIX", "Effects", "Units", "bcg", "star98"]

BASEBALL = (18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7)
"""Hits of 18 batters in their first 45 times at bat in 1970; Efron and Morris (1975), table 1."""
SIX = ((100, 150, 180, 80, 120, 225), (108, 112, 165, 95, 100, 220))
"""Observed and expected numbers of six units."""
BCG = (
    "4 119 11 128,6 300 29 274,3 228 11 209,62 13536 248 12619,33 5036 47 5761,180 1361 372 1079,8 2537 10 619,"
    "505 87886 499 87892,29 7470 45 7232,17 1699 65 1600,186 50448 141 27197,5 2493 3 2338,27 16886 29 17825"
)
"""13 trials of a vaccine: ill and well among the vaccinated, ill and well among the others; Colditz et al. (1994)."""


@dataclass(frozen=True, slots=True)
class Units:
    r: Floats
    n: Floats

    @property
    def target(self) -> float:
        return float(self.r.sum() / self.n.sum())


@dataclass(frozen=True, slots=True)
class Effects:
    y: Floats
    s: Floats


@cache
def star98() -> Units:
    """303 school districts: pupils above the national median, of all; data of statsmodels."""
    data = star98_data.load_pandas().data
    above = data["NABOVE"].to_numpy()
    return Units(above, above + data["NBELOW"].to_numpy())


def bcg() -> Effects:
    """Log risk ratios of the trials and their standard errors."""
    a, b, c, d = np.array([one.split() for one in BCG.split(",")], dtype=np.float64).T
    return Effects(np.log(a / (a + b) / (c / (c + d))), np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)))
