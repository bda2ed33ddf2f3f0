"""The list of drafts on a hub's desk: page by page, and never for ever."""

from collections.abc import Iterator
from typing import Any

import pytest

from providers import drafts
from providers.client import connect
from providers.drafts import Drafts
from providers.errors import HubUnavailableError
from tests.fakes.world import World
from tests.providers.fakehub import FakeHub
from tests.providers.pagedrows import Following, PagedRows

LIST = "/v1/drafts"


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


def rows_of(number: int, following: Following = last, *, heeds_after: bool = True) -> PagedRows:
    """A list of so many drafts; a page that is full names another, as hubs do."""
    rows = [line(one) for one in range(number)]
    return PagedRows("drafts", rows, following, heeds_after=heeds_after, where_full=True)


async def listed(hub: FakeHub, rows: PagedRows) -> list[str]:
    hub.overrides[LIST] = rows
    async with connect(hub.url) as asking:
        return [one.id for one in await Drafts(asking).list("open")]


@pytest.mark.parametrize("number", [0, 5, 20, 25])
async def test_every_page_is_read_once(hub: FakeHub, number: int) -> None:
    rows = rows_of(number)
    assert await listed(hub, rows) == [one["id"] for one in rows.rows]
    starts = [one["id"] for one in rows.rows[9::10]]
    assert rows.asked == [{"state": "open"}, *({"state": "open", "after": one} for one in starts)]


@pytest.mark.parametrize(
    "rows",
    [
        rows_of(25, heeds_after=False),
        rows_of(25, lambda shown: shown[0]["id"]),
        rows_of(25, lambda shown: f"{last(shown)}&state=registered"),
        rows_of(25, lambda _: ""),
        rows_of(25, lambda _: 7),
    ],
)
async def test_a_hub_whose_pages_do_not_go_on_holds_nobody(hub: FakeHub, rows: PagedRows) -> None:
    with pytest.raises(HubUnavailableError, match="does not go on") as caught:
        await listed(hub, rows)
    assert (caught.value.code, caught.value.where, caught.value.actor) == ("bad_answer", "/next", "hub")
    assert len(rows.asked) <= 2


async def test_a_list_longer_than_any_is_not_read(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "_MOST", 30)
    with pytest.raises(HubUnavailableError, match="does not end after 30"):
        await listed(hub, rows_of(50))
