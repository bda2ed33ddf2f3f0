"""The comparison of one indicator in one period.

1. What is expected of each provider: a published target, or the share of all others, or its own ``Expected`` number;
   in the latter two cases moved so that the median provider is as expected (ADR 0032), because a large provider that
   differs would otherwise make all others seem to differ the other way.
2. How far each is from it, on the scale asin sqrt (``scales.against_expected``), in standard errors: z.
3. How much providers differ anyway, tau2, over those with enough cases: with 30 or more from this release
   (``overdispersion.mad``), with 10 to 29 the mean over 4 to 8 releases, with fewer it can't be known.
4. Outside the 95 % limits: a note. Outside the 99.8 % limits: for enquiry. The limits are the wider of those with tau2
   on the scale and the exact binomial ones, because the scale is a bad approximation for rare events.
5. Do results go with volume or with the mix of cases? Measured by ``chances``, for which rare events don't make z go
   with n. The page must say so if they do.

With fewer than 10 providers all are shown and none is judged. What is *not* done: say why a provider differs.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrc, ndtr, ndtri

from metrics import intervals
from metrics.comparison import limits, overdispersion, scales
from metrics.comparison.association import association
from metrics.comparison.chances import chances
from metrics.comparison.judgements import Association, Change, Comparison, Judgement, Level, Limits, Method
from metrics.comparison.observed import Apart, Expected, Observed, OneProcedure, Rate
from metrics.comparison.quantity import Quantity
from metrics.comparison.scales import Scaled
from metrics.errors import BadComparisonError
from metrics.figures import Period
from metrics.survival import Floats, Integers

__all__ = ["ALONE", "MANY", "POOLED", "SOME", "change", "compare"]

Marks = NDArray[np.bool_]
SOME, MANY = 10, 30
"""Providers from which on anybody is judged; and from which on one release tells how much they differ."""
POOLED = (4, 8)
"""Releases that are pooled where there are fewer than ``MANY``: at least, and at most."""
ALONE = 0.2
"""Share of a provider's cases without others like them, above which it is not judged."""


def compare(
    observations: Sequence[Observed],
    target: float | None = None,
    earlier_taus: Sequence[float] = (),
    apart: Sequence[Apart] = (),
) -> Comparison:
    """How each provider stands to what was expected.

    Args:
        observations: of one indicator and one period, one for each provider, two at least.
        target: a published standard, between 0 and 1; None to compare each with all others. Only where all cases are
            of one procedure.
        earlier_taus: ``Comparison.tau2_own`` of earlier releases of the indicator, the latest last.
        apart: who has cases, but none that can be compared; they change nothing for the others.

    Raises:
        BadComparisonError: the observations are not of one indicator, cohort and basis, or there is nobody to compare
            with.
    """
    rows = sorted(observations, key=lambda one: one.subject)
    _check(rows, target)
    enough = np.array([one.rate.n >= one.minimum for one in rows])
    share = _shares(rows, target)
    scaled, expected, shift = _scaled(rows, target, share, enough)
    own, tau2, method, reason = _variance(scaled, enough, earlier_taus)
    factor, standard = overdispersion.standard(_chosen(scaled, enough)) if enough.any() else (1.0, 0.0)
    n = np.array([one.rate.n for one in rows])
    pooled = sum(one.rate.numerator for one in rows) / int(n.sum())
    centre = target if target is not None else float(scales.moved(pooled, shift))
    return Comparison(
        indicator=rows[0].indicator,
        period=rows[0].cohort.period,
        target=centre,
        tau2=tau2,
        tau2_own=own,
        phi=factor,
        tau2_standard=standard,
        method=method,
        judgements=_judgements(rows, _Funnel(scaled, expected, tau2, centre), reason),
        volume=_related(rows, share, enough, n),
        mix=_related(rows, share, enough, share if target is not None else _mix(rows, share)),
        apart=tuple(sorted(apart, key=lambda one: one.subject)),
    )


def change(indicator: str, subject: str, periods: tuple[Period, Period], rates: tuple[Rate, Rate]) -> Change:
    """The difference between two periods of one provider, with Newcombe's interval.

    Raises:
        BadComparisonError: the periods overlap.
    """
    earlier, later = ((one.numerator, one.n) for one in rates)
    return Change(indicator, subject, periods, rates, Limits(*intervals.newcombe(later, earlier)))


def _check(rows: Sequence[Observed], target: float | None) -> None:
    if len(rows) < 2:
        raise BadComparisonError("nobody_else", "A comparison needs two providers.")
    where = rows[0].indicator
    if len({(one.indicator, one.cohort) for one in rows}) > 1:
        raise BadComparisonError("not_alike", "A comparison has one indicator, one cohort.", where)
    if len({one.subject for one in rows}) < len(rows):
        raise BadComparisonError("provider_twice", "A provider is in a comparison once.", where)
    bases = {one.basis.procedure if isinstance(one.basis, OneProcedure) else one.basis.strata for one in rows}
    if len(bases) > 1:
        raise BadComparisonError(
            "procedures_mixed", "All are of one procedure, or all are standardised by the same strata.", where
        )
    if target is not None and (isinstance(rows[0].basis, Expected) or not 0 < target < 1):
        raise BadComparisonError(
            "target_misplaced", "A target lies between 0 and 1, and is for cases of one procedure.", where
        )


def _counts(rows: Sequence[Observed]) -> tuple[Floats, Floats]:
    """Of each provider how many count, and of how many."""
    r, n = (np.array([getattr(one.rate, name) for one in rows], dtype=np.float64) for name in ("numerator", "n"))
    return r, n


def _shares(rows: Sequence[Observed], target: float | None) -> Floats:
    """What the others, or the target, lead to expect of each."""
    r, n = _counts(rows)
    if target is not None:
        share = np.full(len(rows), target)
    elif isinstance(rows[0].basis, Expected):
        share = np.array([one.basis.numerator if isinstance(one.basis, Expected) else 0.0 for one in rows]) / n
    else:
        share = (r.sum() - r) / (n.sum() - n)
    return share


def _bounded(share: Floats, n: Floats) -> Floats:
    """None and all are never expected, since both would be certain."""
    least = float(0.5 / (n.sum() + 1))
    return np.asarray(np.clip(share, least, 1 - least))


def _mix(rows: Sequence[Observed], share: Floats) -> Floats:
    """What kind of cases each has: the share expected of them with its own cases among those that it is learnt from.

    They are left out of ``share``, so who has many that count is expected to have fewer: that would go with results.
    Rounded, so that where all have the same kind of cases no order comes of the last digits.
    """
    r, n = _counts(rows)
    return np.asarray(np.round(((n.sum() - n) * share + r) / n.sum(), 9))


def _related(rows: Sequence[Observed], share: Floats, enough: Marks, other: Floats | Integers) -> Association:
    """Whether results go with ``other``. They don't where nothing happened to anybody, or the same to everybody."""
    (r, n), count = _counts(rows), int(enough.sum())
    if count == 0 or r[enough].sum() in (0, n[enough].sum()):
        return Association(0.0, 1.0, count)
    return association(chances(r[enough], n[enough], _bounded(share, n)[enough]), other[enough])


def _scaled(
    rows: Sequence[Observed], target: float | None, share: Floats, enough: Marks
) -> tuple[Scaled, Floats, float]:
    """Where each stands, how many were expected, and by how much expectations were moved on the scale."""
    r, n = _counts(rows)
    share = _bounded(share, n)
    expected = share * n
    scaled = scales.against_expected(r, n, expected)
    if target is not None or enough.sum() < SOME:
        return scaled, expected, 0.0
    shift = float(np.median(scaled.deviation[enough]))
    expected = _bounded(scales.moved(share, shift), n) * n
    return scales.against_expected(r, n, expected), expected, shift


def _chosen(scaled: Scaled, rows: Marks) -> Scaled:
    return Scaled(scaled.name, scaled.y[rows], scaled.s[rows], scaled.target[rows])


def _variance(scaled: Scaled, enough: Marks, earlier: Sequence[float]) -> tuple[float, float, Method, str | None]:
    """tau2 of this release, tau2 to be used, how it was made, and why nobody is judged, if so."""
    providers = int(enough.sum())
    if providers < SOME:
        return 0.0, 0.0, "none", "too_few_providers"
    chosen = _chosen(scaled, enough)
    own = overdispersion.mad(chosen.deviation, chosen.s)
    if providers >= MANY:
        return own, own, "mad", None
    history = [*earlier, own][-POOLED[1] :]
    short = "history_short" if len(history) < POOLED[0] else None
    return own, overdispersion.pooled(history), "pooled", short


class _Funnel:
    """Limits of all providers, as deviations from what was expected."""

    def __init__(self, scaled: Scaled, expected: Floats, tau2: float, centre: float) -> None:
        self.scaled = scaled
        self.expected = expected
        self.tau2 = tau2
        self.centre = float(np.arcsin(np.sqrt(centre)))
        n = np.rint(1 / (4 * scaled.s**2)).astype(np.int64)
        self.n = n
        self.inner, self.outer = (self._pair(n, pair) for pair in (limits.INNER, limits.OUTER))

    def _pair(self, n: Integers, pair: tuple[float, float]) -> tuple[Floats, Floats]:
        """The wider of the limits with tau2 and the exact ones."""
        spread = float(ndtri(pair[1])) * np.sqrt(self.scaled.s**2 + self.tau2)
        low, high = (
            np.arcsin(np.sqrt(limits.clipped(limits.binomial(n, self.expected / n, p)))) - self.scaled.target
            for p in pair
        )
        return np.minimum(-spread, low), np.maximum(spread, high)

    def shown(self, deviation: float) -> float:
        """The deviation as a share around the centre."""
        return float(self.scaled.back(self.centre + deviation))

    def level(self, place: int) -> Level:
        """Outside which limits the provider lies."""
        here = self.scaled.deviation[place]
        if not self.outer[0][place] <= here <= self.outer[1][place]:
            return "enquiry"
        return "none" if self.inner[0][place] <= here <= self.inner[1][place] else "note"

    def p(self, place: int, numerator: int) -> float:
        """Two-sided: by the scale with tau2, or exactly without it, whichever is larger."""
        n, share = int(self.n[place]), float(self.expected[place]) / int(self.n[place])
        below = float(bdtr(numerator, n, share))
        above = float(bdtrc(numerator - 1, n, share)) if numerator else 1.0
        approximate = 2 * float(ndtr(-abs(self.scaled.adjusted(self.tau2)[place])))
        return min(1.0, max(approximate, 2 * min(below, above)))


def _judgements(rows: Sequence[Observed], funnel: _Funnel, reason: str | None) -> tuple[Judgement, ...]:
    z, adjusted = funnel.scaled.z, funnel.scaled.adjusted(funnel.tau2)
    found = []
    for place, one in enumerate(rows):
        withheld = _withheld(one, reason)
        inner, outer = (
            Limits(funnel.shown(low[place]), funnel.shown(high[place])) for low, high in (funnel.inner, funnel.outer)
        )
        found.append(
            Judgement(
                subject=one.subject,
                numerator=one.rate.numerator,
                n=one.rate.n,
                expected=float(funnel.expected[place]),
                value=Quantity(funnel.shown(funnel.scaled.deviation[place])),
                inner=inner,
                outer=outer,
                z=Quantity(float(z[place])),
                z_adjusted=Quantity(float(adjusted[place])),
                p=funnel.p(place, one.rate.numerator),
                level="none" if withheld else funnel.level(place),
                withheld=withheld,
                quality=one.quality,
                minimum=one.minimum,
                alone=_alone(one),
                unknown=one.unknown,
            )
        )
    return tuple(found)


def _withheld(one: Observed, reason: str | None) -> tuple[str, ...]:
    """Why this provider is not judged."""
    few = ["too_few"] if one.rate.n < one.minimum else []
    alone = _alone(one)
    lonely = ["strata_alone"] if alone > ALONE * (alone + one.rate.n) else []
    known = one.rate.n + alone
    silent = ["unknown_many"] if known < one.reach * (known + one.unknown) else []
    return (*few, *([reason] if reason else []), *lonely, *silent)


def _alone(one: Observed) -> int:
    return one.basis.alone if isinstance(one.basis, Expected) else 0
