"""The list of drafts on a hub's desk: page by page, and never for ever."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiohttp import web

from providers import drafts
from providers.client import connect
from providers.drafts import Drafts
from providers.errors import HubUnavailableError
from tests.fakes.world import World
from tests.providers.fakehub import FakeHub

LIST = "/v1/drafts"
Following = Callable[[list[dict[str, Any]]], object]


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub(World()) as running:
        yield running


def line(number: int) -> dict[str, Any]:
    name = f"0197b1a0-0000-7000-8000-{number:012d}"
    told = {"kind": "award", "issuer": "acme", "state": "open", "expires_at": "2026-12-01T00:00:00Z"}
    return {"id": name, "missing": [], **told}


def last(shown: list[dict[str, Any]]) -> object:
    return shown[-1]["id"] if shown else None


class Rows:
    """A list of so many drafts, ten on a page; a page that is full names another, as hubs do."""

    def __init__(self, number: int, following: Following = last, *, heeds_after: bool = True) -> None:
        self.rows = [line(one) for one in range(number)]
        self.asked: list[dict[str, str]] = []
        self._following = following
        self._heeds = heeds_after

    def __call__(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        after = request.query.get("after", "") if self._heeds else ""
        found = [one for one in self.rows if one["id"] > after][:10]
        return web.json_response({"drafts": found, "next": self._following(found) if len(found) == 10 else None})


async def listed(hub: FakeHub, rows: Rows) -> list[str]:
    hub.overrides[LIST] = rows
    async with connect(hub.url) as asking:
        return [one.id for one in await Drafts(asking).list("open")]


@pytest.mark.parametrize("number", [0, 5, 20, 25])
async def test_every_page_is_read_once(hub: FakeHub, number: int) -> None:
    rows = Rows(number)
    assert await listed(hub, rows) == [one["id"] for one in rows.rows]
    starts = [one["id"] for one in rows.rows[9::10]]
    assert rows.asked == [{"state": "open"}, *({"state": "open", "after": one} for one in starts)]


@pytest.mark.parametrize(
    "rows",
    [
        Rows(25, heeds_after=False),
        Rows(25, lambda shown: shown[0]["id"]),
        Rows(25, lambda shown: f"{last(shown)}&state=registered"),
        Rows(25, lambda _: ""),
        Rows(25, lambda _: 7),
    ],
)
async def test_a_hub_whose_pages_do_not_go_on_holds_nobody(hub: FakeHub, rows: Rows) -> None:
    with pytest.raises(HubUnavailableError, match="does not go on") as caught:
        await listed(hub, rows)
    assert (caught.value.code, caught.value.where, caught.value.actor) == ("bad_answer", "/next", "hub")
    assert len(rows.asked) <= 2


async def test_a_list_longer_than_any_is_not_read(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "_MOST", 30)
    with pytest.raises(HubUnavailableError, match="does not end after 30"):
        await listed(hub, Rows(50))
