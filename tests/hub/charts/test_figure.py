"""Every chart that its type allows is a sound drawing, in both sizes, whatever the labels say."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hub.charts.figure import figure
from hub.errors import ChartError
from hub.web.charttext import chart_words
from hub.web.languages import TAGS, language
from tests.hub.charts.reading import sound
from tests.hub.charts.strategies import ALL
from tools import chartsamples

WORDS = {tag: chart_words(language(tag)) for tag in TAGS}


@pytest.mark.parametrize("kind", ALL)
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # making a chart smaller takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data(), tag=st.sampled_from(TAGS))
def test_every_mark_lies_in_the_plot_and_nothing_becomes_markup(kind: str, data: st.DataObject, tag: str) -> None:
    chart = data.draw(ALL[kind])
    drawn = figure(chart, WORDS[tag], "sample")
    for one in (*drawn.wide, *drawn.narrow):
        sound(one)
    assert drawn == figure(chart, WORDS[tag], "sample")
    assert all(len(row) == len(drawn.table.header) for row in drawn.table.rows)


@pytest.mark.parametrize("name", chartsamples.charts())
def test_samples_are_sound(name: str) -> None:
    drawn = figure(chartsamples.charts()[name], WORDS["en"], name)
    assert all(sound(one).texts() for one in (*drawn.wide, *drawn.narrow))


def test_ids_begin_with_the_name_of_the_figure() -> None:
    drawn = figure(chartsamples.stacked(), WORDS["en"], "ends")
    assert 'id="ends-wide-title"' in drawn.wide[0]
    assert 'id="ends-narrow-title"' in drawn.narrow[0]
    assert 'fill="url(#ends-wide-pattern-0)"' in drawn.wide[0]


@pytest.mark.parametrize("name", ["", "1st", 'a"b', "a b", "a" * 65])
def test_a_name_that_can_begin_no_id_is_refused(name: str) -> None:
    with pytest.raises(ChartError, match="named by small letters, digits and hyphens") as caught:
        figure(chartsamples.trend(), WORDS["en"], name)
    assert caught.value.code == "figure_name"


def test_numbers_and_words_are_the_reader_s() -> None:
    drawn = figure(chartsamples.funnel(), WORDS["fr"], "f")
    assert "Limites à 99,8 %" in drawn.wide[0].replace("\N{NO-BREAK SPACE}", " ")
    assert drawn.table.header[:2] == ("Prestataire", "Affaires")
    assert "1\N{NARROW NO-BREAK SPACE}063" in [row[1] for row in drawn.table.rows]
