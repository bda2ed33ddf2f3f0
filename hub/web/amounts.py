"""Amounts as people write them into a form, in any of the habits of the pages' languages."""

import re
from decimal import Decimal

__all__ = ["read_amount"]

_WHOLE = re.compile(r"[0-9]{1,15}|[0-9]{1,3}(?:(?P<mark>[.,' ])[0-9]{3})(?:(?P=mark)[0-9]{3}){0,3}", re.ASCII)


def read_amount(text: str) -> Decimal | None:
    """An amount as people write it: 12500, 12,500.00, 12.500,00 or 12 500; None if it can't be told.

    >>> read_amount("12.500,00"), read_amount("12,500"), read_amount("1.5")
    (Decimal('12500.00'), Decimal('12500'), Decimal('1.5'))
    """
    text = re.sub(r"[\s\u00a0\u202f]+", " ", text.strip())
    decimals = re.search(r"[.,]([0-9]{1,2})$", text)
    whole = text[: decimals.start()] if decimals else text
    if not _WHOLE.fullmatch(whole) or (decimals and decimals[0][0] in whole):
        return None
    return Decimal(re.sub("[^0-9]", "", whole) + (f".{decimals[1]}" if decimals else ""))
