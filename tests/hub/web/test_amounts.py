"""Amounts as people write them, and what nobody can tell."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.web.amounts import read_amount


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("12500", "12500"), ("12,500", "12500"), ("12.500", "12500"), ("12 500,50", "12500.50"),
        ("12'500.5", "12500.5"),
        ("1,234,567.89", "1234567.89"), ("1.5", "1.5"), (" 7 ", "7"), ("12\N{NO-BREAK SPACE}500", "12500"),
    ],
)  # fmt: skip
def test_amounts_as_people_write_them(written: str, amount: str) -> None:
    assert read_amount(written) == Decimal(amount)


@pytest.mark.parametrize(
    "written", ["", "many", "-5", "1,23,4", "1.2.3", "12,50,00", "1e9", "1" * 16, "$5", "\uff11\uff12"]
)
def test_amounts_that_can_not_be_told(written: str) -> None:
    assert read_amount(written) is None


@given(st.text(max_size=30))
def test_whatever_is_written_is_read_or_refused(written: str) -> None:
    found = read_amount(written)
    assert found is None or found >= 0


@given(st.decimals(0, 10**9, places=2))
def test_every_habit_reads_the_same(value: Decimal) -> None:
    english = f"{value:,.2f}"
    spanish = english.translate(str.maketrans(",.", ".,"))
    french = english.translate({ord(","): " ", ord("."): ","})
    assert {read_amount(one) for one in (english, spanish, french, str(value))} == {value}
