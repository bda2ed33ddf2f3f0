"""Of what a bank account number (IBAN) consists in each country, and how it is written where the country stands apart.

Two capitals and some numbers are also a row of a table by country, and one such row in 97 has valid check digits. So
where there is a gap after the country, gaps stand where people make them: in equal groups, or between the fields of the
country's own account numbers (bank, branch, account ...), with or without one after the check digits.
"""

from collections.abc import Sequence
from itertools import accumulate

__all__ = ["LENGTHS", "is_written_so"]

_FIELDS = {
    fields: frozenset(countries.split())
    for fields, countries in {
        (2, 2, 11, 1): "EE", (2, 3, 8, 2): "SI", (2, 3, 13, 2): "TN", (2, 12): "FK SD", (2, 16): "GE",
        (2, 18): "MD SA", (3, 3, 2, 10): "DE", (3, 3, 7, 1): "FI", (3, 3, 8, 2): "BA", (3, 3, 13): "IL",
        (3, 3, 15): "LY", (3, 4, 1, 8, 7, 1): "HU", (3, 4, 1, 16): "AL", (3, 4, 16): "GR", (3, 5, 16): "CY",
        (3, 7, 2): "BE", (3, 10, 2): "MK", (3, 13): "KZ LU", (3, 13, 2): "ME RS", (3, 14, 2): "TL", (3, 15): "VA",
        (3, 16): "AE OM", (3, 16, 1): "SE", (4, 2, 2, 2, 8): "GB IE", (4, 2, 2, 12, 3, 3): "MU",
        (4, 2, 2, 16): "GT", (4, 2, 2, 16, 3): "SC", (4, 2, 4, 1): "NO", (4, 2, 6, 10): "IS", (4, 3, 12): "IQ SO",
        (4, 4, 2, 8): "BG", (4, 4, 2, 10): "ES", (4, 4, 11, 2): "PT ST", (4, 4, 12): "AD", (4, 4, 16): "BY",
        (4, 4, 17): "EG", (4, 4, 18): "JO YE", (4, 5, 18): "MT", (4, 6, 10): "CZ SK", (4, 9, 1): "DK FO GL",
        (4, 10): "NL", (4, 10, 2): "XK", (4, 12): "MN", (4, 13): "LV", (4, 14): "BH CR", (4, 15): "GI",
        (4, 16): "PK RO VG", (4, 20): "AZ DO HN LB NI SV", (4, 21): "PS QA", (4, 22): "KW", (4, 24): "LC",
        (1, 5, 5, 12): "IT SM", (5, 1, 16): "TR", (5, 5, 11, 2): "BI DJ FR MC MR", (5, 11): "AT LT",
        (5, 12): "CH LI", (6, 19): "UA", (7, 10): "HR", (8, 5, 10, 1, 1): "BR", (8, 16): "PL", (9, 5, 15): "RU",
    }.items()
}  # fmt: skip
"""Sizes of the fields after the check digits -> countries."""

LENGTHS = {country: 4 + sum(fields) for fields, countries in _FIELDS.items() for country in countries}
"""Country -> characters of its numbers, country and check digits included."""

_DIVISIONS = {country: frozenset(accumulate((2, *fields))) for fields, some in _FIELDS.items() for country in some}
"""Country -> how many characters may stand before a gap, counted from the check digits on."""

_USUAL = 4
"""Account numbers are printed in fours. In a table equal groups of another size are as a rule other numbers."""


def is_written_so(country: str, sizes: Sequence[int], *, in_table: bool) -> bool:
    """Whether groups of these sizes, which follow the country with a gap, are how somebody writes its numbers.

    Args:
        country: two capitals, one of ``LENGTHS``.
        sizes: how many characters each group has; the first begins with the check digits.
        in_table: whether the gaps are as in a table, wide or with lines, and not one character each.
    """
    if _DIVISIONS[country].issuperset(accumulate(sizes)):
        return True
    apart = sizes[0] == len("89")
    of_whole, of_rest = _size(sizes), _size(sizes[1:]) if apart else None
    if in_table:
        return _USUAL in (of_whole, of_rest)
    return of_rest is not None or (of_whole is not None and of_whole <= _USUAL)


def _size(sizes: Sequence[int]) -> int | None:
    """The size of equal groups, of which the last may be what is left; None of others."""
    equal = len(set(sizes[:-1])) <= 1 and sizes[-1] <= sizes[0]
    return sizes[0] if equal else None
