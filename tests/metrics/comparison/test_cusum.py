import math

import numpy as np
import pytest

from metrics.comparison.cusum import about, cusum, run_length, threshold
from metrics.errors import BadDataError, NotConvergedError


def test_each_case_adds_how_much_likelier_it_is_when_the_odds_have_doubled() -> None:
    found = cusum([0, 1, 1], [0.1, 0.1, 0.5], 2.0, 5.0)
    up, half = math.log(2) - math.log(1.1), math.log(2) - math.log(1.5)
    np.testing.assert_allclose(found.path, [0, up, up + half])
    assert found.alarms == ()


def test_an_alarm_begins_anew() -> None:
    found = cusum([1] * 6, [0.1] * 6, 2.0, 1.5)
    assert found.alarms == (2, 5)
    np.testing.assert_allclose(found.path[3], found.path[0])


def test_good_outcomes_never_lead_below_zero() -> None:
    assert np.all(cusum([0] * 50, [0.3] * 50, 2.0, 1.0).path == 0)


def test_the_run_length_is_that_of_simulated_runs() -> None:
    rng = np.random.default_rng(1)
    p, ratio, h = 0.2, 2.0, 2.0
    up, down = math.log(ratio) - math.log(1 + p), -math.log(1 + p)
    level, length, ended = np.zeros(20_000), np.zeros(20_000), np.zeros(20_000, dtype=bool)
    while not ended.all():
        steps = np.where(rng.random(20_000) < p, up, down)
        level = np.where(ended, level, np.maximum(0, level + steps))
        length += ~ended
        ended |= level > h
    assert run_length(p, ratio, h) == pytest.approx(length.mean(), rel=0.06)


def test_a_threshold_gives_the_run_length_wanted_and_worse_is_found_sooner() -> None:
    h = threshold(0.1, 2.0, 1000)
    assert run_length(0.1, 2.0, h) == pytest.approx(1000, rel=0.03)
    assert run_length(0.1, 2.0, h, actual=0.2) < 200


@pytest.mark.parametrize("p", [0.01, 0.05, 0.3, 0.5, 0.8, 0.95])
@pytest.mark.parametrize("wanted", [2000, 50_000])
def test_about_is_near_the_threshold(p: float, wanted: float) -> None:
    assert about(p, 2.0, wanted) == pytest.approx(threshold(p, 2.0, wanted), abs=0.5)


def test_so_short_a_run_needs_no_threshold() -> None:
    assert about(0.0001, 2.0, 2000) == 0


def test_a_path_without_an_alarm_is_the_one_before_an_alarm() -> None:
    bad, expected = np.tile([1, 1, 0, 0, 0, 0], 5), np.full(30, 0.2)
    np.testing.assert_allclose(
        cusum(bad, expected, 2.0, 1.1).path, cusum([*bad, 1, 1, 1], [0.2] * 33, 2.0, 1.1).path[:30]
    )


def test_what_can_not_be_watched_is_refused() -> None:
    with pytest.raises(BadDataError, match=r"Each case ended badly \(1\) or not \(0\), with an expected probability"):
        cusum([2], [0.1], 2.0, 1.0)
    with pytest.raises(BadDataError, match=r"The odds that are looked for are more than the expected ones. \(1.0\)"):
        cusum([1], [0.1], 1.0, 1.0)
    with pytest.raises(BadDataError, match=r"A threshold is above 0. \(0\)"):
        cusum([1], [0.1], 2.0, 0)
    with pytest.raises(BadDataError, match="Probabilities lie between 0 and 1, a threshold above 0"):
        run_length(1.0, 2.0, 1.0)
    with pytest.raises(BadDataError, match=r"A run is longer than one case. \(1\)"):
        threshold(0.1, 2.0, 1)
    with pytest.raises(NotConvergedError, match="No threshold makes false alarms so rare"):
        threshold(0.1, 2.0, math.inf)
