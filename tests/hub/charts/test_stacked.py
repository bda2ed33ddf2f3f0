"""Layers never shrink and never add up to more than all."""

from dataclasses import replace

import pytest

from hub.charts.figure import figure
from hub.charts.stacked import Layer, Stacked
from hub.errors import ChartError
from tests.hub.charts.reading import sound
from tests.hub.charts.samples import WORDS
from tools import chartsamples

CHART = Stacked(
    "A title", "A description.", "Share", "Days", 60, (0, 7, 14),
    (Layer("settled", (0.0, 0.3, 0.5)), Layer("award", (0.0, 0.1, 0.5))), "still open",
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"layers": (Layer("a", (0.0, 0.3, 0.6)), Layer("b", (0.0, 0.1, 0.41)))}, "more_than_all"),
        ({"layers": (Layer("a", (0.0, 0.3, 0.2)),)}, "layer_shrinks"),
        ({"layers": (Layer("a", (0.0, 0.3)),)}, "layer_elsewhere"),
        ({"layers": (Layer("a", (0.0, 0.3, 1.2)),)}, "value_outside"),
        ({"layers": ()}, "too_many_layers"),
        ({"layers": tuple(Layer(str(number), (0.0, 0.0, 0.0)) for number in range(9))}, "too_many_layers"),
        ({"layers": (Layer("still open", (0.0, 0.3, 0.4)),)}, "named_twice"),
        ({"n": 0}, "value_without_n"),
        ({"days": (0, 7, 7)}, "not_rising"),
        ({"days": ()}, "too_many_layers"),
        ({"title": ""}, "chart_unnamed"),
    ],
)
def test_what_would_mislead_is_refused(changed: dict[str, object], code: str) -> None:
    with pytest.raises(ChartError) as caught:
        replace(CHART, **changed)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_outcomes_exclude_each_other_and_that_is_said() -> None:
    with pytest.raises(ChartError, match="Outcomes exclude each other: they add up to one at most"):
        replace(CHART, layers=(Layer("a", (0.0, 0.6, 0.6)), Layer("b", (0.0, 0.6, 0.6))))


def test_rows_add_up_and_the_caption_has_the_cases() -> None:
    table = CHART.table(WORDS)
    assert table.caption.replace("\N{NO-BREAK SPACE}", " ") == "A title (n = 60)"
    assert table.header == ("Day", "settled", "award", "still open")
    assert table.rows == (
        ("0", "0.0\u00a0%", "0.0\u00a0%", "100.0\u00a0%"), ("7", "30.0\u00a0%", "10.0\u00a0%", "60.0\u00a0%"),
        ("14", "50.0\u00a0%", "50.0\u00a0%", "0.0\u00a0%"),
    )  # fmt: skip


def test_layers_differ_in_pattern_and_stand_in_the_key_as_they_lie() -> None:
    drawn = figure(chartsamples.stacked(), WORDS, "e")
    root = sound(drawn.wide[0]).root
    patterns = [tuple(each.attrib["d"] for each in one) for one in root.iter("{http://www.w3.org/2000/svg}pattern")]
    assert len(set(patterns)) == len(patterns) == 7
    assert sound(drawn.narrow[0]).texts("key")[0] == "still open"
    assert sound(drawn.narrow[0]).texts("key")[-1] == "settled"
    assert sound(drawn.wide[0]).texts("key") == []
