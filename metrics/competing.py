"""Aalen-Johansen: by which outcome, and when, cases end, while each outcome prevents the others.

The cumulative incidence of cause k is F_k(t) = sum over days of S(t-) d_k / n, with S the Kaplan-Meier curve of
ending at all; so the incidences and S add up to 1 on every day. One minus the Kaplan-Meier curve of a single cause
must never be published instead: it treats the other outcomes as if the case were still waiting.

Whole days, day 0 counts, any number of cases may end on one day for different causes (no order among them is
assumed). The variance is Aalen's with the hypergeometric correction for ties, as R's cmprsk computes it; intervals
are on the log(-log F) scale.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from metrics.errors import BadDataError
from metrics.survival import LEVEL, Floats, Integers, daily_counts, risk_at, whole_days

__all__ = ["Incidence", "aalen_johansen"]


@dataclass(frozen=True)
class Incidence:
    """Incidences of causes 1..K for t = 0, 1, ..., the longest duration.

    Attributes:
        survival: S(t), the share that has not ended by day t.
        incidence: F_k(t), one row for each cause.
        variance: Aalen's variance of F_k(t).
        at_risk: cases under observation just before day t.
        ended: cases that end on day t, one row for each cause.
    """

    survival: Floats
    incidence: NDArray[np.float64]
    variance: NDArray[np.float64]
    at_risk: Integers
    ended: NDArray[np.int64]

    def at(self, cause: int, t: int) -> float:
        """F of the cause at day t; after the last day it stays what it was."""
        return float(self.incidence[self._row(cause), self._place(t)])

    def risk_at(self, t: int) -> int:
        """Cases under observation just before day t."""
        return risk_at(self.at_risk, t)

    def interval(self, cause: int, t: int, level: float = LEVEL) -> tuple[float, float]:
        """Pointwise interval on the log(-log F) scale; [F, F] where F is 0 or 1."""
        value = self.at(cause, t)
        if not 0 < value < 1:
            return value, value
        z = float(ndtri(0.5 + level / 2))
        error = float(np.sqrt(self.variance[self._row(cause), self._place(t)]))
        spread = float(np.exp(z * error / (value * np.log(value))))
        return value ** (1 / spread), value**spread

    def _row(self, cause: int) -> int:
        if not 1 <= cause <= len(self.incidence):
            raise BadDataError("unknown_cause", "No cause has this number.", str(cause))
        return cause - 1

    def _place(self, t: int) -> int:
        if t < 0:
            raise BadDataError("negative_duration", "A duration is not below 0 days.", str(t))
        return min(t, len(self.survival) - 1)


def aalen_johansen(days: ArrayLike, causes: ArrayLike, kinds: int) -> Incidence:
    """Incidences of the causes 1..kinds; cause 0 means censored at the end of these days.

    Raises:
        BadDataError: no case, a duration that is none, lists of different lengths, or a cause outside 0..kinds.
    """
    durations, marks = whole_days(days), np.asarray(causes)
    if marks.shape != durations.shape:
        raise BadDataError("lengths_differ", "Each duration needs exactly one cause.")
    if int(marks.min()) < 0 or int(marks.max()) > kinds:
        raise BadDataError("unknown_cause", f"A cause is not within 0 and {kinds}.")
    at_risk, ended = daily_counts(durations, marks.astype(np.int64), kinds)
    survival = np.cumprod(1 - ended.sum(axis=0) / at_risk)
    before = np.concatenate([[1.0], survival[:-1]])
    incidence = np.cumsum(before * ended / at_risk, axis=1)
    variance = np.stack(
        [_variance(incidence[k], ended[k], ended.sum(axis=0) - ended[k], at_risk, survival) for k in range(kinds)]
    )
    return Incidence(survival, incidence, variance, at_risk, ended)


def _variance(f: Floats, own: Integers, other: Integers, at_risk: Integers, survival: Floats) -> Floats:
    """Aalen's variance of F on every day.

    On day T it is the sum over days t <= T of (S(t-)/n)^2 times
    own * tie(own) * (1 + g)^2 + other * tie(other) * g^2, with g = (F(t) - F(T)) / S(t) and
    tie(d) = 1 - (d - 1) / (n - 1). Expanding in F(T) leaves three running sums. Where S(t) = 0 nothing
    follows, F stays what it is, and g is 0.
    """
    n = at_risk.astype(np.float64)
    before = np.concatenate([[1.0], survival[:-1]])
    inverse = np.divide(1.0, survival, out=np.zeros_like(survival), where=survival > 0)
    scale = (before / n) ** 2
    w_own, w_other = scale * own * _tie(own, n), scale * other * _tie(other, n)
    constant = w_own * (1 + f * inverse) ** 2 + w_other * (f * inverse) ** 2
    linear = w_own * (1 + f * inverse) * inverse + w_other * f * inverse**2
    square = (w_own + w_other) * inverse**2
    total = np.cumsum(constant) - 2 * f * np.cumsum(linear) + f**2 * np.cumsum(square)
    variance: Floats = np.maximum(total, 0.0)  # a difference of equal sums may fall short of 0
    return variance


def _tie(d: Integers, n: Floats) -> Floats:
    """Correction for d ends on one day among n: 1 for a single one."""
    return 1.0 - np.maximum(d - 1, 0).astype(np.float64) / np.maximum(n - 1, 1.0)
