"""The words are complete in each language, and the colours can be read."""

import re

import pytest

from hub.trustmark.look import LANGUAGES, SHAPES, THEMES, WORDS
from hub.trustmark.standing import STATES


def test_every_language_has_the_same_words() -> None:
    assert LANGUAGES == ("en", "zh-Hans", "es", "fr")
    for language in LANGUAGES:
        assert list(WORDS[language]) == list(WORDS["en"]), language
        for name, text in WORDS[language].items():
            assert text.strip() == text != "", (language, name)
            assert _fields(text) == _fields(WORDS["en"][name]), (language, name)
    assert {*STATES, "unknown", "unverified", "checking"} == set(SHAPES) <= set(WORDS["en"])


def _fields(text: str) -> set[str]:
    return set(re.findall(r"\{\w+\}", text))


def test_no_two_states_have_the_same_words() -> None:
    for language in LANGUAGES:
        assert len({WORDS[language][state] for state in SHAPES}) == len(SHAPES), language


@pytest.mark.parametrize("theme", THEMES)
def test_colours_meet_wcag_aa(theme: str) -> None:
    colours = THEMES[theme]
    for name in ("ink", "soft", "good", "limited", "warn", "bad", "none"):
        lighter, darker = sorted((_luminance(colours[name]), _luminance(colours["card"])), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, name


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
