import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from numpy.typing import NDArray
from statsmodels.duration.hazard_regression import PHReg

from metrics.cox import cox
from metrics.errors import BadDataError, NotConvergedError
from metrics.logrank import logrank
from metrics.partial import TIES, cases
from tests.metrics import samples

Columns = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


def drawn(seed: int, n: int = 120) -> Columns:
    """Many ends on each day; a binary covariate, one on a large and one on a small scale."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.integers(0, 2, n), rng.normal(50, 20, n), rng.normal(0, 0.1, n)])
    days = rng.geometric(np.clip(0.1 * np.exp(0.7 * x[:, 0] - 0.01 * (x[:, 1] - 50)), 0, 0.9))
    return days.astype(np.int64), (rng.random(n) < 0.7).astype(np.int64), x


@pytest.mark.parametrize(("ties", "coefficient"), [("efron", 1.572125149), ("breslow", 1.509191413)])
def test_v2_the_coefficient_of_6_mp(ties: str, coefficient: float) -> None:
    arms = samples.leukemia_arms()
    assert round(float(cox(arms.days, arms.marks, arms.groups, ties).coefficients[0]), 9) == coefficient


def test_efrons_ties_are_taken_unless_told_otherwise() -> None:
    arms = samples.leukemia_arms()
    assert cox(arms.days, arms.marks, arms.groups).coefficients[0] > 1.57


@pytest.mark.parametrize("seed", range(8))
def test_coefficients_errors_and_likelihood_agree_with_lifelines(seed: int) -> None:
    days, ended, x = drawn(seed)
    table = pd.DataFrame(x, columns=["a", "b", "c"]).assign(days=days, ended=ended)
    theirs = CoxPHFitter().fit(table, "days", "ended", fit_options={"precision": 1e-10})
    ours = cox(days, ended, x)
    np.testing.assert_allclose(ours.coefficients, theirs.params_, rtol=1e-5)
    np.testing.assert_allclose(ours.standard_error, theirs.standard_errors_, rtol=1e-5)
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood_)
    low, high = np.exp(theirs.confidence_intervals_.loc["a"])
    assert ours.interval(0) == pytest.approx((low, high), rel=1e-4)


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("seed", range(8))
def test_coefficients_errors_and_likelihood_agree_with_statsmodels(ties: str, seed: int) -> None:
    days, ended, x = drawn(seed)
    theirs = PHReg(days, x, status=ended, ties=ties).fit(disp=0)
    ours = cox(days, ended, x, ties)
    np.testing.assert_allclose(ours.coefficients, theirs.params, rtol=1e-6)
    np.testing.assert_allclose(ours.standard_error, theirs.bse, rtol=1e-6)
    np.testing.assert_allclose(ours.covariance, theirs.cov_params(), rtol=1e-5, atol=1e-12)
    assert ours.log_likelihood == pytest.approx(theirs.llf)


@pytest.mark.parametrize("ties", TIES)
def test_derivatives_are_those_of_the_likelihood(ties: str) -> None:
    days, ended, x = drawn(3, 40)
    sample, b, little = cases(days, ended, x / [1, 20, 0.1], ties), np.array([0.3, -0.2, 0.1]), 1e-5
    for place, step in enumerate(np.eye(3) * little):
        up, down = sample.at(b + step), sample.at(b - step)
        slope = (up.log_likelihood - down.log_likelihood) / (2 * little)
        assert sample.at(b).gradient[place] == pytest.approx(slope, rel=1e-6, abs=1e-6)
        bend = (down.gradient - up.gradient) / (2 * little)
        np.testing.assert_allclose(sample.at(b).information[place], bend, rtol=1e-6, atol=1e-6)


def test_without_ties_both_treatments_are_one_and_the_score_test_is_the_log_rank_test() -> None:
    rng = np.random.default_rng(11)
    days, ended, groups = rng.permutation(60), rng.integers(0, 2, 60), rng.integers(0, 2, 60)
    efron, breslow = (cox(days, ended, groups, ties) for ties in TIES)
    assert efron.coefficients == pytest.approx(breslow.coefficients)
    start = cases(days, ended, groups, "efron").at(np.zeros(1))
    score = start.gradient[0] ** 2 / start.information[0, 0]
    assert score == pytest.approx(logrank(days, ended, groups).chi2)


def test_units_and_origin_of_a_covariate_do_not_matter() -> None:
    days, ended, x = drawn(5)
    one, other = cox(days, ended, x), cox(days, ended, x * [1, 1000, 1] + [5, -1e6, 0])
    np.testing.assert_allclose(other.coefficients * [1, 1000, 1], one.coefficients, rtol=1e-6)
    assert other.log_likelihood == pytest.approx(one.log_likelihood)


def test_a_factor_lies_within_its_interval() -> None:
    arms = samples.leukemia_arms()
    one = cox(arms.days, arms.marks, arms.groups)
    low, high = one.interval(0)
    assert 1 < low < one.factor(0) < high
    assert one.factor(0) == pytest.approx(np.sqrt(low * high))
    assert one.log_likelihood > one.log_likelihood_at_0


def test_day_0_counts() -> None:
    days, ended, x = drawn(2)
    assert cox(days - 1, ended, x).coefficients == pytest.approx(cox(days, ended, x).coefficients)


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("size", [1, 1e6])
def test_a_covariate_that_decides_who_ends_first_has_no_coefficient(ties: str, size: float) -> None:
    with pytest.raises(NotConvergedError, match="The likelihood has no maximum in reach") as caught:
        cox([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1], np.array([3, 2, 1, 0, -1, -9]) * size, ties)
    assert caught.value.code == "no_maximum"


@pytest.mark.parametrize(
    ("days", "ended", "x", "code", "message"),
    [
        ([], [], [], "no_cases", "Nothing can be estimated from no cases."),
        ([1.5, 2], [1, 1], [0, 1], "broken_duration", "Durations are whole days."),
        ([1, 2], [1], [0, 1], "lengths_differ", "Each duration needs exactly one mark and one row of covariates."),
        ([1, 2], [1, 1], [0], "lengths_differ", "Each duration needs exactly one mark and one row of covariates."),
        ([1, 2], [1, 1], [[], []], "lengths_differ", "Each duration needs exactly one mark and one row"),
        ([1, 2], [1, 1], 0.5, "lengths_differ", "Each duration needs exactly one mark and one row of covariates."),
        ([1, 2], [1, 2], [0, 1], "unknown_mark", r"A case has ended \(1\) or was censored \(0\)."),
        ([1, 2], [1, 1], [0, float("nan")], "not_a_number", "A covariate is missing or infinite."),
        ([1, 2], [0, 0], [0, 1], "no_ends", "A pace is estimated from ends, and no case has ended."),
        ([1, 2, 3], [1, 1, 0], [0.1, 0.1, 0.1], "not_told_apart", "a covariate is constant or follows from others."),
        ([1, 2, 3], [0, 1, 1], [1, 0, 0], "not_told_apart", "a covariate is constant or follows from others."),
        (
            [1, 2, 3, 4],
            [1, 1, 1, 1],
            [[0, 1], [1, -1], [0, 1], [1, -1]],
            "not_told_apart",
            "a covariate is constant or follows from others.",
        ),
    ],
)
def test_bad_data_is_refused(days: list[float], ended: list[int], x: object, code: str, message: str) -> None:
    with pytest.raises(BadDataError, match=message) as caught:
        cox(days, ended, np.asarray(x))
    assert caught.value.code == code


def test_an_unknown_treatment_of_ties_or_covariate_is_refused() -> None:
    with pytest.raises(BadDataError, match=r"treated as efron or breslow. \(exact\)") as ties:
        cox([1, 2, 3], [1, 1, 1], [0, 1, 0], "exact")
    assert ties.value.code == "unknown_ties"
    for number in (-1, 1):
        with pytest.raises(BadDataError, match=rf"No covariate has this number. \({number}\)") as covariate:
            cox([1, 2, 3], [1, 1, 1], [0, 1, 0]).factor(number)
        assert covariate.value.code == "unknown_covariate"
