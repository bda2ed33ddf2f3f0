"""Overdispersion: how much providers differ for reasons that chance does not explain and nobody need be asked about.

Without it a fifth of all providers would stand out. It is measured as a variance ``tau2`` between providers (added to
the squared standard error) or as a factor ``phi`` (which multiplies it), from deviations and standard errors on a scale
(``metrics.comparison.scales``).

====================  =====================================================================================
``phi``               mean z^2, of z that were ``winsorised`` or ``truncated`` before
``additive``          tau2 from phi, as English quality bodies compute it: too small, since cutting the tails
                      takes variance away (divide phi by ``NORMAL_WINSORISED`` to make it right for normal effects)
``mad``               tau2 with which the median of abs(z) is that of a normal variable; a few real outliers
                      hardly move it, which is why the policy uses it
``dersimonian_laird`` tau2 of moments around the weighted mean
``paule_mandel``      tau2 with which the weighted squares sum to I - 1; real outliers hide in it
``restricted``        tau2 of restricted maximum likelihood
``pooled``            mean tau2 of several releases, where one has few providers
====================  =====================================================================================
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from metrics.comparison.scales import Scaled
from metrics.errors import BadDataError, NotConvergedError
from metrics.survival import Floats

__all__ = [
    "NORMAL_WINSORISED",
    "additive",
    "dersimonian_laird",
    "mad",
    "paule_mandel",
    "phi",
    "pooled",
    "restricted",
    "standard",
    "truncated",
    "winsorised",
]

NORMAL_WINSORISED = 0.6786545589528744
"""E[z^2] of a normal z winsorised at its 10 % and 90 % quantiles; a test computes it."""
_CUT = 0.1
_STEPS = 200


def winsorised(z: ArrayLike, cut: float = _CUT) -> Floats:
    """The z with what lies beyond its own quantiles (R type 7) moved to them."""
    known = _some(z)
    return np.clip(known, *np.quantile(known, (cut, 1 - cut)))


def truncated(z: ArrayLike) -> NDArray[np.bool_]:
    """Which z remain when the lowest and highest tenth are left out: floor(10 rank / (I + 1)) in 1..8."""
    known = _some(z)
    ranks = np.argsort(np.argsort(known, kind="stable"), kind="stable") + 1
    tenths = (10 * ranks) // (len(known) + 1)
    return np.asarray((tenths >= 1) & (tenths <= 8))


def phi(z: ArrayLike) -> float:
    """Mean square of z: 1 if only chance is at work."""
    return float(np.mean(_some(z) ** 2))


def additive(factor: float, s: ArrayLike) -> float:
    """tau2 from phi; 0 unless I phi exceeds I - 1."""
    w = 1 / _some(s) ** 2
    if (spare := len(w) * factor - (len(w) - 1)) <= 0:
        return 0.0
    return float(spare / _weight(w))


def standard(scaled: Scaled) -> tuple[float, float]:
    """(phi, tau2) by the published recipe, stored beside ours so that others can compare."""
    factor = phi(winsorised(scaled.z))
    return factor, (additive(factor, scaled.s) if len(scaled.s) > 1 else 0.0)


def mad(deviation: ArrayLike, s: ArrayLike) -> float:
    """tau2 with which the median of abs(deviation) / sqrt(s^2 + tau2) is 0.6745; 0 if it is below that without."""
    distance, errors = np.abs(_some(deviation)), _some(s)
    wanted = float(ndtri(0.75))

    def excess(tau2: float) -> float:
        return float(np.median(distance / np.sqrt(errors**2 + tau2))) - wanted

    return _root(excess, float(distance.max() / wanted) ** 2)


def dersimonian_laird(y: ArrayLike, s: ArrayLike) -> float:
    """tau2 by the method of moments, around the mean weighted by 1 / s^2."""
    values, w = _some(y), 1 / _some(s) ** 2
    centre = np.sum(w * values) / w.sum()
    q = float(np.sum(w * (values - centre) ** 2))
    return max(0.0, (q - (len(w) - 1)) / _weight(w))


def paule_mandel(y: ArrayLike, s: ArrayLike) -> float:
    """tau2 with which the squared deviations from the weighted mean, each over its variance, sum to I - 1."""
    values, errors = _some(y), _some(s)

    def excess(tau2: float) -> float:
        w = 1 / (errors**2 + tau2)
        return float(np.sum(w * (values - np.sum(w * values) / w.sum()) ** 2)) - (len(w) - 1)

    return _root(excess, float(np.sum((values - values.mean()) ** 2)))


def restricted(y: ArrayLike, s: ArrayLike) -> float:
    """tau2 by restricted maximum likelihood (Fisher scoring, never below 0)."""
    values, errors = _some(y), _some(s)
    tau2 = dersimonian_laird(values, errors)
    for _ in range(_STEPS):
        w = 1 / (errors**2 + tau2)
        d = values - np.sum(w * values) / w.sum()
        cube, square = np.sum(w**3) / w.sum(), np.sum(w**2)
        score = np.sum(w**2 * d**2) - w.sum() + square / w.sum()
        information = square - 2 * cube + (square / w.sum()) ** 2
        moved = max(0.0, float(tau2 + score / information))
        if abs(moved - tau2) <= 1e-12 * (1 + tau2):
            return moved
        tau2 = moved
    raise NotConvergedError("no_tau", "The variance between providers was not found.", f"{tau2}")


def pooled(values: Sequence[float]) -> float:
    """The mean of several releases' tau2, each of which was 0 or above."""
    if not values or min(values) < 0:
        raise BadDataError("no_tau", "Pooling needs a release, and no variance is below 0.")
    return float(np.mean(values))


def _weight(w: Floats) -> float:
    if len(w) < 2:
        raise BadDataError("too_few", "How providers differ can't be told from one.")
    return float(w.sum() - np.sum(w**2) / w.sum())


def _root(excess: Callable[[float], float], top: float) -> float:
    """Where a falling function is 0, between 0 and ``top``, by halving; 0 if it is not above 0 at 0."""
    if excess(0.0) <= 0:
        return 0.0
    low, high = 0.0, top
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
        if high - low <= 1e-13 * high:
            break
    return (low + high) / 2


def _some(values: ArrayLike) -> Floats:
    found = np.asarray(values, dtype=np.float64)
    if found.size == 0 or not np.all(np.isfinite(found)):
        raise BadDataError("no_cases", "Nothing can be estimated from no providers, or from what is no number.")
    return found
