"""Scales hold their values and carry round numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.charts.scales import days, linear, logarithmic


@pytest.mark.parametrize(
    ("values", "limit", "ticks", "places"),
    [
        ([0, 1], 1.0, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0), 1),
        ([0.41, 0.97], 1.0, (0.4, 0.6, 0.8, 1.0), 1),
        ([0.68, 0.73], 1.0, (0.68, 0.69, 0.7, 0.71, 0.72, 0.73), 2),
        ([0, 1830], None, (0.0, 500.0, 1000.0, 1500.0, 2000.0), 0),
        ([3, 3], None, (1.0, 2.0, 3.0, 4.0, 5.0), 0),
        ([0, 0], None, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0), 1),
        ([-2.5, 2.5], None, (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0), 0),
    ],
)
def test_ticks_are_round(values: list[float], limit: float | None, ticks: tuple[float, ...], places: int) -> None:
    scale = linear(values, 0, 100, 5, limit=limit)
    assert (scale.ticks.values, scale.ticks.places) == (ticks, places)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9), st.integers(3, 8))
def test_an_even_scale_holds_its_values(values: list[float], count: int) -> None:
    scale = linear(values, 0, 100, count)
    assert scale.low <= min(values) + 1e-3
    assert scale.high >= max(values) - 1e-3
    assert 2 <= len(scale.ticks.values) <= count + 3
    assert [scale.place(scale.low), scale.place(scale.high)] == [0, 100]


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=9))
def test_a_scale_by_logarithm_holds_its_values(values: list[int]) -> None:
    scale = logarithmic(values, 0, 100)
    assert scale.low <= min(values)
    assert max(values) <= scale.high
    assert 2 <= len(scale.ticks.values) <= 13
    assert set(scale.ticks.values) <= {step * 10**power for step in (1, 2, 5) for power in range(11)}


def test_what_is_beyond_the_ends_lies_at_the_end() -> None:
    scale = linear([0, 10], 50, 150, 5)
    assert [scale.place(one) for one in (-4, 0, 5, 10, 99)] == [50, 50, 100, 150, 150]


@pytest.mark.parametrize(
    ("last", "count", "ticks"),
    [
        (42, 7, (0, 7, 14, 21, 28, 35, 42)),
        (360, 7, (0, 60, 120, 180, 240, 300, 360)),
        (360, 4, (0, 90, 180, 270, 360)),
        (4000, 7, (0, 1000, 2000, 3000, 4000)),
        (1, 7, (0, 1)),
    ],
)
def test_days_are_counted_in_weeks_and_months(last: int, count: int, ticks: tuple[int, ...]) -> None:
    scale = days(last, 0, 100, count)
    assert scale.ticks.values == ticks
    assert scale.place(last) < 100
