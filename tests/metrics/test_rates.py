import doctest
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import metrics.rates
from metrics.errors import BadDataError
from metrics.money import Money
from metrics.rates import Rates, converted, from_data, ratio

RATES = Rates(date(2026, 6, 30), "USD", {"EUR": Decimal("0.8"), "JPY": Decimal(150)})
AMOUNTS = st.builds(
    Money, st.integers(0, 10**9).map(Decimal), st.sampled_from(["USD", "EUR", "JPY", "XTS", "KES"])
)  # fmt: skip


def test_the_examples_of_the_module_hold() -> None:
    assert doctest.testmod(metrics.rates).failed == 0


@given(st.lists(AMOUNTS))
def test_an_amount_is_converted_or_counted_and_never_lost(amounts: list[Money]) -> None:
    found = converted(amounts, RATES)
    assert len(found.values) + sum(found.without_rate.values()) == len(amounts)
    assert set(found.without_rate) <= {"XTS", "KES"}


def test_amounts_are_converted_exactly() -> None:
    found = converted([Money(Decimal(8), "EUR"), Money(Decimal(3), "USD"), Money(Decimal(300), "JPY")], RATES)
    assert found.values == (Decimal(10), Decimal(3), Decimal(2))


@pytest.mark.parametrize(
    ("part", "whole", "rates", "expected"),
    [
        ((5, "XTS"), (50, "XTS"), None, Decimal("0.1")),
        ((5, "XTS"), (0, "XTS"), None, None),
        ((8, "EUR"), (100, "USD"), None, None),
        ((8, "EUR"), (100, "USD"), RATES, Decimal("0.1")),
        ((8, "EUR"), (0, "USD"), RATES, None),
        ((8, "EUR"), (100, "KES"), RATES, None),
        ((8, "KES"), (100, "USD"), RATES, None),
    ],
)
def test_a_ratio_needs_one_currency_or_rates(
    part: tuple[int, str], whole: tuple[int, str], rates: Rates | None, expected: Decimal | None
) -> None:
    assert ratio(Money(Decimal(part[0]), part[1]), Money(Decimal(whole[0]), whole[1]), rates) == expected


def test_rates_are_read_from_data() -> None:
    told = {"date": "2026-06-30", "base": "USD", "rates": {"EUR": "0.8", "JPY": "150"}}
    assert from_data(told) == RATES


@pytest.mark.parametrize(
    "change",
    [{"date": "June"}, {"base": None, "rates": None}, {"rates": {"EUR": "cheap"}}, {"rates": ["EUR"]}, {"date": 7}],
)
def test_what_are_no_rates_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadDataError, match=r"^Rates need a date, a base and a rate for each currency\.$"):
        from_data({"date": "2026-06-30", "base": "USD", "rates": {}, **change})


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "Infinity"])
def test_a_rate_is_a_number_above_zero(rate: str) -> None:
    with pytest.raises(BadDataError, match=r"^A rate is a number above zero\. \(EUR\)$"):
        Rates(date(2026, 6, 30), "USD", {"EUR": Decimal(rate)})
