"""Overviews that several ask for at once: what is kept comes at once, and strangers hold nobody up for long."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from hub.oversight import overview
from hub.oversight.turns import PLACES
from hub.web import appkeys as keys
from metrics.samples import as_reported, guangzhou_like
from tests.hub.running import Hub, Running
from tests.hub.world import Actor

OFFICERS = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
PROVIDER = Actor("acme", "provider")


class Computing:
    """Computes as the hub does, but waits where it is told to; ``begun`` lists the first days of the periods."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.go_on = threading.Event()
        self.go_on.set()
        self._computed = overview._computed

    def __call__(self, number: int, columns: Any, events: int, request: Any, names: Any) -> Any:
        self.begun.append(datetime.fromtimestamp(request.period.start, UTC).date().isoformat())
        assert self.go_on.wait(30)
        return self._computed(number, columns, events, request, names)


@pytest.fixture
def computing(monkeypatch: pytest.MonkeyPatch) -> Computing:
    made = Computing()
    monkeypatch.setattr(overview, "_computed", made)
    return made


@pytest_asyncio.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    """A hub to which acme has reported five cases."""
    async with Running(tmp_path, OFFICERS) as running:
        await running.registered(running.speaker.member(PROVIDER))
        happened = sorted(guangzhou_like(1, 5, date(2025, 1, 1), PROVIDER.id), key=lambda event: event.at)
        await running.report(PROVIDER, [as_reported(one) for one in happened])
        yield running


def days(first: int, view: str = "public") -> str:
    return f"/v1/indicators?view={view}&from=2025-01-{first:02}&to=2025-12-30"


async def waiting(hub: Hub, count: int) -> None:
    """Until so many wait for their turn."""
    turns = hub.client.app[keys.OVERSIGHT]._turns
    async with asyncio.timeout(30):
        while len(turns._line) != count:
            await asyncio.sleep(0.01)


async def asked(hub: Hub, computing: Computing, *paths: tuple[Any, ...]) -> list[asyncio.Task[Any]]:
    """The first is being computed when this returns, and the others wait."""
    computing.go_on.clear()
    tasks = []
    for n, path in enumerate(paths):
        begun = len(computing.begun)
        tasks.append(asyncio.create_task(hub.get(*path)))
        async with asyncio.timeout(30):
            while n == 0 and len(computing.begun) == begun:
                await asyncio.sleep(0.01)
        await waiting(hub, n)
    return tasks


async def test_what_is_kept_comes_while_others_wait(hub: Hub, computing: Computing) -> None:
    assert (await hub.get("/oversight"))[0] == (await hub.get(days(1)))[0] == 200
    tasks = await asked(hub, computing, (days(2),), (days(3),))
    for path in ("/oversight", "/v1/indicators", days(1)):
        assert (await asyncio.wait_for(hub.get(path), 10))[0] == 200
    computing.go_on.set()
    assert [status for status, _ in await asyncio.gather(*tasks)] == [200, 200]


async def test_few_strangers_wait_and_the_others_are_told_when_to_come_again(hub: Hub, computing: Computing) -> None:
    tasks = await asked(hub, computing, *((days(n),) for n in range(1, PLACES + 2)))
    answer = await hub.client.get(days(20))
    problem = await answer.json(content_type=None)
    assert (answer.status, problem["code"], answer.headers["Retry-After"]) == (503, "figures_busy", "10")
    assert (problem["actor"], problem["retryable"]) == ("hub", True)
    page = asyncio.create_task(hub.get("/oversight"))  # the last 365 days are refused to nobody
    await waiting(hub, PLACES + 1)
    computing.go_on.set()
    assert {status for status, _ in await asyncio.gather(page, *tasks)} == {200}


async def test_officers_and_members_are_held_up_by_no_line_of_strangers(hub: Hub, computing: Computing) -> None:
    officer, member = OFFICERS[0].http, PROVIDER.http
    tasks = await asked(
        hub, computing, (days(1),), (days(2),), (days(3),), (days(4, "own"), member), (days(5, "supervised"), officer),
        ("/oversight",),
    )  # fmt: skip
    computing.go_on.set()
    assert {status for status, _ in await asyncio.gather(*tasks)} == {200}
    year = computing.begun[2]
    assert [one[-2:] for one in computing.begun] == ["01", "05", year[-2:], "04", "02", "03"]
    assert year[:8] != "2025-01-"


async def test_the_pages_year_stays_kept_whatever_else_is_asked_for(hub: Hub, computing: Computing) -> None:
    await hub.get("/oversight")
    for n in range(1, 2 * overview._KEPT):
        assert (await hub.get(days(n)))[0] == 200
    computing.begun.clear()
    await hub.get("/oversight")
    assert computing.begun == []
    await hub.get(days(1))
    assert len(computing.begun) == 1
    assert len(hub.client.app[keys.OVERSIGHT]._kept) == overview._KEPT


async def test_the_same_period_is_computed_once_for_all_who_wait_and_again_for_who_asks_after_a_report(
    hub: Hub, computing: Computing
) -> None:
    tasks = await asked(hub, computing, (days(1),), (days(1),), (days(1),))
    event = {"case": "N" * 22, "sequence": 0, "type": "filed", "at": "2025-03-01T08:00:00Z"}
    await hub.report(PROVIDER, [event])
    later = [asyncio.create_task(hub.get(days(1))) for _ in range(2)]
    await waiting(hub, 4)
    computing.go_on.set()
    earlier = [answer["events"] for _, answer in await asyncio.gather(*tasks)]
    assert len(set(earlier)) == 1
    assert [answer["events"] for _, answer in await asyncio.gather(*later)] == [earlier[0] + 1] * 2
    assert len(computing.begun) == 2


@pytest.mark.parametrize(("view", "status"), [("own", 401), ("supervised", 401)])
async def test_nothing_is_computed_for_who_may_not_see_it(
    hub: Hub, computing: Computing, view: str, status: int
) -> None:
    assert (await hub.get(days(1, view)))[0] == status
    assert (await hub.get("/v1/indicators?from=2025-01-01&to=2199-01-01"))[0] == 400
    assert computing.begun == []
