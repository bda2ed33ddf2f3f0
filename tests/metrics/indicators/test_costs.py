from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from metrics import intervals
from metrics.context import Context
from metrics.facts import CaseFact, Money
from metrics.rates import Rates
from tests.metrics.computed import figures, limits, many, three


def charged(count: int, first: int, fee: str, claim: str = "1000", **told: bool) -> list[CaseFact]:
    moneys: dict[str, Any] = {
        "fee": Money(Decimal(fee), "USD"),
        "claim": Money(Decimal(claim), "USD"),
        "fee_final": True,
    }
    return [replace(one, **moneys | told) for one in many(count, "filed 1", first=first)]


def test_the_fee_as_part_of_the_claim() -> None:
    facts = [
        *charged(30, 0, "20"),
        *charged(24, 100, "100"),
        *charged(6, 200, "100.01", fee_final=False),
        *charged(5, 300, "50", claim="0"),
    ]
    found = figures("fee_burden", facts)
    assert [found["median"].value, found["ninth_decile"].value] == pytest.approx([0.02, 0.1])
    assert found["median"].unit == "of_claim"
    burdens = [0.02] * 30 + [0.1] * 24 + [0.10001] * 6
    assert limits(found["median"])[:2] == pytest.approx(intervals.quantile_limits(burdens, 0.5))
    assert three(found["above_tenth"]) == (0.1, 6, 60)
    assert dict(found["median"].counts) == {"no_rate": 0, "quoted": 6}


def test_fees_that_were_not_reported() -> None:
    assert {one.status for one in figures("fee_burden", many(40, "filed 1")).values()} == {"not_reported"}
    found = figures("fee_burden", charged(49, 0, "20"))
    assert (found["median"].status, found["ninth_decile"].status) == ("value", "too_few")
    assert figures("fee_burden", charged(29, 0, "20"))["median"].status == "too_few"


def test_a_fee_in_another_currency_needs_a_rate() -> None:
    """A fee of 20 euros, at 0.8 euros for a dollar, is 25 dollars: 2.5 % of the claim."""
    euros = [replace(one, fee=Money(Decimal(20), "EUR")) for one in charged(40, 0, "1")]
    others = [replace(one, fee=Money(Decimal(20), "XTS")) for one in charged(5, 100, "1")]
    rates = Context(rates=Rates(date(2026, 3, 31), "USD", {"EUR": Decimal("0.8")}))
    found = figures("fee_burden", [*euros, *others], context=rates)["median"]
    assert found.value == pytest.approx(0.025)
    assert (found.n, found.counts["no_rate"]) == (40, 5)
    without = figures("fee_burden", [*euros, *others])["median"]
    assert (without.status, without.counts["no_rate"]) == ("too_few", 45)
