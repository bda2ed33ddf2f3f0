"""Gray's test: whether one outcome comes about equally often, and as soon, in several groups.

Gray (1988) with weight 1 (rho = 0), as R's cmprsk computes it. The log-rank test of one cause alone would compare
paces among cases still open; here the cumulative incidences themselves are compared, so that a group which loses its
cases to another outcome does not look as if it had more of this one. In group r, on day t, with n_r cases under
observation, S_r the Kaplan-Meier curve of ending at all and F_r the Aalen-Johansen incidence of the outcome::

    h_r = n_r / S_r(t-)             how many would be under observation if none had ended
    R_r = h_r (1 - F_r(t-))         those of them without this outcome so far
    expected_k = sum of d R_k / R   over the days, d ends by this outcome in all groups, R = sum of R_r

If the groups are alike, their common incidence is F0 = sum of d / h, with h = sum of h_r. The covariance of observed
less expected ends is, over the groups r and over the days, with G = 1 - F0::

    sum of u_kr u_lr dF0 / h_r      u_kr = a_kr + (1 - G(t) / S_r(t)) c_kr
    + sum of v_kr v_lr dF'_r / h_r  v_kr = G(t) / S_r(t) c_kr, F'_r the incidence of all other outcomes
    a_kr = h_r ([k = r] - h_k / h)  c_kr = sum of a_kr dF0 / G(t-) over the days after t

Each term has the correction for d ends on one day, 1 - (d - 1) / (m - 1): for the other outcomes m is n_r, for this
one h S_r(t-). Where that is below 0, which takes very unlike groups, it counts as 0 here and as it is in cmprsk.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from metrics.errors import BadDataError
from metrics.groups import GroupTest, grouped, ratio
from metrics.survival import Floats, Integers

__all__ = ["gray"]


@dataclass(frozen=True, slots=True)
class _Terms:
    """The terms above, by group and day.

    Attributes:
        at_risk: n_r.
        other: ends by all other outcomes.
        before: S_r(t-).
        survival: S_r(t).
        h: h_r.
        free: R_r.
        d: ends by this outcome in all groups.
        step: dF0.
    """

    at_risk: Floats
    other: Integers
    before: Floats
    survival: Floats
    h: Floats
    free: Floats
    d: Integers
    step: Floats

    @property
    def after(self) -> Floats:
        """G(t)."""
        return 1 - np.cumsum(self.step)

    @property
    def earlier(self) -> Floats:
        """G(t-)."""
        return self.after + self.step


def gray(days: ArrayLike, causes: ArrayLike, groups: ArrayLike, cause: int, kinds: int) -> GroupTest:
    """Compares the incidences of one of the causes 1..kinds; cause 0 means censored at the end of these days.

    Raises:
        BadDataError: what ``grouped`` refuses, no such cause, or ends by it that compare no two groups.
    """
    counts = grouped(days, causes, groups, kinds)
    if not 1 <= cause <= kinds:
        raise BadDataError("unknown_cause", "No cause has this number.", str(cause))
    own = counts.ended[:, cause - 1]
    terms = _terms(counts.at_risk, own, counts.ended.sum(axis=1) - own)
    expected = terms.free @ ratio(terms.d, terms.free.sum(axis=0))
    return counts.test(cause, expected, np.sum([_covariance(terms, r) for r in range(len(own))], axis=0))


def _terms(at_risk: Integers, own: Integers, other: Integers) -> _Terms:
    n = at_risk.astype(np.float64)
    survival = np.cumprod(1 - ratio(own + other, n), axis=1, dtype=np.float64)
    before = _shifted(survival, 1.0)
    incidence = np.cumsum(before * ratio(own, n), axis=1, dtype=np.float64)
    h = ratio(n, before)
    d = own.sum(axis=0)
    return _Terms(n, other, before, survival, h, h * (1 - _shifted(incidence, 0.0)), d, ratio(d, h.sum(axis=0)))


def _shifted(values: Floats, first: float) -> Floats:
    """Each row as it was just before the day."""
    return np.concatenate([np.full((len(values), 1), first), values[:, :-1]], axis=1)


def _covariance(terms: _Terms, r: int) -> Floats:
    """What the cases of group r add to the covariance."""
    a = -terms.h[r] * ratio(terms.h, terms.h.sum(axis=0))
    a[r] += terms.h[r]
    steps = a * ratio(terms.step, terms.earlier)
    c = steps.sum(axis=1, keepdims=True) - np.cumsum(steps, axis=1)
    lost = ratio(terms.after, terms.survival[r])
    u, v = a + (1 - lost) * c, lost * c
    own = ratio(terms.step, terms.h[r]) * _tie(terms.d, terms.h.sum(axis=0) * terms.before[r])
    others = ratio(terms.other[r], terms.h[r] ** 2) * _tie(terms.other[r], terms.at_risk[r])
    added: Floats = (u * own) @ u.T + (v * others) @ v.T
    return added


def _tie(d: Integers, m: Floats) -> Floats:
    """Correction for d ends on one day among m."""
    factor: Floats = np.maximum(1 - ratio(np.maximum(d - 1, 0), m - 1), 0.0)
    return factor
