"""An amount of money as it was stated: ``Money``. Exact, in one currency; ``metrics.rates`` converts it."""

from dataclasses import dataclass
from decimal import Decimal

__all__ = ["Money"]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency (ISO 4217)."""

    amount: Decimal
    currency: str
