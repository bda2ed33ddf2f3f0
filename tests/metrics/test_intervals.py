import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, poisson
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

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


@given(SHARES, SHARES)
def test_a_difference_of_shares_agrees_with_statsmodels(first: tuple[int, int], second: tuple[int, int]) -> None:
    theirs = confint_proportions_2indep(*first, *second, method="newcomb", compare="diff")
    assert intervals.newcombe(first, second) == pytest.approx(theirs, abs=1e-9)


def test_a_difference_of_shares_as_newcombe_printed_it() -> None:
    """Newcombe (1998), table II: 56/70 and 48/80."""
    low, high = intervals.newcombe((56, 70), (48, 80))
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)


def test_bounds_of_a_share_of_which_some_answers_are_unknown() -> None:
    assert intervals.manski(30, 40, 10) == (0.6, 0.8)
    assert intervals.manski(3, 4, 0) == (0.75, 0.75)
    assert intervals.manski(0, 0, 5) == (0.0, 1.0)
    for told in ((5, 4, 1), (0, 0, 0), (1, 1, -1)):
        with pytest.raises(BadDataError, match="Bounds need 0 <= x <= known and at least one case"):
            intervals.manski(*told)


@given(st.integers(1, 300), st.sampled_from([0.1, 0.25, 0.5, 0.9]))
def test_ranks_around_a_quantile_leave_the_tails_they_promise_and_no_wider_ones_would(n: int, q: float) -> None:
    low, high = intervals.quantile_ranks(n, q)
    below = binom(n, q)  # how many values lie below the quantile
    if low is not None:
        assert below.cdf(low - 1) <= 0.025
    assert below.cdf(low or 0) > 0.025
    if high is not None:
        assert below.sf(high - 1) <= 0.025 + 1e-12
    assert high == 1 or below.sf((high or n + 1) - 2) > 0.025 - 1e-12


def test_ranks_around_the_median_are_one_case_of_ranks_around_a_quantile() -> None:
    assert [intervals.quantile_ranks(n, 0.5) for n in (20, 30, 100)] == [(6, 15), (10, 21), (40, 61)]
    assert intervals.quantile_limits(range(100, 0, -1), 0.5) == (40, 61)
    assert intervals.quantile_limits([5, 7, 9], 0.5) == (None, None)
    with pytest.raises(BadDataError, match=r"A quantile lies between 0 and 1 and needs a case. \(1 of 5\)"):
        intervals.quantile_ranks(5, 1)


def test_unequal_weights_widen_an_interval() -> None:
    assert intervals.effective_number([2, 2, 2]) == pytest.approx(3)
    assert intervals.effective_number([3, 1]) == pytest.approx(1.6)
    assert intervals.wilson_weighted(0.4, 100) == pytest.approx(intervals.wilson(40, 100))
    low, high = intervals.wilson_weighted(0.4, 62.5)
    assert low < intervals.wilson(40, 100)[0] < intervals.wilson(40, 100)[1] < high
    assert intervals.wilson_weighted(1.0, 20)[1] == 1.0
    for weights in ([], [0, 0], [1, -1], [math.nan]):
        with pytest.raises(BadDataError, match="Weights are finite, not below 0"):
            intervals.effective_number(weights)
    with pytest.raises(BadDataError, match="A share lies between 0 and 1 and rests on more than 0 answers"):
        intervals.wilson_weighted(1.2, 10)


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
