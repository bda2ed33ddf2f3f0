"""Step curves never rise, stay within 0 and 1, and hold their bands."""

from dataclasses import replace

import pytest

from hub.charts.figure import figure
from hub.charts.steps import Curve, Steps, stairs
from hub.errors import ChartError
from tests.hub.charts.reading import sound
from tests.hub.charts.samples import WORDS
from tools import chartsamples

A = Curve("Acme", 40, ((0, 1.0), (7, 0.5), (14, 0.25)), ((0, 1.0, 1.0), (7, 0.4, 0.6), (14, 0.1, 0.4)), (40, 20, 10))


def steps(*curves: Curve) -> Steps:
    return Steps("A title", "A description.", "Still open", "Days", curves)


@pytest.mark.parametrize(
    ("curve", "code"),
    [
        (replace(A, points=((0, 1.0), (7, 0.5), (14, 0.51)), band=()), "share_rises"),
        (replace(A, points=((0, 1.1), (7, 0.5), (14, 0.25)), band=()), "value_outside"),
        (replace(A, points=((0, 1.0), (7, 0.5), (14, -0.1)), band=()), "value_outside"),
        (replace(A, points=((0, 1.0), (14, 0.5), (7, 0.25)), band=()), "not_rising"),
        (replace(A, points=((-1, 1.0), (7, 0.5), (14, 0.25)), band=()), "not_rising"),
        (replace(A, points=(), band=(), at_risk=()), "nothing_to_show"),
        (replace(A, points=((0, 1.0),), band=(), at_risk=()), "nothing_to_show"),
        (replace(A, band=A.band[:2]), "band_elsewhere"),
        (replace(A, band=((0, 1.0, 1.0), (7, 0.51, 0.6), (14, 0.1, 0.4))), "interval_elsewhere"),
        (replace(A, at_risk=(1, 2)), "at_risk_elsewhere"),
        (replace(A, n=0), "value_without_n"),
        (replace(A, label=""), "row_unnamed"),
    ],
)
def test_what_would_mislead_is_refused(curve: Curve, code: str) -> None:
    with pytest.raises(ChartError) as caught:
        steps(curve)
    assert caught.value.code == code


def test_more_curves_than_can_be_told_apart_are_refused() -> None:
    with pytest.raises(ChartError, match="one to 6 curves"):
        steps(*(replace(A, label=str(number)) for number in range(7)))
    with pytest.raises(ChartError, match="Every curve has a name of its own"):
        steps(A, A)


def test_a_height_holds_until_the_next_day() -> None:
    assert stairs([(0, 9), (5, 4)], 7) == [(0, 9), (5, 9), (5, 4), (7, 4)]


def test_curves_differ_in_dash_and_in_shape() -> None:
    [wide] = figure(chartsamples.steps(6), WORDS, "s").wide
    assert all(f'class="curve dash-{number}"' in wide for number in range(1, 7))
    shapes = {
        number: next(one for one in group.iter() if one.get("class") == "dot")
        for number, group in enumerate(sound(wide).groups("tone-1"), 1)
    }
    assert shapes[1].tag.endswith("circle")
    assert "part" not in wide


def test_a_long_name_in_the_key_does_not_lose_the_number_of_its_cases() -> None:
    """On a narrow screen the key goes on in a second line."""
    [narrow] = figure(steps(replace(A, label="Todos los proveedores de la red juntos", n=169)), WORDS, "s").narrow
    shown = [one.replace("\N{NO-BREAK SPACE}", " ") for one in sound(narrow).texts("key")]
    assert " ".join(shown) == "Todos los proveedores de la red juntos (n = 169) 95 % interval"
    assert len(shown) == 3


def test_one_curve_has_a_key_and_a_caption_with_its_cases() -> None:
    drawn = figure(steps(A), WORDS, "s")
    shown = [one.replace("\N{NO-BREAK SPACE}", " ") for one in sound(drawn.wide[0]).texts("key")]
    assert shown == ["Acme (n = 40)", "95 % interval"]
    assert drawn.table.caption.replace("\N{NO-BREAK SPACE}", " ") == "A title (n = 40)"
    assert drawn.table.header == (
        "Day",
        "Still open",
        "95\u00a0% interval, from",
        "95\u00a0% interval, to",
        "Still followed",
    )
    assert drawn.table.rows[1] == ("7", "50.0\u00a0%", "40.0\u00a0%", "60.0\u00a0%", "20")


def test_several_curves_share_a_table_with_a_row_for_each_day_of_each() -> None:
    table = steps(A, Curve("Brio", 50, ((0, 1.0), (30, 0.9)))).table(WORDS)
    assert table.header[:3] == ("Group", "Day", "Still open")
    assert [row[1:] for row in table.rows[2:]] == [
        ("14", "25.0\u00a0%", "10.0\u00a0%", "40.0\u00a0%", "10"),
        ("0", "100.0\u00a0%", "", "", ""), ("30", "90.0\u00a0%", "", "", ""),
    ]  # fmt: skip


def test_the_upright_axis_begins_at_nothing_and_ends_at_all() -> None:
    [wide] = figure(steps(replace(A, points=((0, 1.0), (7, 0.99), (14, 0.98)), band=())), WORDS, "s").wide
    assert {"0 %", "100 %"} <= set(sound(wide).texts("axis"))
