"""Lines are cut to their width, whatever is written in them."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from hub.trustmark.widths import shortened, width


def test_wide_characters_count_about_double() -> None:
    assert 1.4 < width("广" * 10) / width("a" * 10) < 2.2
    assert width("e\u0301") == width("e"), "an accent of its own takes no room"
    assert width("WWWW") > width("wwww") * 0.99 > width("iiii")


def test_what_fits_is_left_alone() -> None:
    assert shortened("Harbour ODR", 20) == "Harbour ODR"
    assert shortened("  Harbour \t ODR ", 20) == "Harbour ODR"
    assert shortened("Harbour Online Dispute Resolution Centre", 16) == "Harbour Online Dispute…"


def test_characters_that_turn_text_around_are_dropped() -> None:
    assert shortened("\u202eevil\u2066 \u200bname\x00", 20) == "evil name"


@given(st.text(max_size=300), st.floats(2, 40))
def test_no_line_is_wider_than_asked(text: str, ems: float) -> None:
    line = shortened(text, ems)
    assert width(line) <= ems + 1e-9
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs") for letter in line)
    assert line == shortened(line, ems), "what was shortened is not shortened again"
