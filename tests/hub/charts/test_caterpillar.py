"""Caterpillars are in order of name and nothing else, and every value has its interval and its cases."""

from dataclasses import replace

import pytest

from hub.charts.caterpillar import Bar, Caterpillar, by_name
from hub.charts.figure import figure
from hub.errors import ChartError
from tests.hub.charts.reading import sound
from tests.hub.charts.samples import WORDS
from tools import chartsamples

A, B = Bar("Acme", 0.5, 0.4, 0.6, 40), Bar("brio", 0.7, 0.6, 0.8, 90)


def chart(*rows: Bar) -> Caterpillar:
    return Caterpillar("A title", "A description.", "Share", "share", rows, 0.6)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ((), "nothing_to_show"),
        ((B, A), "not_by_name"),
        ((A, A), "named_twice"),
        ((replace(A, label=" "),), "row_unnamed"),
        ((replace(A, n=0),), "value_without_n"),
        ((replace(A, low=0.51),), "interval_elsewhere"),
        ((replace(A, high=0.49),), "interval_elsewhere"),
        ((replace(A, high=1.2),), "value_outside"),
        ((replace(A, level=""),), "unknown_level"),  # type: ignore[arg-type]
        ((replace(A, own=True), replace(B, own=True)), "own_unclear"),
        ((replace(A, ranks=(1, 2)), B), "rank_unknown"),
        ((replace(A, ranks=(0, 2)), replace(B, ranks=(1, 2))), "rank_unknown"),
        ((replace(A, ranks=(2, 1)), replace(B, ranks=(1, 2))), "rank_unknown"),
        ((replace(A, ranks=(1, 2)), replace(B, ranks=(1, 3))), "rank_unknown"),
        ((replace(B, ranks=(1, 2)), replace(A, ranks=(1, 2))), "not_by_value"),
    ],
)
def test_what_would_mislead_is_refused(rows: tuple[Bar, ...], code: str) -> None:
    with pytest.raises(ChartError) as caught:
        chart(*rows)
    assert caught.value.code == code


def test_an_order_by_value_is_refused_in_words() -> None:
    falling = sorted(chartsamples.caterpillar().rows, key=lambda one: -one.value)
    with pytest.raises(ChartError, match="Without ranks providers are shown in order of name, never of value"):
        chart(*falling)
    assert chart(*by_name(falling)).rows == chartsamples.caterpillar().rows


def test_names_are_ordered_without_regard_to_capitals() -> None:
    labels = [replace(A, label=label) for label in ("zeta", "Öre", "alpha", "Beta", "莲花", "\uff21lpha 2")]
    assert [one.label for one in by_name(labels)] == ["alpha", "\uff21lpha 2", "Beta", "zeta", "Öre", "莲花"]


def test_a_long_list_is_drawn_in_parts_with_an_axis_each() -> None:
    drawn = figure(chartsamples.caterpillar(60), WORDS, "c")
    assert len(drawn.wide) == len(drawn.narrow) == 2
    assert "part 1 of 2</title>" in drawn.wide[0]
    assert "part 2 of 2</title>" in drawn.wide[1]
    assert [texts.count("80 %") for texts in (sound(one).texts("axis") for one in drawn.wide)] == [1, 1]
    assert len(figure(chartsamples.caterpillar(12), WORDS, "c").wide) == 1


def test_every_row_says_its_cases() -> None:
    drawn = figure(chart(A, replace(B, own=True)), WORDS, "c")
    assert sound(drawn.wide[0]).texts("labels") == ["Acme", "40", "brio, own figures", "90"]
    assert [one.replace("\N{NO-BREAK SPACE}", " ") for one in sound(drawn.narrow[0]).texts("labels")] == [
        "Acme (n = 40)", "brio, own figures (n = 90)",
    ]  # fmt: skip
    assert drawn.table.rows[1] == (
        "brio",
        "90",
        "70.0\u00a0%",
        "60.0\u00a0%",
        "80.0\u00a0%",
        "as expected, own figures",
    )
    assert drawn.table.header == (
        "Provider",
        "Cases",
        "Share",
        "95\u00a0% interval, from",
        "95\u00a0% interval, to",
        "Mark",
    )


def test_in_an_order_by_value_every_row_says_between_which_ranks_it_lies() -> None:
    rows = (replace(A, label="brio", ranks=(1, 2)), replace(B, label="Acme", ranks=(2, 2)))
    drawn = figure(chart(*rows), WORDS, "c")
    wide = sound(drawn.wide[0])
    assert wide.texts("labels") == ["brio", "40", "1\N{EN DASH}2", "Acme", "90", "2\N{EN DASH}2"]
    assert {"Cases", "Ranks, of 2"} <= {*wide.texts("caption")}
    assert [one.replace("\N{NO-BREAK SPACE}", " ") for one in sound(drawn.narrow[0]).texts("labels")] == [
        "brio (n = 40), ranks 1\N{EN DASH}2", "Acme (n = 90), ranks 2\N{EN DASH}2",
    ]  # fmt: skip
    assert drawn.table.header[-2:] == ("95\u00a0% rank interval", "Mark")
    assert [row[-2] for row in drawn.table.rows] == ["1 to 2 of 2", "2 to 2 of 2"]
