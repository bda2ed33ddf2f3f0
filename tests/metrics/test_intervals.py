import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson
from statsmodels.stats.proportion import proportion_confint

from metrics import intervals
from metrics.errors import BadDataError

SHARES = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def rounded(pair: tuple[float, float]) -> list[float]:
    return [round(value, 6) for value in pair]


# V15, to the printed digits


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    [(81, 263, 0.255289, 0.366210), (15, 148, 0.062386, 0.160487), (0, 20, 0, 0.161125), (1, 29, 0.006113, 0.171755)],
)
def test_v15_wilson(x: int, n: int, low: float, high: float) -> None:
    assert rounded(intervals.wilson(x, n)) == [low, high]


@pytest.mark.parametrize(("n", "width"), [(10, 0.519), (30, 0.331), (100, 0.189)])
def test_v15_the_width_of_wilsons_interval_is_why_30_is_the_minimum(n: int, width: float) -> None:
    low, high = intervals.wilson(round(0.4 * n), n)
    assert round(high - low, 3) == width


def test_v15_clopper_pearson() -> None:
    assert rounded(intervals.clopper_pearson(81, 263)) == [0.252737, 0.367622]


def test_v15_poisson_and_byar() -> None:
    assert rounded(intervals.poisson_exact(5)) == [1.623486, 11.668332]
    assert rounded(intervals.byar(5)) == [1.611348, 11.668164]
    assert rounded(intervals.poisson_exact(0)) == [0, 3.688879]
    assert intervals.byar(0)[0] == 0


@pytest.mark.parametrize(("n", "ranks"), [(20, (6, 15)), (30, (10, 21)), (100, (40, 61))])
def test_v15_ranks_around_the_median(n: int, ranks: tuple[int, int]) -> None:
    assert intervals.median_ranks(n) == ranks


# agreement with other programs, and with what the intervals promise


@given(SHARES)
def test_shares_agree_with_statsmodels(share: tuple[int, int]) -> None:
    x, n = share
    assert intervals.wilson(x, n) == pytest.approx(proportion_confint(x, n, method="wilson"), abs=1e-9)
    assert intervals.clopper_pearson(x, n) == pytest.approx(proportion_confint(x, n, method="beta"), abs=1e-9)


@given(SHARES)
def test_a_share_lies_within_its_intervals(share: tuple[int, int]) -> None:
    x, n = share
    for low, high in (intervals.wilson(x, n), intervals.clopper_pearson(x, n)):
        assert 0 <= low <= x / n <= high <= 1


@given(st.integers(0, 500))
def test_each_limit_of_a_count_leaves_the_tail_it_promises(count: int) -> None:
    low, high = intervals.poisson_exact(count)
    assert poisson.cdf(count, high) == pytest.approx(0.025, abs=1e-9)
    if count:
        assert poisson.sf(count - 1, low) == pytest.approx(0.025, abs=1e-9)


def test_clearance_is_the_exact_interval_of_the_share_transformed() -> None:
    low, high = intervals.clearance(90, 100)
    p_low, p_high = intervals.clopper_pearson(90, 190)
    assert high is not None
    assert (low / (1 + low), high / (1 + high)) == pytest.approx((p_low, p_high))
    assert low < 0.9 < high
    assert intervals.clearance(5, 0)[1] is None
    assert intervals.clearance(0, 5)[0] == 0


def test_a_ratio_of_counts_on_the_log_scale() -> None:
    low, high = intervals.log_ratio(50, 100)
    assert math.sqrt(low * high) == pytest.approx(0.5)
    assert math.log(high / 0.5) == pytest.approx(1.959964 * math.sqrt(1 / 50 + 1 / 100), abs=1e-6)


def test_a_wider_level_is_a_wider_interval() -> None:
    low, high = intervals.wilson(10, 40, 0.998)
    assert (low, high) < intervals.wilson(10, 40)
    assert high > intervals.wilson(10, 40)[1]


def test_what_is_no_share_is_refused() -> None:
    for x, n in ((3, 2), (0, 0), (-1, 5)):
        with pytest.raises(BadDataError, match="A share needs 0 <= x <= n and n above 0"):
            intervals.wilson(x, n)
        with pytest.raises(BadDataError, match="A share needs 0 <= x <= n and n above 0"):
            intervals.clopper_pearson(x, n)
    with pytest.raises(BadDataError, match="a count is not below 0"):
        intervals.byar(-1)
    with pytest.raises(BadDataError, match=r"The interval of a ratio needs two counts above 0. \(0/4\)"):
        intervals.log_ratio(0, 4)
    with pytest.raises(BadDataError, match="Nothing can be estimated from no cases"):
        intervals.median_ranks(0)
