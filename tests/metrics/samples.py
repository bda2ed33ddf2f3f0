"""Data sets of the vectors, as plain arrays; those that lifelines or survival ship are read from them."""

from dataclasses import dataclass

import numpy as np
from lifelines.datasets import load_leukemia, load_lung, load_waltons
from survival.datasets import load_mgus2  # type: ignore[attr-defined]  # named at run time

from metrics.survival import Integers

__all__ = [
    "BMT",
    "BMT_DISEASE",
    "Arms",
    "Sample",
    "competing",
    "competing_by_disease",
    "leukemia",
    "leukemia_arms",
    "lung",
    "lung_by_sex",
    "mgus2",
    "waltons",
]

BMT = (
    "13 2,1 1,72 0,7 2,8 2,67 0,9 2,5 2,70 0,4 0,7 0,68 0,1 2,10 2,7 2,3 1,4 1,4 1,3 1,3 1,22 2,8 1,2 2,0 2,0 1,"
    "35 0,35 0,4 2,14 2,26 2,3 2,2 0,8 0,32 0,12 1"
)
"""35 transplants: months and status (1 relapse, 2 death, 0 censored); Scrucca, Santucci and Aversa (2007)."""
BMT_DISEASE = "00000100111101111111011000100001110"
"""The disease of each of them: 0 ALL, 1 AML."""
MGUS2 = ("ptime", "pstat", "futime", "death")
"""Columns of mgus2, from R's survival: months to malignancy and whether, months to the end and whether by death."""


@dataclass(frozen=True, slots=True)
class Sample:
    days: Integers
    marks: Integers


@dataclass(frozen=True, slots=True)
class Arms:
    """A sample whose cases belong to groups."""

    days: Integers
    marks: Integers
    groups: Integers


def _sample(days: object, marks: object) -> Sample:
    return Sample(np.asarray(days).astype(np.int64), np.asarray(marks).astype(np.int64))


def _arms(days: object, marks: object, groups: object) -> Arms:
    sample = _sample(days, marks)
    return Arms(sample.days, sample.marks, np.asarray(groups).astype(np.int64))


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


def leukemia_arms() -> Arms:
    """Both of Freireich's arms: 0 had 6-MP, 1 had not."""
    data = load_leukemia()
    return _arms(data["t"], data["status"], data["Rx"])


def lung_by_sex() -> Arms:
    data = load_lung()
    return _arms(data["time"], data["status"], data["sex"])


def competing_by_disease() -> Arms:
    data = competing()
    return _arms(data.days, data.marks, [int(one) for one in BMT_DISEASE])


def mgus2() -> Sample:
    """1,384 patients: months until a plasma cell malignancy (1), death without one (2) or the end of follow-up (0)."""
    data = {name: np.asarray(column) for name, column in load_mgus2().items() if name in MGUS2}
    first = data["pstat"] == 1
    return _sample(np.where(first, data["ptime"], data["futime"]), np.where(first, 1, 2 * data["death"]))
