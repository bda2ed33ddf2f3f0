"""Funnels refuse what would mislead, name whom they may, and give nobody away by order."""

from dataclasses import replace

import pytest

from hub.charts.figure import figure
from hub.charts.funnel import Funnel, Limit, Point
from hub.errors import ChartError
from tests.hub.charts.reading import sound
from tests.hub.charts.samples import WORDS
from tools import chartsamples

LIMITS = (Limit(10, 0.3, 0.9, 0.2, 1.0), Limit(100, 0.5, 0.7, 0.4, 0.8))


def funnel(*points: Point, limits: tuple[Limit, ...] = LIMITS, target: float = 0.6) -> Funnel:
    return Funnel("A title", "A description.", "Share", "share", target, points, limits)


A = Point("Acme", 40, 0.5)


@pytest.mark.parametrize(
    ("points", "code"),
    [
        ((), "nothing_to_show"),
        ((replace(A, n=0),), "value_without_n"),
        ((replace(A, n=None),), "value_without_n"),  # type: ignore[arg-type]
        ((replace(A, n=True),), "value_without_n"),
        ((replace(A, value=1.01),), "value_outside"),
        ((replace(A, value=-0.1),), "value_outside"),
        ((replace(A, value=float("nan")),), "value_not_finite"),
        ((replace(A, level="grave"),), "unknown_level"),  # type: ignore[arg-type]
        ((A, A), "named_twice"),
        ((replace(A, own=True), replace(A, label="Brio", own=True)), "own_unclear"),
        ((replace(A, label="", own=True), *[replace(A, label="")] * 3), "own_unclear"),
        ((A, replace(A, label=""), replace(A, label="")), "unnamed_too_few"),
    ],
)
def test_what_would_mislead_is_refused(points: tuple[Point, ...], code: str) -> None:
    with pytest.raises(ChartError) as caught:
        funnel(*points)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ((), "not_rising"),
        (LIMITS[::-1], "not_rising"),
        ((Limit(10, 0.3, 0.2, 0.1, 0.4),), "limits_crossed"),
        ((Limit(10, 0.3, 0.9, 0.4, 1.0),), "limits_crossed"),
        ((Limit(10, -0.1, 0.9, -0.2, 1.0),), "value_outside"),
        ((Limit(0, 0.3, 0.9, 0.2, 1.0),), "value_without_n"),
    ],
)
def test_limits_that_are_none_are_refused(limits: tuple[Limit, ...], code: str) -> None:
    with pytest.raises(ChartError) as caught:
        funnel(A, limits=limits)
    assert caught.value.code == code


def test_why_two_unnamed_providers_are_refused_is_said() -> None:
    with pytest.raises(ChartError, match="Providers without names are at least 3, or none"):
        funnel(A, Point("", 50, 0.6), Point("", 60, 0.6))


def test_a_chart_without_words_is_refused() -> None:
    with pytest.raises(ChartError, match="A chart has a title and a description"):
        replace(funnel(A), description="  ")
    with pytest.raises(ChartError, match="A unit is one of share, ratio"):
        replace(funnel(A), unit="stars")  # type: ignore[arg-type]


def test_no_order_of_the_caller_is_kept() -> None:
    """The order in which unnamed providers are given might be that of their names."""
    points = (A, Point("Brio", 30, 0.4), *(Point("", n, 0.6) for n in (50, 20, 90)))
    drawn = {str(figure(funnel(*each), WORDS, "f")) for each in (points, points[::-1], points[2:] + points[:2])}
    assert len(drawn) == 1
    rows = funnel(*points).table(WORDS).rows
    assert [row[:2] for row in rows] == [
        ("Acme", "40"),
        ("Brio", "30"),
        ("another provider", "20"),
        ("another provider", "50"),
        ("another provider", "90"),
    ]


def test_only_marked_points_and_one_s_own_are_named() -> None:
    chart = funnel(
        A, Point("Brio", 30, 0.2, "enquiry"), Point("Cleo", 60, 0.75, "note"), Point("Duo", 80, 0.6, own=True)
    )
    [wide] = figure(chart, WORDS, "f").wide
    assert sorted(sound(wide).texts("labels")) == ["Brio", "Cleo", "Duo"]
    assert wide.count('class="ring"') == 2  # in the key and at the point
    assert [row[-1] for row in chart.table(WORDS).rows] == [
        "as expected",
        "for enquiry",
        "to note",
        "as expected, own figures",
    ]


def test_unnamed_points_are_drawn_without_a_name_but_with_their_mark() -> None:
    chart = funnel(Point("Mine", 40, 0.5, own=True), *(Point("", n, 0.2, "enquiry") for n in (20, 50, 90)))
    [wide] = figure(chart, WORDS, "f").wide
    assert sound(wide).texts("labels") == ["Mine"]
    assert wide.count("mark grave") == 4


def test_levels_differ_in_shape() -> None:
    marks = set()
    for level in ("none", "note", "enquiry"):
        [wide] = figure(funnel(replace(A, level=level)), WORDS, "f").wide
        shapes = [(one.tag, len(places)) for one, places, _ in sound(wide).marks() if "mark" in one.get("class", "")]
        marks |= set(shapes)
    assert len(marks) == 3


def test_limits_stand_in_the_table_where_they_are_known_for_every_size() -> None:
    table = funnel(Point("Acme", 10, 0.5), Point("Brio", 100, 0.6)).table(WORDS)
    assert table.header == (
        "Provider", "Cases", "Share", "95\u00a0% limits, from", "95\u00a0% limits, to", "99.8\u00a0% limits, from",
        "99.8\u00a0% limits, to", "Mark",
    )  # fmt: skip
    assert table.rows[0] == (
        "Acme",
        "10",
        "50.0\u00a0%",
        "30.0\u00a0%",
        "90.0\u00a0%",
        "20.0\u00a0%",
        "100.0\u00a0%",
        "as expected",
    )
    assert len(funnel(A).table(WORDS).header) == 4


def test_the_limits_of_a_provider_go_before_those_of_its_size() -> None:
    own = Limit(10, 0.4, 0.6, 0.1, 0.7)
    table = funnel(Point("Acme", 10, 0.5, limits=own), Point("Brio", 10, 0.5)).table(WORDS)
    assert [row[5] for row in table.rows] == ["10.0\u00a0%", "20.0\u00a0%"]
    with pytest.raises(ChartError, match=r"The 99\.8 % limits enclose"):
        funnel(Point("Acme", 10, 0.5, limits=Limit(10, 0.1, 0.6, 0.4, 0.7)))


def test_names_that_find_no_room_are_counted_on_the_table() -> None:
    full = chartsamples.funnel()
    crowded = replace(full, points=tuple(replace(one, level="enquiry") for one in full.points))
    [narrow] = figure(crowded, WORDS, "f").narrow
    shown = sound(narrow).texts()
    assert "Names that found no room are in the table." in " ".join(shown)
    [wide] = figure(full, WORDS, "f").wide
    assert "Names that found no room" not in wide


def test_a_scale_by_logarithm_says_so() -> None:
    chart = chartsamples.funnel()
    assert "Cases, logarithmic scale" in figure(chart, WORDS, "f").wide[0]
    assert "logarithmic" not in figure(replace(chart, logarithmic=False), WORDS, "f").wide[0]
