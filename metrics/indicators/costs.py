"""What the procedure costs the claimant, measured by what is claimed (30)."""

import math
from dataclasses import replace
from decimal import Decimal

import numpy as np

from metrics.cohorts import Marks
from metrics.figures import Figure
from metrics.money import Money
from metrics.names import ABSENT
from metrics.rates import ratio
from metrics.survival import Floats, Integers
from metrics.tasks import Estimate, Part, Task

__all__ = ["above_tenth", "fee_burden"]

_ONE = Decimal(1)
_TENTH = 0.1
_PARTS = (Part("median"), Part("ninth_decile", least=50), Part("above_tenth", "share"))


def fee_burden(task: Task) -> list[Figure]:
    """30: the fee over the claim, case by case; never the sum of fees over the sum of claims."""
    columns = task.columns
    rows, burdens, without = _burdens(task)
    n = len(burdens)
    counts = {"no_rate": without, "quoted": int((columns.fee_final[rows] != 1).sum())}
    known = bool(((columns.fee != ABSENT) & (columns.claim > 0)).any())
    if n < task.minimum:
        return [task.few(replace(part, reported=known), n, counts) for part in _PARTS]
    above = int(_above(burdens).sum())
    return [
        task.figure(_PARTS[0], n, Estimate.quantile(burdens, 0.5), counts),
        task.figure(_PARTS[1], n, Estimate.quantile(burdens, 0.9), counts),
        task.share(_PARTS[2], above, n, counts),
    ]


def above_tenth(task: Task) -> tuple[Integers, Marks]:
    """The rows of the cases that have a burden, and of each whether it is above a tenth."""
    rows, burdens, _ = _burdens(task)
    return rows, _above(burdens)


def _burdens(task: Task) -> tuple[Integers, Floats, int]:
    """The rows of cases filed with a fee and a claim, the burden of each, and how many more have no rate for it."""
    columns = task.columns
    rows = np.flatnonzero(task.period.holds(columns.filed) & (columns.fee != ABSENT) & (columns.claim > 0))
    factors = _factors(task, columns.fee_currency[rows], columns.claim_currency[rows])
    rated = ~np.isnan(factors)
    burdens = columns.fee[rows][rated] * factors[rated] / columns.claim[rows][rated]
    return rows[rated], burdens, len(rows) - len(burdens)


def _above(burdens: Floats) -> Marks:
    return np.asarray(burdens > _TENTH + 1e-12)


def _factors(task: Task, fees: Integers, claims: Integers) -> Floats:
    """What one unit of each fee's currency is in that of the claim; NaN where a rate is missing."""
    pairs, places = np.unique(np.stack([fees, claims], axis=1), axis=0, return_inverse=True)
    found = np.array([_factor(task, int(fee), int(claim)) for fee, claim in pairs], dtype=np.float64)
    return np.asarray(found[places.reshape(-1)])


def _factor(task: Task, fee: int, claim: int) -> float:
    names = task.columns.names
    found = ratio(Money(_ONE, names[fee]), Money(_ONE, names[claim]), task.context.rates)
    return math.nan if found is None else float(found)
