"""Real processes are killed, the network is cut, the hub goes away: every transfer comes to its end by itself."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.exchangehouse import House, Platform, free_port, house
from tests.fakes.proxy import Proxy
from tests.providers.gateway.exchange.house import ACCEPT, FILES, sample_case, terms

A, B = "provider-a", "provider-b"
SEED = int(os.environ.get("ODR_KILL_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
TRANSFERS, KILLS = 4, 4


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Proxy]]:
    port = free_port()
    with Proxy(port, SEED) as proxy:
        directory = tmp_path_factory.mktemp("failures")
        with house(directory, A, B, hub_url=f"http://127.0.0.1:{proxy.port}", port=port) as one:
            yield one, proxy


async def offered(ours: Platform, files: dict[str, bytes] | None = None) -> str:
    case, documents = sample_case(int(time.time()), files=files)
    case_id = await ours.add_case(case, documents)
    return str((await ours.ask("POST", f"/cases/{case_id}/offers", json=terms()))["transfer_id"])


async def decided(theirs: Platform, transfer: str) -> None:
    """Accept as soon as that is possible, however often the gateway goes away meanwhile."""
    await theirs.until(transfer, "offered", to_act="you")
    while True:
        try:
            await theirs.ask("POST", f"/transfers/{transfer}/accept", json=ACCEPT)
        except (OSError, AssertionError) as error:
            if "decided_already" in str(error):
                return
            await asyncio.sleep(0.1)
        else:
            return


async def completed(here: House, transfer: str) -> None:
    ours, theirs = here.platforms[A], here.platforms[B]
    got = await theirs.until(transfer, "completed", finished=True, seconds=90)
    gave = await ours.until(transfer, "completed", finished=True, seconds=90)
    assert [one["digest"] for one in got["statements"]] == [one["digest"] for one in gave["statements"]]
    assert {one["state"] for one in (*got["outbox"], *gave["outbox"])} == {"done"}
    assert (await theirs.ask("GET", f"/cases/{got['case_id']}"))["state"] == "held"
    assert (await ours.ask("GET", f"/cases/{got['case_id']}"))["state"] == "moved"


async def test_whoever_is_killed_comes_back_and_goes_on(proxied: tuple[House, Proxy]) -> None:
    here, _ = proxied
    chance = random.Random(SEED)
    processes = [here.hub, *(one.process for one in here.platforms.values())]
    for _ in range(TRANSFERS):
        transfer = await offered(here.platforms[A], {**FILES, "photo.jpg": chance.randbytes(500_000)})
        deciding = asyncio.create_task(decided(here.platforms[B], transfer))
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0.05, 0.6))
            victim = chance.choice(processes)
            assert victim.stop(signal.SIGKILL) == -signal.SIGKILL, f"seed {SEED}"
            await asyncio.to_thread(victim.start)
        await deciding
        await completed(here, transfer)


async def test_a_network_that_breaks_all_the_time(proxied: tuple[House, Proxy]) -> None:
    here, proxy = proxied
    proxy.cut_after = (20_000, 400_000)
    proxy.cut_all()  # those that are open were promised to live
    try:
        files = {**FILES, "photo.jpg": random.Random(SEED).randbytes(3_000_000)}
        transfer = await offered(here.platforms[A], files)
        await decided(here.platforms[B], transfer)
        await completed(here, transfer)
        assert proxy.cuts >= 10, f"seed {SEED}: only {proxy.cuts} cuts"
    finally:
        proxy.cut_after = None


async def test_a_hub_that_is_away_turns_health_red_and_everything_waits_for_it(proxied: tuple[House, Proxy]) -> None:
    here, proxy = proxied
    ours = here.platforms[A]
    proxy.down = True
    proxy.cut_all()
    transfer = await offered(ours)
    found = await _health(ours, 503)
    assert [one["code"] for one in found["reasons"]] == ["hub_unreachable"]
    while (waiting := await ours.ask("GET", f"/transfers/{transfer}"))["problem"] is None:
        await asyncio.sleep(0.1)
    assert (waiting["state"], waiting["problem"]["code"]) == ("preparing", "hub_unreachable")
    assert waiting["problem"]["retryable"] is True
    proxy.down = False
    await decided(here.platforms[B], transfer)
    await completed(here, transfer)
    assert (await _health(ours, 200))["reasons"] == []


async def _health(one: Platform, status: int) -> dict[str, list[dict[str, str]]]:
    for _ in range(100):
        try:
            return await one.ask("GET", "/health", status=status)
        except AssertionError:
            await asyncio.sleep(0.1)
    return await one.ask("GET", "/health", status=status)


def test_stopping_is_clean(tmp_path: Path) -> None:
    with house(tmp_path, A) as here:
        assert here.platforms[A].process.stop(signal.SIGTERM) == 0
