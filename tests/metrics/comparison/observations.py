"""Observations for tests of the policy: many providers, one indicator, one quarter."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from metrics.comparison.observed import Basis, MatureCohort, Observed, OneProcedure, Rate
from metrics.events import DAY_SECONDS
from metrics.figures import Period

__all__ = ["FIRST", "LATER", "SECOND", "cohort", "observed", "plain", "shares"]

FIRST = Period.of(date(2026, 1, 1), date(2026, 3, 31))
SECOND = Period.of(date(2026, 4, 1), date(2026, 6, 30))
LATER = SECOND.end + 200 * DAY_SECONDS


def cohort(period: Period = FIRST) -> MatureCohort:
    return MatureCohort(period, LATER, 90)


def observed(
    subject: str,
    numerator: int,
    n: int,
    *,
    indicator: str = "resolved_in_time",
    period: Period = FIRST,
    basis: Basis | None = None,
    quality: float = 1.0,
) -> Observed:
    return Observed(
        indicator=indicator,
        subject=subject,
        cohort=cohort(period),
        rate=Rate(numerator, n),
        basis=basis or OneProcedure("apec-odr"),
        quality=quality,
    )


def plain(count: int, n: int = 200, seed: int = 1, period: Period = FIRST, spread: float = 0.05) -> list[Observed]:
    """Providers that differ a little, as any do: normal with ``spread`` on the scale, around a half."""
    rng = np.random.default_rng(seed)
    wanted = np.sin(np.pi / 4 + rng.normal(0, spread, count)) ** 2
    return [observed(f"p{place:02}", int(hits), n, period=period) for place, hits in enumerate(rng.binomial(n, wanted))]


def shares(rows: Sequence[Observed]) -> list[float]:
    return [one.rate.numerator / one.rate.n for one in rows]
