"""The charts of the public oversight page, in every language, from published curves alone."""

import numpy as np
import pytest

from hub.web.languages import TAGS, language
from hub.web.oversightcharts import oversight_charts
from metrics.cohorts import CAUSES, OPEN, Cohort
from metrics.publishedcurves import PublishedCurves
from tests.hub.charts.reading import sound


def curves(n: int) -> PublishedCurves:
    chance = np.random.default_rng(5)
    causes = chance.choice(
        [OPEN, CAUSES["settled"], CAUSES["award"], CAUSES["transfer_out"]], n, p=[0.2, 0.5, 0.2, 0.1]
    )
    return PublishedCurves.of(Cohort(chance.integers(0, 200, n), causes))


@pytest.mark.parametrize("tag", TAGS)
def test_both_charts_are_drawn_in_every_language(tag: str) -> None:
    charts = oversight_charts(language(tag), curves(400))
    assert list(charts) == ["time_to_resolution", "outcome_by_time"]
    for one in charts.values():
        for drawn in (*one.wide, *one.narrow):
            sound(drawn)
        assert one.description


def test_descriptions_say_what_is_seen() -> None:
    charts = oversight_charts(language("en"), curves(400))
    last = charts["time_to_resolution"].table.rows[-1]
    assert f"after {last[0]} days" in charts["time_to_resolution"].description
    assert "the largest at the end is “settled”" in charts["outcome_by_time"].description
    assert charts["outcome_by_time"].table.header == ("Day", "settled", "award", "handed over", "still open")


def test_there_is_no_chart_of_too_few_cases() -> None:
    assert oversight_charts(language("en"), curves(20)) == {}
