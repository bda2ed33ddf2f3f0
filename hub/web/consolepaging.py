"""Pages of a long list in the console, by the place of their first row."""

from dataclasses import dataclass

from aiohttp import web

from hub.web.requests import number

__all__ = ["Paging", "first_row", "paging"]

_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Paging:
    """Where a page of a list stands.

    Attributes:
        first: whether pages come before it.
        following: the place of the next page's first row, None on the last.
        more: how many rows come after it.
    """

    first: bool
    following: int | None
    more: int


def first_row(request: web.Request) -> int:
    """The parameter ``start``: how many rows come before the page.

    Raises:
        RequestError: bad_parameter.
    """
    return number(request, "start", 0, _MOST, 0)


def paging(start: int, shown: int, total: int) -> Paging:
    """The place of a page with ``shown`` of ``total`` rows, after ``start`` others."""
    more = max(0, total - start - shown) if shown else 0
    return Paging(start > 0, start + shown if more else None, more)
