import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from statsmodels.duration.survfunc import SurvfuncRight

from metrics.errors import BadDataError
from metrics.survival import Curve, kaplan_meier
from tests.metrics import samples
from tests.metrics.samples import Sample

SPELLS = st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=60)


def curve(sample: Sample) -> Curve:
    return kaplan_meier(sample.days, sample.marks)


# V1 to V4, to the printed digits

V1 = [
    (
        6,
        0.85714286,
        0.07636035,  # .0763603548; the reference prints .07636036, rounded twice
        0.61971796,
        0.95155175,
        21,
    ),
    (7, 0.80672269, 0.08693529, 0.56314656, 0.92280902, 17),
    (10, 0.75294118, 0.09634965, 0.50319951, 0.88936184, 15),
    (13, 0.69019608, 0.10681471, 0.43161022, 0.84906596, 12),
    (16, 0.62745098, 0.11405387, 0.36751086, 0.80491219, 11),
    (22, 0.53781513, 0.12823375, 0.26777894, 0.74679072, 7),
    (23, 0.44817927, 0.13459146, 0.18805201, 0.68014263, 6),
]


@pytest.mark.parametrize(("t", "s", "error", "low", "high", "at_risk"), V1)
def test_v1_remissions_under_6_mp(t: int, s: float, error: float, low: float, high: float, at_risk: int) -> None:
    one = curve(samples.leukemia(0))
    found = (one.at(t), one.standard_error[t], *one.interval(t))
    assert [round(float(value), 8) for value in found] == [s, error, low, high]
    assert one.risk_at(t) == at_risk


def test_v1_median_log_interval_and_restricted_mean() -> None:
    one = curve(samples.leukemia(0))
    assert [round(value, 8) for value in one.interval(23, scale="log")] == [0.24878823, 0.80737205]
    median = one.quantile(0.5)
    assert (median.day, median.low, median.high) == (23, 13, None)
    mean, error = one.restricted_mean(23)
    assert (round(mean, 8), round(error, 2)) == (17.90924370, 1.55)


def test_v2_the_control_arm() -> None:
    one = curve(samples.leukemia(1))
    assert (round(one.at(8), 8), round(float(one.standard_error[8]), 8)) == (0.38095238, 0.10597117)
    assert [round(value, 6) for value in one.interval(8)] == [0.183067, 0.577789]
    median = one.quantile(0.5)
    assert (median.day, median.low, median.high) == (8, 4, 11)
    mean, error = one.restricted_mean(23)
    assert (round(mean, 8), round(error, 2)) == (8.66666667, 1.38)


def test_v3_lung() -> None:
    one = curve(samples.lung())
    assert (len(samples.lung().days), int(one.ended.sum())) == (228, 165)
    median = one.quantile(0.5, scale="log")
    assert (median.day, median.low, median.high) == (310, 285, 363)
    assert (round(one.at(365), 8), round(float(one.standard_error[365]), 8)) == (0.40924162, 0.03582364)
    assert [round(value, 8) for value in one.interval(365, scale="log")] == [0.34472158, 0.48583760]
    assert [round(value, 8) for value in one.interval(365)] == [0.33871427, 0.47838077]
    mean, error = one.restricted_mean(730)
    assert (round(mean), round(error, 1)) == (357, 16.2)


def test_v4_waltons() -> None:
    one = curve(samples.waltons())
    assert (len(samples.waltons().days), int(one.ended.sum())) == (163, 156)
    assert one.quantile(0.5).day == 56
    assert [round(one.at(t), 8) for t in (30, 50, 60)] == [0.82722393, 0.61681685, 0.31152366]
    assert [round(value, 8) for value in one.interval(50)] == [0.53723907, 0.68676523]
    assert [curve(samples.waltons(group)).quantile(0.5).day for group in ("miR-137", "control")] == [26, 58]


# the traps: where programs differ, ours is fixed


def test_where_the_curve_meets_a_half_exactly_the_median_is_its_first_day() -> None:
    """R says 2.5 and statsmodels 3 of this sample."""
    days, ended = [1, 2, 3, 4], [1, 1, 1, 1]
    assert kaplan_meier(days, ended).quantile(0.5).day == 2
    assert SurvfuncRight(days, ended).quantile(0.5) == 3


def test_the_scale_of_the_interval_is_named_and_matters() -> None:
    one = curve(samples.leukemia(0))
    assert one.interval(23) != one.interval(23, scale="log")
    with pytest.raises(BadDataError, match=r"An interval of S is made on the scale loglog or log. \(plain\)"):
        one.interval(23, scale="plain")


def test_the_error_of_a_restricted_mean_is_that_of_the_estimate_not_of_a_single_case() -> None:
    """lifelines reports 46.81 here, the variance of min(T, tau)."""
    _, error = curve(samples.leukemia(0)).restricted_mean(23)
    assert error**2 < 3


def test_an_end_comes_before_a_censoring_of_the_same_day() -> None:
    assert kaplan_meier([3, 3], [1, 0]).at(3) == 0.5


def test_day_0_counts() -> None:
    one = kaplan_meier([0, 0, 5, 5], [1, 0, 1, 1])
    assert (one.at(0), one.at(4), one.at(5)) == (0.75, 0.75, 0.0)


def test_when_every_case_has_ended_nothing_is_uncertain_any_more() -> None:
    one = kaplan_meier([1, 2], [1, 1])
    assert (one.at(2), one.interval(2), float(one.standard_error[2])) == (0.0, (0.0, 0.0), 0.0)
    assert one.interval(0) == (1.0, 1.0)


def test_a_quantile_beyond_the_data_is_none() -> None:
    found = kaplan_meier([1, 9, 9, 9], [1, 0, 0, 0]).quantile(0.5)
    assert (found.day, found.high) == (None, None)


def test_a_restricted_mean_beyond_the_last_day_goes_on_at_the_last_level() -> None:
    assert kaplan_meier([1, 1], [1, 0]).restricted_mean(4)[0] == 1 + 3 * 0.5


# agreement with other programs


@given(SPELLS)
def test_survival_error_and_band_agree_with_lifelines(spells: list[tuple[int, bool]]) -> None:
    days, ended = [one[0] for one in spells], [int(one[1]) for one in spells]
    ours = kaplan_meier(days, ended)
    fitter = KaplanMeierFitter().fit(days, ended)
    grid = [t for t in fitter.survival_function_.index if t == int(t) and t > 0]
    theirs = fitter.survival_function_["KM_estimate"].loc[grid].to_numpy()
    np.testing.assert_allclose([ours.at(int(t)) for t in grid], theirs, atol=1e-12)
    bands = fitter.confidence_interval_.loc[grid].to_numpy()
    for t, s, (low, high) in zip(grid, theirs, bands, strict=True):
        if 1e-9 < s < 1 - 1e-9:
            np.testing.assert_allclose(ours.interval(int(t)), (low, high), atol=1e-10)


@given(SPELLS.filter(lambda spells: any(one[1] for one in spells)))
def test_survival_and_error_agree_with_statsmodels(spells: list[tuple[int, bool]]) -> None:
    days, ended = np.array([one[0] for one in spells]), np.array([int(one[1]) for one in spells])
    ours = kaplan_meier(days, ended)
    with np.errstate(all="ignore"):
        theirs = SurvfuncRight(days, ended)
    np.testing.assert_allclose([ours.at(int(t)) for t in theirs.surv_times], theirs.surv_prob, atol=1e-12)
    inside = theirs.surv_prob > 1e-9
    times = theirs.surv_times[inside].astype(int)
    np.testing.assert_allclose(ours.standard_error[times], theirs.surv_prob_se[inside], atol=1e-10)


@given(SPELLS)
def test_a_curve_falls_and_stays_within_its_band(spells: list[tuple[int, bool]]) -> None:
    one = kaplan_meier([days for days, _ in spells], [ended for _, ended in spells])
    low, high = one.band()
    assert np.all(np.diff(one.survival) <= 0)
    assert np.all((low >= 0) & (low <= one.survival + 1e-12) & (one.survival <= high + 1e-12) & (high <= 1))


# what has no meaning is refused


@pytest.mark.parametrize(
    ("days", "ended", "message"),
    [
        ([], [], "Nothing can be estimated from no cases."),
        ([-1], [1], r"A duration is not below 0 days. \(-1\)"),
        ([1.5], [1], "Durations are whole days."),
        ([[1]], [[1]], "Durations are one list."),
        ([1, 2], [1], "Each duration needs exactly one mark."),
        ([1, 2], [1, 2], r"A case has ended \(1\) or was censored \(0\)."),
        ([1_000_000], [1], "A duration is longer than 100000 days."),
    ],
)
def test_bad_data_is_refused(days: list[float], ended: list[int], message: str) -> None:
    with pytest.raises(BadDataError, match=message):
        kaplan_meier(days, ended)


def test_days_before_the_beginning_have_no_survival() -> None:
    with pytest.raises(BadDataError, match=r"A duration is not below 0 days. \(-1\)"):
        kaplan_meier([1], [1]).at(-1)


def test_whole_numbers_written_as_fractions_are_taken() -> None:
    assert kaplan_meier([1.0, 2.0], [1, 1]).at(1) == 0.5
