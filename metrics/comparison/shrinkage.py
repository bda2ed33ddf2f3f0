"""Shrinkage: values of small providers drawn towards the middle by as much as chance may have moved them.

For supervision only, and with the raw value beside it: where volume itself goes with quality, shrinkage hides small
providers that are bad. Whether it does is ``metrics.comparison.association``. No page shows shrunken values; alarms
(``metrics.comparison.alarms``) rest on them.

- ``toward`` (normal): B = s^2 / (s^2 + tau2), the value B t + (1 - B) y, its variance (1 - B) s^2.
- ``toward_mean``: one common variance, towards the mean of all (Efron and Morris 1975).
- ``beta_binomial``: shares r of n come from a beta distribution, whose two numbers make the likelihood largest.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaincinv, betaln, digamma, gammaln, polygamma, xlog1py, xlogy

from metrics.errors import BadDataError, NotConvergedError
from metrics.survival import LEVEL, Floats

__all__ = ["BetaBinomial", "beta_binomial", "toward", "toward_mean"]

_STEPS = 200
_CLOSE = 1e-10
_GAIN = 1e-6
_FAR = 14
"""Logarithm of an a or b so large that shares differ by less than any number of cases could show."""


def toward(y: ArrayLike, s: ArrayLike, target: ArrayLike, tau2: float) -> tuple[Floats, Floats]:
    """Shrunk values on the scale of y, and their standard errors."""
    values, errors, goals = (np.asarray(one, dtype=np.float64) for one in (y, s, target))
    if tau2 < 0 or values.size == 0 or errors.min() <= 0:
        raise BadDataError("no_shrinkage", "Shrinkage needs standard errors above 0 and a variance not below 0.")
    b = errors**2 / (errors**2 + tau2)
    return b * goals + (1 - b) * values, np.sqrt(1 - b) * errors


def toward_mean(values: ArrayLike, variance: float) -> tuple[Floats, float]:
    """Values of one known variance shrunk to their mean; and by how much: 1 - (k - 3) variance / sum of squares."""
    known = np.asarray(values, dtype=np.float64)
    squares = float(np.sum((known - known.mean()) ** 2)) if known.size else 0.0
    if known.size < 4 or squares == 0 or variance <= 0:
        raise BadDataError("no_shrinkage", "Shrinkage to the mean needs four values that differ.")
    factor = max(0.0, 1 - (len(known) - 3) * variance / squares)
    return known.mean() + factor * (known - known.mean()), factor


@dataclass(frozen=True, slots=True)
class BetaBinomial:
    """The beta distribution that shares of providers come from.

    Attributes:
        negative_log_likelihood: of the data, with the binomial coefficients.
    """

    a: float
    b: float
    negative_log_likelihood: float

    def mean(self, r: ArrayLike, n: ArrayLike) -> Floats:
        """Shrunk shares: (a + r) / (a + b + n)."""
        return np.asarray((self.a + np.asarray(r)) / (self.a + self.b + np.asarray(n)))

    def interval(self, r: int, n: int, level: float = LEVEL) -> tuple[float, float]:
        """Where the provider's share lies with the probability ``level``, given the others."""
        tail = (1 - level) / 2
        first, second = self.a + r, self.b + n - r
        return float(betaincinv(first, second, tail)), float(betaincinv(first, second, 1 - tail))

    def below(self, r: int, n: int, target: float) -> float:
        """The probability that the provider's share lies below the target."""
        return float(betainc(self.a + r, self.b + n - r, target))


def beta_binomial(r: ArrayLike, n: ArrayLike) -> BetaBinomial:
    """The a and b that make the likelihood largest, by Newton's steps on their logarithms.

    Raises:
        BadDataError: not shares, or fewer than three.
        NotConvergedError: the shares differ no more than by chance; then a and b have no finite maximum.
    """
    hits, sizes = np.asarray(r, dtype=np.float64), np.asarray(n, dtype=np.float64)
    if hits.shape != sizes.shape or hits.size < 3 or np.any((hits < 0) | (hits > sizes) | (sizes < 1)):
        raise BadDataError("not_a_share", "Three shares at least, each with 0 <= x <= n and n above 0.")
    logs = np.log(_start(hits, sizes))
    best, floor = _log_likelihood(logs, hits, sizes), _by_chance(hits, sizes)
    for _ in range(_STEPS):
        gradient, hessian = _slopes(logs, hits, sizes)
        if np.abs(gradient).max() < _CLOSE * (1 + abs(best)) and best > floor + _GAIN:
            a, b = np.exp(logs)
            return BetaBinomial(float(a), float(b), -best)
        logs, best = _climb(logs, best, _direction(gradient, hessian), (hits, sizes))
        if np.abs(logs).max() > _FAR:
            break
    raise NotConvergedError("no_spread", "The shares differ no more than by chance; there is nothing to shrink to.")


def _climb(logs: Floats, best: float, step: Floats, data: tuple[Floats, Floats]) -> tuple[Floats, float]:
    """The step, or as large a part of it as does not lead down."""
    for _ in range(60):
        value = _log_likelihood(logs + step, *data)
        if value >= best - 1e-9 * abs(best):
            return logs + step, value
        step = step / 2
    raise NotConvergedError("no_spread", "The likelihood of the shares has no top that can be reached.")


def _direction(gradient: Floats, hessian: Floats) -> Floats:
    """Newton's step where the likelihood is curved like a hill, else uphill; never longer than 2."""
    curved = bool(np.all(np.linalg.eigvalsh(hessian) < 0))
    step = -np.linalg.solve(hessian, gradient) if curved else gradient
    return np.asarray(step * min(1.0, 2.0 / float(np.abs(step).max() or 1.0)))


def _start(hits: Floats, sizes: Floats) -> Floats:
    """Values of a and b by moments of the raw shares."""
    p = hits / sizes
    mean, variance = float(np.clip(p.mean(), 0.01, 0.99)), max(float(p.var()), 1e-6)
    total = max(0.5, mean * (1 - mean) / variance - 1)
    return np.array([mean * total, (1 - mean) * total])


def _by_chance(hits: Floats, sizes: Floats) -> float:
    """The log likelihood if every provider has the same share: what a beta distribution must improve on."""
    p = hits.sum() / sizes.sum()
    return float(np.sum(_ways(hits, sizes) + xlogy(hits, p) + xlog1py(sizes - hits, -p)))


def _ways(hits: Floats, sizes: Floats) -> Floats:
    return np.asarray(gammaln(sizes + 1) - gammaln(hits + 1) - gammaln(sizes - hits + 1))


def _log_likelihood(logs: Floats, hits: Floats, sizes: Floats) -> float:
    a, b = np.exp(logs)
    return float(np.sum(_ways(hits, sizes) + betaln(a + hits, b + sizes - hits) - betaln(a, b)))


def _slopes(logs: Floats, hits: Floats, sizes: Floats) -> tuple[Floats, Floats]:
    """First and second derivatives by log a and log b."""
    a, b = np.exp(logs)
    both = float(np.sum(digamma(a + b) - digamma(a + b + sizes)))
    first = np.array([np.sum(digamma(a + hits) - digamma(a)), np.sum(digamma(b + sizes - hits) - digamma(b))]) + both
    common = float(np.sum(polygamma(1, a + b) - polygamma(1, a + b + sizes)))
    own = np.array(
        [
            np.sum(polygamma(1, a + hits) - polygamma(1, a)),
            np.sum(polygamma(1, b + sizes - hits) - polygamma(1, b)),
        ]
    )
    point = np.array([a, b])
    second = np.outer(point, point) * (np.diag(own) + common) + np.diag(first * point)
    return first * point, second
