"""Data sets of the vectors, as plain arrays; those that lifelines ships are read from it."""

from dataclasses import dataclass

import numpy as np
from lifelines.datasets import load_leukemia, load_lung, load_waltons

from metrics.survival import Integers

__all__ = ["BMT", "Sample", "competing", "leukemia", "lung", "waltons"]

BMT = (
    "13 2,1 1,72 0,7 2,8 2,67 0,9 2,5 2,70 0,4 0,7 0,68 0,1 2,10 2,7 2,3 1,4 1,4 1,3 1,3 1,22 2,8 1,2 2,0 2,0 1,"
    "35 0,35 0,4 2,14 2,26 2,3 2,2 0,8 0,32 0,12 1"
)
"""35 transplants: months and status (1 relapse, 2 death, 0 censored); Scrucca, Santucci and Aversa (2007)."""


@dataclass(frozen=True, slots=True)
class Sample:
    days: Integers
    marks: Integers


def _sample(days: object, marks: object) -> Sample:
    return Sample(np.asarray(days).astype(np.int64), np.asarray(marks).astype(np.int64))


def competing() -> Sample:
    table = np.array([one.split() for one in BMT.split(",")], dtype=np.int64)
    return Sample(table[:, 0], table[:, 1])


def leukemia(group: int) -> Sample:
    """Freireich's remissions: group 0 had 6-MP, group 1 is the control arm."""
    data = load_leukemia()
    data = data[data["Rx"] == group]
    return _sample(data["t"], data["status"])


def lung() -> Sample:
    data = load_lung()
    return _sample(data["time"], data["status"])


def waltons(group: str | None = None) -> Sample:
    data = load_waltons()
    if group is not None:
        data = data[data["group"] == group]
    return _sample(data["T"], data["E"])
