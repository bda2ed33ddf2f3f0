"""Cox regression: by what factor covariates make cases end sooner, whatever the pace at which all of them end.

The partial likelihood (``metrics.partial``) is made as large as it can be by Newton's method, and the inverse of its
information there is the covariance of the coefficients. Of the two treatments of several ends on one day Breslow's
pulls coefficients towards 0, the more so the more cases end together; with whole days many do, so Efron's is the one
that is taken unless told otherwise.

For few covariates. Whether the factor is the same on every day, as the model supposes, is not examined here.

Example::

    fit = cox(days, ended, covariates)
    fit.factor(0)       # one unit more of the first covariate: ends so many times as fast
    fit.interval(0)
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from metrics.errors import BadDataError, NotConvergedError
from metrics.partial import Cases, Point, cases
from metrics.survival import LEVEL, Floats

__all__ = ["CoxFit", "cox"]

_STEPS = 30
_HALVINGS = 20
_STILL = 1e-9
"""A step shorter than this, in standard deviations of the covariates, is not worth taking."""
_ROUNDING = 1e-12
"""Share of the likelihood's logarithm that rounding may take away."""
_NOTHING = 1e-10
"""A direction with less than this share of the largest information holds rounding errors only."""


@dataclass(frozen=True)
class CoxFit:
    """Coefficients b that make the partial likelihood largest.

    Attributes:
        coefficients: b, one for each covariate.
        covariance: the inverse of the information at b.
        log_likelihood: the logarithm of the partial likelihood at b.
        log_likelihood_at_0: the same where no covariate matters.
    """

    coefficients: Floats
    covariance: Floats
    log_likelihood: float
    log_likelihood_at_0: float

    @cached_property
    def standard_error(self) -> Floats:
        """The standard error of each coefficient."""
        error: Floats = np.sqrt(np.diag(self.covariance))
        return error

    def factor(self, covariate: int) -> float:
        """exp(b): what one unit more of the covariate multiplies the pace by."""
        return float(np.exp(self.coefficients[self._place(covariate)]))

    def interval(self, covariate: int, level: float = LEVEL) -> tuple[float, float]:
        """Interval of the factor: exp(b) times and divided by the same number."""
        reach = float(np.exp(ndtri(0.5 + level / 2) * self.standard_error[self._place(covariate)]))
        return self.factor(covariate) / reach, self.factor(covariate) * reach

    def _place(self, covariate: int) -> int:
        if not 0 <= covariate < len(self.coefficients):
            raise BadDataError("unknown_covariate", "No covariate has this number.", str(covariate))
        return covariate


def cox(days: ArrayLike, ended: ArrayLike, covariates: ArrayLike, ties: str = "efron") -> CoxFit:
    """The fit to cases followed for ``days`` whole days, at the end of which they ended (1) or were censored (0).

    Args:
        days: whole days.
        ended: one mark for each case.
        covariates: one row for each case; or one number for each, when there is a single covariate.
        ties: ``efron`` or ``breslow``.

    Raises:
        BadDataError: what ``metrics.partial.cases`` refuses, or covariates that can't be told apart.
        NotConvergedError: no largest likelihood was reached. Most often there is none: where those with more of a
            covariate always end first, a larger coefficient is always more likely.
    """
    sample = cases(days, ended, covariates, ties)
    unit = sample.x.std(axis=0)
    unit = np.where(unit > 0, unit, 1.0)
    sample = replace(sample, x=(sample.x - sample.x.mean(axis=0)) / unit)
    start = sample.at(np.zeros(len(unit)))
    known = np.linalg.eigvalsh(start.information)
    if known[0] <= _NOTHING * max(float(known[-1]), _NOTHING):
        raise BadDataError("not_told_apart", "Wherever a case ends, a covariate is constant or follows from others.")
    end = _largest(sample, start)
    covariance = np.linalg.inv(end.information) / np.outer(unit, unit)
    return CoxFit(end.b / unit, covariance, end.log_likelihood, start.log_likelihood)


def _largest(sample: Cases, point: Point) -> Point:
    """The point with the largest likelihood, by Newton's method."""
    for _ in range(_STEPS):
        try:
            step: Floats = np.linalg.solve(point.information, point.gradient).astype(np.float64)
        except np.linalg.LinAlgError:
            break
        if np.max(np.abs(step)) < _STILL:
            return point
        point = _uphill(sample, point, step)
    raise NotConvergedError(
        "no_maximum", "The likelihood has no maximum in reach: a covariate may decide who ends first."
    )


def _uphill(sample: Cases, point: Point, step: Floats) -> Point:
    """The point a step further; half a step, a quarter and so on while the likelihood is smaller there."""
    least = point.log_likelihood - _ROUNDING * abs(point.log_likelihood)
    for halving in range(_HALVINGS):
        following = sample.at(point.b + step / 2**halving)
        if np.isfinite(following.log_likelihood) and following.log_likelihood >= least:
            return following
    return point
