"""Nothing is deleted or ended by a clock that can't be relied on; it is made up for once it can."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from hub.app import WHATEVER_THE_CLOCK
from hub.log.clock import QUIET_SECONDS, SETTLING_SECONDS
from hub.storage.models import BodyRow, NonceRow, PackageRow, TransferRow, UploadRow
from hub.web.appkeys import DATABASE, FOLLOWER, GATE, JOBS
from tests.hub.exchange.providers import BRIO, DAY, Exchange, sha256
from tests.hub.running import Hub, Running

AGE = "[retention]\npackages_days = 2\n"
TABLES = (PackageRow, UploadRow, NonceRow, BodyRow, TransferRow)


class Steady:
    """A clock that nobody sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def steady() -> Steady:
    return Steady()


def passes(hub: Hub, steady: Steady, seconds: int) -> None:
    """Time passes as it should."""
    hub.clock.now += seconds
    steady.now += seconds


async def dispatched(hub: Hub) -> Exchange:
    """A package in transit, and another file of which only the beginning has arrived."""
    exchange = Exchange(hub)
    await exchange.admit()
    await exchange.come_to("dispatched")
    path = await exchange.begun(b"x" * 5000)
    assert (await exchange.patch(path, b"x" * 1000, 0)).status == 204
    await hub.client.app[FOLLOWER].catch_up()
    return exchange


async def rows(hub: Hub) -> dict[str, int]:
    def count(connection: Any) -> dict[str, int]:
        counts = ((one, select(func.count()).select_from(one)) for one in TABLES)
        return {one.__tablename__: connection.execute(query).scalar_one() for one, query in counts}

    counted: dict[str, int] = await hub.client.app[DATABASE].read(count)
    return counted


async def every_job(hub: Hub) -> None:
    jobs = hub.client.app[JOBS]
    for name in jobs._jobs:
        await jobs.run(name)


async def status(exchange: Exchange) -> int:
    return int((await exchange.read(f"/v1/packages/{sha256(exchange.package)}", BRIO)).status)


@pytest.mark.parametrize("step", [181 * DAY, -3600], ids=["forward", "back"])
async def test_a_clock_that_is_set_deletes_nothing_and_ends_nothing(
    start: Callable[..., Running], steady: Steady, step: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with start(steady=steady) as hub:
        exchange = await dispatched(hub)
        before = await rows(hub)
        caplog.set_level("INFO", "hub.jobs")
        hub.clock.now += step  # nobody has looked at the clock when the first job comes
        await every_job(hub)
        after = await rows(hub)
        assert {name: count for name, count in before.items() if after[name] < count} == {}
        waited = set(re.findall(r"the job (\w+) waits until the clock can be relied on", caplog.text))
        assert waited == hub.client.app[JOBS]._jobs.keys() - set(WHATEVER_THE_CLOCK)
        hub.clock.now -= step
        await every_job(hub)
        assert not hub.client.app[GATE].states
        assert await status(exchange) == 200
        assert (await exchange.view(BRIO))["transfer"]["state"] == "dispatched"
        assert hub.client.app[JOBS].failures == 0


async def test_what_was_put_off_is_made_up_for(start: Callable[..., Running], steady: Steady) -> None:
    async with start(settings=AGE, steady=steady) as hub:
        exchange = await dispatched(hub)
        passes(hub, steady, 2 * DAY + 1)
        hub.clock.now += 2 * DAY
        await every_job(hub)
        hub.clock.now -= 2 * DAY
        assert await status(exchange) == 200
        await every_job(hub)
        assert await status(exchange) == 410
        assert (await rows(hub))["uploads"] == 0


async def test_a_start_long_after_the_newest_entry_deletes_nothing_for_a_while(
    start: Callable[..., Running], steady: Steady, caplog: pytest.LogCaptureFixture
) -> None:
    running = start(settings=AGE, steady=steady)
    async with running as hub:
        exchange = await dispatched(hub)
        passes(hub, steady, QUIET_SECONDS + 60)
        exchange.hub = await running.restart(hub)
        assert f"the hub's clock was {QUIET_SECONDS // 3600} h ahead of the newest entry" in caplog.text
        passes(hub, steady, SETTLING_SECONDS - 60)
        await every_job(exchange.hub)
        assert await status(exchange) == 200
        assert (await exchange.hub.get("/readyz"))[0] == 200, "a quiet log is no reason to turn anybody away"
        passes(hub, steady, 60)
        await every_job(exchange.hub)
        assert await status(exchange) == 410


async def test_a_start_soon_after_the_newest_entry_deletes_before_it_serves(
    start: Callable[..., Running], steady: Steady
) -> None:
    running = start(settings=AGE, steady=steady)
    async with running as hub:
        exchange = await dispatched(hub)
        passes(hub, steady, QUIET_SECONDS - 3600)
        exchange.hub = await running.restart(hub)
        assert await status(exchange) == 410
