"""The partial likelihood of Cox (1972), with its first two derivatives.

A case with covariates x ends at exp(x b) times the pace of one whose covariates are all 0, on every day. So, given
that one of the cases under observation ends, it is this one with probability exp(x b) / R, where R is the sum of
exp(x b) over all of them; the likelihood is the product over all ends. Where d cases end on one day their order is not
known; with D the sum of exp(x b) over those d, their denominators are together

    Efron (1977)     product over l = 0, ..., d - 1 of R - D l / d
    Breslow (1974)   R^d

A case that ends and one that is censored on the same day: the end comes first, so both are under observation.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from metrics.errors import BadDataError
from metrics.survival import Floats, Integers, whole_days, zeros_and_ones

__all__ = ["TIES", "Cases", "Point", "cases"]

TIES = ("efron", "breslow")


@dataclass(frozen=True, slots=True)
class Point:
    """The logarithm of the partial likelihood at b.

    Attributes:
        b: one coefficient for each covariate.
        log_likelihood: its value.
        gradient: its first derivatives.
        information: its second derivatives, with the sign changed.
    """

    b: Floats
    log_likelihood: float
    gradient: Floats
    information: Floats


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases in the form that the likelihood needs.

    Attributes:
        day: the place of its last day among all last days that occur, from 0.
        ended: 1 for an end, 0 for a censored case.
        x: covariates, one row for each case.
        ties: one of ``TIES``.
    """

    day: Integers
    ended: Integers
    x: Floats
    ties: str

    def at(self, b: Floats) -> Point:
        """The likelihood at b; not finite where b is so large that exp(x b) of all under observation is lost."""
        score = self.x @ b
        score = score - score.max()  # a factor common to all cases cancels out
        r, r1, r2 = self._denominators(np.exp(score))
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = r1 / r[:, None]
            square = (r2 / r[:, None]).sum(axis=0).reshape(len(b), len(b))
            value = float(score @ self.ended - np.log(r).sum())
        return Point(b, value, self.x.T @ self.ended - mean.sum(axis=0), square - mean.T @ mean)

    def _denominators(self, weight: Floats) -> tuple[Floats, Floats, Floats]:
        """For each end its denominator, and the same sums weighted by x and by x x'."""
        products = (self.x[:, :, None] * self.x[:, None, :]).reshape(len(self.x), -1)
        terms = weight[:, None] * np.hstack([np.ones((len(self.x), 1)), self.x, products])
        at_risk = np.cumsum(self._daily(terms)[::-1], axis=0)[::-1]
        tied = self._daily(terms * self.ended[:, None])
        days, taken = self._order()
        sums = at_risk[days] - taken[:, None] * tied[days]
        size = self.x.shape[1]
        return sums[:, 0], sums[:, 1 : size + 1], sums[:, size + 1 :]

    def _daily(self, terms: Floats) -> Floats:
        """The sum of the rows of each day."""
        total = np.zeros((int(self.day.max()) + 1, terms.shape[1]))
        np.add.at(total, self.day, terms)
        return total

    def _order(self) -> tuple[Integers, Floats]:
        """For each end its day, and the share l / d of that day's ends that its denominator lacks."""
        counts = np.bincount(self.day[self.ended == 1])
        days = np.repeat(np.arange(len(counts)), counts)
        place = np.arange(len(days)) - np.repeat(np.cumsum(counts) - counts, counts)
        return days, place / counts[days] if self.ties == "efron" else np.zeros(len(days))


def cases(days: ArrayLike, ended: ArrayLike, covariates: ArrayLike, ties: str) -> Cases:
    """Cases followed for ``days`` whole days, at the end of which they ended (1) or were censored (0), checked.

    Raises:
        BadDataError: durations, marks or covariates that are none, no end, or a treatment of ties that is unknown.
    """
    durations, marks, x = whole_days(days), np.asarray(ended), np.asarray(covariates, np.float64)
    x = x[:, None] if x.ndim == 1 else x
    if ties not in TIES:
        raise BadDataError("unknown_ties", "Several ends on one day are treated as efron or breslow.", ties)
    if marks.shape != durations.shape or x.ndim != 2 or len(x) != len(durations) or x.shape[1] == 0:
        raise BadDataError("lengths_differ", "Each duration needs exactly one mark and one row of covariates.")
    marks = zeros_and_ones(marks)
    if not np.isfinite(x).all():
        raise BadDataError("not_a_number", "A covariate is missing or infinite.")
    if not marks.any():
        raise BadDataError("no_ends", "A pace is estimated from ends, and no case has ended.")
    places = np.unique(durations, return_inverse=True)[1]
    return Cases(places, marks, x, ties)
