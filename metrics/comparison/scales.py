"""Scales on which results of providers of different size are about normal, with a known standard error.

======================  =====================  =========================================  ==================
scale                   y                      s                                          target
======================  =====================  =========================================  ==================
``shares``              asin sqrt(r / n)       1 / (2 sqrt n)                             asin sqrt t
``against_expected``    asin sqrt(r / n)       1 / (2 sqrt n)                             asin sqrt(E / n)
``ratios``              sqrt(O / E)            1 / (2 sqrt E)                             1
``log_ratios``          log(O / E)             1 / sqrt E                                 0
``counts``              log((O+.5) / (Q+.5))   sqrt(O / (O+.5)^2 + Q / (Q+.5)^2)          log of the sums' ratio
``curves``              log(-log S)            sqrt(Greenwood's sum) / abs(log S)         log(-log target)
======================  =====================  =========================================  ==================

The first column is ``Scaled.y``; ``Scaled.back`` returns to what readers know. ``ratios`` is the scale of the English
quality commission, ``log_ratios`` that of the English hospital mortality indicator. They are approximations, and bad
ones for rare events: who judges must look at an exact limit too (``metrics.comparison.limits``).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from metrics.errors import BadDataError
from metrics.survival import Floats

__all__ = ["Scaled", "against_expected", "counts", "curves", "log_ratios", "moved", "ratios", "shares"]


@dataclass(frozen=True, slots=True)
class Scaled:
    """Results on a scale: values, their standard errors, and the target of each."""

    name: str
    y: Floats
    s: Floats
    target: Floats

    @property
    def deviation(self) -> Floats:
        """How far each is from its target."""
        return self.y - self.target

    @property
    def z(self) -> Floats:
        """The same in standard errors."""
        return self.deviation / self.s

    def adjusted(self, tau2: float) -> Floats:
        """The z when providers that do not stand out differ among themselves by a variance of ``tau2``."""
        return np.asarray(self.deviation / np.sqrt(self.s**2 + tau2))

    def limit(self, p: float, tau2: float = 0.0, phi: float = 1.0, around: float | None = None) -> Floats:
        """Where a share ``p`` of results is expected below, in the readers' unit, with added or multiplied variance.

        ``around`` puts all limits around one target (on the scale) instead of each around its own. Of a curve, S
        falls where log(-log S) rises: there the upper limit of S belongs to the smaller p.
        """
        centre = self.target if around is None else np.full(self.y.shape, around)
        turned = 1 - p if self.name == "curves" else p
        return self.back(centre + ndtri(turned) * np.sqrt(self.s**2 * max(1.0, phi) + tau2))

    def back(self, y: ArrayLike) -> Floats:
        """From the scale to shares, ratios or S."""
        return _BACK[self.name](np.asarray(y, dtype=np.float64))


def shares(numerators: ArrayLike, n: ArrayLike, target: float) -> Scaled:
    """Shares against one target share."""
    return against_expected(numerators, n, target * np.asarray(n, dtype=np.float64))


def against_expected(numerators: ArrayLike, n: ArrayLike, expected: ArrayLike) -> Scaled:
    """Shares, each against its own expected numerator."""
    r, sizes, means = _floats(numerators, n, expected)
    if sizes.min() <= 0 or np.any((r < 0) | (r > sizes)) or np.any((means < 0) | (means > sizes)):
        raise BadDataError("not_a_share", "A share needs 0 <= x <= n and n above 0, and so does what is expected.")
    return Scaled("shares", _angle(r / sizes), 1 / (2 * np.sqrt(sizes)), _angle(means / sizes))


def ratios(observed: ArrayLike, expected: ArrayLike) -> Scaled:
    """O / E on the square-root scale."""
    o, e = _floats(observed, expected)
    _check(o, e, least=0)
    return Scaled("ratios", np.sqrt(o / e), 1 / (2 * np.sqrt(e)), np.ones(e.shape))


def log_ratios(observed: ArrayLike, expected: ArrayLike) -> Scaled:
    """O / E on the logarithmic scale; every O is above 0."""
    o, e = _floats(observed, expected)
    _check(o, e, least=1)
    return Scaled("log_ratios", np.log(o / e), 1 / np.sqrt(e), np.zeros(e.shape))


def counts(observed: ArrayLike, other: ArrayLike) -> Scaled:
    """The ratio of two counts, both of which vary; the target is the ratio of their sums."""
    o, q = _floats(observed, other)
    if min(o.min(), q.min()) < 0 or o.sum() <= 0 or q.sum() <= 0:
        raise BadDataError("count_zero", "Counts are not below 0, and their sums are above 0.")
    s = np.sqrt(o / (o + 0.5) ** 2 + q / (q + 0.5) ** 2)
    if s.min() <= 0:
        raise BadDataError("count_zero", "A ratio of two counts of 0 tells nothing.")
    return Scaled("counts", np.log((o + 0.5) / (q + 0.5)), s, np.full(o.shape, np.log(o.sum() / q.sum())))


def curves(survival: ArrayLike, hazard_sum: ArrayLike, target: float) -> Scaled:
    """S(t) of each provider, between 0 and 1, with Greenwood's sum (``survival.Curve.hazard_sum``)."""
    s, variance = _floats(survival, hazard_sum)
    if np.any((s <= 0) | (s >= 1)) or variance.min() <= 0 or not 0 < target < 1:
        raise BadDataError("no_curve", "On this scale S and the target lie between 0 and 1, with some variance.")
    goal = np.log(-np.log(target))
    return Scaled("curves", np.log(-np.log(s)), np.sqrt(variance) / np.abs(np.log(s)), np.full(s.shape, goal))


def _angle(share: Floats) -> Floats:
    return np.asarray(np.arcsin(np.sqrt(share)))


def _floats(*lists: ArrayLike) -> tuple[Floats, ...]:
    found = tuple(np.atleast_1d(np.asarray(one, dtype=np.float64)) for one in lists)
    if found[0].size == 0 or any(one.shape != found[0].shape for one in found):
        raise BadDataError("lengths_differ", "Each result needs its size; there is one at least.")
    if not all(np.all(np.isfinite(one)) for one in found):
        raise BadDataError("not_finite", "Results and sizes are numbers.")
    return found


def _check(observed: Floats, expected: Floats, least: int) -> None:
    if observed.min() < least or expected.min() <= 0:
        raise BadDataError("count_zero", f"O is at least {least} here, and what is expected is above 0.")


_BACK: dict[str, Callable[[Floats], Floats]] = {
    "shares": lambda y: np.sin(np.clip(y, 0, np.pi / 2)) ** 2,
    "ratios": lambda y: np.maximum(y, 0) ** 2,
    "log_ratios": np.exp,
    "counts": np.exp,
    "curves": lambda y: np.exp(-np.exp(y)),
}


def moved(share: ArrayLike, shift: float) -> Floats:
    """Shares moved by ``shift`` on the scale asin sqrt; none below 0 or above 1."""
    return np.asarray(np.sin(np.clip(np.arcsin(np.sqrt(np.asarray(share))) + shift, 0, np.pi / 2)) ** 2)
