"""V14, to the printed digits."""

import math

import numpy as np
import pytest
from scipy.stats import beta, betabinom

from metrics.comparison.shrinkage import _slopes, beta_binomial, toward, toward_mean
from metrics.errors import BadDataError, NotConvergedError
from tests.metrics.comparison.units import BASEBALL, star98


def steepest(a: float, b: float) -> float:
    gradient, _ = _slopes(np.log([a, b]), star98().r, star98().n)
    return float(np.abs(gradient).max())


def by_logarithms(a: float, b: float) -> float:
    """The negative log likelihood of star98, factor by factor."""
    terms = []
    for r, n in zip(star98().r.astype(int).tolist(), star98().n.astype(int).tolist(), strict=True):
        terms += [math.log(math.comb(n, r)), -math.fsum(math.log(a + b + i) for i in range(n))]
        terms += [math.log(a + i) for i in range(r)] + [math.log(b + i) for i in range(n - r)]
    return -math.fsum(terms)


def test_v14_eighteen_batters() -> None:
    shares = np.array(BASEBALL) / 45
    mean = float(shares.mean())
    shrunk, factor = toward_mean(shares, mean * (1 - mean) / 45)
    assert (round(mean, 8), round(factor, 8)) == (0.26543210, 0.21165342)
    assert (round(float(shrunk[0]), 8), round(float(shrunk[-1]), 8)) == (
        0.29391385,
        0.24217635,
    )  # the latter is printed ...36, from rounded parts


def test_v14_beta_binomial_of_star98() -> None:
    data = star98()
    found = beta_binomial(data.r, data.n)
    # Printed are 2.86434301 and 3.64683013, where a search stopped: the likelihood still rises there, and here not.
    assert (round(found.a, 5), round(found.b, 5)) == (2.86434, 3.64683)
    assert steepest(found.a, found.b) < 1e-8
    assert steepest(2.86434301, 3.64683013) > 1e-5
    # Printed is 1748.77642, but a sum of plain logarithms, without gamma functions, gives 1748.77644 for both pairs.
    assert round(found.negative_log_likelihood, 5) == round(by_logarithms(found.a, found.b), 5) == 1748.77644
    assert [round(float(one), 7) for one in found.mean(data.r, data.n)[[0, 1, 4]]] == [0.5591372, 0.7708962, 0.1519251]


def test_the_likelihood_is_that_of_scipy_and_is_nowhere_larger_nearby() -> None:
    data = star98()
    found = beta_binomial(data.r, data.n)

    def likelihood(a: float, b: float) -> float:
        return -float(betabinom.logpmf(data.r, data.n, a, b).sum())

    assert likelihood(found.a, found.b) == pytest.approx(found.negative_log_likelihood)
    for a, b in ((1.01, 1), (0.99, 1), (1, 1.01), (1, 0.99)):
        assert likelihood(found.a * a, found.b * b) > found.negative_log_likelihood


def test_what_is_known_of_one_provider_given_the_others() -> None:
    data = star98()
    found = beta_binomial(data.r, data.n)
    low, high = found.interval(8, 65)
    held = beta(found.a + 8, found.b + 57)
    assert (low, high) == pytest.approx((held.ppf(0.025), held.ppf(0.975)))
    assert found.below(8, 65, 0.2) == pytest.approx(held.cdf(0.2))
    assert 8 / 65 < found.mean(8, 65) < data.target


def test_a_small_provider_moves_farther_than_a_large_one() -> None:
    values, errors = toward([1.0, 1.0], [1.0, 0.1], [0.0, 0.0], 0.5)
    assert [round(float(one), 6) for one in values] == [round(0.5 / 1.5, 6), round(0.5 / 0.51, 6)]
    assert [round(float(one), 6) for one in errors] == [
        round((0.5 / 1.5) ** 0.5, 6),
        round((0.5 / 0.51) ** 0.5 / 10, 6),
    ]
    assert toward([1.0], [0.3], [0.2], 0.0)[0][0] == pytest.approx(0.2)


def test_shares_that_differ_by_chance_alone_have_nothing_to_shrink_to() -> None:
    with pytest.raises(NotConvergedError, match="The shares differ no more than by chance"):
        beta_binomial([10, 10, 10, 10], [20, 20, 20, 20])


def test_what_can_not_be_shrunk_is_refused() -> None:
    with pytest.raises(BadDataError, match="Shrinkage to the mean needs four values that differ"):
        toward_mean([0.1, 0.2, 0.3], 0.01)
    with pytest.raises(BadDataError, match="Shrinkage needs standard errors above 0"):
        toward([1], [0], [1], 0.1)
    with pytest.raises(BadDataError, match="Three shares at least"):
        beta_binomial([1, 2], [3, 4])
