"""The badge says its state in words and by a shape, never looks like approval by mistake, and takes names as text."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.trustmark.badge import Shown, badge
from hub.trustmark.look import LANGUAGES, SHAPES, THEMES, WORDS
from hub.trustmark.standing import APPROVALS, STATES

TIME = 1_795_000_000
SVG = "{http://www.w3.org/2000/svg}"
SHOWN = (*STATES, "unknown")


def drawn(state: str, theme: str = "light", language: str = "en", name: str = "Harbour ODR") -> ET.Element:
    return ET.fromstring(badge(Shown(name, state, TIME, "hub.example"), theme, language))  # noqa: S314 - our own


def _parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own


def lines(root: ET.Element) -> list[str]:
    return [one.text or "" for one in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("state", SHOWN)
def test_every_state_in_every_theme_and_language(state: str, theme: str, language: str) -> None:
    root = drawn(state, theme, language)
    name, words, time, hub = lines(root)
    assert (name, words, hub) == ("Harbour ODR", WORDS[language][state], "hub.example"), "the state is never cut"
    assert "2026-11-18 11:06 UTC" in time
    title, description = root.findtext(f"{SVG}title") or "", root.findtext(f"{SVG}desc") or ""
    assert "Harbour ODR" in title
    assert WORDS[language][state] in description
    assert "2026-11-18 11:06 UTC" in description
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == "t d"


def test_nothing_else_looks_like_an_approval() -> None:
    ticks = {SHAPES[state].sign for state in APPROVALS}
    for state in set(SHOWN) - APPROVALS:
        for theme, colours in THEMES.items():
            text = badge(Shown("Harbour ODR", state, TIME, "hub.example"), theme, "en").decode()
            assert colours["good"] not in text
            assert colours["limited"] not in text
            assert not any(tick in text for tick in ticks)
    assert len({SHAPES[state].shape for state in SHOWN}) == len(SHOWN), "shapes tell states apart without colour"


@pytest.mark.parametrize("state", SHOWN)
def test_it_brings_nothing_and_runs_nothing(state: str) -> None:
    text = badge(Shown("Harbour ODR", state, TIME, "hub.example"), "dark", "zh-Hans").decode()
    assert {one.tag.removeprefix(SVG) for one in _parsed(text).iter()} <= {
        "svg", "title", "desc", "clipPath", "rect", "g", "path", "text",
    }  # fmt: skip
    assert not re.search(r"href|@import|@font-face|\son\w+=", text)
    assert re.findall(r"url\([^)]*\)", text) == ["url(#c)"]
    assert len(text) < 3000


@given(st.text(min_size=1, max_size=200))
def test_any_name_is_text(name: str) -> None:
    root = drawn("accredited", name=name)
    assert len(lines(root)) == 4
    assert {one.tag for one in root.iter()} == {one.tag for one in drawn("accredited").iter()}


def test_script_in_a_name_is_shown() -> None:
    assert lines(drawn("suspended", name="<script>alert(1)</script>"))[0] == "<script>alert(1)</script>"
    assert lines(drawn("suspended", name='"/><a href="x">'))[0] == '"/><a href="x">'
    long = lines(drawn("accredited", name="广州国际在线争议解决中心粤港澳大湾区仲裁联盟有限公司"))[0]
    assert long.endswith("…")
    assert long.startswith("广州国际在线争议解决中心")
