"""A drawing as a file brings its colours along, for light and dark."""

from xml.etree import ElementTree as ET

import pytest

from hub.charts.figure import figure
from hub.charts.standalone import rules, standalone
from hub.errors import ChartError
from tests.hub.charts.samples import WORDS
from tools import chartsamples
from tools.madefiles import ROOT

SHEET = (ROOT / "hub/web/static/style.css").read_text(encoding="utf-8")


def test_every_variable_of_a_chart_comes_along() -> None:
    told = rules(SHEET)
    used = {one.split(")")[0].split(",")[0] for one in told.split("var(")[1:]}
    assert {name for name in used if f"{name}:" not in told} == set()
    assert told.count("@media (prefers-color-scheme: dark)") == 2
    assert told.count("{") == told.count("}")


def test_a_file_is_a_picture_with_paper_round_it() -> None:
    [drawn] = figure(chartsamples.trend(), WORDS, "t").wide
    root = ET.fromstring(standalone(drawn, SHEET, "en"))  # noqa: S314  # our own
    assert root.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "en"
    assert [one.tag.rpartition("}")[2] for one in root][:4] == ["title", "desc", "style", "rect"]
    left, _, width, _ = (float(one) for one in root.attrib["viewBox"].split())
    assert (left, width) == (-16, 752)


def test_a_style_sheet_without_charts_is_refused() -> None:
    with pytest.raises(ChartError, match="The style sheet has no part on charts"):
        rules(":root { --ink: #000 }")
