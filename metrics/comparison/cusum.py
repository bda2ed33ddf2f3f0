"""CUSUM: an alarm between releases when outcomes of one provider turn bad, case by case.

Each case adds the logarithm of how much more likely its outcome is if the odds of a bad outcome have become ``ratio``
times the expected ones (Steiner et al. 2000)::

    w = y log(ratio) - log(1 - p + ratio p),     S = max(0, S + w),     alarm when S > h

with y = 1 for a bad outcome and p the probability expected of that case. One-sided: it looks for worse only. h is
chosen so that false alarms are rare: ``run_length`` says after how many cases on average one comes although nothing
has changed, ``threshold`` finds h for a wanted run length.

For supervision only: an alarm is a reason to look, is never published, and is no ``Flag``. Who follows which outcomes:
``metrics.comparison.alarms``.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import solve_banded

from metrics.errors import BadDataError, NotConvergedError
from metrics.survival import Floats

__all__ = ["Cusum", "about", "cusum", "run_length", "threshold"]

_STATES = 200
_HALVINGS = 24


@dataclass(frozen=True, slots=True)
class Cusum:
    """The path of S after each case; ``alarms`` are places (from 0) at which it rose above h and began anew."""

    path: Floats
    alarms: tuple[int, ...]
    ratio: float
    h: float


def cusum(bad: ArrayLike, expected: ArrayLike, ratio: float, h: float) -> Cusum:
    """Follow cases in the order of their outcome.

    Args:
        bad: of each case, whether it ended badly (0 or 1).
        expected: of each case, the probability of that, between 0 and 1.
        ratio: how many times the expected odds are looked for; above 1.
        h: the threshold.

    Raises:
        BadDataError: marks or probabilities that are none, a ratio not above 1, a threshold not above 0.
    """
    marks, odds = np.asarray(bad), np.asarray(expected, dtype=np.float64)
    if marks.shape != odds.shape or not np.isin(marks, (0, 1)).all() or not np.all((odds > 0) & (odds < 1)):
        raise BadDataError("unknown_mark", "Each case ended badly (1) or not (0), with an expected probability.")
    steps = marks * _log(ratio) - np.log(1 - odds + ratio * odds)
    if h <= 0:
        raise BadDataError("no_threshold", "A threshold is above 0.", str(h))
    total = np.cumsum(steps)
    path = total - np.minimum(np.minimum.accumulate(total), 0.0)
    if path.max(initial=0.0) <= h:  # nothing begins anew, so the path is a sum less its lowest point so far
        return Cusum(path, (), ratio, h)
    path, alarms, level = np.zeros(len(steps)), [], 0.0
    for place, step in enumerate(steps.tolist()):
        level = max(0.0, level + step)
        path[place] = level
        if level > h:
            alarms.append(place)
            level = 0.0
    return Cusum(path, tuple(alarms), ratio, h)


def run_length(p: float, ratio: float, h: float, actual: float | None = None) -> float:
    """Cases until an alarm, on average, when the probability is ``p``; or is ``actual`` while p is expected.

    By a Markov chain over ``_STATES`` levels between 0 and h (Brook and Evans 1972), with steps shared between the two
    nearest levels.
    """
    _log(ratio)
    chance = p if actual is None else actual
    if not (0 < p < 1 and 0 < chance < 1) or h <= 0:
        raise BadDataError("no_threshold", "Probabilities lie between 0 and 1, a threshold above 0.", str(h))
    levels = np.linspace(0.0, h, _STATES)
    reach = min(_STATES - 1, math.ceil(math.log(ratio) / levels[1]) + 1)  # no step is longer than log(ratio)
    stay = np.zeros((2 * reach + 1, _STATES))  # by how far below its diagonal each number stands
    base = -math.log(1 - p + ratio * p)
    for weight, step in ((chance, math.log(ratio) + base), (1 - chance, base)):
        moved = np.maximum(0.0, levels + step) / levels[1]
        below = np.floor(moved).astype(np.int64)
        part = moved - below
        for offset, share in ((0, 1 - part), (1, part)):
            place = below + offset
            inside = np.flatnonzero((place < _STATES) & (moved <= _STATES - 1))
            np.add.at(stay, (reach + inside - place[inside], place[inside]), weight * share[inside])
    stay[reach] -= 1
    return float(solve_banded((reach, reach), -stay, np.ones(_STATES))[0])


def threshold(p: float, ratio: float, wanted: float) -> float:
    """The h with which a false alarm comes after ``wanted`` cases on average."""
    if wanted <= 1:
        raise BadDataError("no_threshold", "A run is longer than one case.", str(wanted))
    low, high = 1e-6, 1.0
    while run_length(p, ratio, high) < wanted:
        low, high = high, high * 2
        if high > 64:
            raise NotConvergedError("no_threshold", "No threshold makes false alarms so rare.", str(wanted))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if run_length(p, ratio, middle) < wanted else (low, middle)
    return (low + high) / 2


def about(p: float, ratio: float, wanted: float) -> float:
    """About the threshold, in no time: log(wanted x the mean fall of S per case); right to within 0.5.

    A run lasts about e^h over that fall (Siegmund 1985). To tell what is far from an alarm; ``threshold`` decides.
    """
    fall = math.log(1 - p + ratio * p) - p * _log(ratio)
    return math.log(wanted * fall) if wanted * fall > 1 else 0.0


def _log(ratio: float) -> float:
    if not 1 < ratio < math.inf:
        raise BadDataError("no_ratio", "The odds that are looked for are more than the expected ones.", str(ratio))
    return math.log(ratio)
