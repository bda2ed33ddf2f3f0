import numpy as np
import pytest
from scipy.stats import binom

from metrics.comparison.association import association
from metrics.comparison.chances import chances


def test_it_is_the_exact_mid_p_once_all_are_moved_so_that_its_mean_is_a_half() -> None:
    numerator, n = np.array([0, 3, 7, 20]), np.array([10, 10, 30, 20])
    found = chances(numerator, n, [0.4] * 4)
    assert found.mean() == pytest.approx(0.5)
    (moved,) = {round(float(one), 9) for one in _shares(found[:1], n[:1])}
    assert found == pytest.approx(binom.cdf(numerator, n, moved) - binom.pmf(numerator, n, moved) / 2)
    assert chances(numerator, n, [0.1] * 4) == pytest.approx(found), "where all are expected alike, what is no matter"


def _shares(chance: np.ndarray, n: np.ndarray) -> np.ndarray:
    """The share of which half the chance of none of ``n`` is the ``chance``."""
    return 1 - (2 * chance) ** (1 / n)


@pytest.mark.parametrize("share", [0.0005, 0.002, 0.005, 0.02, 0.3])
@pytest.mark.parametrize("differs", [False, True], ids=["all are equal", "the largest differs"])
def test_equal_providers_seldom_seem_to_go_with_volume(share: float, *, differs: bool) -> None:
    """Of 1,000 federations of 60 equal ones 0.4 to 1.9 % are warned of (nominally 1 %); by ranks of z up to 94 %."""
    rng, warned = np.random.default_rng(5), 0
    for _ in range(200):
        n = np.exp(rng.uniform(np.log(50), np.log(1000), 60)).astype(int)
        real = np.full(60, share)
        if differs:
            n[0], real[0] = 15_000, 1.5 * share
        numerator = rng.binomial(n, real)
        others = (numerator.sum() - numerator) / (n.sum() - n)
        expected = np.clip(others, 0.5 / (n.sum() + 1), 1)
        warned += association(chances(numerator, n, expected), n).warns
    assert warned / 200 <= 0.035


def test_small_providers_that_do_worse_are_noticed() -> None:
    rng, warned = np.random.default_rng(5), 0
    for _ in range(50):
        n = np.exp(rng.uniform(np.log(50), np.log(1000), 60)).astype(int)
        real = np.sin(np.arcsin(np.sqrt(0.02)) + 0.03 * np.log(n / 220)) ** 2
        numerator = rng.binomial(n, real)
        warned += association(chances(numerator, n, (numerator.sum() - numerator) / (n.sum() - n)), n).warns
    assert warned / 50 > 0.9
