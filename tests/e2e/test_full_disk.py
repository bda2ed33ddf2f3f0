"""Disks that are really full, under a real hub and real gateways: everything waits for room and then goes on by itself.

Each data directory lies on a small file system of its own. A filler leaves exactly as much room as a case is about;
when it is taken away the transfer has to complete although nobody does anything else. Only the process that ends by
itself, as it must when the log can't be written, is started again, as whatever supervises it would.
"""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from tests.fakes.exchangehouse import ROOT, House, Platform, house
from tests.fakes.smalldisk import SmallDisk, small_disk
from tests.providers.gateway.exchange.house import ACCEPT, FILES, sample_case, terms

A, B = "provider-a", "provider-b"
MEGABYTE = 1 << 20
SIZE = 4 * MEGABYTE
"""Of the case's photo: what a package has to have room for."""
SECONDS = 90.0
NO_FLOOR = "\n[uploads]\nfree_bytes = 0\n[storage]\nfree_floor_mib = 0\n"


@dataclass
class Disks:
    """The house, and the disk of each of its members."""

    here: House
    hub: SmallDisk
    sender: SmallDisk
    recipient: SmallDisk

    @property
    def ours(self) -> Platform:
        return self.here.platforms[A]

    @property
    def theirs(self) -> Platform:
        return self.here.platforms[B]


@pytest.fixture(scope="module")
def disks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disks]:
    directory = tmp_path_factory.mktemp("disks")
    with ExitStack() as stack:
        mounted = [stack.enter_context(small_disk(directory / name, 64)) for name in ("hub", A, B)]
        # Without a floor the uploads may take the very last octet: only so do they meet a disk that is full.
        one = stack.enter_context(house(directory, A, B, hub_settings=NO_FLOOR))
        yield Disks(one, *mounted)


@pytest.fixture(autouse=True)
def _room(disks: Disks) -> Iterator[None]:
    """Each test begins and ends with room everywhere."""
    yield
    for one in (disks.hub, disks.sender, disks.recipient):
        one.clear()


def case_file(chance: int = 1) -> tuple[dict[str, Any], dict[str, bytes]]:
    return sample_case(int(time.time()), files={**FILES, "photo.jpg": random.Random(chance).randbytes(SIZE)})


async def offered(ours: Platform) -> str:
    case_id = await ours.add_case(*case_file())
    return str((await ours.ask("POST", f"/cases/{case_id}/offers", json=terms()))["transfer_id"])


async def accepted(theirs: Platform, transfer: str) -> None:
    await theirs.until(transfer, "offered", to_act="you", seconds=SECONDS)
    await theirs.ask("POST", f"/transfers/{transfer}/accept", json=ACCEPT)


async def completed(disks: Disks, transfer: str) -> None:
    """Custody has moved, both sides saw the same, and nothing half-written is left anywhere."""
    got = await disks.theirs.until(transfer, "completed", finished=True, seconds=SECONDS)
    gave = await disks.ours.until(transfer, "completed", finished=True, seconds=SECONDS)
    assert [one["digest"] for one in got["statements"]] == [one["digest"] for one in gave["statements"]]
    assert {one["state"] for one in (*got["outbox"], *gave["outbox"])} == {"done"}
    held = await disks.theirs.ask("GET", f"/cases/{got['case_id']}")
    assert (held["state"], (await disks.ours.ask("GET", f"/cases/{got['case_id']}"))["state"]) == ("held", "moved")
    assert {one["size"] for one in held["documents"]} >= {SIZE}
    assert list((disks.here.hub_data / "uploads").iterdir()) == []
    for one in (disks.ours, disks.theirs):
        assert list((one.directory / "exchange" / "transfers").iterdir()) == []
        left = [path.name for path in (one.directory / "exchange" / "cases").iterdir() if path.name.startswith(".")]
        assert left == []
    fsck = [sys.executable, "-m", "hub.cli", "fsck", "--data", str(disks.here.hub_data)]
    done = await asyncio.to_thread(subprocess.run, fsck, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


async def reached(what: Callable[[], bool], seconds: float = SECONDS) -> None:
    async with asyncio.timeout(seconds):
        while not what():
            await asyncio.sleep(0.02)


async def hub_refusals(here: House, code: str) -> int:
    """How often the hub has answered with this problem."""
    async with aiohttp.ClientSession() as session, session.get(f"{here.url}/metrics") as response:
        lines = (await response.text()).splitlines()
    return sum(int(one.rpartition(" ")[2]) for one in lines if one.startswith(f'odr_problems_total{{code="{code}"}}'))


async def test_the_hub_has_no_room_for_a_package_and_then_too_little(disks: Disks) -> None:
    transfer = await offered(disks.ours)
    await disks.theirs.until(transfer, "offered", to_act="you")
    disks.hub.fill(leave=SIZE // 2)  # room for the answer, none for what will be announced
    await accepted(disks.theirs, transfer)
    problem = await _trouble(disks.ours, transfer, "disk_full")
    assert (problem["retryable"], problem["actor"]) == (True, "hub")
    before = await hub_refusals(disks.here, "disk_full")
    disks.hub.fill(leave=SIZE + MEGABYTE // 2)  # for the file, but not for all the notes that its pieces leave
    await reached(lambda: any((disks.here.hub_data / "uploads").iterdir()))
    await reached(lambda: disks.hub.free < 64 * 1024)
    async with asyncio.timeout(SECONDS):
        while await hub_refusals(disks.here, "disk_full") == before:
            await asyncio.sleep(0.05)
    waiting = await disks.ours.ask("GET", f"/transfers/{transfer}")
    assert (waiting["state"], waiting["problem"]["code"]) == ("accepted", "disk_full")
    disks.hub.clear()
    await completed(disks, transfer)
    assert await hub_refusals(disks.here, "internal_error") == 0


async def _trouble(one: Platform, transfer: str, *codes: str) -> dict[str, Any]:
    """What is wrong with the transfer, once it is one of these."""
    async with asyncio.timeout(SECONDS):
        while True:
            problem = (await one.ask("GET", f"/transfers/{transfer}"))["problem"]
            if problem is not None and problem["code"] in codes:
                return dict(problem)
            await asyncio.sleep(0.02)


async def test_the_recipients_disk_fills_while_it_downloads(disks: Disks) -> None:
    transfer = await offered(disks.ours)
    await disks.theirs.until(transfer, "offered", to_act="you")
    disks.recipient.fill(leave=SIZE // 2)
    await accepted(disks.theirs, transfer)
    await reached(lambda: disks.recipient.free < 64 * 1024)
    health = await disks.theirs.ask("GET", "/health", status=503)
    assert "disk_low" in [one["code"] for one in health["reasons"]]
    assert (await disks.theirs.ask("GET", f"/transfers/{transfer}"))["state"] == "dispatched"
    disks.recipient.fill(leave=SIZE + MEGABYTE // 2)  # now it has room for the ciphertext, but not to unpack it
    problem = await _trouble(disks.theirs, transfer, "worker_failed", "disk_failed", "storage_full")
    assert (problem["retryable"], problem["actor"]) == (True, "operator")
    assert "No space left on device" in problem["detail"] or "The disk is full" in problem["detail"]
    disks.recipient.clear()
    await completed(disks, transfer)


async def test_the_senders_disk_is_full_when_it_takes_in_records_and_packs(disks: Disks) -> None:
    disks.sender.fill(leave=SIZE // 2)
    with pytest.raises(AssertionError, match=r"'code': 'disk_failed'.*'actor': 'operator', 'retryable': True"):
        await disks.ours.add_case(*case_file())
    disks.sender.clear()
    case_id = await disks.ours.add_case(*case_file())
    disks.sender.fill()
    refused = await disks.ours.ask("POST", f"/cases/{case_id}/offers", json=terms(), status=507)
    assert (refused["code"], refused["retryable"]) == ("storage_full", True)
    assert (await disks.ours.ask("GET", f"/cases/{case_id}"))["transfer"] is None
    disks.sender.fill(leave=SIZE // 2)
    transfer = str((await disks.ours.ask("POST", f"/cases/{case_id}/offers", json=terms()))["transfer_id"])
    await accepted(disks.theirs, transfer)
    problem = await _trouble(disks.ours, transfer, "worker_failed")
    assert (problem["retryable"], problem["actor"]) == (True, "operator")
    assert "No space left on device" in problem["detail"]
    disks.sender.clear()
    await completed(disks, transfer)


@pytest.mark.parametrize("pages", [0, 12])
async def test_a_log_that_cannot_be_written_ends_the_hub_and_nothing_is_lost(disks: Disks, pages: int) -> None:
    """With no page left the hub ends before transaction A; with some, later or not at all.

    ``tests/hub/log/test_full_disk.py`` tries every number of pages.
    """
    async with supervised(disks) as ended:
        transfer = await offered(disks.ours)
        await disks.theirs.until(transfer, "offered", to_act="you")
        disks.hub.fill(leave=pages * 4096)
        said = disks.here.hub.log.stat().st_size
        await accepted(disks.theirs, transfer)
        await reached(lambda: b"disk is full" in disks.here.hub.log.read_bytes()[said:])
        if pages == 0:
            await reached(lambda: bool(ended))
        disks.hub.clear()
        assert set(ended) <= {1}
        await completed(disks, transfer)


@asynccontextmanager
async def supervised(disks: Disks) -> AsyncIterator[list[int]]:
    """Start the hub again whenever it ends, as a service manager does; the exit codes with which it ended."""
    hub, ended = disks.here.hub, list[int]()

    async def supervise() -> None:
        while True:
            if hub.running is not None and (code := hub.running.poll()) is not None:
                ended.append(code)
                await asyncio.to_thread(_restart, hub)
            await asyncio.sleep(0.1)

    def _restart(process: Any) -> None:
        try:
            process.start()
        except AssertionError:
            time.sleep(0.5)  # it did not come up: next time

    task = asyncio.create_task(supervise())
    try:
        yield ended
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
