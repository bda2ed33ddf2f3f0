"""Names that look alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.confusables import LOOKALIKES, confusable, like, skeleton


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme Centre", "ACME  centre"),
        ("Acme Centre", "Acmе Сentre"),  # Cyrillic е and С
        ("Acme Centre", "Αcme Centrε"),  # Greek
        ("Acme Centre", "Ａｃｍｅ Ｃｅｎｔｒｅ"),  # full width
        ("Acme Centre", "Ac\u200dme Centre"),  # joiner
        ("Acme Centre", "Acme-Centre."),
        ("Acme Centre", "Ácmé Centré"),
        ("Acme Centre", "Acrne Centre"),
        ("Hill Mediation", "HiIl Mediation"),  # capital i
        ("Hill Mediation", "Hi1l Mediati0n"),
        ("OKO", "ОКО"),  # all Cyrillic
        ("World", "VVor|d"),
        ("Straße", "STRASSE"),
        ("国际", "国 际"),
    ],
)
def test_names_that_look_alike(one: str, other: str) -> None:
    assert one != other
    assert skeleton(one) == skeleton(other)
    assert confusable({"b": one, "a": other}) == (("a", "b"),)
    assert like(one, {"x": other, "y": "Something Else"}) == ("x",)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Acme Centre", "Acme Center"), ("Acme", "Acne"), ("国际", "國際"), ("Acme 2", "Acme 7"), ("", "a")],
)
def test_names_that_do_not(one: str, other: str) -> None:
    assert confusable({"a": one, "b": other}) == ()
    assert like(one, {"b": other}) == ()


def test_groups_are_sorted_and_alone_is_no_group() -> None:
    names = {"d": "Beta", "c": "Acme", "b": "ACME", "a": "acme", "e": "Bеta", "f": "Gamma"}
    assert confusable(names) == (("a", "b", "c"), ("d", "e"))


def test_the_table_holds_single_lower_case_characters() -> None:
    for character, letter in LOOKALIKES.items():
        assert len(character) == len(letter) == 1
        assert character == character.casefold() or character == "ς"
        assert letter.isascii()
        assert character != letter


@given(st.text(max_size=40))
def test_a_skeleton_stays_what_it_is_and_forgets_case(name: str) -> None:
    found = skeleton(name)
    assert skeleton(found) == found
    assert skeleton(name.casefold()) == found
