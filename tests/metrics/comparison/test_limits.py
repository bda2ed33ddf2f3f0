"""V9 to V11 and V13, to the printed digits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, poisson

from metrics.comparison import limits, overdispersion, scales
from metrics.errors import BadDataError
from tests.metrics.comparison.units import star98

FOUR = (0.001, 0.025, 0.975, 0.999)


@pytest.mark.parametrize(
    ("n", "adjusted", "exact"),
    [
        (65, (0.065514, 0.163685, 0.674252, 0.811018), (0.215587, 0.279382, 0.518536, 0.588705)),
        (184, (0.080310, 0.177273, 0.657204, 0.788217), (0.292304, 0.332000, 0.473859, 0.515461)),
        (807, (0.087313, 0.183437, 0.649576, 0.777799), (0.351463, 0.370751, 0.438495, 0.458226)),
    ],
)
def test_v9_limits_at_sizes_of_star98(n: int, adjusted: tuple[float, ...], exact: tuple[float, ...]) -> None:
    data = star98()
    scaled = scales.shares(data.r, data.n, data.target)
    _, tau2 = overdispersion.standard(scaled)
    place = int(np.flatnonzero(data.n == n)[0])
    assert tuple(round(float(scaled.limit(p, tau2)[place]), 6) for p in FOUR) == adjusted
    assert tuple(round(float(limits.binomial(n, data.target, p)), 6) for p in FOUR) == exact


def test_v10_exact_binomial_and_poisson_limits() -> None:
    found = [[round(float(limits.binomial(n, t, p)), 8) for p in FOUR] for n, t in ((30, 0.1), (100, 0.3))]
    assert found == [
        [-0.03254701, -0.01367515, 0.20152743, 0.28838169],
        [0.16026075, 0.20690239, 0.38691201, 0.44156262],
    ]
    assert [float(one) for one in limits.clipped([-0.03254701, 0.2])] == [0, 0.2]
    found = [[round(float(limits.poisson(e, p)), 8) for p in FOUR] for e in (20, 100)]
    assert found == [
        [0.35845936, 0.56025005, 1.43728843, 1.73567643],
        [0.70065284, 0.80366337, 1.19580895, 1.31804750],
    ]


def test_v11_limits_by_chi_square() -> None:
    printed = {
        0.025: [0.5596924, 0.6108260, 0.6746958],
        0.975: [1.6493479, 1.5444189, 1.4275622],
        0.001: [0.3862650, 0.4479107, 0.5289724],
        0.999: [2.0829073, 1.9020941, 1.7027708],
    }
    for p, row in printed.items():
        assert [round(float(one), 7) for one in limits.chi_square([15, 20, 30], p)] == row


def test_v13_the_funnel_of_public_health_profiles() -> None:
    def shown(n: int, p: float) -> float:
        return round(100 * float(limits.clipped(limits.score(n, 0.8064244785715, p))), 6)

    assert [shown(10, p) for p in (0.025, 0.975, 0.001)] == [56.154344, 100, 42.032590]
    assert [shown(27, p) for p in (0.025, 0.975)] == [65.739462, 95.545433]
    assert [shown(598, p) for p in (0.025, 0.975, 0.001, 0.999)] == [77.475765, 83.809131, 75.649608, 85.635287]
    assert [shown(110_000, p) for p in (0.025, 0.975)] == [80.408963, 80.875933]


@given(st.integers(1, 3000), st.floats(0.001, 0.999), st.sampled_from(FOUR))
def test_below_an_exact_limit_lies_about_what_it_says(n: int, target: float, p: float) -> None:
    place = float(limits.binomial(n, target, p)) * n
    assert binom.cdf(np.floor(place + 1e-6) + 1, n, target) >= p - 1e-9
    assert binom.cdf(np.ceil(place - 1e-6) - 1, n, target) <= p + 1e-9


@given(st.floats(0.01, 5000), st.sampled_from(FOUR))
def test_the_same_of_counts(expected: float, p: float) -> None:
    place = float(limits.poisson(expected, p)) * expected
    assert poisson.cdf(np.floor(place + 1e-6) + 1, expected) >= p - 1e-9
    assert poisson.cdf(np.ceil(place - 1e-6) - 1, expected) <= p + 1e-9


@given(st.integers(0, 300), st.floats(0.5, 300))
def test_a_class_of_ratios_is_where_the_exact_interval_lies(observed: int, expected: float) -> None:
    found = limits.ratio_class(observed, expected)
    if found == "high":
        assert poisson.sf(observed - 1, expected) < 0.025 + 1e-9
    elif found == "low":
        assert poisson.cdf(observed, expected) < 0.025 + 1e-9
    else:
        assert min(poisson.sf(observed - 1, expected), poisson.cdf(observed, expected)) >= 0.025 - 1e-9


def test_none_of_many_is_low_and_none_of_few_is_not() -> None:
    assert (limits.ratio_class(0, 8), limits.ratio_class(0, 3)) == ("low", "as_expected")


def test_what_has_no_limit_is_refused() -> None:
    with pytest.raises(BadDataError, match="A limit of a share needs n above 0 and a target between 0 and 1"):
        limits.binomial(0, 0.5, 0.025)
    with pytest.raises(BadDataError, match="A limit of a share needs n above 0 and a target between 0 and 1"):
        limits.binomial(5, 1.0, 0.025)
    with pytest.raises(BadDataError, match="A limit of O/E needs an expected number above 0"):
        limits.poisson(0, 0.025)
    with pytest.raises(BadDataError, match="A limit lies where a share between 0 and 1 is below it"):
        limits.score(10, 0.5, 1.0)
    with pytest.raises(BadDataError, match="A count is not below 0, and what is expected is above 0"):
        limits.ratio_class(-1, 3)
