"""Fields: what is read, and what is said to be wrong, beside the field that it belongs to."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.console.fields import FAULTS, Fields


def one(value: str) -> Fields:
    return Fields({"x": [value]})


@pytest.mark.parametrize(
    ("read", "value", "found", "fault"),
    [
        (lambda f: f.text("x", 5), "  a \n b ", "a b", None),
        (lambda f: f.text("x", 5), "", "", "missing"),
        (lambda f: f.text("x", 5, needed=False), " ", "", None),
        (lambda f: f.text("x", 5), "abcdef", "abcdef", "too_long"),
        (lambda f: f.text("x", 50), "a\u202eb", "a\u202eb", "unseen_characters"),
        (lambda f: f.text("x", 50), "<script>", "<script>", None),
        (lambda f: f.code("x"), "sample_scheme-2026.1", "sample_scheme-2026.1", None),
        (lambda f: f.code("x"), "a b", "a b", "not_a_code"),
        (lambda f: f.code("x"), "", "", "missing"),
        (lambda f: f.choice("x", ("met", "partly")), "met", "met", None),
        (lambda f: f.choice("x", ("met", "partly")), "never", "never", "not_offered"),
        (lambda f: f.choice("x", ("met",)), "", "", "missing"),
        (lambda f: f.choice("x", ("met",), needed=False), "", "", None),
        (lambda f: f.flag("x"), "yes", True, None),
        (lambda f: f.flag("x"), "", False, None),
        (lambda f: f.day("x"), "2028-02-29", "2028-02-29", None),
        (lambda f: f.day("x"), "2027-02-29", "2027-02-29", "not_a_date"),
        (lambda f: f.day("x"), "1.2.2027", "1.2.2027", "not_a_date"),
        (lambda f: f.day("x"), "0001-01-01", "0001-01-01", "not_a_date"),
        (lambda f: f.start_of("x"), "2026-12-31", "2026-12-31T00:00:00Z", None),
        (lambda f: f.end_of("x"), "2026-12-31", "2027-01-01T00:00:00Z", None),
        (lambda f: f.end_of("x"), "soon", "", "not_a_date"),
        (lambda f: f.end_of("x", needed=False), "", "", None),
        (lambda f: f.digest("x"), "AB" * 32, "ab" * 32, None),
        (lambda f: f.digest("x"), "ab", "ab", "not_a_digest"),
        (lambda f: f.digest("x", needed=True), "", "", "missing"),
        (lambda f: f.economy("x"), " sg ", "SG", None),
        (lambda f: f.economy("x"), "SGP", "SGP", "not_an_economy"),
        (lambda f: f.number("x", 9), "9", 9, None),
        (lambda f: f.number("x", 9), "", None, None),
        (lambda f: f.number("x", 9), "10", None, "not_a_number"),
        (lambda f: f.number("x", 9), "-1", None, "not_a_number"),
    ],
)
def test_reading(read: Callable[[Fields], object], value: str, found: object, fault: str | None) -> None:
    fields = one(value)
    assert read(fields) == found
    assert fields.faults.get("x") == fault


@pytest.mark.parametrize(
    ("given", "shown"),
    [({}, 8), ({"x-0": "a", "y-7": "b"}, 14), ({"x-19": "a"}, 20), ({"x-20": "beyond"}, 8), ({"z-9": "other"}, 8)],
)
def test_a_form_shows_the_rows_that_are_used_and_empty_ones(given: dict[str, str], shown: int) -> None:
    fields = Fields({name: [value] for name, value in given.items()})
    assert fields.rows(("x", "y"), 8, 20) == shown


def test_the_first_fault_of_a_field_stays_and_others_are_read_on() -> None:
    fields = Fields({"a": [""], "b": ["never"]})
    fields.text("a", 5)
    fields.choice("b", ("met",))
    fields.wrong("a", "too_long")
    assert fields.faults == {"a": "missing", "b": "not_offered"}


def test_only_known_faults_can_be_remembered() -> None:
    with pytest.raises(KeyError):
        one("").wrong("x", "odd")


@given(st.text())
def test_whatever_is_sent_a_fault_is_a_known_one(value: str) -> None:
    fields = one(value)
    for read in (fields.day, fields.start_of, fields.end_of, fields.digest, fields.economy, fields.code):
        read("x")
    fields.number("x", 9)
    fields.text("x", 10)
    assert set(fields.faults.values()) <= FAULTS
