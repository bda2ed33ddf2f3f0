"""Elements escape what they are given, and places are written in one way."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from hub.charts.svg import coordinate, element, path, text


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "0"), (-0.04, "0"), (1, "1"), (1.25, "1.2"), (1.26, "1.3"), (-3.5, "-3.5"), (1e6, "1000000"), (100.0, "100")],
)
def test_places_are_written_in_one_way(value: float, written: str) -> None:
    assert coordinate(value) == written


@given(st.text())
def test_texts_stay_texts(words: str) -> None:
    parsed = ET.fromstring(str(text(words, 1, 2)))  # noqa: S314  # our own
    assert list(parsed) == []
    assert parsed.text is None or parsed.text == parsed.text.strip()


def test_attributes_are_escaped_and_none_is_left_out() -> None:
    assert element("g", class_='a"b', aria_label="<x>", id=None) == Markup(
        '<g class="a&#34;b" aria-label="&lt;x&gt;"/>'
    )
    assert element("text", Markup("x"), text_anchor="end") == '<text text-anchor="end">x</text>'


def test_a_path_is_straight_lines() -> None:
    assert path([(0, 1), (2.55, 3)], closed=True) == "M0 1L2.5 3Z"
