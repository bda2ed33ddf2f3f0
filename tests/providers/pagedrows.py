"""A list that a hub gives ten entries at a time, as it should or as it must not."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

__all__ = ["Following", "PagedRows"]

Following = Callable[[list[dict[str, Any]]], object]


class PagedRows:
    """Answers with ``member``; ``following`` says what a hub names as the next page, where it names one.

    That is where more follow, or, with ``where_full``, after every page that is full.
    """

    def __init__(
        self,
        member: str,
        rows: list[dict[str, Any]],
        following: Following,
        *,
        heeds_after: bool = True,
        where_full: bool = False,
    ) -> None:
        self.rows = rows
        self.asked: list[dict[str, str]] = []
        self._member = member
        self._following = following
        self._heeds = heeds_after
        self._least = 10 if where_full else 11

    def __call__(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        after = request.query.get("after", "") if self._heeds else ""
        found = [one for one in self.rows if one["id"] > after]
        following = self._following(found[:10]) if len(found) >= self._least else None
        return web.json_response({self._member: found[:10], "next": following})
