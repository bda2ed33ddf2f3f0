"""Rates between currencies, as data: what one unit of a base currency was worth on a day.

Fees and claims are compared across currencies only through a ``Rates`` value that somebody gave, with its date and
source; nothing here knows a rate by itself. An amount in a currency without a rate is counted under
``WITHOUT_RATE`` and left out of the figure, never dropped silently and never taken as if it were the base.
A ratio of two amounts in the same currency needs no rate.

>>> from datetime import date
>>> rates = Rates(date(2026, 6, 30), "USD", {"EUR": Decimal("0.8"), "JPY": Decimal(150)}, "an example")
>>> rates.convert(Money(Decimal(60), "EUR"))
Decimal('75')
>>> found = converted([Money(Decimal(60), "EUR"), Money(Decimal(5), "XTS")], rates)
>>> found.values, dict(found.without_rate)
((Decimal('75'),), {'XTS': 1})
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, DecimalException
from typing import Any

from metrics.errors import BadDataError
from metrics.money import Money

__all__ = ["WITHOUT_RATE", "Converted", "Rates", "converted", "from_data", "ratio"]

WITHOUT_RATE = "currency_without_rate"
"""Code under which amounts in a currency without a rate are counted."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What one unit of ``base`` was worth in other currencies.

    Attributes:
        date: the day for which they hold.
        base: the currency that amounts are converted to (ISO 4217).
        rates: units of the currency for one unit of the base; each above zero.
        source: who says so.
    """

    date: date
    base: str
    rates: Mapping[str, Decimal]
    source: str = ""

    def __post_init__(self) -> None:
        for currency, rate in self.rates.items():
            if not rate.is_finite() or rate <= 0:
                raise BadDataError("bad_rate", "A rate is a number above zero.", currency)

    def convert(self, money: Money) -> Decimal | None:
        """The amount in the base currency; None where there is no rate."""
        if money.currency == self.base:
            return money.amount
        rate = self.rates.get(money.currency)
        return None if rate is None else money.amount / rate


@dataclass(frozen=True, slots=True)
class Converted:
    """Amounts in the base currency, and how many of each currency had no rate."""

    values: tuple[Decimal, ...]
    without_rate: Mapping[str, int]


def converted(amounts: Iterable[Money], rates: Rates) -> Converted:
    """Every amount in the base currency, in order; those without a rate are counted by currency."""
    values: list[Decimal] = []
    missing: Counter[str] = Counter()
    for money in amounts:
        value = rates.convert(money)
        if value is None:
            missing[money.currency] += 1
        else:
            values.append(value)
    return Converted(tuple(values), dict(sorted(missing.items())))


def ratio(part: Money, whole: Money, rates: Rates | None = None) -> Decimal | None:
    """``part`` of ``whole``; None if they are in different currencies without rates, or the whole is nothing."""
    if part.currency == whole.currency:
        return part.amount / whole.amount if whole.amount else None
    if rates is None:
        return None
    top, bottom = rates.convert(part), rates.convert(whole)
    return None if top is None or not bottom else top / bottom


def from_data(data: Mapping[str, Any]) -> Rates:
    """Rates from JSON: ``{"date": "2026-06-30", "base": "USD", "rates": {"EUR": "0.87"}, "source": "…"}``.

    Raises:
        BadDataError: it has another form, or a rate that is no number above zero.
    """
    try:
        rates = {str(currency): Decimal(rate) for currency, rate in data["rates"].items()}
        return Rates(date.fromisoformat(data["date"]), str(data["base"]), rates, str(data.get("source", "")))
    except (KeyError, ValueError, TypeError, AttributeError, DecimalException) as error:
        raise BadDataError("bad_rates", "Rates need a date, a base and a rate for each currency.") from error
