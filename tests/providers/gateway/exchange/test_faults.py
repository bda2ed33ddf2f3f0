"""Whatever breaks on the way is got over: connections, answers, disks."""

import errno
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from providers import sending
from providers.gateway.exchange import files, outbox, recipient, sender
from providers.gateway.exchange.serving import Gateway
from tests.fakes.world import World
from tests.providers.exchangehub import Fault, Uploading
from tests.providers.fakehub import problem
from tests.providers.gateway.exchange.house import (
    ACCEPT,
    FILES,
    House,
    add_case,
    briefed,
    offered,
    sample_case,
    state,
    terms,
    transferred,
    until,
)


@pytest.mark.parametrize("how", ["cut", "lost", "busy", "late"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/statements"),
        ("POST", "/v1/uploads"),
        ("PATCH", "/v1/uploads"),
        ("GET", "/v1/packages"),
        ("GET", "/v1/inbox"),
        ("GET", "/v1/transfers"),
        ("GET", "/v1/statements"),
        ("GET", "/v1/members"),
    ],
)
async def test_every_broken_connection_is_got_over(house: House, how: str, method: str, path: str) -> None:
    house.hub.faults = [Fault(method, path, how, times=2), Fault(method, path, how, skip=2)]
    async with house.both() as (ours, theirs):
        await transferred(house, ours, theirs)
        assert ours.engine.contact.failing is None


async def test_an_upload_resends_at_most_a_piece_for_each_break(house: House) -> None:
    breaks = 25
    house.settings = replace(house.settings, chunk_bytes=1000)
    house.hub.faults = [Fault("PATCH", "/v1/uploads", "cut", skip=1) for _ in range(breaks)]
    house.hub.faults += [Fault("PATCH", "/v1/uploads", "lost") for _ in range(breaks)]
    big = {**FILES, "photo.jpg": World("x").root() * 3000}
    async with house.both() as (ours, theirs):
        case, documents = sample_case(house.world.now, files=big)
        transfer = (await ours.service.offer(await add_case(ours, case, documents), terms())).transfer_id
        await until(theirs, transfer, briefed)
        await theirs.service.accept(transfer, ACCEPT)
        await until(theirs, transfer, state("completed"), seconds=60)
    sizes = sum(len(one) for one in house.hub.files.values())
    assert sizes <= house.hub.received <= sizes + breaks * 1000


async def test_a_download_continues_where_it_broke_off(house: House) -> None:
    house.hub.faults = [Fault("GET", "/v1/packages", "short", times=6)]
    async with house.both() as (ours, theirs):
        await transferred(house, ours, theirs)
    ranges = [headers["Range"] for _, path, headers in house.hub.requests if "packages" in path and "Range" in headers]
    assert len(ranges) >= 4


@pytest.mark.parametrize(
    ("module", "name"),
    [(sender, "write_whole"), (sender, "pack_apart"), (files, "write_whole"), (recipient, "unpack_apart"),
     (recipient, "fetch")],
)  # fmt: skip
async def test_a_full_disk_is_waited_out(house: House, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    real, failures = getattr(module, name), [0]

    def full(*args: Any, **more: Any) -> Any:
        failures[0] += 1
        if failures[0] <= 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args, **more)

    monkeypatch.setattr(module, name, full)
    async with house.both() as (ours, theirs):
        await transferred(house, ours, theirs)
    assert failures[0] > 3


async def test_a_transfer_that_the_hub_answers_badly_holds_up_no_other(house: House) -> None:
    async with house.both() as (ours, theirs):
        stuck = await offered(ours, house.world)
        await until(theirs, stuck, briefed)
        house.hub.overrides[f"/v1/transfers/{stuck}"] = lambda _: problem(
            500, "internal_error", "The hub made a mistake."
        )
        await theirs.service.accept(stuck, ACCEPT)
        await transferred(house, ours, theirs)
        del house.hub.overrides[f"/v1/transfers/{stuck}"]
        await until(theirs, stuck, state("completed"))
        await until(ours, stuck, state("completed"))


async def photo_transferred(house: House, ours: Gateway, theirs: Gateway, photo: bytes) -> None:
    """A case with one large document, from the offer to its end."""
    case, documents = sample_case(house.world.now, files={"photo.jpg": photo})
    transfer = (await ours.service.offer(await add_case(ours, case, documents), terms())).transfer_id
    await until(theirs, transfer, briefed)
    await theirs.service.accept(transfer, ACCEPT)
    await until(theirs, transfer, state("completed"))


async def test_pieces_larger_than_a_buffer(house: House) -> None:
    house.settings = replace(house.settings, chunk_bytes=2_500_000)
    async with house.both() as (ours, theirs):
        await photo_transferred(house, ours, theirs, bytes(range(256)) * 24_000)


async def test_a_hub_that_takes_smaller_pieces_only_is_sent_those(house: House) -> None:
    house.settings = replace(house.settings, chunk_bytes=500_000)
    house.hub.most_in_patch = 50_000
    async with house.both() as (ours, theirs):
        await photo_transferred(house, ours, theirs, World("x").root() * 3000)
    assert house.hub.received == sum(len(one) for one in house.hub.files.values()), "none was sent twice"


class SlowLine(Fault):
    """A line that brings so many octets in the time that the hub waits for a PATCH."""

    def matches(self, request: web.Request) -> bool:
        return (request.content_length or 0) > 60_000 and super().matches(request)


async def test_a_slow_line_is_sent_smaller_pieces(house: House) -> None:
    house.settings = replace(house.settings, chunk_bytes=500_000)
    line = SlowLine("PATCH", "/v1/uploads", "late", times=1000)
    house.hub.faults = [line]
    async with house.both() as (ours, theirs):
        await photo_transferred(house, ours, theirs, World("x").root() * 3000)
    assert 1000 - line.times == 4, "at most 500,000 octets, 250,000, 125,000 and 62,500"
    assert house.hub.received == sum(len(one) for one in house.hub.files.values())


async def test_a_hub_that_takes_no_piece_at_all_is_believed(house: House) -> None:
    house.settings = replace(house.settings, chunk_bytes=sending.LEAST_CHUNK * 4)
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world)
        await until(theirs, transfer, briefed)
        house.hub.most_in_patch = 0
        await theirs.service.accept(transfer, ACCEPT)
        ended = await until(ours, transfer, state("withdrawn"))
        assert ended.problem is not None
        assert ended.problem.code == "too_large"


class Hurt(dict[str, Uploading]):
    """Uploads of a hub that loses an octet of the first few packages."""

    def __init__(self, times: int) -> None:
        self.times = times

    def __setitem__(self, name: str, upload: Uploading) -> None:
        if upload.metadata["purpose"] == "package" and self.times > 0:
            self.times -= 1
            upload.metadata["sha256"] = "0" * 64
        super().__setitem__(name, upload)


@pytest.mark.parametrize(("times", "ends"), [(1, "completed"), (3, "completed"), (4, "withdrawn")])
async def test_an_upload_that_was_hurt_is_begun_anew(house: House, times: int, ends: str) -> None:
    house.hub.uploads = hurt = Hurt(times)
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world)
        await until(theirs, transfer, briefed)
        await theirs.service.accept(transfer, ACCEPT)
        ended = await until(ours, transfer, lambda one: one.closed)
        code = ended.problem and ended.problem.code
        assert (ended.state, code) == (ends, "hash_mismatch" if ends == "withdrawn" else None)
        assert hurt.times == 0
        assert not ours.service.context.misfits


@pytest.mark.parametrize(
    ("times", "ends"), [(1, "completed"), (sending.SENDINGS * outbox.UPLOADS - 1, "completed"), (10**6, "withdrawn")]
)
async def test_a_piece_that_was_hurt_is_sent_again(house: House, times: int, ends: str) -> None:
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world)
        await until(theirs, transfer, briefed)
        before = house.hub.received
        house.hub.faults = [Fault("PATCH", "/v1/uploads", "hurt", times=times, skip=1)]
        await theirs.service.accept(transfer, ACCEPT)
        ended = await until(ours, transfer, lambda one: one.closed)
        code = ended.problem and ended.problem.code
        assert (ended.state, code) == (ends, "chunk_mismatch" if ends == "withdrawn" else None)
        if ends == "completed":
            assert ended.package is not None
            assert house.hub.received - before == ended.package["size"], "what came before was not sent again"
        else:
            assert 10**6 - house.hub.faults[0].times == sending.SENDINGS * outbox.UPLOADS
        assert not ours.service.context.misfits


async def test_hurt_pieces_are_counted_one_by_one(house: House) -> None:
    """A long upload over a bad line is not given up for the sum of what went wrong."""
    house.hub.faults = [
        Fault("PATCH", "/v1/uploads", "hurt", times=sending.SENDINGS - 1, skip=skip) for skip in range(1, 5)
    ]
    async with house.both() as (ours, theirs):
        await transferred(house, ours, theirs)
    assert [one.times for one in house.hub.faults] == [0] * 4


@pytest.fixture
def at_once(house: House) -> House:
    """Whose gateways send a small file along with its announcement."""
    house.settings = replace(house.settings, chunk_bytes=sending.CHUNK)
    return house


def uploads(house: House) -> list[str]:
    """How uploads were sent: the methods, in order."""
    return [method for method, path, _ in house.hub.requests if path.startswith("/v1/uploads")]


async def test_a_small_file_goes_along_with_its_announcement(at_once: House) -> None:
    async with at_once.both() as (ours, theirs):
        await transferred(at_once, ours, theirs)
    assert uploads(at_once) == ["POST", "POST"]


async def test_a_hub_that_does_not_take_it_along_is_sent_it_afterwards(at_once: House) -> None:
    at_once.hub.takes_along = False
    async with at_once.both() as (ours, theirs):
        await transferred(at_once, ours, theirs)
    assert uploads(at_once) == ["POST", "PATCH"] * 2


async def test_a_small_file_that_was_hurt_is_not_sent_along_again(at_once: House) -> None:
    at_once.hub.faults = [Fault("POST", "/v1/uploads", "hurt")]
    async with at_once.both() as (ours, theirs):
        await transferred(at_once, ours, theirs)
    assert uploads(at_once) == ["POST", "PATCH", "POST"], "the hub counts what reached it whole"


@pytest.mark.parametrize("how", ["cut", "lost", "busy", "late"])
async def test_broken_announcements_are_got_over(at_once: House, how: str) -> None:
    at_once.hub.faults = [Fault("POST", "/v1/uploads", how, times=2), Fault("POST", "/v1/uploads", how, skip=2)]
    async with at_once.both() as (ours, theirs):
        await transferred(at_once, ours, theirs)
    assert set(uploads(at_once)) == {"POST"}


@pytest.mark.parametrize("how", ["late", "hurt"])
async def test_a_file_that_came_along_is_there_though_its_answer_was_lost_and_the_next_try_was_bad(
    at_once: House, how: str
) -> None:
    at_once.hub.faults = [Fault("POST", "/v1/uploads", "lost"), Fault("POST", "/v1/uploads", how)]
    async with at_once.both() as (ours, theirs):
        await transferred(at_once, ours, theirs)
    assert uploads(at_once) == ["POST"] * 3, "of the brief twice; what was bad is not counted"


async def test_a_hub_that_names_other_octets_than_were_sent_is_not_believed(at_once: House) -> None:
    said = {"Location": "/v1/uploads/aaaaaaaaaaaaaaaaaaaaaa", "Upload-Offset": "7"}
    at_once.hub.overrides["/v1/uploads"] = lambda _: web.Response(status=201, headers=said)
    async with at_once.both() as (ours, _):
        transfer = await offered(ours, at_once.world)
        found = await until(ours, transfer, lambda one: one.problem is not None)
        assert found.problem is not None
        assert (found.problem.code, found.problem.actor) == ("bad_answer", "hub")
