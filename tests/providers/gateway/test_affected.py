"""The report of affected awards as a hub tells it: page by page, never for ever, and as words at a terminal."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiohttp import web

from providers.errors import HubUnavailableError
from providers.gateway import affected
from providers.gateway.affected import Affected, affected_lines, fetch_affected
from signing.secretkeys import SigningKey
from tests.fakes.world import World
from tests.providers.fakehub import FakeHub

KID = "a" * 43
PLACE = f"/v1/keys/{KID}/affected"


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub(World()) as running:
        yield running


def award(index: int) -> dict[str, Any]:
    return {"index": index, "award_id": f"A-{index}", "issuer": "acme", "status": "disputed", "signed_with": KID}


def page(awards: list[dict[str, Any]], following: object, **changed: object) -> web.Response:
    return web.json_response({"kid": KID, "owner": "acme", "from": 3, "awards": awards, "next": following, **changed})


async def fetched(hub: FakeHub, answer: Callable[[web.Request], web.Response], since: int | None = None) -> Affected:
    hub.overrides[PLACE] = answer
    return await fetch_affected(hub.url, SigningKey.generate(), KID, since, lambda: 1_800_000_000)


async def test_every_page_is_read_an_empty_one_too(hub: FakeHub) -> None:
    asked: list[dict[str, str]] = []
    pages = {None: page([award(4)], 4), "4": page([], 100_003), "100003": page([award(100_007)], None)}

    def answer(request: web.Request) -> web.Response:
        asked.append(dict(request.query))
        return pages[request.query.get("after")]

    found = await fetched(hub, answer, since=3)
    assert [one["index"] for one in found.awards] == [4, 100_007]
    assert (found.kid, found.owner, found.since) == (KID, "acme", 3)
    assert asked == [{"from": "3"}, {"from": "3", "after": "4"}, {"from": "3", "after": "100003"}]


@pytest.mark.parametrize("told", [4, 3, -1, "5", 5.0, [5]])
async def test_a_hub_whose_pages_do_not_go_on_holds_nobody(hub: FakeHub, told: object) -> None:
    with pytest.raises(HubUnavailableError) as caught:
        await fetched(hub, lambda request: page([award(4)], told if "after" in request.query else 4))
    assert caught.value.code == "bad_answer"
    assert len(hub.requests) == 2


async def test_pages_that_go_on_for_ever_are_given_up(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(affected, "_MOST_PAGES", 5)
    with pytest.raises(HubUnavailableError, match="does not end after 5"):
        await fetched(hub, lambda request: page([], int(request.query.get("after", 0)) + 1))
    assert len(hub.requests) == 5


@pytest.mark.parametrize("changed", [{"kid": None}, {"owner": 1}, {"from": "3"}, {"awards": [{"index": 4}]}])
async def test_an_answer_of_another_form_is_told_as_one(hub: FakeHub, changed: dict[str, object]) -> None:
    with pytest.raises(HubUnavailableError) as caught:
        await fetched(hub, lambda _: page([], None, **changed))
    assert caught.value.code == "bad_answer"


def test_nothing_in_a_report_is_obeyed_by_a_terminal() -> None:
    evil = "\x1b[2J\x9b31m\r\u202e"
    told = dict.fromkeys(award(4), evil)
    lines = affected_lines(Affected(evil, evil, 3, (told,)))
    assert len(lines) == 3
    assert all(line.isprintable() for line in lines)
    assert affected_lines(Affected(KID, "acme", 3, ()))[1] == "  no award is affected."
