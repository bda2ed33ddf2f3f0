"""Trends have an interval for every value, and say where there is none."""

from dataclasses import replace

import pytest

from hub.charts.figure import figure
from hub.charts.trend import Stretch, Trend
from hub.errors import ChartError
from tests.hub.charts.reading import sound
from tests.hub.charts.samples import WORDS
from tools import chartsamples

A = Stretch("2025 Q1", 0.5, 0.4, 0.6, 40)
NONE = Stretch("2025 Q2", None, withheld="too few cases to show")


def trend(*periods: Stretch) -> Trend:
    return Trend("A title", "A description.", "Share", "share", periods)


@pytest.mark.parametrize(
    ("periods", "code"),
    [
        ((), "nothing_to_show"),
        ((NONE,), "nothing_to_show"),
        ((A, A), "named_twice"),
        ((replace(A, n=None),), "value_without_n"),
        ((replace(A, low=None),), "value_without_interval"),
        ((replace(A, high=None),), "value_without_interval"),
        ((replace(A, low=0.55),), "interval_elsewhere"),
        ((replace(A, value=1.5),), "value_outside"),
        ((A, replace(NONE, withheld="")), "withheld_shown"),
        ((A, replace(NONE, n=4)), "withheld_shown"),
        ((A, replace(NONE, low=0.1)), "withheld_shown"),
    ],
)
def test_what_would_mislead_is_refused(periods: tuple[Stretch, ...], code: str) -> None:
    with pytest.raises(ChartError) as caught:
        trend(*periods)
    assert caught.value.code == code


def test_a_period_without_a_value_keeps_its_place_and_says_why() -> None:
    chart = trend(A, NONE, replace(A, label="2025 Q3"))
    drawn = figure(chart, WORDS, "t")
    assert drawn.table.rows[1] == ("2025 Q2", "too few cases to show", "", "", "")
    assert "no value, see the table" in drawn.wide[0]
    assert 'class="thread"' not in drawn.wide[0]
    assert (
        'class="thread"'
        in figure(trend(A, replace(NONE, label="x", value=0.4, low=0.3, high=0.5, n=9, withheld="")), WORDS, "t").wide[
            0
        ]
    )


def test_an_axis_that_does_not_begin_at_0_says_so() -> None:
    high = trend(Stretch("2025", 0.8, 0.75, 0.85, 100))
    assert "the axis does not begin at 0" in " ".join(sound(figure(high, WORDS, "t").wide[0]).texts("caption"))
    low = trend(Stretch("2025", 0.4, 0.2, 0.6, 100))
    assert "the axis does not begin" not in figure(low, WORDS, "t").wide[0]
    assert "0 %" in sound(figure(low, WORDS, "t").wide[0]).texts("axis")


def test_labels_of_periods_thin_out_where_there_is_no_room() -> None:
    drawn = figure(chartsamples.trend(), WORDS, "t")
    wide, narrow = (
        [one for one in sound(each).texts("axis") if " Q" in one] for each in (drawn.wide[0], drawn.narrow[0])
    )
    assert len(wide) == 6
    assert narrow == ["2023 Q1", "2024 Q1", "2025 Q1"]
