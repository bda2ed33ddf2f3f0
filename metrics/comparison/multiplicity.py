"""Many comparisons at once: which of them still count, by four corrections.

Each function returns adjusted p-values in the order given: a comparison counts at the level a when its adjusted value
is at most a.

- ``bonferroni``, ``holm``: no false one at all, with probability 1 - a.
- ``benjamini_hochberg``: of those that count, a share of at most a is false on average, if the comparisons are
  independent or go together; ``benjamini_yekutieli``: however they depend on each other.

``within`` applies one of them to each of several groups. A share of at most a of what counts in any group is false
then, provided that what forms the groups says nothing about the p-values of comparisons without a difference
(Efron, Simultaneous inference, Annals of Applied Statistics 2, 2008).
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from metrics.errors import BadDataError
from metrics.survival import Floats, Integers

__all__ = ["Correction", "benjamini_hochberg", "benjamini_yekutieli", "bonferroni", "holm", "within"]

Correction = Callable[[ArrayLike], Floats]


def bonferroni(p: ArrayLike) -> Floats:
    """Each p times how many there are."""
    known = _checked(p)
    return np.minimum(1.0, known * len(known))


def holm(p: ArrayLike) -> Floats:
    """Bonferroni's correction, step by step from the smallest p on."""
    known = _checked(p)
    order = np.argsort(known, kind="stable")
    stepped = np.maximum.accumulate(known[order] * (len(known) - np.arange(len(known))))
    return _put_back(order, stepped)


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """q-values: the false discovery rate at which each would just count."""
    return _step_up(_checked(p), 1.0)


def benjamini_yekutieli(p: ArrayLike) -> Floats:
    """The same, multiplied by 1 + 1/2 + ... + 1/m."""
    known = _checked(p)
    return _step_up(known, float(np.sum(1 / np.arange(1, len(known) + 1))))


def within(groups: Sequence[bool], p: ArrayLike, correction: Correction) -> Floats:
    """The correction among the p-values whose group is true, and among the others."""
    known, chosen = _checked(p), np.asarray(groups, dtype=np.bool_)
    if chosen.shape != known.shape:
        raise BadDataError("groups_missing", "Each p-value belongs to a group.")
    adjusted = np.empty(len(known))
    for group in (chosen, ~chosen):
        adjusted[group] = correction(known[group])
    return adjusted


def _step_up(p: Floats, factor: float) -> Floats:
    order = np.argsort(p, kind="stable")
    steps = p[order] * len(p) / np.arange(1, len(p) + 1) * factor
    return _put_back(order, np.minimum.accumulate(steps[::-1])[::-1])


def _put_back(order: Integers, values: Floats) -> Floats:
    placed = np.empty(len(values))
    placed[order] = np.minimum(1.0, values)
    return placed


def _checked(p: ArrayLike) -> Floats:
    known = np.asarray(p, dtype=np.float64)
    if known.ndim != 1 or not np.all((known >= 0) & (known <= 1)):
        raise BadDataError("not_probabilities", "p-values are one list of numbers between 0 and 1.")
    return known
