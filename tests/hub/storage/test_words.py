"""Words of names, as a search compares them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.storage.words import words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Harbour ODR Rules 2026-01", ["harbour", "odr", "rules", "2026", "01"]),
        ("Müller & Łódź, S.A.", ["muller", "łodz", "s", "a"]),
        ("ÉCOLE Straße ﬁne", ["ecole", "strasse", "fine"]),
        ("广州仲裁委员会 GZ", [*"广州仲裁委员会", "gz"]),
        ("ﾄｳｷｮｳ 東京", [*"トウキョウ", *"東京"]),
        ("under_score o'neill", ["under", "score", "o", "neill"]),
        ("", []),
        ("  --  ", []),
    ],
)
def test_examples(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_letters_that_only_look_alike_stay_different() -> None:
    latin, cyrillic = "acme", "\N{CYRILLIC SMALL LETTER A}cme"
    assert words_of(latin) != words_of(cyrillic)


@given(st.text())
def test_a_word_is_its_own_only_word(text: str) -> None:
    for word in words_of(text):
        assert words_of(word) == [word]


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_ascii_is_read_as_any_other_text(text: str) -> None:
    assert words_of(text + "é")[:-1] == words_of(text + "e")[:-1]
