"""The officers' queue as their program reads it: page by page, and never for ever."""

from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from providers.application import client
from providers.application.client import Applying
from providers.client import connect
from providers.errors import HubUnavailableError
from tests.fakes.world import World
from tests.providers.fakehub import FakeHub
from tests.providers.pagedrows import Following, PagedRows

ROOM = "/v1/applications"


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub(World()) as running:
        yield running


def application(number: int) -> dict[str, Any]:
    times = {"received_at": "2026-11-01T00:00:00Z", "expires_at": "2026-12-01T00:00:00Z"}
    name = f"0197b1a0-0000-7000-8000-{number:012d}"
    return {"id": name, "state": "ready", "actor": "cora-centre", "type": "provider", "legal_name": "Cora", **times}


def last(shown: list[dict[str, Any]]) -> str:
    return str(shown[-1]["id"])


def rows_of(number: int, following: Following = last, *, heeds_after: bool = True) -> PagedRows:
    """A queue of so many applications."""
    rows = [application(one) for one in range(number)]
    return PagedRows("applications", rows, following, heeds_after=heeds_after)


async def queue(hub: FakeHub, rows: PagedRows, actor: str | None = None) -> list[str]:
    hub.overrides[ROOM] = rows
    async with connect(hub.url) as asking:
        return [one.seen.id for one in await Applying(asking).queue(actor)]


@pytest.mark.parametrize("actor", [None, "cora-centre"])
async def test_every_page_is_read_once(hub: FakeHub, actor: str | None) -> None:
    rows = rows_of(25)
    assert await queue(hub, rows, actor) == [one["id"] for one in rows.rows]
    named = {} if actor is None else {"actor": actor}
    assert rows.asked == [named, named | {"after": rows.rows[9]["id"]}, named | {"after": rows.rows[19]["id"]}]


@pytest.mark.parametrize(
    "rows",
    [
        rows_of(25, heeds_after=False),
        rows_of(25, lambda shown: str(shown[0]["id"])),
        rows_of(25, lambda shown: last(shown).upper() + "0"),
        rows_of(25, lambda _: ""),
    ],
)
async def test_a_hub_whose_pages_do_not_go_on_holds_nobody(hub: FakeHub, rows: PagedRows) -> None:
    with pytest.raises(HubUnavailableError, match="does not go on") as caught:
        await queue(hub, rows, "cora-centre")
    assert (caught.value.code, caught.value.where, caught.value.actor) == ("bad_answer", "/next", "hub")
    assert len(rows.asked) <= 2


async def test_a_page_of_nothing_is_not_followed_by_another(hub: FakeHub) -> None:
    hub.overrides[ROOM] = lambda _: web.json_response({"applications": [], "next": application(1)["id"]})
    async with connect(hub.url) as asking:
        with pytest.raises(HubUnavailableError, match="does not go on"):
            await Applying(asking).queue()


async def test_a_queue_longer_than_any_is_not_read(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_MOST", 30)
    with pytest.raises(HubUnavailableError, match="does not end after 30"):
        await queue(hub, rows_of(50))
