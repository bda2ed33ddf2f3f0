import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import CumIncidenceRight

from metrics.competing import Incidence, aalen_johansen
from metrics.errors import BadDataError
from metrics.survival import kaplan_meier
from tests.metrics import samples

ENDS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), min_size=1, max_size=60)


def bmt() -> Incidence:
    data = samples.competing()
    return aalen_johansen(data.days, data.marks, 2)


def test_v5_incidences_of_relapse_and_death() -> None:
    one = bmt()
    assert [round(one.at(1, t), 8) for t in (6, 12, 24)] == [0.20492611, 0.27283899, 0.27283899]
    assert [round(one.at(2, t), 8) for t in (6, 12, 24, 72)] == [0.17579170, 0.34076015, 0.44614220, 0.48126955]


def test_v5_aalens_variance() -> None:
    assert round(float(bmt().variance[0, 12]), 10) == 0.0063378354


def test_v5_one_minus_kaplan_meier_of_one_cause_overstates_it() -> None:
    data = samples.competing()
    naive = kaplan_meier(data.days, data.marks == 2)
    assert [round(1 - naive.at(t), 4) for t in (24, 72)] == [0.5751, 0.6282]
    assert 1 - naive.at(72) > bmt().at(2, 72) + 0.1


def test_v6_malignancy_and_death_after_mgus() -> None:
    data = samples.mgus2()
    one = aalen_johansen(data.days, data.marks, 2)
    assert (len(data.days), one.ended.sum(axis=1).tolist()) == (1384, [115, 860])
    months = (60, 120, 240, 360)
    assert [round(one.at(1, t), 9) for t in months] == [0.034103713, 0.063722168, 0.099813716, 0.134041644]
    assert [round(one.at(2, t), 6) for t in months] == [0.320367, 0.531818, 0.724028, 0.784208]


def test_v7_ties_and_day_0() -> None:
    one = aalen_johansen([0, 0, 1, 1, 2, 2, 3], [1, 2, 1, 2, 1, 0, 2], 2)
    assert one.at(1, 2) == pytest.approx(3 / 7, abs=1e-15)
    assert one.at(1, 0) == pytest.approx(1 / 7, abs=1e-15)


def test_v7_any_day_may_be_asked_for() -> None:
    one = aalen_johansen([1, 2, 3, 4, 5, 6], [0, 1, 1, 2, 2, 0], 2)
    assert one.at(2, 6) == pytest.approx(0.4, abs=1e-15)
    assert one.at(2, 600) == one.at(2, 6)


def test_ties_are_not_broken_by_chance() -> None:
    """Of this sample lifelines gives .2744, .2475, .2767 and others, by its random jitter."""
    data = samples.competing()
    order = np.random.default_rng(5).permutation(len(data.days))
    shuffled = aalen_johansen(data.days[order], data.marks[order], 2)
    assert round(shuffled.at(1, 12), 4) == 0.2728
    np.testing.assert_array_equal(shuffled.variance, bmt().variance)


@given(ENDS)
def test_incidences_and_survival_add_up_to_one(ends: list[tuple[int, int]]) -> None:
    one = aalen_johansen([days for days, _ in ends], [cause for _, cause in ends], 3)
    np.testing.assert_allclose(one.incidence.sum(axis=0) + one.survival, 1, atol=1e-12)
    assert np.all(np.isfinite(one.variance))


@given(ENDS)
def test_survival_is_kaplan_meiers(ends: list[tuple[int, int]]) -> None:
    days, causes = [days for days, _ in ends], np.array([cause for _, cause in ends])
    np.testing.assert_array_equal(aalen_johansen(days, causes, 3).survival, kaplan_meier(days, causes > 0).survival)


@given(ENDS.filter(lambda ends: {cause for _, cause in ends} >= {1, 2, 3}))
def test_incidences_agree_with_statsmodels(ends: list[tuple[int, int]]) -> None:
    days, causes = np.array([days for days, _ in ends]), np.array([cause for _, cause in ends])
    ours = aalen_johansen(days, causes, 3)
    with np.errstate(all="ignore"):
        theirs = CumIncidenceRight(days, causes)
    times = np.asarray(theirs.times).astype(int)
    for cause in (1, 2, 3):
        np.testing.assert_allclose(ours.incidence[cause - 1, times], theirs.cinc[cause - 1], atol=1e-12)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 2)), min_size=2, max_size=60))
def test_without_censoring_the_final_incidence_is_a_share_with_the_variance_of_one(ends: list[tuple[int, int]]) -> None:
    n, x = len(ends), sum(cause == 1 for _, cause in ends)
    one = aalen_johansen([days for days, _ in ends], [cause for _, cause in ends], 2)
    assert one.at(1, 20) == pytest.approx(x / n)
    at_once = aalen_johansen([0] * n, [cause for _, cause in ends], 2)
    assert float(at_once.variance[0, 0]) == pytest.approx(x / n * (1 - x / n) / (n - 1))


def test_an_interval_lies_around_its_value_and_is_a_point_at_0_and_1() -> None:
    low, high = bmt().interval(1, 12)
    assert 0 < low < bmt().at(1, 12) < high < 1
    never = aalen_johansen([1, 2], [1, 1], 2)
    assert never.interval(2, 2) == (0.0, 0.0)
    assert never.interval(1, 2) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("days", "causes", "message"),
    [
        ([1], [3], "A cause is not within 0 and 2."),
        ([1], [-1], "A cause is not within 0 and 2."),
        ([1, 2], [1], "Each duration needs exactly one cause."),
        ([-2], [1], "A duration is not below 0 days."),
    ],
)
def test_bad_data_is_refused(days: list[int], causes: list[int], message: str) -> None:
    with pytest.raises(BadDataError, match=message):
        aalen_johansen(days, causes, 2)


def test_a_cause_or_day_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadDataError, match=r"No cause has this number. \(3\)"):
        bmt().at(3, 1)
    with pytest.raises(BadDataError, match="A duration is not below 0 days"):
        bmt().at(1, -1)
