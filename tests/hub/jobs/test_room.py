"""A real small disk runs short under a real hub: it takes nothing in, serves, says so once, and goes on by itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.jobs.room import MIB, shortage
from hub.web.appkeys import ALARMS, JOBS
from tests.fakes.smalldisk import SmallDisk, small_disk
from tests.hub.exchange.providers import Exchange, problem
from tests.hub.running import Hub, Running
from tests.hub.world import Actor

ACME, NOOR = Actor("acme", "provider"), Actor("noor", "neutral")
FLOOR = 24
SETTINGS = f"[storage]\nfree_floor_mib = {FLOOR}\n[uploads]\nfree_bytes = 0\n"


@pytest.mark.parametrize(
    ("free", "lasting", "short"),
    [
        (800, False, False),
        (799, False, True),
        (800, True, True),
        (899, True, True),
        (900, True, False),
        (0, True, True),
    ],
)
def test_a_shortage_begins_at_the_floor_and_ends_an_eighth_above(free: int, lasting: bool, short: bool) -> None:  # noqa: FBT001
    assert (shortage(free * MIB, 800 * MIB, lasting=lasting) is not None) == short


def test_a_floor_of_zero_is_none() -> None:
    assert shortage(0, 0, lasting=False) is None


def test_it_says_how_much_room_to_make() -> None:
    said = shortage(5 * MIB, 512 * MIB, lasting=False)
    assert said is not None
    assert said.startswith("Only 5 MiB are free on the hub's disk;")
    assert said.endswith("its operator has made room for 576 MiB.")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", 64) as mounted:
        yield mounted


async def test_below_the_floor_nothing_is_taken_in_and_everything_is_served(
    disk: SmallDisk, caplog: pytest.LogCaptureFixture
) -> None:
    officers = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
    async with Running(disk.path / "data", officers, SETTINGS) as hub:
        exchange = Exchange(hub)
        await exchange.admit()
        upload = await exchange.begun(b"two chunks")
        first = await hub.registered(hub.speaker.member(ACME))
        disk.fill(leave=FLOOR * MIB // 2)
        await look(hub)
        await look(hub)
        document = hub.speaker.accreditation(ACME)
        status, answer = await hub.post(document)
        assert (status, answer["code"], answer["actor"], answer["retryable"]) == (503, "disk_floor", "hub", True)
        assert "12 MiB are free" in answer["detail"] or "11 MiB are free" in answer["detail"]
        for response in (await exchange.create(b"another"), await exchange.patch(upload, b"two ", 0)):
            assert response.headers["Retry-After"] == "60"
            assert await problem(response) == (503, "disk_floor")
        assert (await hub.get("/readyz"))[0] == 503
        assert (await hub.get(f"/v1/statements/{first['digest']}/receipt"))[0] == 200
        assert hub.client.app[ALARMS].raised("disk_floor") is not None
        assert b"odr_intake_shut 1" in (await hub.get("/metrics"))[1]
        disk.clear()
        await look(hub)
        assert (await hub.get("/readyz"))[0] == 200
        assert (await exchange.patch(upload, b"two ", 0)).status == 204
        await hub.registered(document)
        assert hub.client.app[ALARMS].raised("disk_floor") is None
        assert b"odr_intake_shut 0" in (await hub.get("/metrics"))[1]
    told = [one.levelname for one in caplog.records if "[disk_floor]" in one.getMessage()]
    assert told == ["ERROR", "WARNING"]


async def look(hub: Hub) -> Any:
    await hub.client.app[JOBS].run("watch")


async def test_a_wrong_clock_shuts_the_hub_by_itself_and_opens_it_again(tmp_path: Path) -> None:
    officers = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
    async with Running(tmp_path / "data", officers, steady=lambda: 0.0) as hub:
        await hub.registered(hub.speaker.member(ACME))
        hub.clock.now -= 3600
        await look(hub)
        response = await hub.client.get("/readyz")
        assert (response.status, (await response.json(content_type=None))["code"]) == (503, "clock_behind")
        assert response.headers["Retry-After"] == "60"
        document = hub.speaker.accreditation(ACME)
        status, answer = await hub.post(document)
        assert (status, answer["code"]) == (503, "clock_behind")
        assert hub.client.app[ALARMS].raised("clock_stepped") is not None
        assert answer["detail"].startswith("The hub's clock is 60 min behind the newest entry of its log;")
        hub.clock.now += 3600
        await look(hub)
        await hub.registered(document)
